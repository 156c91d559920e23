/** jsforce, unmodified, reads and writes records of the local org. */

import { createOrg } from '@sfjwt/org';
import type { Org } from '@sfjwt/org';
import { expect, onTestFinished, test } from 'vitest';
import { unlessOffline } from '../npm.ts';
import { installClients } from './installation.ts';

const clients = await unlessOffline(installClients('node-20'));

interface SaveResult {
  id: string;
  success: boolean;
  created?: boolean;
}

type Values = Record<string, unknown>;

interface ObjectOfJsforce {
  create(values: Values): Promise<SaveResult>;
  create(values: Values[]): Promise<SaveResult[]>;
  retrieve(id: string): Promise<Values>;
  retrieve(ids: string[]): Promise<Values[]>;
  update(values: Values): Promise<SaveResult>;
  update(values: Values[]): Promise<SaveResult[]>;
  upsert(values: Values, key: string): Promise<SaveResult>;
  upsert(values: Values[], key: string): Promise<SaveResult[]>;
  destroy(id: string): Promise<SaveResult>;
  destroy(ids: string[]): Promise<SaveResult[]>;
  describe(): Promise<{ name: string; fields: { name: string; type: string }[] }>;
  find(where: Values, fields: string): { limit(count: number): { execute(): Promise<Values[]> } };
  deleted(start: Date, end: Date): Promise<{ deletedRecords: { id: string }[] }>;
}

interface QueryResult {
  totalSize: number;
  done: boolean;
  nextRecordsUrl?: string;
  records: Values[];
}

/** The part of jsforce that is used here. */
interface Connection {
  limitInfo: { apiUsage?: { used: number; limit: number } };
  sobject(name: string): ObjectOfJsforce;
  describeGlobal(): Promise<{ sobjects: { name: string }[] }>;
  query(soql: string, options?: object): Promise<QueryResult>;
  queryMore(locator: string): Promise<QueryResult>;
  limits(): Promise<Record<string, { Max: number; Remaining: number }>>;
  tooling: { query(soql: string): Promise<QueryResult> };
}

interface Jsforce {
  Connection: new (options: {
    instanceUrl: string;
    loginUrl: string;
    accessToken: string;
    version: string;
  }) => Connection;
}

async function connected(): Promise<{ org: Org; connection: Connection } | undefined> {
  if ('offline' in clients) return undefined;
  const { Connection } = clients.value.load('jsforce') as Jsforce;
  const fields = [{ name: 'ErpId__c', type: 'Text' as const, externalId: true, unique: true }];
  const org = await createOrg({
    seed: {
      objects: [{ name: 'Account', fields }],
      records: {
        Lead: Array.from({ length: 2500 }, (_, n) => ({ LastName: `L${n}`, Company: 'L' })),
      },
    },
  });
  onTestFinished(() => org.close());
  await org.listen({ port: 0 });
  const connection = new Connection({
    instanceUrl: org.url,
    loginUrl: org.url,
    accessToken: org.openSession(org.administrator),
    version: '67.0',
  });
  return { org, connection };
}

test('one record, from create to destroy', async (context) => {
  const setting = await connected();
  if (setting === undefined) return context.skip();
  const accounts = setting.connection.sobject('Account');
  const { id, success } = await accounts.create({ Name: 'Umbrella', ErpId__c: '4711' });
  expect(success).toBe(true);
  await accounts.update({ Id: id, Industry: 'Media' });
  expect(await accounts.upsert({ ErpId__c: '4711', Phone: '1' }, 'ErpId__c')).toMatchObject({
    id,
    created: false,
  });
  expect(await accounts.retrieve(id)).toMatchObject({ Industry: 'Media', Phone: '1' });
  await accounts.destroy(id);
  await expect(accounts.destroy(id)).rejects.toMatchObject({ errorCode: 'ENTITY_IS_DELETED' });
  const hour = 3_600_000;
  const { deletedRecords } = await accounts.deleted(
    new Date(Date.now() - hour),
    new Date(Date.now() + hour),
  );
  expect(deletedRecords).toMatchObject([{ id }]);
  await expect(accounts.create({ Phone: '1' })).rejects.toMatchObject({
    errorCode: 'REQUIRED_FIELD_MISSING',
    message: 'Required fields are missing: [Name]',
  });
});

test('many records at a time, as collections', async (context) => {
  const setting = await connected();
  if (setting === undefined) return context.skip();
  const accounts = setting.connection.sobject('Account');
  const made = await accounts.create([{ Name: 'One', ErpId__c: '1' }, { Name: 'Two' }]);
  const ids = made.map(({ id }) => id);
  await accounts.update(ids.map((Id) => ({ Id, Phone: '1' })));
  const upserted = await accounts.upsert(
    [
      { ErpId__c: '1', Site: 'S' },
      { ErpId__c: '3', Name: 'Three' },
    ],
    'ErpId__c',
  );
  expect(upserted).toMatchObject([{ created: false }, { created: true }]);
  expect(await accounts.retrieve(ids)).toMatchObject([
    { Name: 'One', Phone: '1', Site: 'S' },
    { Name: 'Two', Phone: '1' },
  ]);
  expect(await accounts.destroy(ids)).toMatchObject([{ success: true }, { success: true }]);
});

test('queries, batch after batch; the recycle bin; describes; limits', async (context) => {
  const setting = await connected();
  if (setting === undefined) return context.skip();
  const { connection, org } = setting;
  const first = await connection.query('SELECT Id FROM Lead');
  expect(first).toMatchObject({ totalSize: 2500, done: false });
  const second = await connection.queryMore(first.nextRecordsUrl ?? '');
  expect([first.records.length, second.records.length, second.done]).toEqual([2000, 500, true]);
  const contacts = connection
    .sobject('Contact')
    .find({ LastName: { $like: '%o%' } }, 'Account.Name');
  expect(await contacts.limit(1).execute()).toMatchObject([{ Account: { Name: 'Acme' } }]);
  await connection.sobject('Lead').destroy(String(first.records[0]?.['Id']));
  const scan = { scanAll: true };
  expect(await connection.query('SELECT Id FROM Lead WHERE IsDeleted = true', scan)).toMatchObject({
    totalSize: 1,
  });
  await expect(connection.query('SELECT Foo FROM Lead')).rejects.toMatchObject({
    errorCode: 'INVALID_FIELD',
  });
  const { sobjects } = await connection.describeGlobal();
  expect(sobjects).toContainEqual(expect.objectContaining({ name: 'Account' }));
  expect(await connection.sobject('Account').describe()).toMatchObject({
    name: 'Account',
    fields: expect.arrayContaining([
      expect.objectContaining({ name: 'Industry', type: 'picklist' }),
    ]),
  });
  expect((await connection.tooling.query('SELECT Id FROM Profile')).totalSize).toBe(3);
  const { DailyApiRequests } = await connection.limits();
  expect(connection.limitInfo.apiUsage).toEqual({ used: org.apiUsage.used, limit: 15_000 });
  expect(DailyApiRequests?.Remaining).toBe(15_000 - org.apiUsage.used);
});
