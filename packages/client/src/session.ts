/** What the org says of a session: who it belongs to, whether it lives; and how to end it. */

import type { AccessToken } from './access-token.ts';
import { apiError, beginningOf } from './api-error.ts';
import type { AuthorizedFetch } from './authorized-fetch.ts';
import { ClientError } from './errors.ts';
import type { Transport, TransportResponse } from './transport/transport.ts';

/** OpenID Connect userinfo (OpenID Connect Core section 5.3) with Salesforce's additions. */
export interface Userinfo {
  readonly user_id: string;
  readonly organization_id: string;
  readonly preferred_username: string;
  readonly name?: string;
  readonly email?: string;
  readonly [field: string]: unknown;
}

/** RFC 7662 section 2.2. */
export interface Introspection {
  readonly active: boolean;
  /** End of life, in seconds since 1970. */
  readonly exp?: number;
  readonly scope?: string;
  readonly username?: string;
  readonly [field: string]: unknown;
}

/** What the identity URL says of the user: everything of userinfo, and more of Salesforce's own. */
export interface Identity {
  /** The identity URL itself. */
  readonly id: string;
  readonly user_id: string;
  readonly organization_id: string;
  readonly username: string;
  readonly display_name?: string;
  readonly [field: string]: unknown;
}

/** @throws ClientError SESSION_INVALID when the token is refused even after a new login */
export async function fetchUserinfo(
  fetch: AuthorizedFetch,
  timeoutMilliseconds: number,
): Promise<Userinfo> {
  const path = '/services/oauth2/userinfo';
  return (await fetchObject(fetch, path, timeoutMilliseconds)) as unknown as Userinfo;
}

/**
 * Asks at the instance URL, where the token may go; the identity URL itself often names the login
 * host.
 *
 * @throws ClientError RESPONSE_INVALID when the token response named no user, SESSION_INVALID
 */
export async function fetchIdentity(
  fetch: AuthorizedFetch,
  token: AccessToken,
  timeoutMilliseconds: number,
): Promise<Identity> {
  const { organizationId, userId } = token;
  if (organizationId === undefined || userId === undefined) {
    throw new ClientError('RESPONSE_INVALID', 'The token response named no user', {
      hints: ['Ask userinfo() instead.'],
    });
  }
  const path = `/id/${organizationId}/${userId}`;
  return (await fetchObject(fetch, path, timeoutMilliseconds)) as unknown as Identity;
}

async function fetchObject(
  fetch: AuthorizedFetch,
  path: string,
  timeoutMilliseconds: number,
): Promise<object> {
  const signal = AbortSignal.timeout(timeoutMilliseconds);
  try {
    const headers = { accept: 'application/json' };
    const response = await fetch(path, { headers, redirect: 'manual', signal });
    if (isRedirect(response)) throw redirected(path, response);
    if (!response.ok) throw await apiError(response);
    return parseObject(await beginningOf(response), path);
  } catch (error) {
    if (!signal.aborted) throw error instanceof ClientError ? error : cutOff(path, error);
    throw new ClientError('TIMED_OUT', `${path} did not answer within ${timeoutMilliseconds} ms`, {
      transient: true,
      hints: ['Try again; see status.salesforce.com if it stays.'],
    });
  }
}

/** A browser tells no more of a redirect than that it is one. */
function isRedirect({ type, status }: Response): boolean {
  return type === 'opaqueredirect' || (status >= 300 && status < 400);
}

/** Who a user is, is not asked of another host than the org. */
function redirected(path: string, { status }: Response): ClientError {
  return new ClientError('REDIRECTED', `${path} redirects (${status})`, {
    status,
    hints: ['Use the address of the org itself, its My Domain, as login URL.'],
  });
}

function cutOff(path: string, cause: unknown): ClientError {
  return new ClientError('CONNECTION_LOST', `The answer of ${path} was cut off`, {
    cause,
    transient: true,
    hints: ['Try again.'],
  });
}

function parseObject(body: string, path: string): object {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // Told below, without quoting the body.
  }
  throw new ClientError('RESPONSE_INVALID', `The answer of ${path} is not a JSON object`);
}

export interface SessionCall {
  transport: Transport;
  token: AccessToken;
  timeoutMilliseconds: number;
  signal?: AbortSignal | undefined;
}

/** Ends the session behind the token at once (RFC 7009). A token that is already dead is no error. */
export async function revokeToken(call: SessionCall): Promise<void> {
  const response = await postForm(call, '/services/oauth2/revoke', { token: call.token.value });
  if (response.status === 200 || /invalid_token/.test(response.body)) return;
  throw new ClientError('REFUSED', `The token could not be revoked (status ${response.status})`, {
    status: response.status,
  });
}

/**
 * Asks for the true state and life of the token. Salesforce wants the consumer secret for it,
 * which the JWT bearer flow itself does not need.
 */
export async function introspectToken(
  call: SessionCall & { clientId: string; clientSecret: string },
): Promise<Introspection> {
  const response = await postForm(call, '/services/oauth2/introspect', {
    token: call.token.value,
    token_type_hint: 'access_token',
    client_id: call.clientId,
    client_secret: call.clientSecret,
  });
  if (response.status === 200) {
    const answer = parseObject(response.body, '/services/oauth2/introspect');
    if ('active' in answer && typeof answer.active === 'boolean') return answer as Introspection;
    throw new ClientError('RESPONSE_INVALID', 'The introspection says nothing of the token');
  }
  throw new ClientError(
    response.status === 400 || response.status === 401 ? 'CLIENT_SECRET_WRONG' : 'REFUSED',
    `The token could not be introspected (status ${response.status})`,
    {
      status: response.status,
      hints: ['Check the consumer secret: App Manager > the app > View > Consumer Secret.'],
    },
  );
}

function postForm(
  { transport, token, timeoutMilliseconds, signal }: SessionCall,
  path: string,
  form: Record<string, string>,
): Promise<TransportResponse> {
  return transport.send({
    method: 'POST',
    url: token.instanceUrl + path,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: new URLSearchParams(form).toString(),
    signal,
    timeoutMilliseconds,
    maximumBytes: 64 * 1024,
  });
}
