/** The refresh token grant: RFC 6749 section 6. Salesforce gives no new refresh token. */

import type { ClientApp } from '../../directory/client-app.ts';
import type { User } from '../../directory/user.ts';
import { isWithinPolicy, refreshTokenPolicyLabels } from '../../policies/refresh-token.ts';
import type { Rule } from '../../trace.ts';
import { enabledApp, permitted, requireEnabled, requirePermission } from '../app-access.ts';
import { clientRules, requireClient } from '../client-authentication.ts';
import { issueSignature } from '../issue-signature.ts';
import type { RefreshToken } from '../refresh-token.ts';
import {
  allowedLoginRules,
  requireAllowed,
  requireUsable,
  usableUserRules,
} from '../user-login.ts';
import type { Grant, GrantRequest } from './grant.ts';

export const refreshToken: Grant = {
  grantType: 'refresh_token',
  get rules() {
    return refreshTokenRules;
  },

  async handle(request) {
    const { context, subject } = request;
    const app = requireClient(request);
    subject.app = app;
    subject.consumerKey = app.consumerKey;
    requireEnabled(request, app);
    const [token, user] = requireRefreshToken(request, app);
    requireUsable(request, user);
    requirePermission(request, app, user);
    requireAllowed({ ...request, isRefresh: true }, app, user);
    context.refreshTokens.use(token.id);
    const now = context.clock.now();
    return {
      app,
      user,
      scopes: token.scopes,
      reusesSession: false,
      refreshTokenId: token.id,
      fields: ({ id }) => issueSignature(app, id, now),
    };
  },
};

const liveToken: Rule = {
  name: 'refresh token is of this app, not revoked and not expired',
  source: 'Salesforce Help, OAuth Error Codes: expired access/refresh token',
  refusal: {
    error: 'invalid_grant',
    description: 'expired access/refresh token',
    loginStatus: 'Failed: Refresh Token Invalid',
  },
};

function requireRefreshToken(
  { context, parameters, trace, subject }: GrantRequest,
  app: ClientApp,
): [RefreshToken, User] {
  const token = context.refreshTokens.find(parameters.get('refresh_token') ?? '');
  const user = token === undefined ? undefined : context.users.findById(token.userId);
  if (token === undefined || user === undefined || token.clientAppId !== app.id) {
    throw trace.refuse(
      liveToken,
      'a refresh token that this app was given',
      token === undefined ? 'unknown or revoked' : 'of another app or of no user',
    );
  }
  if (!isWithinPolicy(app, token, context.clock.now())) {
    throw trace.refuse(
      liveToken,
      'a refresh token that the Refresh Token Policy of the app lets live',
      refreshTokenPolicyLabels[app.refreshTokenPolicy],
    );
  }
  subject.user = user;
  subject.username = user.username;
  trace.pass(liveToken, 'live');
  return [token, user];
}

const refreshTokenRules: readonly Rule[] = [
  ...clientRules,
  enabledApp,
  liveToken,
  ...usableUserRules,
  permitted,
  ...allowedLoginRules,
];
