import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type { JournalEntry } from '../src/index.ts';
import { get, jwtBearer, noon, orgSetting } from './org-setting.ts';
import { strangerKey } from './assertion.ts';

test('a token request is kept decoded: header, claims, outcome, steps', async () => {
  const { org, app, ask } = await orgSetting();
  await ask({ header: { kid: 'nightly' } });
  const [entry, ...more] = org.requests.list();
  expect(more).toEqual([]);
  expect(entry).toMatchObject({
    number: 1,
    time: noon,
    method: 'POST',
    path: '/services/oauth2/token',
    status: 200,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    tokenRequest: {
      parameters: { grant_type: jwtBearer, assertion: '(not kept)' },
      assertion: {
        header: { alg: 'RS256', kid: 'nightly' },
        claims: { iss: app.consumerKey, sub: 'worker@example.org', aud: org.url },
      },
      outcome: 'Success',
      explanation: undefined,
    },
  });
  expect(entry?.tokenRequest?.trace.every(({ passed }) => passed)).toBe(true);
});

test('a refusal is explained: what was sent, and what would have been taken', async () => {
  const { org, ask } = await orgSetting();
  await ask({ claims: { aud: 'https://test.salesforce.com' } });
  await ask({ key: strangerKey });
  await ask({ claims: { sub: 'nobody@example.org' } });
  const explanations = org.requests.list().map(({ tokenRequest }) => tokenRequest?.explanation);
  expect(explanations[0]).toBe(
    `aud was https://test.salesforce.com; this org accepts ${org.url} or https://login.salesforce.com`,
  );
  expect(explanations[1]).toContain('a signature by another key');
  expect(explanations[1]).toContain('accepts a signature by the key of the uploaded certificate');
  expect(explanations[2]).toContain('sub was nobody@example.org; this org accepts the username');
});

test('a call is kept with whose session it used', async () => {
  const { org, token } = await orgSetting();
  await get(org, '/services/data/v67.0/query?q=SELECT+Id+FROM+Account', await token());
  expect(org.requests.list({ path: 'query' })).toMatchObject([
    {
      method: 'GET',
      path: '/services/data/v67.0/query',
      query: { q: 'SELECT Id FROM Account' },
      headers: { authorization: 'Bearer (not kept)' },
      username: 'worker@example.org',
      status: 200,
      tokenRequest: undefined,
    },
  ]);
});

test('no secret is in the journal, wherever a client puts it', async () => {
  const { org, app, claims, post, token, ask } = await orgSetting();
  const access = await token();
  const refused: string[] = [];
  const { assertion } = await import('./assertion.ts');
  const signed = await assertion(claims());
  refused.push(access, signed, signed.split('.')[2] ?? '', app.consumerSecret, 'hunter2hunter2');
  await get(org, `/services/data/v67.0/query?q=${encodeURIComponent(access)}`, access);
  await get(org, `/services/data/${access}/${signed}?access_token=${access}&sid=${access}`);
  await get(org, `/services/oauth2/userinfo?oauth_token=${access}&password=hunter2hunter2`);
  await org.fetch(
    new Request(`${org.url}/services/data`, {
      headers: { cookie: `sid=${access}`, 'x-api-token': access, 'x-custom': `see ${signed}` },
    }),
  );
  await post({
    grant_type: jwtBearer,
    assertion: signed,
    client_secret: app.consumerSecret,
    password: 'hunter2hunter2',
    mystery: app.consumerSecret,
  });
  await post({ grant_type: signed, assertion: access, scope: access });
  await ask({ claims: { note: access }, header: { jwk: { note: signed } } });
  const kept =
    inspect(org.requests, { depth: null, showHidden: true }) + JSON.stringify(org.requests.list());
  expect(org.requests.list().length).toBeGreaterThan(6);
  for (const secret of refused) {
    expect(kept).not.toContain(secret);
    expect(kept).not.toContain(encodeURIComponent(secret));
  }
});

test('the journal is bounded, in number and in size', async () => {
  const { org, ask } = await orgSetting();
  await ask({ claims: { note: 'n'.repeat(40_000) } });
  for (let count = 0; count < 1200; count += 1) await get(org, `/services/data?n=${count}`);
  const entries = org.requests.list();
  expect(entries).toHaveLength(1000);
  expect(entries.at(-1)).toMatchObject({ number: 1201, query: { n: '1199' } });
  await get(org, `/services/data?n=${'x'.repeat(10_000)}`);
  expect(JSON.stringify(org.requests.list().at(-1)).length).toBeLessThan(2500);
  org.requests.clear();
  expect(org.requests.list()).toEqual([]);
});

test('a request that came already is waited for no longer', async () => {
  const { org, ask } = await orgSetting();
  await ask();
  expect((await org.requests.waitFor({ path: 'token' })).number).toBe(1);
});

test('waiting ends with the request that fits', async () => {
  const { org, ask, token } = await orgSetting();
  const waiting = org.requests.waitFor(
    ({ path, username }) => path.includes('/query') && username === 'worker@example.org',
  );
  const later = org.requests.waitFor({ path: 'token', status: 400, after: 1 });
  await get(org, '/services/data/v67.0/query?q=SELECT+Id+FROM+Account', await token());
  await ask({ claims: { aud: 'elsewhere' } });
  expect((await waiting).number).toBe(2);
  expect((await later).number).toBe(3);
});

test('what never comes is given up, with what came instead', async () => {
  const { org, ask } = await orgSetting();
  await ask({ claims: { aud: 'https://elsewhere.example' } });
  await expect(
    org.requests.waitFor({ path: 'query' }, { timeoutMilliseconds: 1 }),
  ).rejects.toMatchObject({
    code: 'REQUEST_NOT_SEEN',
    message: 'No request with {"path":"query"} within 1 ms',
    hints: [
      'The last that came:',
      expect.stringContaining('POST /services/oauth2/token -> 400: aud was https://elsewhere'),
    ],
  });
});

test('waiting can be called off', async () => {
  const { org } = await orgSetting();
  const controller = new AbortController();
  const waiting = org.requests.waitFor({ path: 'query' }, { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(
    org.requests.waitFor({ path: 'query' }, { signal: controller.signal }),
  ).rejects.toThrow('enough');
});

test('a listener hears of each request, until it stops listening', async () => {
  const { org } = await orgSetting();
  const heard: JournalEntry[] = [];
  const stop = org.requests.subscribe((entry) => heard.push(entry));
  await get(org, '/services/data');
  stop();
  await get(org, '/services/data');
  expect(heard.map(({ number }) => number)).toEqual([1]);
});

test('a request that met a fault says so', async () => {
  const { org } = await orgSetting();
  const { id } = org.faults.next('any', { status: 503 });
  org.faults.next('any', { reset: 'after' });
  await get(org, '/services/data');
  await expect(get(org, '/services/data')).rejects.toThrow('fetch failed');
  await get(org, '/services/data');
  expect(org.requests.list()).toMatchObject([
    { status: 503, fault: id },
    { status: undefined, fault: id + 1 },
    { status: 200, fault: undefined },
  ]);
});
