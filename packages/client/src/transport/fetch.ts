import { aborted, networkError, timedOut, tooLarge } from './network-error.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

/**
 * The part of the global `fetch` that is needed here; a local org's `org.fetch` fits as well. The
 * signal is given beside the request too: Node holds the one inside weakly, and loses the abort when
 * the request is collected as garbage before its answer is there.
 */
export type Fetch = (
  input: Request,
  init?: { signal?: AbortSignal },
) => Promise<Response> | Response;

/** HTTP over a `fetch`-shaped function, for runtimes and tests that bring their own. */
export function fetchTransport(fetch: Fetch): Transport {
  return {
    async send(request) {
      const { url, signal, timeoutMilliseconds } = request;
      if (signal?.aborted === true) throw aborted(signal);
      const controller = new AbortController();
      let giveUp = (): void => {};
      let timer: ReturnType<typeof setTimeout> | undefined;
      // Ends the wait even when the function does not heed its signal.
      const givenUp = new Promise<never>((_resolve, reject) => {
        giveUp = () => reject(signal === undefined ? undefined : aborted(signal));
        timer = setTimeout(() => reject(timedOut(url, timeoutMilliseconds)), timeoutMilliseconds);
      });
      signal?.addEventListener('abort', giveUp, { once: true });
      try {
        return await Promise.race([givenUp, exchange(fetch, request, controller.signal)]);
      } catch (error) {
        controller.abort();
        throw networkError(url, error);
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
      }
    },
    close: () => {},
  };
}

async function exchange(
  fetch: Fetch,
  { url, method, headers, body, maximumBytes }: TransportRequest,
  signal: AbortSignal,
): Promise<TransportResponse> {
  const init = { method, headers, body: body ?? null, redirect: 'manual', signal } as const;
  const response = await fetch(new Request(url, init), { signal });
  const text = await readBody(response, maximumBytes, url);
  return { status: response.status, headers: Object.fromEntries(response.headers), body: text };
}

async function readBody(response: Response, maximumBytes: number, url: string): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > maximumBytes) throw tooLarge(url, maximumBytes);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
