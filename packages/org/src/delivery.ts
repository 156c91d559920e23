/** How an answer reaches the client, when that itself goes wrong: on a socket, and without one. */

import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { toMilliseconds } from './clock.ts';
import type { Duration, OrgClock } from './clock.ts';
import type { Fault } from './faults.ts';

export interface Answer {
  response: Response;
  /** Set when a fault befalls the way to the client. */
  delivery?: Delivery;
}

export type Delivery = Pick<Fault, 'delay' | 'reset' | 'truncate' | 'drip'>;

export function hasDelivery({ delay, reset, truncate, drip }: Fault): boolean {
  return (delay ?? reset ?? truncate ?? drip) !== undefined;
}

/**
 * The same without a socket: time passes on the clock of the org, nobody waits; what would break
 * the connection fails as `fetch` of Node does, by a TypeError whose cause has the system's code.
 */
export async function deliverInProcess(
  { response, delivery = {} }: Answer,
  clock: OrgClock,
): Promise<Response> {
  const { delay, reset, truncate, drip } = delivery;
  if (delay !== undefined) clock.advance(delay);
  if (reset !== undefined) {
    throw new TypeError('fetch failed', { cause: systemError('read ECONNRESET', 'ECONNRESET') });
  }
  if (truncate === undefined && drip === undefined) return response;
  const body = new Uint8Array(await response.arrayBuffer());
  const pieces = piecesOf(body, delivery);
  let piece = pieces.next();
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (piece.done !== true) {
          controller.enqueue(piece.value);
          piece = pieces.next();
          if (piece.done !== true && drip !== undefined) clock.advance(drip.every);
        } else if (truncate === undefined || truncate >= body.byteLength) {
          controller.close();
        } else {
          const cause = systemError('other side closed', 'UND_ERR_SOCKET');
          controller.error(new TypeError('terminated', { cause }));
        }
      },
    },
    { highWaterMark: 0 },
  );
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  headers.set('content-length', String(body.byteLength));
  return new Response(stream, { status, statusText, headers });
}

/** The real thing. Gives up, without a word, when the client has gone. */
export async function deliverOnSocket(
  { response, delivery = {} }: Answer,
  outgoing: ServerResponse,
  resetConnection: () => void,
): Promise<'delivered' | 'left to the server'> {
  const { delay, reset, truncate, drip } = delivery;
  if (delay !== undefined && !(await pause(delay, outgoing))) return 'delivered';
  if (reset !== undefined) {
    resetConnection();
    return 'delivered';
  }
  if (truncate === undefined && drip === undefined) return 'left to the server';
  const body = new Uint8Array(await response.arrayBuffer());
  outgoing.writeHead(response.status, {
    ...Object.fromEntries(response.headers),
    'content-length': body.byteLength,
  });
  outgoing.flushHeaders();
  let isFirst = true;
  for (const piece of piecesOf(body, delivery)) {
    if (!isFirst && drip !== undefined && !(await pause(drip.every, outgoing))) return 'delivered';
    isFirst = false;
    await new Promise((resolve) => outgoing.write(piece, resolve));
  }
  if (truncate === undefined || truncate >= body.byteLength) outgoing.end();
  else outgoing.destroy();
  return 'delivered';
}

function* piecesOf(body: Uint8Array, { truncate, drip }: Delivery): Generator<Uint8Array, void> {
  const end = Math.min(truncate ?? body.byteLength, body.byteLength);
  const size = drip?.bytes ?? Math.max(end, 1);
  for (let at = 0; at < end; at += size) yield body.subarray(at, Math.min(at + size, end));
}

/** Whether the client is still there afterwards. */
async function pause(duration: Duration, outgoing: ServerResponse): Promise<boolean> {
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  outgoing.once('close', leave);
  try {
    await sleep(Math.max(0, toMilliseconds(duration)), undefined, { signal: gone.signal });
    return !outgoing.destroyed;
  } catch {
    return false;
  } finally {
    outgoing.off('close', leave);
  }
}

function systemError(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
