import type { IncomingMessage } from 'node:http';
import type { Fetch } from './fetch.ts';
import { networkError } from './network-error.ts';
import type { NodeAgents, Tunnelling } from './node-agents.ts';

/**
 * The global `fetch`, except where it cannot go: it knows neither proxies nor certificates of ours
 * on every Node. There the request takes the way of token requests.
 */
export function nodeFetch(agents: NodeAgents): Fetch {
  return (request, init) =>
    agents.isNeededFor(new URL(request.url))
      ? exchange(agents, request, init?.signal ?? request.signal)
      : globalThis.fetch(request, init);
}

/** One request over `node:https`, streamed both ways. A redirect is an answer, never followed. */
async function exchange(
  agents: NodeAgents,
  request: Request,
  signal: AbortSignal,
): Promise<Response> {
  const url = new URL(request.url);
  const { http, agent } = agents.get(url);
  const { Readable } = process.getBuiltinModule('node:stream');
  const { method } = request;
  const headers = { 'accept-encoding': 'gzip', ...Object.fromEntries(request.headers) };
  return new Promise((resolve, reject) => {
    const tunnelling: Tunnelling = {};
    const options = { method, agent, headers, signal, tunnelling };
    const outgoing = http.request(url, options);
    outgoing.on('error', (error) => {
      tunnelling.abandon?.();
      reject(signal.aborted ? signal.reason : networkError(url.href, error));
    });
    outgoing.on('response', (incoming) => {
      toResponse(incoming).then(resolve, reject);
    });
    if (request.body === null) outgoing.end();
    else {
      const body = Readable.fromWeb(request.body);
      body.on('error', (error) => outgoing.destroy(error)).pipe(outgoing);
    }
  });
}

/** Statuses that have no body (Fetch standard, null body status). */
const bodiless = new Set([101, 204, 205, 304]);

async function toResponse(incoming: IncomingMessage): Promise<Response> {
  const { Readable } = process.getBuiltinModule('node:stream');
  const status = incoming.statusCode ?? 0;
  const headers = new Headers();
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index] ?? '', incoming.rawHeaders[index + 1] ?? '');
  }
  const init = { status, statusText: incoming.statusMessage ?? '', headers };
  if (bodiless.has(status)) {
    incoming.resume();
    return new Response(null, init);
  }
  if (headers.get('content-encoding') !== 'gzip') {
    return new Response(Readable.toWeb(incoming) as ReadableStream, init);
  }
  const { createGunzip } = process.getBuiltinModule('node:zlib');
  headers.delete('content-encoding');
  headers.delete('content-length');
  const plain = incoming.pipe(createGunzip());
  incoming.on('error', (error) => plain.destroy(error));
  return new Response(Readable.toWeb(plain) as ReadableStream, init);
}
