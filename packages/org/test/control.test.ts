import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createClock, createOrg, orgErrorCodes } from '../src/index.ts';
import type { Org } from '../src/index.ts';
import { controlErrorCodes } from '../src/control/control-error.ts';
import { operations } from '../src/control/operations.ts';
import { get, noon, orgSetting } from './org-setting.ts';

const json = { 'content-type': 'application/json' };

interface Called {
  status: number;
  body: unknown;
  headers: Headers;
}

async function call(
  org: Org,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = json,
): Promise<Called> {
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await org.fetch(
    new Request(`${org.url}/_org${path}`, { method, headers, ...content }),
  );
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    body: isJson ? (JSON.parse(text) as unknown) : text,
    headers: response.headers,
  };
}

interface Description {
  openapi: string;
  paths: Record<
    string,
    Record<
      string,
      {
        operationId: string;
        responses: Record<string, { content?: Record<string, { schema: object }> }>;
      }
    >
  >;
  components: { schemas: { Error: object } };
}

async function description(org: Org): Promise<Description> {
  return (await call(org, 'GET', '/openapi.json')).body as Description;
}

async function plainOrg(): Promise<Org> {
  const org = await createOrg({ clock: createClock(() => noon) });
  onTestFinished(() => org.close());
  return org;
}

describe('the OpenAPI description', () => {
  test('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate({ ...(await description(await plainOrg())) });
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(validator.version).toBe('3.1');
  });

  test('has every operation that is served, once, under a name of its own', async () => {
    const { paths } = await description(await plainOrg());
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = operations.map(({ method, path }) => `${method} /_org${path}`);
    expect(described.toSorted()).toEqual(served.toSorted());
    const names = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(new Set(names).size).toBe(operations.length);
  });

  test('has nothing that is not served, and what it does not have is not served', async () => {
    const org = await plainOrg();
    const { paths } = await description(org);
    const query = '?timeoutMilliseconds=1';
    const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'];
    for (const [path, described] of Object.entries(paths)) {
      for (const method of methods) {
        // A body that fits nothing: what is asked here is only whether somebody answers.
        const response = await org.fetch(
          new Request(`${org.url}${path.replace('{id}', 'x')}${query}`, {
            method,
            headers: json,
            ...(method === 'GET' ? {} : { body: '{"":' }),
          }),
        );
        const isServed = response.status !== 405;
        expect([method, path, isServed]).toEqual([method, path, method.toLowerCase() in described]);
        await response.body?.cancel();
      }
    }
  }, 60_000);
});

test('every answer is as the description says', async () => {
  const { org, ask } = await orgSetting();
  await ask();
  await ask({ claims: { aud: 'elsewhere' } });
  await get(org, '/services/data');
  const { paths, components } = await description(org);
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const checked = new Set<string>();
  const check = async (method: string, path: string, body?: unknown): Promise<void> => {
    const [bare = ''] = path.split('?');
    const operation = paths[`/_org${bare.replace(/\/\d+$/, '/{id}')}`]?.[method.toLowerCase()];
    const answer = await call(org, method, path, body);
    const response = operation?.responses[String(answer.status)];
    expect([method, path, answer.status, response !== undefined]).toEqual([
      method,
      path,
      answer.status,
      true,
    ]);
    const schema = response?.content?.['application/json']?.schema;
    if (schema !== undefined) {
      const validate = ajv.compile(schema);
      validate(answer.body);
      expect([path, validate.errors ?? []]).toEqual([path, []]);
    }
    checked.add(operation?.operationId ?? '');
  };
  await check('GET', '/clock');
  await check('POST', '/clock', { advance: { minutes: 1 } });
  await check('POST', '/faults', { target: 'query', fault: { status: 503 }, every: 2 });
  await check('POST', '/faults', { target: 'any', fault: { reset: 'after' }, times: 3 });
  await check('GET', '/faults');
  await check('DELETE', '/faults/1');
  await check('DELETE', '/faults');
  await check('GET', '/requests?path=token&after=0');
  await check('GET', '/requests/wait?path=token&timeoutMilliseconds=10');
  await check('DELETE', '/requests');
  await check('POST', '/seed', {
    users: [{ username: 'x@example.org', profile: 'Standard User' }],
  });
  await check('GET', '/snapshot');
  await check('PUT', '/snapshot', org.snapshot());
  await check('POST', '/sessions', { username: 'x@example.org' });
  await check('POST', '/reset', {});
  // The other two are no JSON, and have tests of their own.
  const others = ['followRequests', 'readCertificateAuthority'];
  expect([...checked, ...others].toSorted()).toEqual(operations.map(({ name }) => name).toSorted());

  const validateError = ajv.compile(components.schemas.Error);
  const codes: readonly string[] = [...orgErrorCodes, ...controlErrorCodes];
  for (const refused of [
    await call(org, 'POST', '/clock', { advance: { fortnights: 1 } }),
    await call(org, 'POST', '/clock', {}),
    await call(org, 'POST', '/faults', { target: 'tokens', fault: { status: 500 } }),
    await call(org, 'POST', '/faults', { target: 'token', fault: {} }),
    await call(org, 'POST', '/faults', { target: 'token', fault: { status: 500 }, every: 0 }),
    await call(org, 'DELETE', '/faults/99'),
    await call(org, 'DELETE', '/faults/one'),
    await call(org, 'GET', '/requests?after=soon'),
    await call(org, 'GET', '/requests?pfad=token'),
    await call(org, 'GET', '/requests/wait?path=userinfo&timeoutMilliseconds=1'),
    await call(org, 'POST', '/seed', { users: [{ username: 'no', profile: 'Standard User' }] }),
    await call(org, 'POST', '/seed', { user: [] }),
    await call(org, 'PUT', '/snapshot', { schema: 1, organizationId: '', tables: {} }),
    await call(org, 'POST', '/sessions', { username: 'nobody@example.org' }),
    await call(org, 'GET', '/nowhere'),
    await call(org, 'GET', '/certificate-authority'),
    await call(org, 'PATCH', '/clock', {}),
  ]) {
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.status).toBeLessThan(500);
    expect([validateError(refused.body), refused.body]).toEqual([true, refused.body]);
    expect(codes).toContain((refused.body as { code: string }).code);
  }
});

test('time, over the network', async () => {
  const org = await plainOrg();
  expect((await call(org, 'POST', '/clock', { freeze: true })).body).toEqual({
    now: '2026-11-23T12:00:00.000Z',
    frozen: true,
  });
  await call(org, 'POST', '/clock', { advance: { hours: 2 } });
  expect(org.clock.now()).toBe(noon + 7_200_000);
  await call(org, 'POST', '/clock', { set: '2030-01-01T00:00:00Z' });
  expect(org.clock.now()).toBe(Date.UTC(2030, 0, 1));
  await call(org, 'POST', '/clock', { resume: true });
  expect(org.clock.frozen).toBe(false);
  expect((await call(org, 'POST', '/clock', { reset: true })).body).toMatchObject({
    now: '2026-11-23T12:00:00.000Z',
  });
});

test('a fault, over the network, that never befalls the control itself', async () => {
  const { org, ask } = await orgSetting();
  const planned = await call(org, 'POST', '/faults', {
    target: 'any',
    fault: { refusal: 'login rate exceeded' },
    every: 1,
  });
  expect(planned.body).toMatchObject({ id: 1, target: 'any', every: 1 });
  expect((await ask()).status).toBe(400);
  expect((await call(org, 'GET', '/faults')).body).toMatchObject([{ happened: 1 }]);
  expect((await call(org, 'DELETE', '/faults')).status).toBe(204);
  expect((await ask()).status).toBe(200);
  // Nor is the control part of what clients did.
  expect((await call(org, 'GET', '/requests')).body).toMatchObject([
    { path: '/services/oauth2/token' },
    { path: '/services/oauth2/token' },
  ]);
});

test('seed, reset and snapshot, over the network', async () => {
  const org = await plainOrg();
  const before = await call(org, 'GET', '/snapshot');
  const user = { username: 'worker@example.org', profile: 'Standard User' };
  expect((await call(org, 'POST', '/seed', { users: [user] })).status).toBe(204);
  const opened = await call(org, 'POST', '/sessions', { username: user.username });
  const { accessToken } = opened.body as { accessToken: string };
  expect((await get(org, '/services/data/v67.0', accessToken)).status).toBe(200);
  const reset = await call(org, 'POST', '/reset', {});
  expect(reset.body).toMatchObject({ orgId: org.organization.id, url: org.url });
  expect((await get(org, '/services/data/v67.0', accessToken)).status).toBe(401);
  const { admin } = reset.body as { admin: { username: string; accessToken: string } };
  expect(admin.username).toBe('admin@local-org.example');
  expect((await get(org, '/services/data/v67.0', admin.accessToken)).status).toBe(200);
  expect((await call(org, 'PUT', '/snapshot', before.body)).status).toBe(204);
  expect((await get(org, '/services/data/v67.0', admin.accessToken)).status).toBe(401);
});

test('a seed that comes over the network names no file', async () => {
  const org = await plainOrg();
  const app = { name: 'A', contactEmail: 'a@example.org', certificate: { file: '/etc/passwd' } };
  expect(await call(org, 'POST', '/seed', { clientApps: [app] })).toMatchObject({
    status: 400,
    body: { code: 'SEED_INVALID' },
  });
});

describe('a page in a browser cannot steer the org:', () => {
  test.each<[string, string, string, Record<string, string>, number]>([
    ['a form', 'POST', '/reset', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['a form as text', 'POST', '/reset', { 'content-type': 'text/plain' }, 415],
    ['a beacon without a type', 'POST', '/reset', {}, 415],
    ['a delete without a type', 'DELETE', '/faults', {}, 415],
    [
      'a script of another site',
      'POST',
      '/reset',
      { ...json, origin: 'https://evil.example' },
      403,
    ],
    ['a sandboxed frame', 'POST', '/reset', { ...json, origin: 'null' }, 403],
    [
      'another port of this machine',
      'POST',
      '/reset',
      { ...json, origin: 'http://127.0.0.1:1' },
      403,
    ],
    ['a link', 'GET', '/snapshot', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a neighbour by name', 'GET', '/snapshot', { 'sec-fetch-site': 'same-site' }, 403],
  ])('%s', async (_what, method, path, headers, status) => {
    const org = await plainOrg();
    const token = org.openSession(org.administrator);
    const refused = await call(org, method, path, undefined, headers);
    expect(refused.status).toBe(status);
    expect((await get(org, '/services/data/v67.0', token)).status).toBe(200);
  });

  test('no answer of it lets another site read, and none is asked to', async () => {
    const org = await plainOrg();
    const preflight = await call(org, 'OPTIONS', '/reset', undefined, {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
    });
    expect(preflight.status).toBe(403);
    for (const { headers } of [preflight, await call(org, 'GET', '/snapshot')]) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  test('a page of the org itself may', async () => {
    const org = await plainOrg();
    const headers = { ...json, origin: org.url, 'sec-fetch-site': 'same-origin' };
    expect((await call(org, 'POST', '/reset', {}, headers)).status).toBe(200);
  });
});

test.each<[string, string, string]>([
  ['no JSON', '{"advance":', 'BODY_INVALID'],
  ['no object', '[1]', 'BODY_INVALID'],
  ['a field too many', '{"resume":true,"x":1}', 'BODY_INVALID'],
])('a body with %s is refused', async (_what, body, code) => {
  const org = await plainOrg();
  const response = await org.fetch(
    new Request(`${org.url}/_org/clock`, { method: 'POST', headers: json, body }),
  );
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code });
});

async function readEvents(response: Response, count: number): Promise<string[]> {
  const events: string[] = [];
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    events.push(...parts.filter((part) => part.startsWith('event:')));
    if (events.length >= count) break;
  }
  return events;
}

test('events tell of each request on a real socket, from where the reader left off', async () => {
  const org = await plainOrg();
  await org.listen({ port: 0 });
  await fetch(`${org.url}/services/data?first`);
  const live = await fetch(`${org.url}/_org/events`);
  expect(live.headers.get('content-type')).toBe('text/event-stream');
  const reading = readEvents(live, 2);
  await fetch(`${org.url}/services/data?second`);
  await fetch(`${org.url}/services/data?third`);
  const events = await reading;
  expect(events.map((event) => /^id: (\d+)$/m.exec(event)?.[1])).toEqual(['2', '3']);
  expect(JSON.parse(/^data: (.+)$/m.exec(events[0] ?? '')?.[1] ?? '')).toMatchObject({
    number: 2,
    path: '/services/data',
    query: { second: '' },
    status: 200,
  });
  const missed = await fetch(`${org.url}/_org/events`, { headers: { 'last-event-id': '1' } });
  const again = await readEvents(missed, 2);
  expect(again.map((event) => /^id: (\d+)$/m.exec(event)?.[1])).toEqual(['2', '3']);
});

test('a reader that reads nothing does not hold the journal', async () => {
  const org = await plainOrg();
  const response = await org.fetch(new Request(`${org.url}/_org/events`));
  for (let count = 0; count < 1100; count += 1) {
    await org.fetch(new Request(`${org.url}/services/data`));
  }
  let chunks = 0;
  for await (const _ of response.body ?? []) chunks += 1;
  expect(chunks).toBeLessThan(1100);
  expect(chunks).toBeGreaterThan(900);
});

test('who waits for a request may leave', async () => {
  const org = await plainOrg();
  await org.listen({ port: 0 });
  const gone = new AbortController();
  const url = `${org.url}/_org/requests/wait?path=query&timeoutMilliseconds=60000`;
  const waiting = fetch(url, { signal: gone.signal });
  await fetch(`${org.url}/services/data`);
  gone.abort();
  await expect(waiting).rejects.toThrow('aborted');
  expect((await fetch(`${org.url}/services/data`)).status).toBe(200);
});

test('the certificate to trust is there to fetch, and is that of the server', async () => {
  const org = await plainOrg();
  await org.listen({ port: 0, tls: true });
  expect(org.url).toMatch(/^https:/);
  const { status, body } = await call(org, 'GET', '/certificate-authority');
  expect(status).toBe(200);
  expect(body).toBe(org.certificateAuthority);
  expect(body).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
});
