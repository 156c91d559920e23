import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { link, mkdir, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createBroker } from '../../src/broker/broker.ts';
import type { Caller } from '../../src/broker/caller.ts';
import { openDoor } from '../../src/broker/listen.ts';
import { ask, served } from './served-org.ts';
import type { Served } from './served-org.ts';

const secret = 'a-secret-of-the-caller-that-nobody-guesses';
const callers = [
  {
    name: 'etl',
    secrets: [{ sha256: createHash('sha256').update(secret).digest('hex') }],
    profiles: ['nightly'],
  },
];

async function port(): Promise<Served & { url: string }> {
  const all = await served({ doors: [{ port: 0 }], callers });
  return { ...all, url: all.broker.addresses[0] ?? '' };
}

const authorization = `Bearer ${secret}`;

describe('a port', () => {
  test('opens to who shows the secret of a caller', async () => {
    const { url } = await port();
    const { status } = await ask(url, '/v1/token/nightly', { headers: { authorization } });
    expect(status).toBe(200);
  });

  test.each([
    ['nothing', {}],
    ['another secret', { authorization: `Bearer ${secret}x` }],
    ['the beginning of the secret', { authorization: `Bearer ${secret.slice(0, -1)}` }],
    ['its digest', { authorization: `Bearer ${callers[0]?.secrets[0]?.sha256}` }],
    ['another scheme', { authorization: `Basic ${secret}` }],
    ['two secrets', { authorization: [`Bearer ${secret}`, 'Bearer other'] as never }],
    ['a cookie', { cookie: `authorization=Bearer ${secret}` }],
    ['ten thousand letters', { authorization: `Bearer ${'x'.repeat(10_000)}` }],
  ])('stays shut to who shows %s, whatever is asked', async (_what, headers) => {
    const { url, logins } = await port();
    for (const path of ['/v1/token/nightly', '/v1/headers/nightly', '/v1/profiles', '/metrics']) {
      const answer = await ask(url, path, { headers });
      expect([400, 401]).toContain(answer.status);
      expect(answer.body).not.toContain('00D');
    }
    const proxied = await ask(url, '/v1/proxy/nightly/services/data/v67.0/limits', { headers });
    expect([400, 401]).toContain(proxied.status);
    expect(logins()).toBe(0);
  });

  test('the secret does not work in a URL', async () => {
    const { url } = await port();
    const path = `/v1/token/nightly?access_token=${encodeURIComponent(secret)}`;
    expect((await ask(url, path)).status).toBe(401);
  });

  test.each([
    'evil.example',
    'evil.example:7524',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.1@evil.example',
    '169.254.169.254',
    '[::2]',
    'localhost:80:80',
  ])('a page that points its name at this machine is refused: Host %s', async (host) => {
    const { url, logins } = await port();
    const { status, body } = await ask(url, '/v1/token/nightly', {
      headers: { authorization, host },
    });
    expect([400, 421]).toContain(status);
    expect(body).not.toContain('00D');
    expect(logins()).toBe(0);
  });

  test.each(['localhost', '127.0.0.1:1', '[::1]:7524', 'LOCALHOST'])(
    'Host %s is this machine',
    async (host) => {
      const { url } = await port();
      const { status } = await ask(url, '/v1/profiles', { headers: { authorization, host } });
      expect(status).toBe(200);
    },
  );

  test('is on a loopback address or nowhere', async () => {
    await expect(served({ doors: [{ port: 0, host: '0.0.0.0' }], callers })).rejects.toMatchObject({
      code: 'HOST_NOT_ALLOWED',
      hints: [expect.stringContaining('127.0.0.1'), expect.any(String)],
    });
  });

  test('that is taken is told', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const taken = (other.address() as { port: number }).port;
    await expect(served({ doors: [{ port: taken }], callers })).rejects.toMatchObject({
      code: 'DOOR_UNAVAILABLE',
      message: `127.0.0.1:${taken} is taken by another process`,
    });
  });
});

/** What comes back for bytes that no HTTP library would send. */
async function raw(url: string, text: string): Promise<string> {
  const { hostname, port: number } = new URL(url);
  const socket: Socket = connect(Number(number), hostname);
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  // Who does not read on resets the connection, and the answer may be lost on the way.
  socket.on('error', (error: NodeJS.ErrnoException) => (answer ||= String(error.code)));
  socket.write(text.replaceAll('\n', '\r\n'));
  await new Promise((resolve) => socket.on('close', resolve));
  return answer;
}

describe('requests that two readers read in two ways', () => {
  test.each([
    [
      'length and chunks',
      'POST /v1/proxy/nightly/services/data HTTP/1.1\nHost: localhost\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\nGET /v1/token/nightly HTTP/1.1\n\n',
    ],
    [
      'two lengths',
      'POST /v1/proxy/nightly/services/data HTTP/1.1\nHost: localhost\nContent-Length: 5\nContent-Length: 6\n\nabcdef',
    ],
    [
      'another coding',
      'POST /v1/proxy/nightly/services/data HTTP/1.1\nHost: localhost\nTransfer-Encoding: gzip, chunked\nConnection: close\n\n0\n\n',
    ],
    [
      'two hosts',
      'GET /v1/token/nightly HTTP/1.1\nHost: localhost\nHost: evil.example\nConnection: close\n\n',
    ],
    ['no host', 'GET /v1/token/nightly HTTP/1.1\nConnection: close\n\n'],
    [
      'a bare line feed in a header',
      'GET /v1/token/nightly HTTP/1.1\r\nHost: localhost\r\nX: a\nY: b\r\n\r\n',
    ],
    ['a space before the colon', 'GET /v1/token/nightly HTTP/1.1\nHost : localhost\n\n'],
    ['another protocol', 'PRI * HTTP/2.0\n\nSM\n\n'],
    [
      'a header of 100 kB',
      `GET /v1/token/nightly HTTP/1.1\nHost: localhost\nX: ${'x'.repeat(100_000)}\n\n`,
    ],
  ])('%s is refused', async (_what, text) => {
    const { url, logins } = await port();
    const answer = await raw(url, text);
    expect(answer).toMatch(text.length > 20_000 ? /^(?:HTTP\/1\.1 431 |E)/ : /^HTTP\/1\.1 4\d\d /);
    expect(answer).not.toContain('00D');
    expect(logins()).toBe(0);
  });

  test('CONNECT makes no tunnel of it', async () => {
    const { url } = await port();
    expect(await raw(url, 'CONNECT evil.example:443 HTTP/1.1\nHost: localhost\n\n')).toBe('');
  });
});

describe('a Unix socket', () => {
  test('has the mode it is given', async () => {
    const { socket } = await served({});
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
  });

  test('stands for a caller, with its rules', async () => {
    const { socket, folder } = await served();
    expect((await ask(socket, '/v1/token/nightly')).status).toBe(200);
    const other = join(folder, 'etl.sock');
    const home = await served({
      doors: [{ socket: other, mode: '0660', caller: 'etl' }],
      callers: [{ name: 'etl', profiles: ['nightly'], permissions: ['proxy'] }],
    });
    expect(home.broker.addresses).toEqual([other]);
    expect((await stat(other)).mode & 0o777).toBe(0o660);
    expect((await ask(other, '/v1/token/nightly')).status).toBe(403);
    expect((await ask(other, '/v1/proxy/nightly/services/data')).status).toBe(200);
  });

  test('that a killed broker left behind is taken over; one that answers is not', async () => {
    const { folder, socket } = await served();
    const abandoned = join(folder, 'abandoned.sock');
    const left = createServer().listen(abandoned);
    await once(left, 'listening');
    // As after kill -9: the file stays, and nobody listens.
    await link(abandoned, join(folder, 'left.sock'));
    left.close();
    await once(left, 'close');
    const home = await served({ doors: [{ socket: join(folder, 'left.sock') }] });
    expect((await ask(home.broker.addresses[0] ?? '', '/v1/profiles')).status).toBe(200);

    await expect(served({ doors: [{ socket }] })).rejects.toMatchObject({
      code: 'DOOR_UNAVAILABLE',
      message: `${socket}: another broker listens there`,
    });
  });

  test('that was left behind is the place of one, however many start at once', async () => {
    const { folder } = await served();
    const abandoned = join(folder, 'abandoned.sock');
    const path = join(folder, 'left.sock');
    const left = createServer().listen(abandoned);
    await once(left, 'listening');
    await link(abandoned, path);
    left.close();
    await once(left, 'close');
    const broker = createBroker({ identities: new Map(), callers: [] });
    const caller: Caller = {
      name: 'etl',
      secretDigests: [],
      profiles: ['*'],
      permissions: ['token', 'proxy'],
      requests: undefined,
    };
    const started = await Promise.allSettled(
      Array.from({ length: 5 }, () => openDoor(broker, { socket: path, caller })),
    );
    const opened = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    onTestFinished(() => Promise.all(opened.map((door) => door.close())).then(() => {}));
    expect(opened).toHaveLength(1);
    expect((await ask(path, '/health/live')).status).toBe(200);
  });

  test.each([
    ['a file', (path: string) => writeFile(path, 'mine')],
    ['a folder', (path: string) => mkdir(path)],
  ])('never takes the place of %s', async (_what, make) => {
    const { folder } = await served();
    const path = join(folder, 'mine');
    await make(path);
    await expect(served({ doors: [{ socket: path }] })).rejects.toMatchObject({
      code: 'DOOR_UNAVAILABLE',
      message: `${path}: a file that is no socket is there`,
    });
  });
});
