import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createOrg } from '../src/index.ts';
import { openDatabase } from '../src/store/database.ts';
import { recordId, to15, to18 } from '../src/store/record-id.ts';

/** Ids as Salesforce's own documents show them. */
test.each(['001D000000IqhSLIAZ', '00D000000000062EAA', '005D0000001KyEIIA0'])(
  'the last three characters of %s follow from the first fifteen',
  (id) => {
    expect(to18(to15(id))).toBe(id);
    expect(to18(id)).toBe(id);
  },
);

test('ids are recognisably local, ordered and never alike', () => {
  const ids = Array.from({ length: 5000 }, (_, counter) => recordId('001', counter));
  expect(ids[1]).toBe('001LOCAL0000001YHA');
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.map(to15)).toEqual(ids.map(to15).toSorted());
});

function file(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sfjwt-org-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return join(directory, 'org.db');
}

test('an org in a file is the same org when it is opened again', async () => {
  const path = file();
  const first = await createOrg({ file: path, kind: 'sandbox' });
  const user = first.users.create({ username: 'worker@example.org', profile: 'Standard User' });
  const app = first.clientApps.create({ name: 'Nightly Sync', contactEmail: 'a@example.org' });
  const token = first.openSession(user);
  const [session] = first.sessions.list();
  first.sessions.remove(session?.id ?? '');
  await first.close();

  const second = await createOrg({ file: path });
  onTestFinished(() => second.close());
  expect(second.organization).toEqual(first.organization);
  expect(second.users.get('worker@example.org')).toEqual(user);
  expect(second.clientApps.get(app.consumerKey)).toEqual(app);
  // An id that was given once is not given again: the old token must not open a new session.
  second.openSession(user);
  expect(second.sessions.find(token)).toBeUndefined();
});

test('a file that is no org is refused and left as it is', async () => {
  const path = file();
  writeFileSync(path, 'not a database, but long enough to be looked at by somebody'.repeat(20));
  await expect(createOrg({ file: path })).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
});

test('a transaction is all or nothing', async () => {
  const database = await openDatabase();
  onTestFinished(() => database.close());
  database.exec('CREATE TABLE t (n INTEGER)');
  expect(() =>
    database.transaction(() => {
      database.prepare('INSERT INTO t VALUES (?)').run(1);
      database.transaction(() => database.prepare('INSERT INTO t VALUES (?)').run(2));
      throw new Error('stop');
    }),
  ).toThrow('stop');
  expect(database.prepare('SELECT count(*) AS n FROM t').get()).toMatchObject({ n: 0 });
});

test('a seed that fails leaves nothing half-made', async () => {
  const path = file();
  const users = [
    { username: 'worker@example.org', profile: 'Standard User' },
    { username: 'other@example.org', profile: 'No Such Profile' },
  ];
  await expect(createOrg({ file: path, seed: { users } })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    hints: [expect.stringContaining('Standard User')],
  });
  const org = await createOrg({ file: path });
  onTestFinished(() => org.close());
  expect(org.users.find('worker@example.org')).toBeUndefined();
  expect(org.administrator.username).toBe('admin@local-org.example');
});
