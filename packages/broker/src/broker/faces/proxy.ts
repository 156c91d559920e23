/**
 * `/v1/proxy/{profile}/services/...`: the caller's request with the token attached, and Salesforce's
 * answer as it came. Bodies are passed on as they arrive; a token that is turned away is renewed
 * once, and the request sent once more where its body is still at hand.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { turnsTokenAway } from '@sfjwt/client';
import type { AccessToken, NodeAgents, TokenSource } from '@sfjwt/client';
import { BrokerRefusal } from '../refusal.ts';
import { readBeginning } from './beginning.ts';
import type { Beginning } from './beginning.ts';

export interface ProxyOptions {
  readonly source: TokenSource;
  readonly agents: Pick<NodeAgents, 'get'>;
  /** Path and query below the instance URL, judged already. */
  readonly target: string;
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignal;
  /** How long Salesforce may keep silent, in milliseconds. */
  readonly idleMilliseconds: number;
  /** Told when a token was turned away. */
  readonly onRefused?: (() => void) | undefined;
}

/** A body up to this size is held until the answer is there, so that it can be sent once more. */
const heldBytes = 256 * 1024;

/** Far more than Salesforce needs to say why it turns a token away. */
const judgedBytes = 64 * 1024;

/** So many kept connections in a row may have been closed by the other end without our knowing. */
const maximumStaleConnections = 5;

/** Between two hops, not between two ends: RFC 9110 section 7.6.1. */
const ofOneHop = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
];

/** What the broker says itself. Cookies that one caller got are none of another's. */
const ofTheBroker = ['host', 'authorization', 'cookie', 'expect', 'content-length'];

/** @returns the status that was passed on */
export async function proxy(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: ProxyOptions,
): Promise<number> {
  const { source, signal, onRefused } = options;
  const body = hasBody(incoming) ? await readBeginning(incoming, heldBytes) : undefined;
  const token = await source.token({ signal });
  const first = await send(incoming, token, body, options);
  const { statusCode } = first;
  if (statusCode !== 401 && statusCode !== 403) return passOn(first, undefined, outgoing);

  const words = await readBeginning(first, judgedBytes);
  if (await isTurnedAway(first, words)) {
    onRefused?.();
    const renewed = await source.token({ signal, refused: token });
    if (body?.whole !== false) {
      first.destroy();
      return passOn(await send(incoming, renewed, body, options), undefined, outgoing);
    }
    // The body has gone by: the caller gets the answer as it is, and the next request the new token.
  }
  return passOn(first, words, outgoing);
}

/** RFC 9112 section 6: a request has a body when one of these fields says so. */
function hasBody({ headers }: IncomingMessage): boolean {
  return 'transfer-encoding' in headers || (headers['content-length'] ?? '0') !== '0';
}

function send(
  incoming: IncomingMessage,
  token: AccessToken,
  body: Beginning | undefined,
  options: ProxyOptions,
  staleConnections = 0,
): Promise<IncomingMessage> {
  const { agents, target, signal, idleMilliseconds } = options;
  // The only place the token goes to.
  const org = new URL(token.instanceUrl);
  const { http, agent } = agents.get(org);
  const { method = 'GET' } = incoming;
  return new Promise((resolve, reject) => {
    const request = http.request({
      agent,
      protocol: org.protocol,
      hostname: org.hostname.replaceAll(/^\[|\]$/g, ''),
      port: org.port === '' ? null : org.port,
      method,
      path: target,
      headers: requestHeaders(incoming, org, token, body),
      signal,
    });
    request.setTimeout(idleMilliseconds, () => {
      request.destroy(Object.assign(new Error('Salesforce keeps silent'), { code: 'ETIMEDOUT' }));
    });
    request.on('response', resolve);
    request.on('error', (error: NodeJS.ErrnoException) => {
      // The other end closed a kept connection just as it was used again: nothing was done there.
      const stale = request.reusedSocket && error.code === 'ECONNRESET' && isSafe(method);
      if (stale && staleConnections < maximumStaleConnections && !signal.aborted) {
        resolve(send(incoming, token, body, options, staleConnections + 1));
      } else {
        reject(notReached(org, error));
      }
    });
    if (body === undefined) {
      request.end();
    } else if (body.whole) {
      request.end(body.bytes);
    } else {
      request.write(body.bytes);
      pipeline(incoming, request).catch((error: Error) => request.destroy(error));
    }
  });
}

/** Nothing changes by sending such a request twice: RFC 9110 section 9.2.1. */
function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/** Names and values in turn, as they came. */
function requestHeaders(
  incoming: IncomingMessage,
  org: URL,
  token: AccessToken,
  body: Beginning | undefined,
): string[] {
  const left = [...ofOneHop, ...ofTheBroker];
  const headers = ['Host', org.host, ...passedHeaders(incoming, left)];
  headers.push('Authorization', `Bearer ${token.value}`);
  if (body?.whole === true) {
    headers.push('Content-Length', String(body.bytes.length));
  } else if (incoming.headers['content-length'] !== undefined) {
    headers.push('Content-Length', incoming.headers['content-length']);
  } else if (body !== undefined) {
    headers.push('Transfer-Encoding', 'chunked');
  }
  return headers;
}

function passedHeaders(
  { rawHeaders, headers }: IncomingMessage,
  left: readonly string[],
): string[] {
  const dropped = new Set(left);
  for (const name of (headers.connection ?? '').split(',')) dropped.add(name.trim().toLowerCase());
  const passed: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    if (!dropped.has(name.toLowerCase())) passed.push(name, value);
  }
  return passed;
}

async function passOn(
  answer: IncomingMessage,
  beginning: Beginning | undefined,
  outgoing: ServerResponse,
): Promise<number> {
  const status = answer.statusCode ?? 502;
  outgoing.writeHead(status, answer.statusMessage ?? '', passedHeaders(answer, ofOneHop));
  if (beginning !== undefined && beginning.bytes.length > 0) outgoing.write(beginning.bytes);
  if (beginning?.whole === true) outgoing.end();
  else await pipeline(answer, outgoing);
  return status;
}

async function isTurnedAway(answer: IncomingMessage, { bytes }: Beginning): Promise<boolean> {
  const text = await decoded(bytes, answer.headers['content-encoding']);
  const { statusCode: status = 0 } = answer;
  return turnsTokenAway(new Response(text, { status }));
}

/** A few words may be packed that unpack into gigabytes. */
const bounded = { maxOutputLength: 16 * judgedBytes };

const decoders: Readonly<Record<string, (bytes: Buffer) => Promise<Buffer>>> = {
  gzip: (bytes) => promisify(gunzip)(bytes, bounded),
  deflate: (bytes) => promisify(inflate)(bytes, bounded),
  br: (bytes) => promisify(brotliDecompress)(bytes, bounded),
};

/** What cannot be decoded says nothing of the token. */
async function decoded(bytes: Buffer, encoding = 'identity'): Promise<string> {
  try {
    return (await (decoders[encoding.toLowerCase()]?.(bytes) ?? bytes)).toString('utf8');
  } catch {
    return '';
  }
}

function notReached(org: URL, cause: NodeJS.ErrnoException): BrokerRefusal {
  return new BrokerRefusal(
    'ORG_NOT_REACHED',
    cause.code === 'ETIMEDOUT' ? 504 : 502,
    `${org.host} gave no answer: ${cause.code ?? 'the connection ended'}`,
    ['Ask again. Whether the request was carried out there is not known.'],
    cause,
  );
}
