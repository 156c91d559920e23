/** POST /services/oauth2/token: reads the request, finds the grant, answers, and keeps a record. */

import { randomUUID } from 'node:crypto';
import type { Site } from '../directory/site.ts';
import type { OrgContext } from '../org-context.ts';
import { currentSettings, profilePolicies } from '../policies/standing.ts';
import { jwtTimeoutSeconds, sessionTimeoutSeconds } from '../policies/session-timeout.ts';
import { Trace } from '../trace.ts';
import type { Rule } from '../trace.ts';
import { signAccessToken } from './access-token.ts';
import { calledHost } from './called-host.ts';
import { authorizationCode } from './grants/authorization-code.ts';
import type { Grant, Granted, Subject } from './grants/grant.ts';
import { jwtBearer } from './grants/jwt-bearer.ts';
import { refreshToken } from './grants/refresh-token.ts';
import { identityUrl } from './identity.ts';
import { Refusal } from './oauth-error.ts';
import { BodyTooLarge, maximumBodyBytes, readParameters } from './parameters.ts';
import { oauthResponse, responseFormat } from './response-format.ts';
import type { SigningKey } from './signing-key.ts';

const grants: ReadonlyMap<string, Grant> = new Map(
  [jwtBearer, authorizationCode, refreshToken].map((grant) => [grant.grantType, grant]),
);

const post: Rule = {
  name: 'request is a POST',
  source: 'Salesforce Help, OAuth Error Codes (older list): invalid_request, must use HTTP POST',
  refusal: {
    error: 'invalid_request',
    description: 'must use HTTP POST',
    loginStatus: 'Failed: Invalid Request',
  },
};

const smallBody: Rule = {
  name: 'body is at most 64 KB',
  source: 'Salesforce has a limit that is not documented',
  assumption: true,
  refusal: {
    error: 'invalid_request',
    description: 'request body too large',
    status: 413,
    loginStatus: 'Failed: Invalid Request',
  },
};

const noRepetition: Rule = {
  name: 'each parameter is sent once',
  source: 'RFC 6749 sections 3.2 and 5.2; the sentence of Salesforce is not known',
  assumption: true,
  refusal: {
    error: 'invalid_request',
    description: 'parameter repeated',
    loginStatus: 'Failed: Invalid Request',
  },
};

const knownGrant: Rule = {
  name: 'grant type is known',
  source: 'public reports: a wrong content type is answered in the same way, its body is not read',
  refusal: {
    error: 'unsupported_grant_type',
    description: 'grant type not supported',
    loginStatus: 'Failed: Grant Type Not Supported',
  },
};

/** What every token request passes before its grant looks at it, in order. */
export const requestRules: readonly Rule[] = [post, smallBody, noRepetition, knownGrant];

/** The rules of each grant, in order, by its grant type. */
export const grantRules: Readonly<Record<string, readonly Rule[]>> = Object.fromEntries(
  [...grants].map(([grantType, { rules }]) => [grantType, rules]),
);

export interface TokenRequestOptions {
  sourceIp: string;
  site?: Site | undefined;
}

export async function token(
  request: Request,
  context: OrgContext,
  { sourceIp, site }: TokenRequestOptions,
): Promise<Response> {
  const trace = new Trace();
  const subject: Subject = {};
  let parameters: URLSearchParams | undefined;
  const record = (status: string): string => {
    const { entries } = trace;
    context.requests.noteTokenRequest(request, { parameters, outcome: status, trace: entries });
    return context.loginHistory.record({
      userId: subject.user?.id,
      username: subject.username,
      consumerKey: subject.consumerKey,
      application: subject.app?.name,
      sourceIp,
      loginUrl: new URL(request.url).host,
      status,
      trace: entries,
    });
  };
  const answer = (fields: Readonly<Record<string, unknown>>, status: number): Response =>
    withBrowserId(
      oauthResponse(fields, {
        status,
        format: responseFormat(parameters, request.headers.get('accept')),
      }),
      context.clock.now(),
    );
  try {
    requirePost(request, trace);
    parameters = await readOnce(request, trace);
    const grant = requireGrant(parameters, trace);
    const called = calledHost(request.url, context.url());
    const granted = await grant.handle({
      request,
      parameters,
      context,
      trace,
      subject,
      called,
      site,
      sourceIp,
    });
    const key = granted.app.jwtAccessTokens ? await context.signingKeys.current() : undefined;
    return context.database.transaction(() =>
      answer(
        tokenFields(granted, { context, sourceIp, loginHistoryId: record('Success'), key }),
        200,
      ),
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    context.database.transaction(() => record(error.loginStatus));
    return answer(error.toFields(), error.status);
  }
}

function requirePost(request: Request, trace: Trace): void {
  const { method } = request;
  if (method !== 'POST') {
    throw trace.refuse(post, 'POST', method);
  }
  trace.pass(post, method);
}

/** Parameters that a token request may have; others are ignored, however often they come. */
const singleParameters = [
  'grant_type',
  'assertion',
  'scope',
  'format',
  'client_id',
  'client_secret',
  'redirect_uri',
  'code',
  'code_verifier',
  'refresh_token',
] as const;

async function readOnce(request: Request, trace: Trace): Promise<URLSearchParams> {
  const parameters = await readSmall(request, trace);
  const repeated = singleParameters.find((name) => parameters.getAll(name).length > 1);
  if (repeated !== undefined) {
    throw trace.refuse(
      noRepetition,
      `one ${repeated}`,
      `${parameters.getAll(repeated).length} times ${repeated}, in query and body together`,
    );
  }
  trace.pass(noRepetition, 'none repeated');
  return parameters;
}

async function readSmall(request: Request, trace: Trace): Promise<URLSearchParams> {
  try {
    const parameters = await readParameters(request);
    trace.pass(smallBody, 'read');
    return parameters;
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) throw error;
    throw trace.refuse(smallBody, `at most ${maximumBodyBytes} bytes`, 'more');
  }
}

function requireGrant(parameters: URLSearchParams, trace: Trace): Grant {
  const grantType = parameters.get('grant_type');
  const grant = grants.get(grantType ?? '');
  if (grant === undefined) {
    throw trace.refuse(
      knownGrant,
      [...grants.keys()].join(' or '),
      grantType ?? 'no grant_type in a form-encoded body',
    );
  }
  trace.pass(knownGrant, grant.grantType);
  return grant;
}

interface Issuing {
  context: OrgContext;
  sourceIp: string;
  loginHistoryId: string;
  /** Set when the app has JWT-based access tokens. */
  key: SigningKey | undefined;
}

/** The five fields of every token answer, those of JWT-based access tokens, those of the grant. */
function tokenFields(granted: Granted, issuing: Issuing): Readonly<Record<string, string>> {
  const { app, user, scopes } = granted;
  const url = issuing.context.url();
  const accessToken = issueAccessToken(granted, issuing);
  const id = identityUrl(user, issuing.context);
  return {
    access_token: accessToken,
    scope: scopes.join(' '),
    instance_url: url,
    id,
    token_type: 'Bearer',
    ...(app.jwtAccessTokens ? { token_format: 'jwt' } : {}),
    ...(app.jwtAccessTokens && scopes.includes('sfap_api') ? { api_instance_url: url } : {}),
    ...granted.fields({ accessToken, id }),
  };
}

function issueAccessToken(granted: Granted, issuing: Issuing): string {
  const { app, user, scopes, refreshTokenId } = granted;
  const { context, sourceIp, loginHistoryId, key } = issuing;
  const { sessions, organization, clock } = context;
  if (key === undefined && granted.reusesSession) {
    const session = { userId: user.id, clientAppId: app.id, scopes, loginHistoryId };
    const accessToken = sessions.reopen(session);
    if (accessToken !== undefined) return accessToken;
  }
  const timeoutSeconds = sessionTimeoutSeconds(
    app,
    profilePolicies(user, context),
    currentSettings(context),
  );
  return sessions.open({
    userId: user.id,
    clientAppId: app.id,
    scopes,
    sourceIp,
    loginHistoryId,
    refreshTokenId,
    timeoutSeconds: key === undefined ? timeoutSeconds : jwtTimeoutSeconds(app, timeoutSeconds),
    jwt:
      key === undefined
        ? undefined
        : (session) =>
            signAccessToken({
              key,
              organizationId: organization.id,
              url: context.url(),
              app,
              user,
              scopes,
              issued: clock.now(),
              session,
            }),
  });
}

const browserIdSeconds = 60 * 24 * 60 * 60;

/** Salesforce gives every caller a cookie, programs too. */
function withBrowserId(response: Response, now: number): Response {
  const expires = new Date(now + browserIdSeconds * 1000).toUTCString();
  response.headers.set(
    'set-cookie',
    `BrowserId=${randomUUID().replaceAll('-', '').slice(0, 22)};Path=/;Expires=${expires};Max-Age=${browserIdSeconds}`,
  );
  return response;
}
