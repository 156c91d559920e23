/**
 * The authorization code grant of the web server flow: RFC 6749 section 4.1.3, for tools that let a
 * person sign in through a browser.
 */

import type { ClientApp } from '../../directory/client-app.ts';
import type { User } from '../../directory/user.ts';
import { isRefreshScope } from '../../policies/scopes.ts';
import type { Rule } from '../../trace.ts';
import { enabledApp, requireEnabled } from '../app-access.ts';
import { isVerifierOf } from '../authorization-code.ts';
import type { StoredCode } from '../authorization-code.ts';
import type { RefusalFields } from '../oauth-error.ts';
import { clientRules, requireClient } from '../client-authentication.ts';
import { signIdToken } from '../id-token.ts';
import { issueSignature } from '../issue-signature.ts';
import {
  allowedLoginRules,
  requireAllowed,
  requireUsable,
  usableUserRules,
} from '../user-login.ts';
import type { Grant, GrantRequest } from './grant.ts';

export const authorizationCode: Grant = {
  grantType: 'authorization_code',
  get rules() {
    return authorizationCodeRules;
  },

  async handle(request) {
    const { context, parameters, subject } = request;
    const app = requireClient(request);
    subject.app = app;
    subject.consumerKey = app.consumerKey;
    requireEnabled(request, app);
    const text = parameters.get('code') ?? '';
    const code = requireCode(request, app, text);
    requireRedirectUri(request, code);
    requireVerifier(request, code);
    const user = requireUser(request, code);
    requireUsable(request, user);
    requireAllowed(request, app, user);
    const { scopes, nonce } = code;
    const key = scopes.includes('openid') ? await context.signingKeys.current() : undefined;
    const refreshToken = context.database.transaction(() => {
      const created = scopes.some(isRefreshScope)
        ? context.refreshTokens.create({ userId: user.id, clientAppId: app.id, scopes })
        : undefined;
      for (const id of created?.replaced ?? []) context.sessions.removeOfRefreshToken(id);
      context.authorizationCodes.use(text, created?.id);
      return created;
    });
    const now = context.clock.now();
    const issuer = new URL(request.request.url).origin;
    return {
      app,
      user,
      scopes,
      reusesSession: false,
      refreshTokenId: refreshToken?.id,
      fields: ({ accessToken, id }) => ({
        ...(refreshToken === undefined ? {} : { refresh_token: refreshToken.token }),
        ...(key === undefined
          ? {}
          : {
              id_token: signIdToken(key, {
                issuer,
                subject: id,
                audience: app.consumerKey,
                nonce,
                accessToken,
                now,
              }),
            }),
        ...issueSignature(app, id, now),
      }),
    };
  },
};

const codeInvalid = 'Failed: Authorization Code Invalid';

const unknownCode: RefusalFields = {
  error: 'invalid_grant',
  description: 'invalid authorization code',
  loginStatus: codeInvalid,
};

const usableCode: Rule = {
  name: 'code is of this app, fresh and unused',
  source: 'RFC 6749 section 4.1.2; Salesforce Help, OAuth 2.0 Web Server Flow: 15 minutes',
  refusal: {
    error: 'invalid_grant',
    description: 'expired authorization code',
    loginStatus: codeInvalid,
  },
  otherRefusals: [unknownCode],
};

function requireCode({ context, trace }: GrantRequest, app: ClientApp, text: string): StoredCode {
  const code = context.authorizationCodes.find(text);
  const refuse = (found: string, refusal = usableCode.refusal): Error =>
    trace.refuse(
      usableCode,
      'a code that this app was given in the last 15 minutes and did not use',
      found,
      refusal,
    );
  if (code === undefined || code.clientAppId !== app.id) {
    throw refuse(code === undefined ? 'unknown' : 'of another app', unknownCode);
  }
  if (code.isUsed) {
    // Whoever had it first may not have been the app: RFC 6749 section 4.1.2.
    if (code.refreshTokenId !== undefined) {
      context.refreshTokens.remove(code.refreshTokenId);
      context.sessions.removeOfRefreshToken(code.refreshTokenId);
    }
    throw refuse('used before');
  }
  if (code.expires <= context.clock.now()) {
    throw refuse('expired');
  }
  trace.pass(usableCode, 'fresh');
  return code;
}

const sameRedirect: Rule = {
  name: 'redirect_uri is the one of the authorization request',
  source: 'RFC 6749 section 4.1.3; Salesforce Help, OAuth Error Codes: redirect_uri_mismatch',
  refusal: {
    error: 'redirect_uri_mismatch',
    description: 'redirect_uri must match configuration',
    loginStatus: 'Failed: Redirect URI Mismatch',
  },
};

function requireRedirectUri(
  { parameters, trace }: GrantRequest,
  { redirectUri }: StoredCode,
): void {
  const given = parameters.get('redirect_uri') ?? '';
  if (given !== redirectUri) {
    throw trace.refuse(sameRedirect, redirectUri, given || 'none');
  }
  trace.pass(sameRedirect, given);
}

const rightVerifier: Rule = {
  name: 'code_verifier is the one behind the code_challenge',
  source: 'RFC 7636 section 4.6',
  refusal: {
    error: 'invalid_grant',
    description: 'invalid code verifier',
    loginStatus: 'Failed: Code Verifier Invalid',
  },
};

function requireVerifier({ parameters, trace }: GrantRequest, { codeChallenge }: StoredCode): void {
  const verifier = parameters.get('code_verifier');
  // A verifier without a challenge is refused too: somebody took the challenge away.
  const fits =
    codeChallenge === undefined
      ? verifier === null
      : verifier !== null && isVerifierOf(codeChallenge, verifier);
  if (!fits) {
    throw trace.refuse(
      rightVerifier,
      codeChallenge === undefined
        ? 'none, as the authorization request had no code_challenge'
        : 'the code_verifier of the code_challenge',
      verifier === null ? 'none' : 'another one',
    );
  }
  trace.pass(rightVerifier, codeChallenge === undefined ? 'no PKCE' : 'S256');
}

const userOfCode: Rule = {
  name: 'user who signed in still exists',
  source: 'RFC 6749 section 4.1.3',
  refusal: unknownCode,
};

function requireUser({ context, trace, subject }: GrantRequest, { userId }: StoredCode): User {
  const user = context.users.findById(userId);
  if (user === undefined) {
    throw trace.refuse(userOfCode, 'a user of this org', 'none');
  }
  subject.user = user;
  subject.username = user.username;
  trace.pass(userOfCode, user.username);
  return user;
}

const authorizationCodeRules: readonly Rule[] = [
  ...clientRules,
  enabledApp,
  usableCode,
  sameRedirect,
  rightVerifier,
  userOfCode,
  ...usableUserRules,
  ...allowedLoginRules,
];
