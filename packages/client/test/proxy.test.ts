import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect as connectSocket } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { connect } from '../src/node.ts';
import type { ConnectOptions } from '../src/node.ts';
import { proxyFor } from '../src/transport/proxy.ts';
import { createAuthority } from './authority.ts';
import { privateKey } from './key-pair.ts';
import { tokenBody } from './token-endpoint.ts';

afterEach(() => vi.unstubAllEnvs());

const authority = await createAuthority('127.0.0.1');

async function listen(server: Server & { closeAllConnections?(): void }): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections?.();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

interface Setting {
  options: ConnectOptions;
  seen: string[];
}

/** An org behind TLS whose certificate only we know. */
async function startOrg(): Promise<Setting> {
  const seen: string[] = [];
  const server = createHttpsServer(
    { key: authority.key, cert: authority.certificate },
    (request, response) => {
      const url = `https://${request.headers.host ?? ''}`;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
        if (request.url === '/services/oauth2/token') {
          response.setHeader('content-type', 'application/json').end(tokenBody(url));
        } else if (request.url === '/zipped') {
          response.setHeader('content-encoding', 'gzip').end(gzipSync('a long answer'));
        } else if (request.url === '/nothing') response.writeHead(204).end();
        else if (request.url === '/moved') {
          response.writeHead(302, { location: 'https://evil.example/' }).end();
        } else response.end(Buffer.concat(chunks));
      });
    },
  );
  const port = await listen(server);
  const options = {
    clientId: '3MVG9.key',
    username: 'worker@example.org',
    privateKey,
    loginUrl: `https://127.0.0.1:${port}`,
    ca: authority.certificate,
    maximumTries: 1,
  };
  return { options, seen };
}

interface Proxy {
  url: string;
  /** `CONNECT` targets and the credentials that came with them. */
  tunnels: [string, string | undefined][];
}

async function startProxy(status = 200): Promise<Proxy> {
  const tunnels: Proxy['tunnels'] = [];
  const server = createHttpServer();
  server.on('connect', (request, socket) => {
    tunnels.push([request.url ?? '', request.headers['proxy-authorization']]);
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const target = connectSocket(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('error', () => target.destroy());
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, tunnels };
}

test('a certificate that is not trusted is told as interception, and the option ca mends it', async () => {
  const { options } = await startOrg();
  const { ca: _ca, ...untrusting } = options;
  await expect(connect(untrusting).token()).rejects.toMatchObject({
    code: expect.stringMatching(/^TLS_(INTERCEPTED|FAILED)$/),
    hints: expect.arrayContaining([expect.any(String)]),
  });
  await using salesforce = connect(options);
  await expect(salesforce.token()).resolves.toBeDefined();
});

test('token requests and API requests go through the proxy', async () => {
  const { options, seen } = await startOrg();
  const proxy = await startProxy();
  vi.stubEnv('HTTPS_PROXY', proxy.url.replace('//', '//me:p%40ss@'));
  await using salesforce = connect(options);
  const response = await salesforce.fetch('/echo', { method: 'POST', body: 'there and back' });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('there and back');
  expect(seen).toEqual(['POST /services/oauth2/token', 'POST /echo']);
  const target = new URL(options.loginUrl ?? '').host;
  const credentials = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
  expect(proxy.tunnels[0]).toEqual([target, credentials]);
  // The connection is kept alive: a second request needs no second tunnel of its kind.
  const before = proxy.tunnels.length;
  await (await salesforce.fetch('/again')).text();
  expect(proxy.tunnels).toHaveLength(before);
});

test('what fetch can do, it can do through a proxy', async () => {
  const { options } = await startOrg();
  const { url: proxy } = await startProxy();
  await using salesforce = connect({ ...options, proxy });
  expect(await (await salesforce.fetch('/zipped')).text()).toBe('a long answer');
  expect((await salesforce.fetch('/nothing')).status).toBe(204);
  const moved = await salesforce.fetch('/moved');
  expect([moved.status, moved.headers.get('location')]).toEqual([302, 'https://evil.example/']);
  const controller = new AbortController();
  controller.abort(new Error('enough'));
  await expect(salesforce.fetch('/echo', { signal: controller.signal })).rejects.toThrow();
});

test.each([
  [407, 'PROXY_REFUSED', /user and password/],
  [403, 'PROXY_REFUSED', /allow this host/],
  [502, 'PROXY_REFUSED', /allow this host/],
])('a proxy that answers %i is told', async (status, code, hint) => {
  const { options, seen } = await startOrg();
  const { url } = await startProxy(status);
  const proxy = url.replace('//', '//me:S3CRET@');
  const error: unknown = await connect({ ...options, proxy })
    .token()
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code, status, hints: [expect.stringMatching(hint)] });
  expect(inspect(error, { depth: null })).not.toContain('S3CRET');
  expect(seen).toEqual([]);
});

test('a proxy that is away is told, and its password is not', async () => {
  const { options } = await startOrg();
  const proxy = 'http://me:S3CRET@127.0.0.1:1';
  const error: unknown = await connect({ ...options, proxy })
    .token()
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'PROXY_UNREACHABLE' });
  expect(inspect(error, { depth: null })).not.toContain('S3CRET');
});

test('NO_PROXY and proxy: null keep the straight way', async () => {
  const { options } = await startOrg();
  vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1');
  await expect(connect({ ...options, proxy: null }).token()).resolves.toBeDefined();
  vi.stubEnv('NO_PROXY', 'example.com, 127.0.0.1');
  await expect(connect(options).token()).resolves.toBeDefined();
});

const acme = new URL('https://acme.my.salesforce.com/x');

test.each([
  [{}, undefined],
  [{ HTTPS_PROXY: 'http://proxy:3128' }, 'http://proxy:3128/'],
  [{ https_proxy: 'proxy:3128' }, 'http://proxy:3128/'],
  [{ HTTPS_PROXY: ' ' }, undefined],
  [{ HTTPS_PROXY: 'http://proxy', NO_PROXY: '*' }, undefined],
  [{ HTTPS_PROXY: 'http://proxy', NO_PROXY: 'salesforce.com' }, undefined],
  [{ HTTPS_PROXY: 'http://proxy', NO_PROXY: '.my.salesforce.com:443' }, undefined],
  [{ HTTPS_PROXY: 'http://proxy', no_proxy: '*.SALESFORCE.com' }, undefined],
  [{ HTTPS_PROXY: 'http://proxy', NO_PROXY: 'salesforce.com:8443' }, 'http://proxy/'],
  [{ HTTPS_PROXY: 'http://proxy', NO_PROXY: 'force.com' }, 'http://proxy/'],
])('%j -> %s', (environment, proxy) => {
  expect(proxyFor(acme, undefined, environment)?.href).toBe(proxy);
  expect(proxyFor(new URL('http://127.0.0.1:7523'), undefined, environment)).toBeUndefined();
});

test('a proxy that is no URL is refused without quoting it', () => {
  expect(() => proxyFor(acme, 'socks5://me:S3CRET@proxy', {})).toThrowError(
    expect.objectContaining({
      code: 'SETTING_INVALID',
      message: expect.not.stringContaining('S3CRET'),
    }),
  );
});
