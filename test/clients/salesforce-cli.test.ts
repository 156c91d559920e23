/** The Salesforce CLI, unmodified, against the local org: from its login to its logout. */

import { expect } from 'vitest';
import { endSessions, foreignKey, nobody, outsider, worker } from './local-org.ts';
import { stage, tested } from './salesforce-cli.ts';
import { salesforceCli } from './tried.ts';

const done = (result: unknown) => ({
  code: 0,
  said: expect.objectContaining({ status: 0, result }) as unknown,
});

tested('logs in over https, shows, reads, writes, logs out', async () => {
  const { org, surroundings, sf, local, login, passed } = await stage('https');
  const result = { username: worker, orgId: org.organization.id, instanceUrl: org.url };
  expect(await login()).toEqual(done(expect.objectContaining(result)));
  expect(await local('org', 'display')).toEqual(
    done(expect.objectContaining({ connectedStatus: 'Connected', alias: 'local' })),
  );
  expect(await sf(['org', 'list', '--json'])).toMatchObject({
    code: 0,
    said: { result: { nonScratchOrgs: [{ username: worker, connectedStatus: 'Connected' }] } },
  });
  const soql = 'SELECT Name, Owner.Username FROM Account ORDER BY Name';
  expect(await local('data', 'query', '--query', soql)).toMatchObject({
    code: 0,
    said: { result: { totalSize: 3, records: [{ Name: 'Acme' }, {}, {}] } },
  });
  // Not as JSON, the command asks for the columns of the query and lays out a table.
  const table = await sf(['data', 'query', '--query', soql, '--target-org', 'local']);
  expect(table.said).toMatch(/NAME +│ OWNER\.USERNAME +│\n[^]*│ Acme +│ admin@local-org\.example/);

  const limits = `/services/data/v67.0/limits`;
  const answered = await sf(['api', 'request', 'rest', limits, '--target-org', 'local']);
  expect(answered.code).toBe(0);
  expect(JSON.parse(String(answered.said))).toHaveProperty('DailyApiRequests.Remaining');
  expect(await local('sobject', 'describe', '--sobject', 'Account')).toEqual(
    done(expect.objectContaining({ name: 'Account', fields: expect.any(Array) as unknown })),
  );
  const shown = await local('org', 'auth', 'show-access-token');
  const { accessToken } = (shown.said as { result: { accessToken: string } }).result;
  expect(org.sessions.find(accessToken)?.id).toBe(org.sessions.list()[0]?.id);

  const account = ['--sobject', 'Account'];
  const named = ['--where', "Name='Made by the CLI'"];
  expect(
    await local('data', 'create', 'record', ...account, '--values', "Name='Made by the CLI'"),
  ).toEqual(done(expect.objectContaining({ success: true })));
  // Ended by an administrator: the CLI logs in again by itself.
  endSessions(org);
  expect(await local('data', 'get', 'record', ...account, ...named)).toEqual(
    done(expect.objectContaining({ Name: 'Made by the CLI' })),
  );
  expect(await local('data', 'delete', 'record', ...account, ...named)).toEqual(
    done(expect.objectContaining({ success: true })),
  );
  expect(org.loginHistory.list().map(({ status }) => status)).toEqual(['Success', 'Success']);

  expect(await sf(['org', 'logout', '--target-org', 'local', '--no-prompt', '--json'])).toEqual(
    done([worker]),
  );
  // It forgets the token and leaves the session to its time-out.
  expect(org.sessions.list()).toHaveLength(1);
  expect([...passed]).toEqual(salesforceCli.commands);
  expect(await local('org', 'display')).toMatchObject({ said: { name: 'NamedOrgNotFoundError' } });
  expect(surroundings.strangers()).toEqual([]);
});

tested(
  'what it sends is taken: chunks, an audience with a slash, an exp in milliseconds',
  async () => {
    const { org, surroundings, local, login } = await stage('http');
    // More than any lifetime in seconds could span.
    org.clock.advance({ days: 365 });
    expect((await login()).code).toBe(0);
    const [request] = org.requests.list({ path: 'token' });
    expect(request?.headers).toMatchObject({ 'transfer-encoding': 'chunked' });
    expect(request?.headers).not.toHaveProperty('content-length');
    const claims = request?.tokenRequest?.assertion?.claims;
    expect(claims?.['aud']).toBe(`${org.url}/`);
    expect(claims?.['exp']).toBeGreaterThan(Date.now() - 60_000);
    // Whether the org is a Dev Hub, it learns from a refusal.
    expect(org.requests.list({ path: 'query', status: 400 })).toMatchObject([
      { query: { q: 'SELECT Id FROM ScratchOrgInfo limit 1' } },
    ]);
    expect((await local('data', 'query', '--query', 'SELECT Id FROM Account')).code).toBe(0);
    expect(surroundings.strangers()).toEqual([]);
  },
);

tested('takes a token that it was given, and a login URL with a slash at its end', async () => {
  const { org, surroundings, sf } = await stage('http');
  const token = { SF_ACCESS_TOKEN: org.openSession(org.administrator) };
  const login = ['org', 'login', 'access-token', '--instance-url', org.url, '--no-prompt'];
  expect(await sf([...login, '--alias', 'local', '--json'], token)).toEqual(
    done(expect.objectContaining({ username: outsider, orgId: org.organization.id })),
  );
  const query = ['data', 'query', '--query', 'SELECT Id FROM Account', '--target-org', 'local'];
  expect(await sf([...query, '--json'])).toMatchObject({ said: { result: { totalSize: 3 } } });
  expect(org.requests.list({ path: '//services/data/*/query', status: 200 })).not.toEqual([]);
  expect(surroundings.strangers()).toEqual([]);
});

tested.each([
  ['of a wrong key', { privateKey: await foreignKey() }, 'invalid assertion'],
  ['of a user who is not approved', { username: outsider }, 'user is not admin approved to access'],
  ['of a user whom nobody knows', { username: nobody }, "user hasn't approved this consumer"],
  ['of an unknown app', { clientId: '3MVG9.unknown' }, 'client identifier invalid'],
])('shows the refusal %s in our words, having asked the real hosts in vain', async (...words) => {
  const [, changed, sentence] = words;
  const { org, surroundings, login } = await stage('http');
  expect(await login(changed)).toMatchObject({
    code: 1,
    said: { name: 'JwtGrantError', message: expect.stringContaining(sentence) as unknown },
  });
  // It tries the pairs of login URL and audience that might be meant. The fence let none out.
  expect(surroundings.strangers()).toEqual(['test.salesforce.com', 'login.salesforce.com']);
  const pairs = org.requests
    .list({ path: 'token' })
    .map(({ tokenRequest }) => [
      tokenRequest?.assertion?.claims['aud'],
      tokenRequest?.outcome === 'Failed: Audience Invalid',
    ]);
  expect(pairs.map(([audience]) => audience)).toEqual([
    `${org.url}/`,
    'https://login.salesforce.com',
    'https://test.salesforce.com',
  ]);
  expect(org.sessions.list()).toEqual([]);
});
