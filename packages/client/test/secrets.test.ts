/**
 * Nothing that a program would log holds a secret: every failure, event and connection is turned
 * inside out, and the host does its best to get a secret in.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AccessToken, connect, createTransport, fetchTransport } from '../src/node.ts';
import type { ClientEvent, ConnectOptions, TokenStore, Transport } from '../src/node.ts';
import { createAuthority } from './authority.ts';
import { answer, startFaultServer } from './fault-server.ts';
import type { Fault } from './fault-server.ts';
import { pkcs8, privateKey } from './key-pair.ts';

const token = '00DLOCAL0000001!S3CRET.token.of.the.org';
const passphrase = 'S3CRET-passphrase';
const consumerSecret = 'S3CRET-consumer';
const proxyPassword = 'S3CRET-proxy';
const lockedKey = String(
  privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }),
);
const jwk = privateKey.export({ format: 'jwk' });

/** Every text that must not be seen, but for the assertion: that one is new each time. */
const secrets: readonly string[] = [
  token,
  passphrase,
  consumerSecret,
  proxyPassword,
  ...[pkcs8, lockedKey].flatMap((pem) => pem.split('\n').filter((line) => line.length === 64)),
  ...[jwk.d, jwk.p, jwk.q].map((number) => number ?? ''),
].flatMap((secret) => [secret, encodeURIComponent(secret)]);

/** All that can be reached from a value: hidden, symbolic, in prototypes' place, in bytes. */
function* texts(value: unknown, seen = new Set<unknown>()): Generator<string> {
  if (typeof value === 'string') yield value;
  if (typeof value === 'symbol') yield value.description ?? '';
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return;
  if (seen.has(value)) return;
  seen.add(value);
  if (value instanceof Uint8Array) {
    yield Buffer.from(value).toString('latin1');
    return;
  }
  if (value instanceof Map) for (const entry of value) yield* texts(entry, seen);
  if (value instanceof Set) for (const entry of value) yield* texts(entry, seen);
  for (const key of Reflect.ownKeys(value)) {
    yield* texts(key, seen);
    const property = Object.getOwnPropertyDescriptor(value, key);
    yield* texts(property?.get === undefined ? property?.value : property.get.call(value), seen);
  }
  // What inherits nothing of the language's own is a class of ours or of Node's.
  if (value instanceof Error) yield* texts(value.cause, seen);
}

/** Each way in which a program shows a value. */
function shown(value: unknown): string[] {
  return [
    ...texts(value),
    inspect(value, { depth: null, showHidden: true, getters: true, maxStringLength: null }),
    inspect(value, { showProxy: true }),
    JSON.stringify(value) ?? '',
    JSON.stringify(value, value instanceof Error ? Object.getOwnPropertyNames(value) : null) ?? '',
    String(value),
    value instanceof Error ? (value.stack ?? '') : '',
  ];
}

function expectNoSecret(values: readonly unknown[], assertions: readonly string[]): void {
  const all = [...values, values].flatMap(shown).join('\n');
  const forbidden = [
    ...secrets,
    ...assertions.flatMap((assertion) => [assertion, assertion.split('.')[2] ?? assertion]),
  ];
  for (const secret of forbidden) {
    expect(secret.length).toBeGreaterThan(10);
    const at = all.indexOf(secret);
    expect(at === -1 ? '' : all.slice(Math.max(0, at - 200), at + secret.length)).toBe('');
  }
  // Bytes that are printed as numbers.
  expect(all).not.toContain(Buffer.from(token).toString('hex'));
  expect(all.replaceAll(' ', '')).not.toContain(Buffer.from(token).toString('hex'));
}

test('the walk finds what is hidden, or it would prove nothing', () => {
  const hidden = Object.defineProperty(new Error('x'), 'deep', {
    value: new Map([[{}, { list: [Buffer.from(token)] }]]),
    enumerable: false,
  });
  const layers: unknown[] = [
    hidden,
    new Error('x', { cause: new AggregateError([new Error(token)]) }),
    { [Symbol(token)]: 1 },
    {
      get late() {
        return token;
      },
    },
    { a: { b: { c: { d: { e: { f: consumerSecret } } } } } },
  ];
  for (const layer of layers) expect(() => expectNoSecret([layer], [])).toThrow(/to be ''/);
  expect(() =>
    expectNoSecret([{ text: 'an.assertion.signature' }], ['x.y.another-signature']),
  ).not.toThrow();
});

const json = { 'content-type': 'application/json' };
const transports: Readonly<Record<string, () => Transport>> = {
  'node:http': createTransport,
  fetch: () => fetchTransport((sent, init) => fetch(sent, init)),
};

const good = (url: string, more: object = {}): string =>
  JSON.stringify({
    access_token: token,
    instance_url: url,
    id: `${url}/id/00DLOCAL0000001EAA/005LOCAL0000001EAA`,
    token_type: 'Bearer',
    scope: 'api',
    ...more,
  });

/** What a host says that knows the assertion and a token, and wants both in a log. */
type Betrayal = (assertion: string, url: string) => string | Buffer;

const betrayals: readonly (readonly [string, Betrayal])[] = [
  [
    'the assertion as description',
    (a) =>
      answer(
        400,
        json,
        JSON.stringify({ error: 'invalid_grant', error_description: `bad ${a} here` }),
      ),
  ],
  ['the assertion as error', (a) => answer(400, json, JSON.stringify({ error: a }))],
  [
    'the token as description',
    () =>
      answer(
        400,
        json,
        JSON.stringify({ error: 'invalid_grant', error_description: `ip restricted ${token}` }),
      ),
  ],
  [
    'the token in percent signs',
    () =>
      answer(
        400,
        json,
        JSON.stringify({
          error: 'x',
          error_description: encodeURIComponent(token).replace('!', '%21'),
        }),
      ),
  ],
  [
    'the whole request as a page',
    (a) => answer(400, { 'content-type': 'text/html' }, `<html>${a} ${token}</html>`),
  ],
  ['the whole request as text', (a) => answer(200, {}, `${a} ${token}`)],
  ['both in 503', (a) => answer(503, {}, `${a} ${token}`)],
  ['JSON that stops', (_a, url) => answer(200, json, good(url).slice(0, -5))],
  ['JSON that goes wrong after the token', (_a, url) => answer(200, json, `${good(url)}}`)],
  [
    'a token of another type',
    (_a, url) => answer(200, json, good(url, { token_type: `mac ${token}` })),
  ],
  [
    'a token without an instance',
    (_a, url) => answer(200, json, good(url, { instance_url: token })),
  ],
  [
    'an instance without TLS',
    (_a, url) => answer(200, json, good(url, { instance_url: `http://a.example/?${token}` })),
  ],
  [
    'a token that breaks a header',
    (_a, url) => answer(200, json, good(url, { access_token: `${token}\r\n` })),
  ],
  ['a token as another type', (_a, url) => answer(200, { 'content-type': 'text/html' }, good(url))],
  [
    'a redirect with both',
    (a) => answer(302, { location: `https://evil.example/?${a}&${token}` }, ''),
  ],
  ['both in a broken header', (a) => `HTTP/1.1 200 OK\r\nx\0: ${a} ${token}\r\n\r\n`],
  [
    'a token and a broken chunk',
    (_a, url) =>
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${good(url).length.toString(16)}\r\n${good(url)}\r\nzz\r\n`,
  ],
  ['both instead of HTTP', (a) => `${a} ${token}`],
  [
    'a token, and less than was told',
    (_a, url) => `HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n${good(url)}`,
  ],
  ['a token in too much', (_a, url) => answer(200, json, good(url) + ' '.repeat(100_000))],
  ['both in the reason', (a) => `HTTP/1.1 400 ${a} ${token}\r\ncontent-length: 0\r\n\r\n`],
  [
    'both in a redirect without place',
    (a) => `HTTP/1.1 302 ${a} ${token}\r\ncontent-length: 0\r\n\r\n`,
  ],
];

/** Assertions that a server was sent. */
const assertionsIn = (requests: readonly string[]): string[] =>
  requests.flatMap((request) => /assertion=([\w.-]+)/.exec(request)?.[1] ?? []);

describe.each(Object.entries(transports))('over %s', (_name, newTransport) => {
  test.each(betrayals)('a host that answers with %s', async (_betrayal, betray) => {
    const server = await startFaultServer((socket, url) => {
      socket.end(betray(assertionsIn(server.requests).at(-1) ?? '', url));
    });
    const events: ClientEvent[] = [];
    const transport = newTransport();
    const salesforce = connect({
      clientId: '3MVG9.key',
      username: 'worker@example.org',
      privateKey: lockedKey,
      passphrase,
      clientSecret: consumerSecret,
      loginUrl: server.url,
      transport,
      maximumTries: 1,
      onEvent: (event) => events.push(event),
    });
    const failure: unknown = await salesforce.token().catch((error: unknown) => error);
    expect(failure).toHaveProperty('code');
    expect(assertionsIn(server.requests)).toHaveLength(1);
    expectNoSecret([failure, events, salesforce, transport], assertionsIn(server.requests));
    transport.close();
  });
});

/** Signs in, and answers everything after it as told. */
async function signedIn(fault: Fault, change: Partial<ConnectOptions> = {}) {
  const server = await startFaultServer((socket, url) => {
    if (server.requests.at(-1)?.includes('/services/oauth2/token ') === true) {
      socket.write(answer(200, json, good(url)));
    } else fault(socket, url);
  });
  const events: ClientEvent[] = [];
  const salesforce = connect({
    clientId: '3MVG9.key',
    username: 'worker@example.org',
    privateKey: pkcs8,
    clientSecret: consumerSecret,
    loginUrl: server.url,
    maximumTries: 1,
    onEvent: (event) => events.push(event),
    ...change,
  });
  onTestFinished(() => salesforce.close());
  return { server, events, salesforce };
}

const echo =
  (status: number, type: string): Fault =>
  (socket) =>
    void socket.end(
      answer(status, { 'content-type': type }, `[{"message":"${token} ${consumerSecret}"`),
    );

test.each<readonly [string, Fault]>([
  [
    'a REST error with the token',
    (socket) =>
      void socket.end(
        answer(
          401,
          json,
          JSON.stringify([{ errorCode: 'INVALID_SESSION_ID', message: `${token} has expired` }]),
        ),
      ),
  ],
  [
    'an OAuth error with the token',
    (socket) =>
      void socket.end(
        answer(400, json, JSON.stringify({ error: token, error_description: token })),
      ),
  ],
  [
    'a page with the token',
    (socket) => void socket.end(answer(500, {}, `<error>${token}</error>`)),
  ],
  ['text with the token', (socket) => void socket.end(answer(403, {}, `Bad_OAuth_Token ${token}`))],
  [
    'broken HTTP with the token',
    (socket) => void socket.end(`HTTP/1.1 200 OK\r\nx\0: ${token}\r\n\r\n`),
  ],
  ['nothing at all', (socket) => void socket.resetAndDestroy()],
])('a session whose API answers with %s', async (_fault, fault) => {
  const { server, events, salesforce } = await signedIn(fault);
  const held = await salesforce.token();
  const failures = await Promise.all(
    [
      salesforce.userinfo(),
      salesforce.identity(),
      salesforce.introspect(),
      salesforce.revoke(),
    ].map((call) =>
      call.then(
        () => 'no failure',
        (error: unknown) => error,
      ),
    ),
  );
  for (const failure of failures) expect(failure).toHaveProperty('code');
  expectNoSecret([failures, events, salesforce, held], assertionsIn(server.requests));
});

test('introspection that is refused with what it was sent', async () => {
  const { events, salesforce, server } = await signedIn(echo(401, 'application/json'));
  const failure: unknown = await salesforce.introspect().catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'CLIENT_SECRET_WRONG' });
  expectNoSecret([failure, events], assertionsIn(server.requests));
});

test('a request to another origin, and a request that is none', async () => {
  const { salesforce, server, events } = await signedIn(echo(200, 'text/plain'));
  const failures = await Promise.all(
    ['https://evil.example/', 'http://['].map((url) =>
      salesforce.fetch(url).then(
        () => 'no failure',
        (error: unknown) => error,
      ),
    ),
  );
  for (const failure of failures) expect(failure).toHaveProperty('code');
  expectNoSecret([failures, events], assertionsIn(server.requests));
});

test('a store that complains of what it was given', async () => {
  const complain = (held: AccessToken): Promise<never> =>
    Promise.reject(new Error(`SET ${held.value}: out of memory`));
  const store: TokenStore = {
    get: () => Promise.reject(new Error('GET')),
    set: (_key, held) => complain(held),
    remove: (_key, held) => complain(held),
  };
  const { salesforce, events, server } = await signedIn(echo(401, 'text/plain'), { store });
  const held = await salesforce.token();
  expect(events).toContainEqual({
    type: 'warning',
    message: expect.stringMatching(/failed to set/),
  });
  expectNoSecret([events, held], assertionsIn(server.requests));
});

describe('keys that are refused', () => {
  const cases: readonly (readonly [string, Partial<ConnectOptions>])[] = [
    ['a wrong passphrase', { privateKey: lockedKey, passphrase: `${passphrase}?` }],
    ['a damaged key', { privateKey: pkcs8.replace(/\n.{64}\n/, '\n') }],
    [
      'a damaged key that is locked',
      { privateKey: lockedKey.replace(/\n.{64}\n/, '\n'), passphrase },
    ],
    ['half of a key', { privateKey: pkcs8.slice(0, 800) }],
    ['a key in a sentence', { privateKey: `the key is ${pkcs8.replaceAll('-', '')}` }],
    ['a JWK without an end', { privateKey: JSON.stringify(jwk).slice(0, -4) }],
    ['a JWK with numbers of another', { privateKey: { ...jwk, n: jwk.dp } }],
    ['a token', { privateKey: token }],
    [
      'a signer that fails',
      {
        signer: { algorithm: 'RS256', sign: () => Promise.reject(new Error('the KMS is away')) },
      },
    ],
  ];

  test.each(cases)('%s', async (_case, change) => {
    const events: ClientEvent[] = [];
    const salesforce = connect({
      clientId: '3MVG9.key',
      username: 'worker@example.org',
      loginUrl: 'http://127.0.0.1:1',
      ...change,
      onEvent: (event) => events.push(event),
    });
    const failure: unknown = await salesforce.token().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: expect.stringMatching(/^(?:KEY|SIGNER)_/) });
    expectNoSecret([failure, events, salesforce], []);
  });

  test('a file that holds a damaged key', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sfjwt-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const privateKeyFile = join(directory, 'salesforce.key');
    await writeFile(privateKeyFile, pkcs8.replace(/\n.{64}\n/, '\n'), { mode: 0o600 });
    const failure: unknown = await connect({
      clientId: '3MVG9.key',
      username: 'worker@example.org',
      loginUrl: 'http://127.0.0.1:1',
      privateKeyFile,
    })
      .token()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: expect.stringMatching(/^KEY_/) });
    expectNoSecret([failure], []);
  });
});

test.each([
  ['away', (port: number) => `http://me:${proxyPassword}@127.0.0.1:${port}`, 1],
  ['no proxy', (port: number) => `http://me:${proxyPassword}@127.0.0.1:${port}`, undefined],
])('a proxy that is %s', async (_fault, address, at) => {
  const server = await startFaultServer((socket) => void socket.end(`${proxyPassword}\r\n`), {
    tls: await createAuthority('127.0.0.1'),
  });
  const events: ClientEvent[] = [];
  const salesforce = connect({
    clientId: '3MVG9.key',
    username: 'worker@example.org',
    privateKey: pkcs8,
    loginUrl: 'https://127.0.0.1:9',
    proxy: address(at ?? Number(new URL(server.url).port)),
    timeoutMilliseconds: 1000,
    maximumTries: 1,
    onEvent: (event) => events.push(event),
  });
  const failures = await Promise.all(
    [salesforce.token(), salesforce.fetch('/x')].map((call) =>
      call.then(
        () => 'no failure',
        (error: unknown) => error,
      ),
    ),
  );
  for (const failure of failures) expect(failure).toHaveProperty('code');
  expectNoSecret([failures, events, salesforce], []);
});

test('settings that are refused', () => {
  const wrong: readonly Partial<Record<keyof ConnectOptions | 'secret', unknown>>[] = [
    { loginUrl: `https://me:${consumerSecret}@acme.my.salesforce.com` },
    { loginUrl: `ftp://acme/?sid=${token}` },
    { loginUrl: `https://[?sid=${token}` },
    { loginUrl: 'https://acme.my.salesforce.com', privateKey: pkcs8, privateKeyFile: 'x' },
    { loginUrl: 'https://acme.my.salesforce.com', privateKey: pkcs8, secret: consumerSecret },
    { loginUrl: 'https://acme.my.salesforce.com', proxy: `socks5://me:${proxyPassword}@proxy` },
    { loginUrl: 'https://acme.my.salesforce.com', username: { [consumerSecret]: 1 } },
  ];
  for (const change of wrong) {
    let failure: unknown;
    try {
      connect({ clientId: 'a', username: 'b', privateKey: pkcs8, ...change } as ConnectOptions);
    } catch (error) {
      failure = error;
    }
    expect(failure).toHaveProperty('code');
    expectNoSecret([failure], []);
  }
});

test('a token shows its value to whoever asks for it by name, and to nobody else', () => {
  const held = new AccessToken({
    value: token,
    instanceUrl: 'https://acme.my.salesforce.com',
    scopes: ['api'],
    organizationId: undefined,
    userId: undefined,
    identityUrl: undefined,
    receivedAt: 0 as never,
  });
  expect(held.value).toBe(token);
  expectNoSecret([held, { held }, [held], new Map([['held', held]])], []);
  expect(`${held.toString()}${Object.entries(held).join()}`).not.toContain(token);
});
