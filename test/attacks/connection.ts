/** HTTP at the level of bytes: what no client library would send, and all that comes back. */

import { connect } from 'node:net';
import type { Socket } from 'node:net';

export interface Answer {
  status: number;
  /** Names in lower case; of a header that is there twice, the last. */
  headers: ReadonlyMap<string, string>;
  body: string;
}

export interface RequestParts {
  method?: string;
  /** The request target, as it stands in the first line. */
  path?: string;
  /** Merged over the usual ones; `undefined` leaves one out, a list repeats it. */
  headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  body?: string | Buffer;
  version?: string;
}

/** The bytes of one request. Text stands for its Latin-1 bytes, so that any byte can be written. */
export function httpRequest({
  method = 'POST',
  path = '/services/oauth2/token',
  headers = {},
  body = '',
  version = 'HTTP/1.1',
}: RequestParts): Buffer {
  const bytes = Buffer.from(body as string, 'latin1');
  const lines = [`${method} ${path} ${version}`];
  const all = {
    host: 'localhost',
    connection: 'close',
    ...(method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    ...(bytes.length > 0 || method === 'POST' ? { 'content-length': String(bytes.length) } : {}),
    ...headers,
  };
  for (const [name, value] of Object.entries(all)) {
    if (value === undefined) continue;
    for (const one of typeof value === 'string' ? [value] : value) lines.push(`${name}: ${one}`);
  }
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]);
}

/** The peer neither answered nor closed the connection in time. */
export class Hanging extends Error {
  override readonly name = 'Hanging';
}

/** Sends bytes on a connection of their own and reads until the peer closes it. */
export async function exchange(
  port: number,
  bytes: Buffer,
  { milliseconds = 20_000 }: { milliseconds?: number } = {},
): Promise<Answer[]> {
  const socket = await open(port);
  const received = collect(socket, milliseconds);
  socket.write(bytes);
  return readAnswers(await received);
}

/** An open connection to the org. */
export function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** All bytes until the peer closes. A reset is a way of closing too. */
export function collect(socket: Socket, milliseconds: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const done = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(Buffer.concat(chunks));
    };
    const timer = setTimeout(() => {
      socket.destroy();
      const start = Buffer.concat(chunks).toString('latin1').slice(0, 200);
      reject(new Hanging(`open after ${milliseconds} ms, having said: ${start || 'nothing'}`));
    }, milliseconds);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', done);
    socket.on('end', done);
    socket.on('close', done);
  });
}

/** @throws Error when the bytes are not a row of whole HTTP answers */
export function readAnswers(bytes: Buffer): Answer[] {
  const answers: Answer[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    const [first = '', ...lines] = rest
      .subarray(0, Math.max(end, 0))
      .toString('latin1')
      .split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
    if (end < 0 || Number.isNaN(status)) {
      throw new Error(`not an HTTP answer: ${rest.toString('latin1').slice(0, 80)}`);
    }
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
      }),
    );
    const content = rest.subarray(end + 4);
    const { body, after } = readBody(status, headers, content);
    answers.push({ status, headers, body: body.toString('utf8') });
    rest = after;
  }
  return answers;
}

function readBody(
  status: number,
  headers: ReadonlyMap<string, string>,
  content: Buffer,
): { body: Buffer; after: Buffer } {
  if (status < 200 || status === 204) return { body: Buffer.alloc(0), after: content };
  if (headers.get('transfer-encoding') === 'chunked') return readChunks(content);
  const length = Number(headers.get('content-length') ?? content.length);
  // An answer to HEAD has a length and no body: nothing may follow it, and nothing does.
  if (content.length === 0) return { body: content, after: content };
  if (content.length < length) throw new Error(`${content.length} of ${length} bytes of body`);
  return { body: content.subarray(0, length), after: content.subarray(length) };
}

function readChunks(content: Buffer): { body: Buffer; after: Buffer } {
  const chunks: Buffer[] = [];
  let position = 0;
  for (;;) {
    const end = content.indexOf('\r\n', position);
    const size = Number.parseInt(content.subarray(position, end).toString('latin1'), 16);
    if (end < 0 || Number.isNaN(size)) throw new Error('a body in broken chunks');
    const start = end + 2;
    position = start + size + 2;
    if (size === 0) return { body: Buffer.concat(chunks), after: content.subarray(position) };
    chunks.push(content.subarray(start, start + size));
  }
}
