import { aborted, networkError, timedOut, tooLarge } from './network-error.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

/** The part of the global `fetch` that is needed here; a local org's `org.fetch` fits as well. */
export type Fetch = (input: Request) => Promise<Response> | Response;

/** HTTP over a `fetch`-shaped function, for runtimes and tests that bring their own. */
export function fetchTransport(fetch: Fetch): Transport {
  async function send(request: TransportRequest): Promise<TransportResponse> {
    const { url, method, headers, body, signal, timeoutMilliseconds, maximumBytes } = request;
    const timeout = AbortSignal.timeout(timeoutMilliseconds);
    const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    try {
      const response = await fetch(
        new Request(url, {
          method,
          headers,
          body: body ?? null,
          redirect: 'manual',
          signal: either,
        }),
      );
      const text = await readBody(response, maximumBytes, url);
      return { status: response.status, headers: Object.fromEntries(response.headers), body: text };
    } catch (error) {
      if (signal?.aborted === true) throw aborted(signal);
      if (timeout.aborted) throw timedOut(url, timeoutMilliseconds);
      throw networkError(url, error);
    }
  }
  return { send, close: () => {} };
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
