import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ClientError,
  clientErrorCodes,
  connect,
  judgeTokenResponse,
  milliseconds,
} from '../src/node.ts';
import type { ConnectOptions } from '../src/node.ts';
import { refusals } from '../src/refusals.ts';
import { privateKey } from './key-pair.ts';
import { startTokenEndpoint } from './token-endpoint.ts';

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
  ['an instance URL of a file', { instance_url: 'file:///etc/passwd' }],
  ['an instance URL of script', { instance_url: 'javascript:alert(1)' }],
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
