/** For undici: an interceptor for `dispatcher.compose`, which serves its `fetch` as well. */

import type { AccessToken } from '../access-token.ts';
import type { TokenSource } from '../token-source.ts';
import { requireOrg } from './origin.ts';
import { refusesToken } from './refusal.ts';

type Headers = Record<string, string | string[] | undefined>;

interface DispatchHandler {
  onRequestStart?(controller: never, context: unknown): void;
  onRequestUpgrade?(controller: never, status: number, headers: never, socket: never): void;
  onResponseStart?(...start: Start): void;
  onResponseData?(controller: never, chunk: never): void;
  onResponseEnd?(controller: never, trailers: never): void;
  onResponseError?(controller: never, error: Error): void;
}

interface DispatchOptions {
  origin?: string | URL | undefined;
  path: string;
  headers?: unknown;
  body?: unknown;
}

type Start = [controller: never, status: number, headers: never, message?: string | undefined];

type Dispatch = (options: never, handler: never) => boolean;

/**
 * An interceptor that lets requests carry the token. Any origin but the org's is refused with
 * FOREIGN_ORIGIN before anything is sent, redirects included. A request whose token is turned away
 * is sent once more with a new one, never twice; one with a stream as body is not, but the next
 * request has the new token.
 */
export function authorizeInterceptor(source: TokenSource): <D extends Dispatch>(dispatch: D) => D {
  return <D extends Dispatch>(dispatch: D) => {
    async function send(options: DispatchOptions, handler: DispatchHandler): Promise<void> {
      const token = await source.token();
      requireOrg(new URL(options.path, options.origin), token);
      const refused = async (): Promise<boolean> => {
        const renewed = await source.token({ refused: token });
        if (!isReplayable(options.body)) return false;
        requireOrg(new URL(options.path, options.origin), renewed);
        dispatch(withToken(options, renewed) as never, handler as never);
        return true;
      };
      dispatch(withToken(options, token) as never, judging(handler, refused) as never);
    }

    return ((options: DispatchOptions, handler: DispatchHandler) => {
      send(options, handler).catch((error: unknown) => {
        handler.onResponseError?.(null as never, error as Error);
      });
      return true;
    }) as unknown as D;
  };
}

/** Holds an answer of 401 or 403 back until its body tells whether the token was turned away. */
function judging(handler: DispatchHandler, refused: () => Promise<boolean>): DispatchHandler {
  let held: { start: Start; chunks: Uint8Array[] } | undefined;

  async function judge(controller: never, trailers: never): Promise<void> {
    const { start, chunks } = held as NonNullable<typeof held>;
    if ((await refusesToken(start[1], await new Blob(chunks).text())) && (await refused())) {
      return;
    }
    handler.onResponseStart?.(...start);
    for (const chunk of chunks) handler.onResponseData?.(controller, chunk as never);
    handler.onResponseEnd?.(controller, trailers);
  }

  return {
    onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
    onRequestUpgrade: (...upgrade) => handler.onRequestUpgrade?.(...upgrade),
    onResponseStart(...start: Start) {
      const [, status] = start;
      if (status === 401 || status === 403) held = { start, chunks: [] };
      else handler.onResponseStart?.(...start);
    },
    onResponseData(controller, chunk) {
      if (held === undefined) handler.onResponseData?.(controller, chunk);
      else held.chunks.push(chunk);
    },
    onResponseEnd(controller, trailers) {
      if (held === undefined) {
        handler.onResponseEnd?.(controller, trailers);
      } else {
        judge(controller, trailers).catch((error: unknown) => {
          handler.onResponseError?.(controller, error as Error);
        });
      }
    },
    onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
  };
}

function withToken(options: DispatchOptions, { value }: AccessToken): DispatchOptions {
  const headers = Object.fromEntries(
    entriesOf(options.headers).filter(([name]) => name.toLowerCase() !== 'authorization'),
  );
  return { ...options, headers: { ...headers, authorization: `Bearer ${value}` } };
}

/** undici takes headers as an object, as pairs, and as a flat list of names and values. */
function entriesOf(headers: unknown): [string, Headers[string]][] {
  if (headers === undefined || headers === null) return [];
  if (!Array.isArray(headers)) {
    const isIterable = Symbol.iterator in Object(headers);
    return isIterable ? [...(headers as Iterable<[string, string]>)] : Object.entries(headers);
  }
  return headers.flatMap((name: string, index) =>
    index % 2 === 0 ? [[name, headers[index + 1] as string] as [string, string]] : [],
  );
}

function isReplayable(body: unknown): boolean {
  return (
    body === undefined || body === null || typeof body === 'string' || ArrayBuffer.isView(body)
  );
}
