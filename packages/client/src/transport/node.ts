import type { Agent, IncomingMessage } from 'node:http';
import { aborted, networkError, timedOut, tooLarge } from './network-error.ts';
import type { Http, NodeAgents, Tunnelling } from './node-agents.ts';
import type { Transport, TransportRequest, TransportResponse } from './transport.ts';

/**
 * HTTP over `node:http` and `node:https` with connections kept alive. In a short process it costs
 * less than half of the global `fetch`.
 */
export function nodeTransport(agents: NodeAgents): Transport {
  return {
    async send(request) {
      const url = new URL(request.url);
      try {
        const { http, agent } = agents.get(url);
        return await exchange(http, agent, url, request);
      } catch (cause) {
        throw networkError(url.href, cause);
      }
    },
    close: () => agents.close(),
  };
}

function exchange(
  http: Http,
  agent: Agent,
  url: URL,
  { method, headers, body, signal, timeoutMilliseconds, maximumBytes }: TransportRequest,
): Promise<TransportResponse> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(aborted(signal));
      return;
    }
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const tunnelling: Tunnelling = {};
    let outgoing: ReturnType<Http['request']>;
    try {
      const options = { method, agent, headers: { ...headers, ...length }, tunnelling };
      outgoing = http.request(url, options);
    } catch (cause) {
      reject(networkError(url.href, cause));
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    };
    const fail = (error: Error): void => {
      end();
      reject(networkError(url.href, error));
      outgoing.destroy();
      tunnelling.abandon?.();
    };
    const giveUp = (): void => {
      if (signal !== undefined) fail(aborted(signal));
    };
    const timer = setTimeout(
      () => fail(timedOut(url.href, timeoutMilliseconds)),
      timeoutMilliseconds,
    );
    signal?.addEventListener('abort', giveUp, { once: true });
    outgoing.on('error', fail);
    // Nobody asked for another protocol; without a listener nothing would be told.
    outgoing.on('upgrade', () => fail(new Error('The host changed to another protocol')));
    outgoing.on('response', (incoming) => {
      readBody(incoming, maximumBytes, url.href).then((text) => {
        end();
        resolve({ status: incoming.statusCode ?? 0, headers: flatten(incoming), body: text });
      }, fail);
    });
    outgoing.end(body);
  });
}

function readBody(incoming: IncomingMessage, maximumBytes: number, url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maximumBytes) reject(tooLarge(url, maximumBytes));
      else chunks.push(chunk);
    });
    incoming.on('error', reject);
    incoming.on('aborted', () => reject(new Error('The answer was cut off')));
    incoming.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
}

function flatten({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value = '']) => [
      name,
      typeof value === 'string' ? value : value.join(', '),
    ]),
  );
}
