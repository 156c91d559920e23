import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import {
  ClientError,
  clientErrorCodes,
  connect,
  createTransport,
  fetchTransport,
  judgeTokenResponse,
  milliseconds,
} from '../src/node.ts';
import type { ConnectOptions } from '../src/node.ts';
import { refusals } from '../src/refusals.ts';
import { privateKey } from './key-pair.ts';
import { json, startTokenEndpoint, tokenBody } from './token-endpoint.ts';
import type { Answer } from './token-endpoint.ts';

const sent = {
  tokenEndpoint: 'https://acme.my.salesforce.com/services/oauth2/token',
  clientId: '3MVG9.key',
  username: 'worker@example.org',
  audience: 'https://acme.my.salesforce.com',
};

const judge = (status: number, body: string): Promise<unknown> =>
  judgeTokenResponse({ status, headers: {}, body }, sent, milliseconds(0)).catch(
    (error: unknown) => error,
  );

const settings = { clientId: 'a', username: 'b', privateKey } satisfies ConnectOptions;

const transports = {
  'node:http': createTransport,
  fetch: () => fetchTransport((request) => fetch(request)),
};

/** What the endpoint does -> the code that the caller gets, over either transport. */
const faults: readonly (readonly [string, Answer, string])[] = [
  [
    '503 with a page',
    (r) => r.writeHead(503).end('<html>Down for maintenance</html>'),
    'SERVER_ERROR',
  ],
  ['200 with a page', (r) => r.writeHead(200).end('<html>Log in</html>'), 'RESPONSE_HTML'],
  ['200 with text', (r) => r.writeHead(200).end('Welcome'), 'RESPONSE_NOT_JSON'],
  [
    'a token sent as a page',
    (r, _q, url) => r.writeHead(200, { 'content-type': 'text/html' }).end(tokenBody(url)),
    'RESPONSE_WRONG_TYPE',
  ],
  [
    'a proxy that wants a password',
    (r) => r.writeHead(403, { 'proxy-authenticate': 'Basic' }).end('<html>Proxy</html>'),
    'PROXY_PAGE',
  ],
  [
    'the page of a proxy',
    (r) => r.writeHead(503, { 'x-squid-error': 'ERR_CONNECT_FAIL 111' }).end('<html>Squid</html>'),
    'PROXY_PAGE',
  ],
  ['500 and nothing', (r) => r.writeHead(500).end(), 'SERVER_ERROR'],
  ['429', (r) => json(r, 429, '{}'), 'SERVER_ERROR'],
  ['200 and nothing', (r) => r.writeHead(200).end(), 'RESPONSE_EMPTY'],
  ['a redirect', (r) => r.writeHead(302, { location: '/elsewhere' }).end(), 'REDIRECTED'],
  ['a list', (r) => json(r, 200, '[]'), 'RESPONSE_INVALID'],
  ['an empty object', (r) => json(r, 200, '{}'), 'RESPONSE_INVALID'],
  [
    'truncated JSON',
    (r, _q, url) => json(r, 200, tokenBody(url).slice(0, 60)),
    'RESPONSE_TRUNCATED',
  ],
  [
    'no end',
    (r) => json(r, 200, `{"access_token":"${'a'.repeat(100_000)}"}`),
    'RESPONSE_TOO_LARGE',
  ],
  ['a reset', (r) => r.socket?.resetAndDestroy(), 'CONNECTION_LOST'],
  [
    'half an answer',
    (r) => {
      r.writeHead(200, { 'content-length': 1000 }).write('{"access_token":');
      setImmediate(() => r.destroy());
    },
    'CONNECTION_LOST',
  ],
  ['silence', () => {}, 'TIMED_OUT'],
];

for (const [name, newTransport] of Object.entries(transports)) {
  test.each(faults)(`over ${name}: %s`, async (_fault, answer, code) => {
    const { url } = await startTokenEndpoint(answer);
    const transport = newTransport();
    const salesforce = connect({
      ...settings,
      loginUrl: url,
      transport,
      timeoutMilliseconds: 300,
      maximumTries: 1,
    });
    await expect(salesforce.token()).rejects.toMatchObject({ name: 'ClientError', code });
    transport.close();
  });

  test(`over ${name}: nobody listens`, async () => {
    const server = createServer();
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

  test(`over ${name}: no TLS where https was asked for`, async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
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
}

const good = {
  access_token: '00DLOCAL!secret',
  scope: 'api',
  instance_url: 'https://acme.my.salesforce.com',
  id: 'https://login.salesforce.com/id/00DLOCAL0000001EAA/005LOCAL0000001EAA',
  token_type: 'Bearer',
};

test('a 407 is told for what it is', async () => {
  // `fetch` hides it (Fetch standard, HTTP-network-or-cache fetch), so over node:http alone.
  const { url } = await startTokenEndpoint((r) => r.writeHead(407).end());
  await expect(connect({ ...settings, loginUrl: url }).token()).rejects.toMatchObject({
    code: 'PROXY_PAGE',
    status: 407,
  });
});

test('the five fields become an access token', async () => {
  expect(await judge(200, JSON.stringify(good))).toMatchObject({
    value: '00DLOCAL!secret',
    instanceUrl: 'https://acme.my.salesforce.com',
    scopes: ['api'],
    organizationId: '00DLOCAL0000001EAA',
    userId: '005LOCAL0000001EAA',
  });
});

test.each([
  ['no token', { access_token: undefined }],
  ['an empty token', { access_token: '' }],
  ['a token that is no text', { access_token: 7 }],
  ['a token that would break a header', { access_token: 'a\r\nx: y' }],
  ['another token type', { token_type: 'mac' }],
  ['no instance URL', { instance_url: undefined }],
  ['an instance URL that is none', { instance_url: 'acme' }],
])('refuses a 200 with %s', async (_name, change) => {
  expect(await judge(200, JSON.stringify({ ...good, ...change }))).toMatchObject({
    code: 'RESPONSE_INVALID',
  });
});

test('an instance URL without TLS is refused', async () => {
  const body = JSON.stringify({ ...good, instance_url: 'http://acme.my.salesforce.com' });
  expect(await judge(200, body)).toMatchObject({ code: 'INSECURE_URL' });
});

test.each([
  ['invalid_grant', "user hasn't approved this consumer", 'USER_NOT_APPROVED', false],
  [
    'invalid_app_access',
    'user is not admin approved to access this app',
    'USER_NOT_ADMIN_APPROVED',
    false,
  ],
  ['invalid_grant', 'invalid assertion', 'ASSERTION_INVALID', false],
  ['invalid_grant', 'audience is invalid', 'AUDIENCE_INVALID', false],
  ['invalid_grant', 'Audience validation failed', 'AUDIENCE_INVALID', false],
  ['invalid_grant', 'expired authorization code', 'ASSERTION_EXPIRED', false],
  ['invalid_client_id', 'client identifier invalid', 'CLIENT_ID_UNKNOWN', false],
  [
    'app_not_found',
    'External client app is not installed in this org',
    'CLIENT_APP_NOT_FOUND',
    false,
  ],
  ['invalid_grant', 'ip restricted', 'IP_RESTRICTED', false],
  ['invalid_grant', 'login rate exceeded', 'LOGIN_RATE_EXCEEDED', true],
  ['invalid_grant', 'no valid scopes defined', 'SCOPES_MISSING', false],
  ['unsupported_grant_type', 'grant type not supported', 'GRANT_TYPE_UNSUPPORTED', false],
  ['invalid_request', 'scope parameter not supported', 'SCOPE_NOT_SUPPORTED', false],
  ['inactive_user', 'user is inactive', 'USER_INACTIVE', false],
  ['inactive_org', 'organization is locked, closed, or suspended', 'ORG_INACTIVE', false],
  ['unknown_error', 'retry your request', 'SALESFORCE_BUSY', true],
  ['invalid_grant', 'something never seen before', 'REFUSED', false],
])('%s / %s -> %s', async (error, errorDescription, code, transient) => {
  const refusal = await judge(400, JSON.stringify({ error, error_description: errorDescription }));
  expect(refusal).toMatchObject({ code, error, errorDescription, transient, status: 400 });
  expect((refusal as ClientError).message).toContain(errorDescription);
  expect((refusal as ClientError).hints.join('\n')).toContain(`aud ${sent.audience}`);
});

test('every refusal of the catalogue has hints and a code of the closed list', () => {
  for (const { code, hints, meaning } of refusals) {
    expect(clientErrorCodes).toContain(code);
    expect(hints.length, code).toBeGreaterThan(0);
    expect(meaning).toMatch(/^[A-Z].*[^.]$/);
  }
});

test('whatever comes back: a token or a coded error, and never an echo of the body', async () => {
  const secret = 'S3CRETS3CRET';
  const anyBody = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({ access_token: fc.constant(secret), instance_url: fc.string() })
      .map((b) => JSON.stringify(b)),
    fc
      .record({ error: fc.anything(), error_description: fc.anything() })
      .map((b) => JSON.stringify(b)),
    fc.string().map((text) => `{"access_token":"${secret}${text}`),
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 100, max: 599 }), anyBody, async (status, body) => {
      const verdict = await judge(status, body);
      if (verdict instanceof ClientError) {
        expect(clientErrorCodes).toContain(verdict.code);
        expect(inspect(verdict, { depth: null })).not.toContain(secret);
      } else {
        expect(status).toBe(200);
        expect(verdict).toHaveProperty('instanceUrl');
      }
    }),
    { numRuns: 2000 },
  );
});
