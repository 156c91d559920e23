import type { AccessToken } from './access-token.ts';
import { turnsTokenAway } from './api-error.ts';
import { ClientError } from './errors.ts';
import type { EventListener } from './event.ts';
import type { TokenSource } from './token-source.ts';
import type { Fetch } from './transport/fetch.ts';
import { aborted, networkError } from './transport/network-error.ts';

export type AuthorizedFetch = (
  input: string | URL | Request,
  init?: RequestInit,
) => Promise<Response>;

export interface AuthorizedFetchOptions {
  source: TokenSource;
  fetch: Fetch;
  onEvent?: EventListener | undefined;
}

/**
 * A `fetch` that carries the access token. Relative paths are resolved against the instance URL;
 * any other origin is an error before anything is sent. When Salesforce turns the token away, that
 * very token is given up and the request is sent once more, never twice.
 */
export function authorizedFetch({
  source,
  fetch,
  onEvent,
}: AuthorizedFetchOptions): AuthorizedFetch {
  return async (input, init) => {
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    const token = await source.token({ signal });
    const request = createRequest(input, init, token);
    // A body that is a stream can be read once only: then there is nothing to send again.
    const replayable = !(init?.body instanceof ReadableStream);
    const spare = replayable ? request.clone() : undefined;
    const response = await reach(fetch, authorize(request, token), signal);
    if (spare === undefined || !(await turnsTokenAway(response))) {
      // An unread copy would keep its half of the body in memory.
      await spare?.body?.cancel();
      return response;
    }
    onEvent?.({ type: 'tokenRefused', status: response.status });
    const renewed = await source.token({ signal, refused: token });
    await response.body?.cancel();
    if (renewed.instanceUrl !== token.instanceUrl) requireOrigin(new URL(spare.url), renewed);
    return reach(fetch, authorize(spare, renewed), signal);
  };
}

/** Without an answer there is one kind of error, whatever way the request took. */
async function reach(
  fetch: Fetch,
  request: Request,
  signal: AbortSignal | undefined,
): Promise<Response> {
  try {
    return await fetch(request, signal === undefined ? {} : { signal });
  } catch (error) {
    throw signal?.aborted === true ? aborted(signal) : networkError(request.url, error);
  }
}

function createRequest(
  input: string | URL | Request,
  init: RequestInit | undefined,
  token: AccessToken,
): Request {
  const url = input instanceof Request ? new URL(input.url) : resolve(input, token);
  requireOrigin(url, token);
  return new Request(input instanceof Request ? input : url, init);
}

function resolve(input: string | URL, { instanceUrl }: AccessToken): URL {
  try {
    return new URL(input, instanceUrl);
  } catch (cause) {
    throw new ClientError('SETTING_INVALID', `"${String(input)}" is neither a path nor a URL`, {
      cause,
      hints: ['Give a path such as /services/data/v67.0/limits'],
    });
  }
}

/** The token only ever travels to the org it belongs to. */
function requireOrigin(url: URL, { instanceUrl }: AccessToken): void {
  if (url.origin === instanceUrl) return;
  throw new ClientError('FOREIGN_ORIGIN', `The token is not sent to ${url.origin}`, {
    hints: [`It belongs to ${instanceUrl}: give a path, or a URL of that origin.`],
  });
}

function authorize(request: Request, token: AccessToken): Request {
  request.headers.set('authorization', `Bearer ${token.value}`);
  return request;
}
