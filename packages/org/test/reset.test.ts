import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createClock, createOrg } from '../src/index.ts';
import type { Org, Seed } from '../src/index.ts';
import { appKey } from './assertion.ts';
import { get, noon, orgSetting } from './org-setting.ts';

const seed: Seed = {
  users: [{ username: 'worker@example.org', profile: 'Standard User' }],
  clientApps: [
    {
      name: 'Nightly Sync',
      contactEmail: 'ops@example.org',
      certificate: appKey.certificatePem,
      scopes: ['api', 'refresh_token'],
      permittedUsers: 'adminApproved',
      profiles: ['Standard User'],
    },
  ],
  records: { Account: [{ Name: 'Seeded' }] },
};

/** Everything but the counters of ids and the clock's own stamps is in it. */
function content(org: Org): unknown {
  const { _Counter, ...tables } = org.snapshot().tables;
  return tables;
}

async function accounts(org: Org): Promise<string[]> {
  const soql = 'SELECT Name FROM Account ORDER BY Name';
  const token = org.openSession(org.administrator);
  const path = `/services/data/v67.0/query?q=${encodeURIComponent(soql)}`;
  const { records } = (await (await get(org, path, token)).json()) as {
    records: { Name: string }[];
  };
  return records.map(({ Name }) => Name);
}

async function seeded(): Promise<Org> {
  const org = await createOrg({ seed, clock: createClock(() => noon) });
  onTestFinished(() => org.close());
  return org;
}

test('a reset takes the org back to what was configured, seed and all', async () => {
  const org = await seeded();
  const before = content(org);
  const [app] = org.clientApps.list();

  org.users.create({ username: 'other@example.org', profile: 'Standard User' });
  org.users.setActive(org.users.get('worker@example.org'), false);
  org.clientApps.create({ name: 'Another', contactEmail: 'a@example.org' });
  org.seed({ records: { Account: [{ Name: 'Later' }] } });
  org.faults.next('any', { status: 503 });
  org.clock.advance({ hours: 5 });
  org.clock.freeze();
  const token = org.openSession(org.administrator);
  await org.fetch(new Request(`${org.url}/services/data`));
  expect(await accounts(org)).toContain('Later');
  expect(content(org)).not.toEqual(before);

  org.reset();
  expect(content(org)).toEqual(before);
  expect(org.clientApps.list()).toEqual([app]);
  expect(org.faults.list()).toEqual([]);
  expect(org.requests.list()).toEqual([]);
  expect(org.clock.now()).toBe(noon);
  expect(org.clock.frozen).toBe(false);
  expect((await get(org, '/services/data/v67.0', token)).status).toBe(401);
  expect(await accounts(org)).toEqual(['Acme', 'Global Media', 'Salt & Sons', 'Seeded']);
});

test('an id that was given is not given again after a reset', async () => {
  const org = await seeded();
  const first = org.openSession(org.administrator);
  org.reset();
  const second = org.openSession(org.administrator);
  expect(second).not.toBe(first);
  expect(org.sessions.find(first)).toBeUndefined();
  expect(org.sessions.find(second)).toBeDefined();
});

test('a snapshot is brought back as often as one likes, tokens too', async () => {
  const { org, token } = await orgSetting();
  const access = await token();
  const snapshot = org.snapshot();
  for (const name of ['One', 'Two']) {
    org.seed({ records: { Account: [{ Name: name }] } });
    org.sessions.removeOfUser(org.users.get('worker@example.org').id);
    expect((await get(org, '/services/data/v67.0', access)).status).toBe(401);
    org.restore(snapshot);
    expect((await get(org, '/services/data/v67.0', access)).status).toBe(200);
    expect(await accounts(org)).toEqual(['Acme', 'Global Media', 'Salt & Sons']);
  }
});

test('a snapshot goes into another org by way of JSON, but for what proves its tokens', async () => {
  const first = await orgSetting({ kind: 'sandbox' });
  first.org.seed({ records: { Account: [{ Name: 'Carried over' }] } });
  const access = await first.token();
  const text = JSON.stringify(first.org.snapshot());

  const second = await createOrg({ clock: first.clock });
  onTestFinished(() => second.close());
  second.restore(JSON.parse(text));
  expect(second.organization.kind).toBe('sandbox');
  expect(second.clientApps.list()).toEqual(first.org.clientApps.list());
  expect(await accounts(second)).toContain('Carried over');
  expect((await get(second, '/services/data/v67.0', access)).status).toBe(401);
  // New records do not get the ids of those that came in.
  second.users.create({ username: 'new@example.org', profile: 'Standard User' });
  second.seed({ records: { Account: [{ Name: 'New' }] } });
});

test('objects that were added later go with a reset, and come with a snapshot', async () => {
  const org = await seeded();
  const more: Seed = {
    objects: [{ name: 'Invoice__c', fields: [{ name: 'Total__c', type: 'Currency' }] }],
    records: { Invoice__c: [{ Name: 'First', Total__c: 12.5 }] },
  };
  const token = (): string => org.openSession(org.administrator);
  const total = async (): Promise<unknown> =>
    (
      await get(org, '/services/data/v67.0/query?q=SELECT+Total__c+FROM+Invoice__c', token())
    ).json();
  org.seed(more);
  expect(await total()).toMatchObject({ records: [{ Total__c: 12.5 }] });
  const snapshot = org.snapshot();
  org.reset();
  expect(await total()).toMatchObject([{ errorCode: 'INVALID_TYPE' }]);
  org.restore(snapshot);
  expect(await total()).toMatchObject({ records: [{ Total__c: 12.5 }] });
});

test.each<[string, (snapshot: Record<string, unknown>) => unknown, string]>([
  ['no object', () => 'nothing', 'snapshot'],
  ['an older shape', (it) => ({ ...it, schema: 1 }), 'schema version 1'],
  [
    'an unknown table',
    (it) => ({ ...it, tables: { ...Object(it['tables']), Song: [{}] } }),
    'Song',
  ],
  [
    'an own table of the store',
    (it) => ({ ...it, tables: { ...Object(it['tables']), _Setting: [] } }),
    '_Setting',
  ],
  [
    'an unknown column',
    (it) => ({ ...it, tables: { ...Object(it['tables']), Account: [{ Id: '1', Song: 1 }] } }),
    'Song',
  ],
  [
    'a row twice',
    (it) => ({ ...it, tables: { ...Object(it['tables']), Account: [{ Id: '1' }, { Id: '1' }] } }),
    'UNIQUE',
  ],
  ['no organization', (it) => ({ ...it, tables: {} }), 'org with this id'],
  [
    'a value of another kind',
    (it) => ({ ...it, tables: { ...Object(it['tables']), Account: [{ Id: { a: 1 } }] } }),
    'Account',
  ],
])('a snapshot with %s is refused, and nothing has changed', async (_what, change, word) => {
  const org = await seeded();
  const before = content(org);
  const restore = (): void => org.restore(change({ ...org.snapshot() }) as never);
  expect(restore).toThrow(expect.objectContaining({ code: 'SNAPSHOT_INVALID' }));
  expect(restore).toThrow(word);
  expect(content(org)).toEqual(before);
  expect(org.openSession(org.administrator)).toContain('!');
});

test('a seed that fails adds nothing', async () => {
  const org = await seeded();
  const before = content(org);
  const more: Seed = {
    users: [
      { username: 'other@example.org', profile: 'Standard User' },
      { username: 'wrong@example.org', profile: 'No Such Profile' },
    ],
  };
  expect(() => org.seed(more)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  expect(content(org)).toEqual(before);
});

test('a file that is opened with the same seed again has each thing once; a reset works there', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sfjwt-org-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'org.db');
  const first = await createOrg({ seed, file });
  const apps = first.clientApps.list();
  first.seed({ records: { Account: [{ Name: 'Later' }] } });
  await first.close();

  const second = await createOrg({ seed, file });
  expect(second.clientApps.list()).toEqual(apps);
  expect(await accounts(second)).toEqual([
    'Acme',
    'Global Media',
    'Later',
    'Salt & Sons',
    'Seeded',
  ]);
  second.reset();
  expect(await accounts(second)).toEqual(['Acme', 'Global Media', 'Salt & Sons', 'Seeded']);
  await second.close();

  const more = { ...seed, records: { Account: [{ Name: 'Seeded' }, { Name: 'Seeded too' }] } };
  const third = await createOrg({ seed: more, file });
  onTestFinished(() => third.close());
  third.reset();
  expect(await accounts(third)).toContain('Seeded too');
});

test('time is set, frozen, advanced and let go', () => {
  let source = noon;
  const clock = createClock(() => source);
  clock.set(new Date(noon + 5000));
  expect(clock.now()).toBe(noon + 5000);
  source += 1000;
  expect(clock.now()).toBe(noon + 6000);
  clock.freeze();
  clock.set(new Date(noon));
  source += 1000;
  expect(clock.now()).toBe(noon);
  clock.advance({ minutes: 1, milliseconds: 1 });
  expect(clock.now()).toBe(noon + 60_001);
  clock.resume();
  source += 1000;
  expect(clock.now()).toBe(noon + 61_001);
  clock.reset();
  expect(clock.now()).toBe(noon + 3000);
});

test('one clock is behind assertions, sessions and histories', async () => {
  const { org, ask, claims, token } = await orgSetting();
  const old = claims();
  const access = await token();
  org.clock.advance({ minutes: 119 });
  expect((await get(org, '/services/data/v67.0', access)).status).toBe(200);
  org.clock.advance({ minutes: 121 });
  expect((await get(org, '/services/data/v67.0', access)).status).toBe(401);
  const refused = await ask({ claims: old });
  expect(await refused.json()).toMatchObject({ error_description: 'expired authorization code' });
  expect(org.loginHistory.list()[0]?.time).toBe(noon + 240 * 60_000);
  expect(org.requests.list().at(-1)?.time).toBe(noon + 240 * 60_000);
});

test('an org goes off the network as if killed, and comes back with all it holds', async () => {
  const org = await createOrg();
  onTestFinished(() => org.close());
  await org.listen({ port: 0 });
  const { port } = new URL(org.url);
  const headers = { authorization: `Bearer ${org.openSession(org.administrator)}` };
  const call = (): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/services/data/v67.0`, { headers });
  expect((await call()).status).toBe(200);
  await org.stopListening();
  await expect(call()).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  await org.listen({ port: Number(port) });
  expect((await call()).status).toBe(200);
});
