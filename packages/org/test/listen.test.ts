import { request } from 'node:http';
import { connect as openSocket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createOrg } from '../src/index.ts';
import type { Org } from '../src/index.ts';

async function listening(): Promise<Org> {
  const org = await createOrg();
  onTestFinished(() => org.close());
  return org.listen({ port: 0 });
}

interface Answer {
  status: number;
  body: string;
}

/** A request that `fetch` would not send as it is. */
function send(
  url: string,
  headers: Record<string, string>,
  body?: string,
  method = 'POST',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false }, (incoming) => {
      let text = '';
      incoming.on('data', (chunk: Buffer) => (text += chunk.toString()));
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: text }));
    });
    outgoing.on('error', reject);
    if (body !== undefined) outgoing.write(body);
    outgoing.end();
  });
}

test('the port is a free one, and the URL of the org names it', async () => {
  const org = await listening();
  expect(org.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await fetch(`${org.url}/services/data`)).status).toBe(200);
});

test.each([
  'evil.example',
  'evil.example:7523',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  '127.0.0.256',
  '127.999.999.999',
])('a request for the host %s is turned away: DNS rebinding', async (host) => {
  const { url } = await listening();
  expect((await send(`${url}/services/data`, { host }, undefined, 'GET')).status).toBe(421);
});

test.each(['localhost', 'localhost:1', '127.0.0.1:9', '[::1]:7523', 'acme.localhost'])(
  'a request for the host %s is answered',
  async (host) => {
    const { url } = await listening();
    expect((await send(`${url}/services/data`, { host }, undefined, 'GET')).status).toBe(200);
  },
);

/** The first line of the answer to a request that no client would send. */
function firstLine(url: string, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = openSocket(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', reject);
    socket.once('data', (data: Buffer) => {
      socket.destroy();
      resolve(data.toString().split('\r\n')[0] ?? '');
    });
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  });
}

test('a target in absolute form names the host too', async () => {
  const { url } = await listening();
  const get = (target: string): Promise<string> =>
    firstLine(url, [`GET ${target} HTTP/1.1`, 'host: localhost']);
  expect(await get('http://localhost/services/data')).toContain('200');
  expect(await get('http://evil.example/services/data')).toContain('421');
  expect(await get('http://localhost@evil.example/services/data')).toContain('421');
});

test('two hosts are one too many', async () => {
  const { url } = await listening();
  const lines = ['GET /services/data HTTP/1.1', 'host: localhost', 'host: localhost'];
  expect(await firstLine(url, lines)).toContain('400');
});

const form = { 'content-type': 'application/x-www-form-urlencoded' };

test.each([
  ['with its length', { 'content-length': String(1024 * 1024) }],
  ['in chunks', { 'transfer-encoding': 'chunked' }],
])('a body of 1 MB, %s, is refused', async (_name, headers) => {
  const { url } = await listening();
  const body = 'a'.repeat(1024 * 1024);
  const answer = await send(`${url}/services/oauth2/token`, { ...form, ...headers }, body);
  expect(answer.status).toBe(413);
  expect(JSON.parse(answer.body)).toMatchObject({ error: 'invalid_request' });
});

test('half a request harms nobody', async () => {
  const { url } = await listening();
  const { port } = new URL(url);
  const socket = openSocket(Number(port), '127.0.0.1');
  await new Promise((resolve) =>
    socket.write('POST /services/oauth2/token HTTP/1.1\r\nhost: localhost\r\ncontent-', resolve),
  );
  socket.destroy();
  expect((await fetch(`${url}/services/data`)).status).toBe(200);
});

test('a client that goes away in its body is not a fault of the org', async () => {
  const log = vi.spyOn(console, 'error');
  const { url } = await listening();
  const socket = openSocket(Number(new URL(url).port), '127.0.0.1');
  await new Promise((resolve) =>
    socket.write(
      [
        'POST /services/oauth2/token HTTP/1.1',
        'host: localhost',
        'content-type: application/x-www-form-urlencoded',
        'content-length: 1000',
        '',
        'grant_type=',
      ].join('\r\n'),
      resolve,
    ),
  );
  // The body is being read by the time another request is answered.
  await fetch(`${url}/services/data`);
  socket.resetAndDestroy();
  await fetch(`${url}/services/data`);
  await fetch(`${url}/services/data`);
  expect(log).not.toHaveBeenCalled();
});

test('two orgs cannot have one port, and the error says so', async () => {
  const first = await listening();
  const second = await createOrg();
  onTestFinished(() => second.close());
  await expect(second.listen({ port: Number(new URL(first.url).port) })).rejects.toMatchObject({
    code: 'PORT_UNAVAILABLE',
    message: expect.stringContaining('is taken'),
  });
});

test('many orgs live in one process, each with its own tokens', async () => {
  const [one, two] = [await listening(), await listening()];
  const token = one.openSession(one.administrator);
  const status = async (org: Org): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${org.url}/services/data/v67.0`, { headers })).status;
  };
  expect(await status(one)).toBe(200);
  expect(await status(two)).toBe(401);
});

test('the home page says where things are, and is no place for scripts', async () => {
  const org = await listening();
  const response = await fetch(org.url);
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  const page = await response.text();
  expect(page).toMatch(/^<!doctype html><html lang="en">/i);
  expect(page).toContain(`${org.url}/services/oauth2/token`);
  expect(page).toContain(org.organization.id);
});

test('the globals of the process stay as they are', async () => {
  const { Request, Response } = globalThis;
  await listening();
  expect(globalThis.Request).toBe(Request);
  expect(globalThis.Response).toBe(Response);
});
