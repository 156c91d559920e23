/* oxlint-disable eslint/no-underscore-dangle -- the names are jsforce's own */
/** For jsforce and `@jsforce/jsforce-node`: a connection that renews itself. */

import type { AccessToken } from '../access-token.ts';
import { apiError, turnsTokenAway } from '../api-error.ts';
import { ClientError } from '../errors.ts';
import type { TokenSource } from '../token-source.ts';
import { requireOrg } from './origin.ts';

/** What is touched of jsforce's connection. */
export interface JsforceConnection {
  instanceUrl: string;
  accessToken?: string | null | undefined;
  userInfo?: object | null | undefined;
  // The names below are jsforce's own; their types there are classes with private parts.
  _transport: object;
  _refreshDelegate?: object | null | undefined;
}

interface HttpRequest {
  method: string;
  url: string;
  body?: unknown;
  headers?: Record<string, string>;
}

interface HttpResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

type StreamPromise<T> = Promise<T> & { stream(): unknown };

interface HttpTransport {
  httpRequest(request: HttpRequest, options?: object): StreamPromise<HttpResponse>;
}

/** How SOAP and the first Bulk API say that a session has ended. */
const sessionFault = /<faultcode>\w+:INVALID_SESSION_ID<|<exceptionCode>InvalidSessionId</;
const identityPath = /^\/id\/00D\w+\/005\w+$/;

/**
 * Makes a connection of jsforce that is signed in and stays so.
 *
 * @param Connection jsforce's own class
 * @param config what its constructor takes: `version`, `maxRequest`, `httpProxy`, ...
 * @throws ClientError what the source throws
 */
export async function createConnection<Class extends new (config?: never) => JsforceConnection>(
  Connection: Class,
  source: TokenSource,
  config?: ConstructorParameters<Class>[0],
): Promise<InstanceType<Class>> {
  const { instanceUrl, value } = await source.token();
  const whole = {
    ...(config as unknown as object),
    loginUrl: instanceUrl,
    instanceUrl,
    accessToken: value,
  };
  const connection = new Connection(whole as never) as InstanceType<Class>;
  return authorizeConnection(connection, source);
}

/**
 * Puts a connection of jsforce under the care of a token source. A request whose token is turned
 * away is sent once more with a new one, never twice: jsforce alone would renew and send again for
 * as long as the new token is refused as well. A refusal that no new login cures is told at once.
 * The token goes to the org alone, in the header and never in a URL.
 *
 * @throws ClientError what the source throws
 */
export async function authorizeConnection<C extends JsforceConnection>(
  connection: C,
  source: TokenSource,
  onToken?: (token: AccessToken) => void,
): Promise<C> {
  const adapted: JsforceConnection = connection;
  const transport = adapted._transport as HttpTransport;
  /** The token that a request was turned away with; jsforce sends the same object again. */
  const refusals = new WeakMap<HttpRequest, AccessToken>();
  let current = await source.token();
  let refused = false;
  let renewal: Promise<void> | undefined;

  function establish(token: AccessToken): void {
    const { value, instanceUrl, identityUrl, organizationId, userId } = token;
    current = token;
    onToken?.(token);
    adapted.accessToken = value;
    adapted.instanceUrl = instanceUrl;
    if (identityUrl === undefined) return;
    adapted.userInfo = { id: userId, organizationId, url: identityUrl };
  }

  async function renew(): Promise<void> {
    establish(await source.token({ refused: current }));
    refused = false;
  }

  /** Late refusals of an old token find a new one in place: they cost no login. */
  async function refresh(): Promise<void> {
    if (refused) await (renewal ??= renew().finally(() => (renewal = undefined)));
  }

  /** Turns an answer into what jsforce may see of it: at most one refusal for each request. */
  async function judge(
    request: HttpRequest,
    token: AccessToken,
    response: HttpResponse,
  ): Promise<HttpResponse> {
    const { statusCode: status, body } = response;
    if (!(status >= 400)) return response;
    const asResponse = (): Response => new Response(body, { status });
    const fault = sessionFault.test(body);
    if (!fault && !(await turnsTokenAway(asResponse()))) {
      // To jsforce most answers with 401 are a reason to renew, and to ask again without end.
      if (status === 401) throw asJsforceError(await apiError(asResponse()));
      return response;
    }
    if (token === current) refused = true;
    // jsforce takes a streamed body through the stream of the call, and leaves this one out.
    const spent = request.body === undefined && /^(?:post|put|patch)$/i.test(request.method);
    if (refusals.has(request) || spent) {
      if (spent) await refresh();
      throw asJsforceError(
        new ClientError('SESSION_INVALID', spent ? bodySpent : refusedAgain, { status, hints }),
      );
    }
    refusals.set(request, token);
    // userinfo and the identity URL say 403, which jsforce does not take for the end of a session.
    return fault ? response : { ...response, statusCode: 401 };
  }

  adapted._transport = {
    httpRequest(request: HttpRequest, options?: object) {
      const token = current;
      prepare(request, token);
      const sent = transport.httpRequest(request, options);
      const judged = sent.then((response) => judge(request, token, response));
      return Object.assign(judged, { stream: () => sent.stream() });
    },
  };
  adapted._refreshDelegate = {
    refresh,
    isRefreshing: () => renewal !== undefined,
    waitRefresh: () => renewal,
  };
  establish(current);
  return connection;
}

/**
 * What jsforce does with the token, mended.
 *
 * @throws ClientError FOREIGN_ORIGIN
 */
function prepare(request: HttpRequest, token: AccessToken): void {
  const url = new URL(request.url, token.instanceUrl);
  if (url.searchParams.has('oauth_token')) {
    url.searchParams.delete('oauth_token');
    request.url = url.href;
  }
  // The identity URL often names the login host; the instance answers to it as well.
  if (identityPath.test(url.pathname)) {
    request.url = token.instanceUrl + url.pathname + url.search;
  }
  if (request.headers?.['Authorization'] !== undefined) requireOrg(request.url, token);
}

const refusedAgain = 'The token was turned away, and so was a new one';
const bodySpent =
  'The token was turned away, and the body was a stream, which cannot be sent again';
const hints = [
  'A body that is a string or a buffer is sent again by itself; with a stream, make the call again.',
  'Setup > Session Management and Login History show what ends sessions.',
];

/** Programs written for jsforce look at `errorCode`. */
function asJsforceError(error: ClientError): ClientError {
  return Object.assign(error, { errorCode: 'INVALID_SESSION_ID' });
}
