/**
 * `/v1/proxy/{profile}/services/...`: the caller's request with the token attached, and Salesforce's
 * answer as it came. Bodies are passed on as they arrive; a token that is turned away is renewed
 * once, and the request sent once more where its body is still at hand.
 */

import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { turnsTokenAway } from '@sfjwt/client';
import type { AccessToken, NodeAgents, TokenSource } from '@sfjwt/client';
import { BrokerRefusal } from '../broker-refusal.ts';
import { readBeginning } from './beginning.ts';
import type { Beginning } from './beginning.ts';

export interface ProxyOptions {
  readonly source: TokenSource;
  readonly agents: Pick<NodeAgents, 'get'>;
  /** Path and query below the instance URL, judged already. */
  readonly target: string;
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
const ofOneHop: ReadonlySet<string> = new Set([
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
]);

/** And what the broker says itself. Cookies that one caller got are none of another's. */
const notPassed: ReadonlySet<string> = new Set([
  ...ofOneHop,
  'host',
  'authorization',
  'cookie',
  'expect',
  'content-length',
]);

/** @returns the status that was passed on */
export async function proxy(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: ProxyOptions,
): Promise<number> {
  const body = hasBody(incoming) ? await readBeginning(incoming, heldBytes) : undefined;
  const token = await options.source.token();
  const answer = await send(incoming, outgoing, token, body, options);
  return answer.statusCode === 401 || answer.statusCode === 403
    ? passOnOrRenew(answer, incoming, outgoing, token, body, options)
    : passOn(answer, undefined, outgoing);
}

async function passOnOrRenew(
  answer: IncomingMessage,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  token: AccessToken,
  body: Beginning | undefined,
  options: ProxyOptions,
): Promise<number> {
  const words = await readBeginning(answer, judgedBytes);
  if (await isTurnedAway(answer, words)) {
    options.onRefused?.();
    const renewed = await options.source.token({ refused: token });
    if (body?.whole !== false) {
      answer.destroy();
      const again = await send(incoming, outgoing, renewed, body, options);
      return passOn(again, undefined, outgoing);
    }
    // The body has gone by: the caller gets the answer as it is, and the next request the new token.
  }
  return passOn(answer, words, outgoing);
}

/** RFC 9112 section 6: a request has a body when one of these fields says so. */
function hasBody({ headers }: IncomingMessage): boolean {
  return 'transfer-encoding' in headers || (headers['content-length'] ?? '0') !== '0';
}

function send(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  token: AccessToken,
  body: Beginning | undefined,
  options: ProxyOptions,
  staleConnections = 0,
): Promise<IncomingMessage> {
  const { agents, target, idleMilliseconds } = options;
  // The only place the token goes to.
  const org = placeOf(token, agents);
  const { http, agent, protocol, hostname, port } = org;
  const { method = 'GET' } = incoming;
  return new Promise((resolve, reject) => {
    const request = http.request({
      agent,
      protocol,
      hostname,
      port,
      method,
      path: target,
      headers: requestHeaders(incoming, org, token, body),
    });
    // A signal would do the same, at the cost of a third of the whole request.
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) request.destroy();
    });
    request.setTimeout(idleMilliseconds, () => {
      request.destroy(Object.assign(new Error('Salesforce keeps silent'), { code: 'ETIMEDOUT' }));
    });
    request.on('response', resolve);
    request.on('error', (error: NodeJS.ErrnoException) => {
      // The other end closed a kept connection just as it was used again: nothing was done there.
      const stale = request.reusedSocket && error.code === 'ECONNRESET' && isSafe(method);
      if (stale && staleConnections < maximumStaleConnections && !outgoing.destroyed) {
        resolve(send(incoming, outgoing, token, body, options, staleConnections + 1));
      } else {
        reject(notReached(org, error));
      }
    });
    if (body === undefined) request.end();
    else if (body.whole) request.end(body.bytes);
    else pour(incoming, body, request);
  });
}

/** What was read of the body already, and then the rest as it comes. */
function pour(incoming: IncomingMessage, { bytes }: Beginning, request: ClientRequest): void {
  request.write(bytes);
  incoming.on('error', (error) => request.destroy(error));
  // Who answers before the end of the body needs no more of it.
  request.on('close', () => incoming.unpipe(request).resume());
  incoming.pipe(request);
}

/** Where a token goes, and by which connections. */
interface Place extends ReturnType<NodeAgents['get']> {
  readonly host: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string | null;
}

/** Found once for each token: to look for a proxy in the environment takes longer than all the rest. */
const places = new WeakMap<AccessToken, Place>();

function placeOf(token: AccessToken, agents: ProxyOptions['agents']): Place {
  const known = places.get(token);
  if (known !== undefined) return known;
  const url = new URL(token.instanceUrl);
  const { host, protocol, port } = url;
  const hostname = url.hostname.replaceAll(/^\[|\]$/g, '');
  const place = { ...agents.get(url), host, protocol, hostname, port: port === '' ? null : port };
  places.set(token, place);
  return place;
}

/** Nothing changes by sending such a request twice: RFC 9110 section 9.2.1. */
function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/** Names and values in turn, as they came. */
function requestHeaders(
  incoming: IncomingMessage,
  org: Place,
  token: AccessToken,
  body: Beginning | undefined,
): string[] {
  const headers = ['Host', org.host];
  passHeaders(incoming, notPassed, headers);
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

function passHeaders(from: IncomingMessage, left: ReadonlySet<string>, to: string[]): void {
  const { rawHeaders, headers } = from;
  const named = (headers.connection ?? '').toLowerCase();
  // Names there are of this hop alone, whatever they are.
  const alsoLeft =
    named === '' || named === 'keep-alive' || named === 'close'
      ? undefined
      : new Set(named.split(',').map((name) => name.trim()));
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const lower = name.toLowerCase();
    if (!left.has(lower) && alsoLeft?.has(lower) !== true)
      to.push(name, rawHeaders[index + 1] ?? '');
  }
}

function passOn(
  answer: IncomingMessage,
  beginning: Beginning | undefined,
  outgoing: ServerResponse,
): Promise<number> {
  const status = answer.statusCode ?? 502;
  const headers: string[] = [];
  passHeaders(answer, ofOneHop, headers);
  outgoing.writeHead(status, answer.statusMessage ?? '', headers);
  return new Promise((resolve, reject) => {
    answer.on('error', reject);
    outgoing.on('error', reject);
    outgoing.once('finish', () => resolve(status));
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) reject(new Error('The caller went away'));
    });
    if (beginning !== undefined && beginning.bytes.length > 0) outgoing.write(beginning.bytes);
    if (beginning?.whole === true) outgoing.end();
    else answer.pipe(outgoing);
  });
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

function notReached(org: Place, cause: NodeJS.ErrnoException): BrokerRefusal {
  return new BrokerRefusal(
    'ORG_NOT_REACHED',
    cause.code === 'ETIMEDOUT' ? 504 : 502,
    `${org.host} gave no answer: ${cause.code ?? 'the connection ended'}`,
    ['Ask again. Whether the request was carried out there is not known.'],
    cause,
  );
}
