import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { createClock, createOrg } from '../src/index.ts';
import { Catalogue } from '../src/data/catalogue.ts';
import { openDatabase } from '../src/store/database.ts';
import type { Database } from '../src/store/database.ts';
import { recordId, to15, to18 } from '../src/store/record-id.ts';
import { migrate } from '../src/store/schema.ts';

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

test('a file that is no database is refused and left as it is', async () => {
  const path = file();
  const text = 'not a database, but long enough to be looked at by somebody'.repeat(20);
  writeFileSync(path, text);
  await expect(createOrg({ file: path })).rejects.toMatchObject({ code: 'DATA_FILE_INVALID' });
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('the database of another program is refused and left as it is', async () => {
  const path = file();
  const other = await openDatabase({ file: path });
  other.exec('CREATE TABLE Song (title TEXT)');
  other.close();
  await expect(createOrg({ file: path })).rejects.toMatchObject({
    code: 'DATA_FILE_INVALID',
    message: expect.stringContaining('another program'),
  });
  const again = await openDatabase({ file: path });
  onTestFinished(() => again.close());
  expect(again.prepare('SELECT "name" FROM sqlite_schema').all()).toEqual([{ name: 'Song' }]);
});

test('a damaged file is refused', async () => {
  const path = file();
  await (await createOrg({ file: path })).close();
  const bytes = readFileSync(path);
  // The first page says what is where; from the second on, nothing is right any more.
  writeFileSync(path, bytes.fill(0xa5, 4096));
  await expect(createOrg({ file: path })).rejects.toMatchObject({ code: 'DATA_FILE_INVALID' });
});

test('a file of a later version is refused', async () => {
  const path = file();
  await (await createOrg({ file: path })).close();
  const later = await openDatabase({ file: path });
  later.exec('PRAGMA user_version = 1000');
  later.close();
  await expect(createOrg({ file: path })).rejects.toMatchObject({
    code: 'DATA_FILE_NEWER',
    message: expect.stringContaining('1000'),
    hints: [expect.stringContaining('later')],
  });
});

test('a folder that is not there is said to be that', async () => {
  await expect(createOrg({ file: join(file(), 'no-such-folder', 'org.db') })).rejects.toMatchObject(
    {
      code: 'DATABASE_UNAVAILABLE',
      hints: [expect.stringContaining('folder')],
    },
  );
});

test('one file, one org at a time', async () => {
  const path = file();
  const first = await createOrg({ file: path });
  await expect(createOrg({ file: path })).rejects.toMatchObject({
    code: 'DATA_FILE_IN_USE',
    hints: [expect.stringContaining('Stop that process')],
  });
  await first.close();
  await (await createOrg({ file: path })).close();
});

test('a file of the first schema version opens with all that is in it', async () => {
  const path = file();
  const old = new URL('fixtures/first-schema.db.gz', import.meta.url);
  writeFileSync(path, gunzipSync(readFileSync(old)));
  const org = await createOrg({ file: path, clock: createClock(() => Date.UTC(2026, 10, 23, 13)) });
  onTestFinished(() => org.close());
  expect(org.organization).toMatchObject({ id: '00DLOCAL00000012HA', kind: 'sandbox' });
  const app = org.clientApps.get('3MVG9.first.schema');
  expect(app).toMatchObject({ name: 'Nightly Sync', permittedUsers: 'adminApproved' });
  const worker = org.users.get('worker@example.org');
  expect(org.sessions.list()).toMatchObject([{ userId: worker.id }]);
  expect(org.loginHistory.list()).toMatchObject([{ status: 'Failed: Grant Type Not Supported' }]);
  const soql = `SELECT Id FROM Account WHERE Name = 'Kept Through Migrations'`;
  const response = await org.fetch(
    new Request(`${org.url}/services/data/v67.0/query?q=${encodeURIComponent(soql)}`, {
      headers: { authorization: `Bearer ${org.openSession(org.administrator)}` },
    }),
  );
  expect(await response.json()).toMatchObject({ totalSize: 1 });
  // Whoever could do everything before permissions were told apart still can.
  expect(org.profiles.get('System Administrator').permissions).toContain('ModifyMetadata');
});

test('every column that this version declares is in a file of the first version', async () => {
  const path = file();
  const old = new URL('fixtures/first-schema.db.gz', import.meta.url);
  writeFileSync(path, gunzipSync(readFileSync(old)));
  const [upgraded, fresh] = [await openDatabase({ file: path }), await openDatabase()];
  onTestFinished(() => upgraded.close());
  onTestFinished(() => fresh.close());
  migrate(upgraded, new Catalogue());
  migrate(fresh, new Catalogue());
  const shape = (database: Database): unknown[] =>
    database
      .prepare(
        `SELECT t.name AS "table", c.name AS "column", c.type, c."notnull", c.dflt_value
         FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type IN ('table', 'view')
         ORDER BY t.name, c.name`,
      )
      .all();
  expect(shape(upgraded)).toEqual(shape(fresh));
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
