import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ask, served } from './served-org.ts';

const secret = 'a-secret-of-the-caller-that-nobody-guesses';
const secretDigest = createHash('sha256').update(secret).digest('hex');

const digestOf = (token: unknown): string =>
  createHash('sha256').update(String(token)).digest('base64url');

test('a token over the socket, which this user alone may open', async () => {
  const { socket, org, logins } = await served();
  const { status, json, headers } = await ask(socket, '/v1/token/nightly');
  expect(status).toBe(200);
  expect(json).toMatchObject({
    tokenType: 'Bearer',
    instanceUrl: org.url,
    organizationId: org.organization.id,
  });
  expect(headers['cache-control']).toBe('no-store');
  expect((await stat(socket)).mode & 0o777).toBe(0o600);

  const again = await ask(socket, '/v1/token/nightly');
  expect(again.json['accessToken']).toBe(json['accessToken']);
  expect(logins()).toBe(1);
});

test('the only profile need not be named', async () => {
  const { socket } = await served();
  const { json } = await ask(socket, '/v1/headers');
  expect(json['headers']).toEqual({ authorization: expect.stringMatching(/^Bearer 00D/) });
  expect((await ask(socket, '/v1/profiles')).json).toEqual({ profiles: ['nightly'] });
});

test('a hundred callers at once cost one login', async () => {
  const { socket, logins } = await served();
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => ask(socket, '/v1/token/nightly')),
  );
  expect(new Set(answers.map(({ json }) => json['accessToken'])).size).toBe(1);
  expect(logins()).toBe(1);
});

test('a thousand callers that saw the token refused cost one login', async () => {
  const { socket, logins, org } = await served();
  const { json } = await ask(socket, '/v1/token/nightly');
  for (const { id } of org.sessions.list()) org.sessions.remove(id);
  const headers = { 'sfjwt-refused-token': digestOf(json['accessToken']) };
  const answers = [];
  for (let round = 0; round < 20; round += 1) {
    answers.push(
      ...(await Promise.all(
        Array.from({ length: 50 }, () => ask(socket, '/v1/token/nightly', { headers })),
      )),
    );
  }
  const renewed = new Set(answers.map((answer) => answer.json['accessToken']));
  expect(renewed.size).toBe(1);
  expect(renewed.has(json['accessToken'])).toBe(false);
  expect(logins()).toBe(2);
});

test('a digest of another token changes nothing', async () => {
  const { socket, logins } = await served();
  const { json } = await ask(socket, '/v1/token/nightly');
  for (const refused of [digestOf('another'), '', 'x'.repeat(5000)]) {
    const answer = await ask(socket, '/v1/token/nightly', {
      headers: { 'sfjwt-refused-token': refused },
    });
    expect(answer.json['accessToken']).toBe(json['accessToken']);
  }
  expect(logins()).toBe(1);
});

test('a refusal of Salesforce is told with code and hints, and readiness tells the truth', async () => {
  const { socket, org } = await served();
  expect((await ask(socket, '/health/ready')).status).toBe(200);
  org.users.setActive(org.users.get('worker@acme.example'), false);
  const { status, json } = await ask(socket, '/v1/token/nightly');
  expect(status).toBe(502);
  expect(json['code']).toBe('USER_INACTIVE');
  expect(json['hints']).not.toEqual([]);
  const ready = await ask(socket, '/health/ready');
  expect(ready.status).toBe(503);
  expect(ready.json).toEqual({ ready: false, failures: { USER_INACTIVE: 1 } });
  expect((await ask(socket, '/health/live')).status).toBe(200);
});

test('what is not there is told, and how to find out what is', async () => {
  const { socket } = await served();
  const unknown = await ask(socket, '/v1/token/weekly');
  expect([unknown.status, unknown.json['code']]).toEqual([404, 'PROFILE_UNKNOWN']);
  const route = await ask(socket, '/v2/token');
  expect([route.status, route.json['code']]).toEqual([404, 'ROUTE_UNKNOWN']);
  const method = await ask(socket, '/v1/token/nightly', { method: 'POST', body: '' });
  expect([method.status, method.json['code']]).toEqual([405, 'METHOD_UNKNOWN']);
});

test('an OAuth tool gets its token with profile and secret, in body or header', async () => {
  const { broker, org } = await served({
    doors: [{ port: 0 }],
    callers: [{ name: 'postman', secrets: [{ sha256: secretDigest }], profiles: ['nightly'] }],
  });
  const [url = ''] = broker.addresses;
  const path = '/services/oauth2/token';
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'nightly',
    client_secret: secret,
  });
  const inBody = await ask(url, path, { method: 'POST', headers, body: form.toString() });
  expect(inBody.status).toBe(200);
  expect(inBody.json).toMatchObject({ token_type: 'Bearer', instance_url: org.url });
  expect(inBody.json['expires_in']).toBeGreaterThan(800);

  const basic = Buffer.from(`nightly:${encodeURIComponent(secret)}`).toString('base64');
  const inHeader = await ask(url, path, {
    method: 'POST',
    headers: { ...headers, authorization: `Basic ${basic}` },
    body: 'grant_type=client_credentials',
  });
  expect(inHeader.json['access_token']).toBe(inBody.json['access_token']);
});

test.each([
  ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
  ['no secret', { client_secret: '' }, 401, 'invalid_client'],
  ['a profile of nobody', { client_id: 'weekly' }, 401, 'invalid_client'],
  ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
  ['no grant', { grant_type: '' }, 400, 'invalid_request'],
  ['no client', { client_id: '' }, 400, 'invalid_request'],
])(
  'an OAuth tool with %s is refused in the words of RFC 6749',
  async (_what, wrong, status, error) => {
    const { broker, logins } = await served({
      doors: [{ port: 0 }],
      callers: [{ name: 'postman', secrets: [{ sha256: secretDigest }], profiles: ['nightly'] }],
    });
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'nightly',
      client_secret: secret,
      ...wrong,
    });
    const answer = await ask(broker.addresses[0] ?? '', '/services/oauth2/token', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    });
    expect([answer.status, answer.json['error']]).toEqual([status, error]);
    expect(answer.body).not.toContain(secret);
    expect(logins()).toBe(0);
  },
);

test('an OAuth tool whose session was ended is given another token when it asks again', async () => {
  let now = Date.now();
  const clock = { now: () => now as never };
  const { socket, org } = await served({}, { clock });
  const post = {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials&client_id=nightly',
  };
  const first = await ask(socket, '/services/oauth2/token', post);
  for (const { id } of org.sessions.list()) org.sessions.remove(id);
  now += 61_000;
  const second = await ask(socket, '/services/oauth2/token', post);
  expect(second.status).toBe(200);
  expect(second.json['access_token']).not.toBe(first.json['access_token']);
});

test('metrics tell requests, logins and the state of profiles, and no secret', async () => {
  const { socket } = await served();
  const { json } = await ask(socket, '/v1/token/nightly');
  await ask(socket, '/v1/token/nobody');
  const { body, headers } = await ask(socket, '/metrics');
  expect(headers['content-type']).toContain('text/plain');
  expect(body).toContain('sfjwt_broker_logins_total{profile="nightly"} 1');
  expect(body).toContain(
    'sfjwt_broker_requests_total{action="token",caller="owner",profile="nightly",status="200"} 1',
  );
  expect(body).toContain('sfjwt_broker_profile_ready{profile="nightly"} 1');
  expect(body).not.toContain(String(json['accessToken']));
});
