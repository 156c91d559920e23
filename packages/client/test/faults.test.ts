/** What a network can do to a token request, on real sockets: which code, and that it ends. */

import { createServer as createHttpServer } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  ClientError,
  clientErrorCodes,
  connect,
  createTransport,
  fetchTransport,
} from '../src/node.ts';
import type { ConnectOptions, Transport, TransportRequest } from '../src/node.ts';
import { createAuthority } from './authority.ts';
import type { Validity } from './authority.ts';
import { answer, startFaultServer } from './fault-server.ts';
import type { Fault, FaultServer } from './fault-server.ts';
import { privateKey } from './key-pair.ts';
import { tokenBody } from './token-endpoint.ts';

const settings = {
  clientId: '3MVG9.key',
  username: 'worker@example.org',
  privateKey,
  maximumTries: 1,
} satisfies ConnectOptions;

const json = { 'content-type': 'application/json;charset=UTF-8' };

/** Node's own HTTP and the global `fetch`: what a caller gets has to be the same. */
const transports: Readonly<Record<string, () => Transport>> = {
  'node:http': createTransport,
  fetch: () => fetchTransport((sent, init) => fetch(sent, init)),
};

const says =
  (
    status: number | string,
    headers: Readonly<Record<string, string>>,
    body: string | Buffer,
  ): Fault =>
  (socket) =>
    void socket.write(answer(status, headers, body));

const raw =
  (text: string | Buffer): Fault =>
  (socket) =>
    void socket.end(text);

/** Sends a piece every few milliseconds, for ever. */
function drip(socket: Socket, head: string, piece: string): void {
  socket.write(head);
  const timer = setInterval(() => socket.write(piece), 10);
  socket.on('close', () => clearInterval(timer));
}

const good: Fault = (socket, url) => void socket.write(answer(200, json, tokenBody(url)));
const html = { 'content-type': 'text/html' };
const oauth = (error: unknown, description?: unknown): string =>
  JSON.stringify({ error, error_description: description });

/** What the endpoint does -> the code; two where the transports see different things. */
const faults: readonly (readonly [
  string,
  Fault,
  string | readonly [node: string, fetch: string],
])[] = [
  // The shapes of a 400.
  [
    '400, an OAuth error',
    says(400, json, oauth('invalid_grant', 'ip restricted')),
    'IP_RESTRICTED',
  ],
  ['400, an error of no catalogue', says(400, json, oauth('x_new', 'Words')), 'REFUSED'],
  ['400, an error without description', says(400, json, oauth('inactive_user')), 'USER_INACTIVE'],
  [
    '400, a description that is no text',
    says(400, json, oauth('inactive_user', [7])),
    'USER_INACTIVE',
  ],
  ['400, an error that is no text', says(400, json, oauth({ a: 1 })), 'RESPONSE_INVALID'],
  ['400, an object without error', says(400, json, '{"message":"no"}'), 'RESPONSE_INVALID'],
  ['400, the array of the REST API', says(400, json, '[{"errorCode":"X"}]'), 'RESPONSE_INVALID'],
  ['400, an OAuth error as text/plain', says(400, {}, oauth('inactive_org')), 'ORG_INACTIVE'],
  [
    '400, plain text',
    says(400, { 'content-type': 'text/plain' }, 'Bad_OAuth_Token'),
    'RESPONSE_NOT_JSON',
  ],
  ['400, a page', says(400, html, '<html>Bad Request</html>'), 'RESPONSE_HTML'],
  ['400, nothing', says(400, {}, ''), 'RESPONSE_EMPTY'],
  ['404, a page', says(404, html, '<!doctype html>'), 'RESPONSE_HTML'],
  ['429, a page', says(429, html, '<html>Slow down</html>'), 'SERVER_ERROR'],
  // Pages where an answer should be.
  ['503, a page', says(503, html, '<html>Maintenance</html>'), 'SERVER_ERROR'],
  ['200, a page', says(200, html, '<html>Maintenance</html>'), 'RESPONSE_HTML'],
  ['500, nothing', says(500, {}, ''), 'SERVER_ERROR'],
  ['502 of a proxy', says(502, { 'proxy-connection': 'close' }, '<html>'), 'PROXY_PAGE'],
  [
    '403, the page of a proxy',
    says(403, { ...html, 'x-bluecoat-via': '1' }, '<html>'),
    'PROXY_PAGE',
  ],
  [
    '200, the sign-in page of a network',
    says(200, html, '\n<HTML><META refresh>'),
    'RESPONSE_HTML',
  ],
  // Bodies that are not what they should be.
  ['200, nothing', says(200, json, ''), 'RESPONSE_EMPTY'],
  ['204', says(204, { 'x-no-length': '' }, ''), 'RESPONSE_EMPTY'],
  ['200, null', says(200, json, 'null'), 'RESPONSE_INVALID'],
  ['200, a list', says(200, json, '[]'), 'RESPONSE_INVALID'],
  ['200, an empty object', says(200, json, '{}'), 'RESPONSE_INVALID'],
  ['200, text', says(200, {}, 'Welcome'), 'RESPONSE_NOT_JSON'],
  ['200, JSON that stops', says(200, json, '{"access_token":"00D'), 'RESPONSE_TRUNCATED'],
  ['200, a number of many digits', says(200, json, '9'.repeat(5000)), 'RESPONSE_INVALID'],
  [
    '200, JSON of great depth',
    says(200, json, '['.repeat(30_000) + ']'.repeat(30_000)),
    'RESPONSE_INVALID',
  ],
  [
    '200, a token by way of __proto__',
    says(
      200,
      json,
      '{"__proto__":{"access_token":"a","instance_url":"https://a.my.salesforce.com"}}',
    ),
    'RESPONSE_INVALID',
  ],
  [
    '200, in UTF-16',
    says(200, json, Buffer.from('\uFEFF{"access_token":"a"}', 'utf16le')),
    'RESPONSE_NOT_JSON',
  ],
  ['200, bytes of no text', says(200, json, Buffer.alloc(512, 0xc3)), 'RESPONSE_NOT_JSON'],
  [
    '200, cut off by its own length',
    (socket, url) => {
      const body = tokenBody(url);
      socket.end(answer(200, { ...json, 'content-length': String(body.length - 20) }, body));
    },
    ['RESPONSE_INVALID', 'RESPONSE_TRUNCATED'],
  ],
  [
    '200, of another type',
    (socket, url) => {
      socket.write(answer(200, { 'content-type': 'image/gif' }, tokenBody(url)));
    },
    'RESPONSE_WRONG_TYPE',
  ],
  [
    'more than anybody reads, told',
    says(200, { ...json, 'content-length': '900000' }, 'a'.repeat(900_000)),
    'RESPONSE_TOO_LARGE',
  ],
  [
    'more than anybody reads, in chunks',
    (socket) => {
      drip(
        socket,
        'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n',
        `4000\r\n${'a'.repeat(0x4000)}\r\n`,
      );
    },
    'RESPONSE_TOO_LARGE',
  ],
  [
    'more than anybody reads, until the end',
    (socket) => {
      drip(socket, 'HTTP/1.1 200 OK\r\n\r\n', 'a'.repeat(0x4000));
    },
    'RESPONSE_TOO_LARGE',
  ],
  [
    'zipped, though nobody asked',
    (socket, url) => {
      socket.write(
        answer(
          200,
          { ...json, 'content-encoding': 'gzip' },
          gzipSync(oauth('inactive_user') + ' '.repeat(url.length)),
        ),
      );
    },
    ['RESPONSE_NOT_JSON', 'RESPONSE_INVALID'],
  ],
  [
    'a zip that unfolds without end',
    says(200, { ...json, 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(20_000_000))),
    ['RESPONSE_NOT_JSON', 'RESPONSE_TOO_LARGE'],
  ],
  // Connections that break.
  ['a reset before the answer', (socket) => void socket.resetAndDestroy(), 'CONNECTION_LOST'],
  ['an end before the answer', (socket) => void socket.end(), 'CONNECTION_LOST'],
  ['an end in the status line', raw('HTTP/1.1 20'), 'CONNECTION_LOST'],
  ['an end in the headers', raw('HTTP/1.1 200 OK\r\ncontent-ty'), 'CONNECTION_LOST'],
  [
    'a reset after the headers',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n', () => {
        setTimeout(() => socket.resetAndDestroy(), 20);
      });
    },
    'CONNECTION_LOST',
  ],
  [
    'a reset in the middle of the body',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{"access_token":"00D', () => {
        setTimeout(() => socket.resetAndDestroy(), 20);
      });
    },
    'CONNECTION_LOST',
  ],
  [
    'less than was told',
    raw('HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{"access_token":'),
    'CONNECTION_LOST',
  ],
  [
    'chunks without the last',
    raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"acc\r\n'),
    'CONNECTION_LOST',
  ],
  // Something else than HTTP.
  ['the greeting of another protocol', raw('SSH-2.0-OpenSSH_9.2\r\n'), 'RESPONSE_INVALID'],
  ['an answer of HTTP/0.9', raw('<html>Hello</html>'), 'RESPONSE_INVALID'],
  ['a status that is none', raw('HTTP/1.1 abc OK\r\n\r\n'), 'RESPONSE_INVALID'],
  [
    'chunks that are none',
    raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n'),
    'RESPONSE_INVALID',
  ],
  [
    'two lengths',
    raw('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} '),
    'RESPONSE_INVALID',
  ],
  [
    'length and chunks',
    raw(
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
    ),
    'RESPONSE_INVALID',
  ],
  [
    'a header with a NUL',
    raw('HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 2\r\n\r\n{}'),
    'RESPONSE_INVALID',
  ],
  [
    'headers without end',
    (socket) => {
      drip(socket, 'HTTP/1.1 200 OK\r\n', `x-header: ${'a'.repeat(4000)}\r\n`);
    },
    'RESPONSE_TOO_LARGE',
  ],
  [
    '101, another protocol from here on',
    raw('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: foo\r\n\r\n'),
    'CONNECTION_LOST',
  ],
  // Time.
  ['silence', () => {}, 'TIMED_OUT'],
  ['an end of its own, and silence', (socket) => void socket.write(''), 'TIMED_OUT'],
  ['a status, and silence', (socket) => void socket.write('HTTP/1.1 200 OK\r\n'), 'TIMED_OUT'],
  [
    'headers, and silence',
    (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n'),
    'TIMED_OUT',
  ],
  [
    'half of the body, and silence',
    (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{"acc'),
    'TIMED_OUT',
  ],
  [
    'headers drop by drop',
    (socket) => drip(socket, 'HTTP/1.1 200 OK\r\n', 'x: y\r\n'),
    'TIMED_OUT',
  ],
  [
    'a body drop by drop',
    (socket) => drip(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n', ' '),
    'TIMED_OUT',
  ],
  [
    'early hints for ever',
    (socket) => drip(socket, '', 'HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n'),
    'TIMED_OUT',
  ],
];

/** Strange, and an answer all the same. */
const oddities: readonly (readonly [string, (body: string) => string | Buffer])[] = [
  ['no content type', (body) => answer(200, {}, body)],
  ['another JSON type', (body) => answer(200, { 'content-type': 'application/vnd.x+json' }, body)],
  ['a byte order mark', (body) => answer(200, json, `\uFEFF${body}`)],
  ['white space around it', (body) => answer(200, json, `\r\n ${body}\n`)],
  [
    'more fields than five',
    (body) => answer(200, json, `{"__proto__":{},"n":1e999,${body.slice(1)}`),
  ],
  ['no reason after the status', (body) => answer('200', json, body)],
  [
    'headers twice',
    (body) =>
      answer(200, { ...json, Date: 'x', date: 'y', 'Content-Type': 'application/json' }, body),
  ],
  [
    'early hints before it',
    (body) => `HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n${answer(200, json, body).toString()}`,
  ],
  [
    'chunks of one byte',
    (body) =>
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${body.replaceAll(/./g, '1\r\n$&\r\n')}0\r\n\r\n`,
  ],
  ['HTTP/1.0', (body) => `HTTP/1.0 200 OK\r\n\r\n${body}`],
  ['headers in capitals', (body) => answer(200, { 'CONTENT-TYPE': 'APPLICATION/JSON' }, body)],
];

/** For what never comes. What comes has all the time of a busy machine. */
const shortMilliseconds = 200;

describe.each(Object.entries(transports))('over %s', (name, newTransport) => {
  async function ask(
    fault: Fault,
    timeoutMilliseconds = 10_000,
  ): Promise<{ verdict: unknown; server: FaultServer }> {
    const server = await startFaultServer(fault);
    const transport = newTransport();
    const options = { ...settings, loginUrl: server.url, transport, timeoutMilliseconds };
    const verdict: unknown = await connect(options)
      .token()
      .catch((error: unknown) => error);
    transport.close();
    return { verdict, server };
  }

  test.each(faults)('%s', async (_fault, fault, code) => {
    const limit = code === 'TIMED_OUT' ? shortMilliseconds : undefined;
    const { verdict, server } = await ask(fault, limit);
    expect(verdict).toMatchObject({
      name: 'ClientError',
      code: typeof code === 'string' ? code : code[name === 'fetch' ? 1 : 0],
      hints: expect.arrayContaining([expect.any(String)]),
    });
    // On a busy machine the time may be over before the request has arrived.
    if (limit === undefined) expect(server.requests).toHaveLength(1);
  });

  test.each(oddities)('a token in spite of %s', async (_oddity, write) => {
    const { verdict } = await ask((socket, url) => void socket.end(write(tokenBody(url))));
    expect(verdict).toMatchObject({ organizationId: '00DLOCAL0000001EAA' });
  });

  test.each([301, 302, 303, 307, 308])(
    'a %i to another host sends nothing there',
    async (status) => {
      const elsewhere = await startFaultServer(good);
      const location = `${elsewhere.url}/services/oauth2/token`;
      const { verdict } = await ask(says(status, { location }, ''));
      expect(verdict).toMatchObject({ code: 'REDIRECTED', status, transient: false });
      expect(elsewhere.requests).toEqual([]);
      expect(elsewhere.connections.begun).toBe(0);
    },
  );

  test('503, 503, 200: the third try succeeds', async () => {
    let calls = 0;
    const busy = says(503, { 'retry-after': '0' }, '<html>');
    const server = await startFaultServer((socket, url) => {
      calls += 1;
      (calls < 3 ? busy : good)(socket, url);
    });
    const { maximumTries: _one, ...patient } = settings;
    const transport = newTransport();
    const salesforce = connect({ ...patient, loginUrl: server.url, transport });
    await expect(salesforce.token()).resolves.toBeDefined();
    expect(server.requests).toHaveLength(3);
    salesforce.close();
  });

  test('any bytes at all: a token or a coded error', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'HTTP/1.1 200 OK\r\n',
        'content-length: 9\r\n',
        '\r\n',
        '{"access_token":"a"}',
        '0\r\n\r\n',
      ),
      fc.string().map((text) => `${text}\r\n`),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    let bytes = Buffer.alloc(0);
    const { url } = await startFaultServer((socket) => void socket.end(bytes));
    const transport = newTransport();
    const options = { ...settings, loginUrl: url, transport };
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        bytes = Buffer.from(pieces.join(''), 'latin1');
        const verdict: unknown = await connect(options)
          .token()
          .catch((error: unknown) => error);
        expect(verdict).toBeInstanceOf(ClientError);
        expect(clientErrorCodes).toContain((verdict as ClientError).code);
      }),
      { numRuns: 150 },
    );
    transport.close();
  });

  /** Where a request may be when its caller gives up. */
  const points: readonly (readonly [string, Fault])[] = [
    ['before the headers', () => {}],
    ['in the headers', (socket) => void socket.write('HTTP/1.1 200 OK\r\nx: ')],
    [
      'before the body',
      (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n'),
    ],
    [
      'in the body',
      (socket) => drip(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n', ' '),
    ],
  ];

  test.each(points)('can be given up %s, and lets go of the connection', async (_point, fault) => {
    const { url, connections, requests } = await startFaultServer(fault);
    const transport = newTransport();
    const controller = new AbortController();
    const reason = new Error('enough');
    const sending = transport.send({ ...request(url), signal: controller.signal });
    const outcome = expect(sending).rejects.toMatchObject({ code: 'ABORTED', cause: reason });
    await vi.waitFor(() => expect(requests).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 30));
    controller.abort(reason);
    await outcome;
    await letGo(connections);
    transport.close();
  });

  test('can be given up in the TLS handshake', async () => {
    // Takes the connection, and never says hello.
    const { url, connections } = await startFaultServer(() => {});
    const transport = newTransport();
    const controller = new AbortController();
    const sending = transport.send({
      ...request(url.replace('http:', 'https:')),
      signal: controller.signal,
    });
    const outcome = expect(sending).rejects.toMatchObject({ code: 'ABORTED' });
    await vi.waitFor(() => expect(connections.begun).toBe(1));
    controller.abort();
    await outcome;
    // `fetch` leaves a connection that is being made to its own time-out.
    if (name !== 'fetch') await vi.waitFor(() => expect(connections.over).toBe(1));
    transport.close();
  });

  test('one that was given up before is not sent', async () => {
    const { url, connections } = await startFaultServer(good);
    const transport = newTransport();
    const signal = AbortSignal.abort();
    await expect(transport.send({ ...request(url), signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect(connections.begun).toBe(0);
  });

  test('after a time-out nothing stays open', async () => {
    const { url, connections } = await startFaultServer(() => {});
    const transport = newTransport();
    await expect(
      transport.send({ ...request(url), timeoutMilliseconds: 50 }),
    ).rejects.toMatchObject({ code: 'TIMED_OUT' });
    await letGo(connections);
    transport.close();
  });

  test('nobody listens', async () => {
    const server = createSocketServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const salesforce = connect({
      ...settings,
      loginUrl: `http://127.0.0.1:${port}`,
      transport: newTransport(),
      maximumTries: 1,
    });
    await expect(salesforce.token()).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' });
  });

  test('no TLS where https was asked for', async () => {
    const server = createSocketServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const salesforce = connect({
      ...settings,
      loginUrl: `https://127.0.0.1:${port}`,
      transport: newTransport(),
      maximumTries: 1,
    });
    await expect(salesforce.token()).rejects.toMatchObject({
      code: expect.stringMatching(/TLS_FAILED|CONNECTION_LOST/),
    });
  });

  test('a name that no name server would be asked for', async () => {
    // A label of 64 characters is none (RFC 1035 section 2.3.4): it fails on this machine.
    const transport = newTransport();
    const loginUrl = `https://${'a'.repeat(64)}.example`;
    await expect(connect({ ...settings, loginUrl, transport }).token()).rejects.toMatchObject({
      code: 'HOST_NOT_FOUND',
    });
  });
});

/** The connection of the request is let go; `fetch` opens one in store, which some Nodes keep. */
async function letGo(connections: FaultServer['connections']): Promise<void> {
  await vi.waitFor(() => expect(connections.over).toBeGreaterThanOrEqual(1));
}

function request(url: string): TransportRequest {
  return {
    method: 'POST',
    url: `${url}/services/oauth2/token`,
    headers: {},
    body: 'grant_type=x',
    timeoutMilliseconds: 10_000,
    maximumBytes: 65_536,
  };
}

test('without a word about it, a request has ten seconds', async () => {
  const limits: number[] = [];
  const usual = createTransport();
  const transport: Transport = {
    send: (sent) => {
      limits.push(sent.timeoutMilliseconds);
      return usual.send(sent);
    },
    close: () => usual.close(),
  };
  const { url } = await startFaultServer(good);
  await connect({ ...settings, loginUrl: url, transport }).token();
  expect(limits).toEqual([10_000]);
  transport.close();
});

const day = 86_400_000;

describe.each(Object.entries(transports))('TLS over %s', (_name, newTransport) => {
  test.each<readonly [string, { ip?: string } & Validity, RegExp]>([
    ['of an authority that is not known', {}, /^TLS_(?:INTERCEPTED|FAILED)$/],
    ['of another name', { ip: '127.0.0.2' }, /^TLS_/],
    ['that has expired', { validFrom: Date.now() - 9 * day, validTo: Date.now() - day }, /^TLS_/],
  ])('a certificate %s', async (_fault, { ip = '127.0.0.1', ...validity }, code) => {
    const server = await startFaultServer(good, { tls: await createAuthority(ip, validity) });
    const transport = newTransport();
    const salesforce = connect({ ...settings, loginUrl: server.url, transport });
    await expect(salesforce.token()).rejects.toMatchObject({
      code: expect.stringMatching(code),
      transient: false,
    });
    expect(server.requests).toEqual([]);
    transport.close();
  });
});

test.each<readonly [string, { ip?: string } & Validity, RegExp]>([
  ['of another name', { ip: '127.0.0.2' }, /ERR_TLS_CERT_ALTNAME_INVALID/],
  [
    'that has expired',
    { validFrom: Date.now() - 9 * day, validTo: Date.now() - day },
    /CERT_HAS_EXPIRED/,
  ],
])(
  'a certificate %s is refused though its authority is trusted',
  async (_fault, { ip = '127.0.0.1', ...validity }, words) => {
    const tls = await createAuthority(ip, validity);
    const server = await startFaultServer(good, { tls });
    await using salesforce = connect({ ...settings, loginUrl: server.url, ca: tls.certificate });
    await expect(salesforce.token()).rejects.toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringMatching(words),
    });
    expect(server.requests).toEqual([]);
  },
);

describe('a proxy that keeps silent', () => {
  async function silentProxy() {
    const open = new Set<unknown>();
    const server = createHttpServer();
    server.on('connection', (socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
    });
    // Nothing is answered, and an end is noticed.
    server.on('connect', (_request, socket) => socket.on('end', () => socket.end()).resume());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { proxy: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, open };
  }

  test('is not waited for, and nothing stays open', async () => {
    const { proxy, open } = await silentProxy();
    const options = { ...settings, loginUrl: 'https://127.0.0.1:9', proxy };
    const salesforce = connect({ ...options, timeoutMilliseconds: 100 });
    await expect(salesforce.token()).rejects.toMatchObject({ code: 'TIMED_OUT' });
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test('can be given up', async () => {
    const { proxy, open } = await silentProxy();
    const transport = createTransport({ proxy });
    const controller = new AbortController();
    const sending = transport.send({
      ...request('https://127.0.0.1:9'),
      signal: controller.signal,
    });
    const outcome = expect(sending).rejects.toMatchObject({ code: 'ABORTED' });
    await vi.waitFor(() => expect(open.size).toBe(1));
    controller.abort();
    await outcome;
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test('a percent sign in its password stands for itself', async () => {
    const { proxy, open } = await silentProxy();
    const typed = proxy.replace('//', '//me:100%@');
    const options = { ...settings, loginUrl: 'https://127.0.0.1:9', proxy: typed };
    const salesforce = connect({ ...options, timeoutMilliseconds: 100 });
    await expect(salesforce.token()).rejects.toMatchObject({ code: 'TIMED_OUT' });
    await vi.waitFor(() => expect(open.size).toBe(0));
  });
});

test.each([
  ['a negative number', '-5'],
  ['a fraction', '1.5'],
  ['words', 'soon'],
  ['a number of many digits', '9'.repeat(400)],
  ['a date without the host’s own', 'Mon, 23 Nov 2026 10:00:07 GMT'],
])('a Retry-After that is %s is passed over', async (_form, value) => {
  const server = await startFaultServer(says(503, { 'retry-after': value }, ''));
  const error: unknown = await connect({ ...settings, loginUrl: server.url })
    .token()
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'SERVER_ERROR', retryAfterSeconds: undefined });
});

test('a Retry-After in the past asks for no wait', async () => {
  const headers = {
    'retry-after': 'Mon, 23 Nov 2026 09:00:00 GMT',
    date: 'Mon, 23 Nov 2026 10:00:00 GMT',
  };
  const server = await startFaultServer(says(503, headers, ''));
  await expect(connect({ ...settings, loginUrl: server.url }).token()).rejects.toMatchObject({
    retryAfterSeconds: 0,
  });
});

describe('what is asked of a session', () => {
  async function asked(fault: Fault): Promise<{ url: string; options: ConnectOptions }> {
    const { url } = await startFaultServer((socket, at) => {
      const act = first ? good : fault;
      act(socket, at);
      first = false;
    });
    let first = true;
    return { url, options: { ...settings, loginUrl: url } };
  }

  test.each<readonly [string, Fault, string]>([
    ['silence', () => {}, 'TIMED_OUT'],
    [
      'half an answer, and silence',
      (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{"a'),
      'TIMED_OUT',
    ],
    [
      'a refusal without end',
      (socket) => drip(socket, 'HTTP/1.1 403 No\r\n\r\n', 'a'.repeat(0x4000)),
      'API_REFUSED',
    ],
    ['a reset', (socket) => void socket.resetAndDestroy(), 'CONNECTION_LOST'],
    [
      'a reset in the body',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{"a', () => {
          setTimeout(() => socket.resetAndDestroy(), 20);
        });
      },
      'CONNECTION_LOST',
    ],
    ['a page', says(200, html, '<html>'), 'RESPONSE_INVALID'],
    ['503', says(503, html, '<html>'), 'SERVER_ERROR'],
  ])('userinfo: %s', async (_fault, fault, code) => {
    const { options } = await asked(fault);
    const limit = code === 'TIMED_OUT' ? { timeoutMilliseconds: 1000 } : {};
    await expect(connect({ ...options, ...limit }).userinfo()).rejects.toMatchObject({
      name: 'ClientError',
      code,
    });
  });

  test.each(['userinfo', 'identity'] as const)(
    '%s: what another host says of the user is not taken',
    async (question) => {
      const elsewhere = await startFaultServer(good);
      const { options } = await asked(says(302, { location: `${elsewhere.url}/who` }, ''));
      await expect(connect(options)[question]()).rejects.toMatchObject({
        code: 'REDIRECTED',
        status: 302,
      });
      expect(elsewhere.connections.begun).toBe(0);
    },
  );

  test('fetch: without an answer the error is coded, and an abort is told as one', async () => {
    const { options } = await asked((socket) => void socket.resetAndDestroy());
    await expect(connect(options).fetch('/x')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    const silent = await asked(() => {});
    await expect(
      connect(silent.options).fetch('/x', { signal: AbortSignal.timeout(100) }),
    ).rejects.toMatchObject({ code: 'ABORTED', cause: { name: 'TimeoutError' } });
  });
});
