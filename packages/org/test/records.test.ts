/** Records through REST: describe, create, read, change, delete, find by external id. */

import { expect, test } from 'vitest';
import type { OrgOptions } from '../src/index.ts';
import { restSetting, root } from './rest-setting.ts';
import type { RestSetting } from './rest-setting.ts';

const erp = {
  objects: [
    {
      name: 'Account',
      fields: [{ name: 'ErpId__c', type: 'Text', length: 20, externalId: true, unique: true }],
    },
    {
      name: 'Invoice__c',
      fields: [
        {
          name: 'Account__c',
          type: 'Lookup',
          referenceTo: 'Account',
          relationshipName: 'Invoices',
        },
        { name: 'Amount__c', type: 'Currency', scale: 2, required: true },
        { name: 'Paid__c', type: 'Checkbox' },
        { name: 'Due__c', type: 'Date' },
        { name: 'Number__c', type: 'AutoNumber', displayFormat: 'INV-{0000}' },
        { name: 'Tags__c', type: 'MultiselectPicklist', values: ['a', 'b', 'c'], restricted: true },
      ],
    },
  ],
} satisfies OrgOptions['seed'];

test('a record is created, read, changed and deleted', async () => {
  const { call, read, query } = await restSetting();
  const created = await call('POST', '/sobjects/Account/', {
    Name: 'Umbrella',
    numberofemployees: '12',
    AnnualRevenue: 1.5e6,
  });
  expect(created.status).toBe(201);
  const { id } = created.body as { id: string };
  expect(created.body).toEqual({ id, success: true, errors: [] });
  expect(created.headers.get('location')).toBe(`${root}/sobjects/Account/${id}`);

  const record = await read('Account', id);
  expect(record).toMatchObject({
    attributes: { type: 'Account', url: `${root}/sobjects/Account/${id}` },
    Id: id,
    Name: 'Umbrella',
    NumberOfEmployees: 12,
    AnnualRevenue: 1_500_000,
    Industry: null,
    IsDeleted: false,
    CreatedDate: '2026-11-23T12:00:00.000+0000',
  });
  expect(record['OwnerId']).toBe(record['CreatedById']);

  const changed = await call('PATCH', `/sobjects/account/${id.slice(0, 15)}`, {
    Industry: 'Media',
    AnnualRevenue: null,
  });
  expect(changed).toMatchObject({ status: 204, body: undefined });
  const some = await call('GET', `/sobjects/Account/${id}?fields=Industry,AnnualRevenue`);
  expect(some.body).toEqual({
    attributes: { type: 'Account', url: `${root}/sobjects/Account/${id}` },
    Industry: 'Media',
    AnnualRevenue: null,
    Id: id,
  });

  expect((await call('DELETE', `/sobjects/Account/${id}`)).status).toBe(204);
  const gone = [{ message: 'entity is deleted', errorCode: 'ENTITY_IS_DELETED', fields: [] }];
  expect(await call('GET', `/sobjects/Account/${id}`)).toMatchObject({ status: 404, body: gone });
  expect(await call('DELETE', `/sobjects/Account/${id}`)).toMatchObject({
    status: 404,
    body: gone,
  });
  const soql = `SELECT Name, IsDeleted FROM Account WHERE Id = '${id}'`;
  expect((await query(soql)).totalSize).toBe(0);
  const all = await call('GET', `/queryAll?q=${encodeURIComponent(`${soql} ALL ROWS`)}`);
  expect(all.body).toMatchObject({ records: [{ Name: 'Umbrella', IsDeleted: true }] });
  const span = 'start=2026-11-23T00:00:00%2B00:00&end=2026-11-24T00:00:00Z';
  expect((await call('GET', `/sobjects/Account/deleted/?${span}`)).body).toMatchObject({
    deletedRecords: [{ id, deletedDate: '2026-11-23T12:00:00.000+0000' }],
    latestDateCovered: '2026-11-23T12:00:00.000+0000',
  });
  const { body } = await call('GET', `/sobjects/Account/updated/?${span}`);
  expect(body).toMatchObject({ ids: [expect.anything(), expect.anything(), expect.anything()] });
});

test.each<[method: string, path: string, body: unknown, status: number, error: object]>([
  [
    'POST',
    '/sobjects/Account',
    { Industry: 'Media' },
    400,
    {
      message: 'Required fields are missing: [Name]',
      errorCode: 'REQUIRED_FIELD_MISSING',
      fields: ['Name'],
    },
  ],
  [
    'POST',
    '/sobjects/Account',
    { Name: 'x', Foo: 1 },
    400,
    { message: "No such column 'Foo' on sobject of type Account", errorCode: 'INVALID_FIELD' },
  ],
  [
    'POST',
    '/sobjects/Account',
    { Name: 'x', Id: '001000000000001' },
    400,
    {
      message: 'The Id field should not be specified in the sobject data.',
      errorCode: 'INVALID_FIELD',
    },
  ],
  [
    'POST',
    '/sobjects/Contact',
    { LastName: 'x', Name: 'y' },
    400,
    {
      message:
        'Unable to create/update fields: Name. Please check the security settings of this field and verify that it is read/write for your profile or permission set.',
      errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE',
      fields: ['Name'],
    },
  ],
  [
    'POST',
    '/sobjects/Account',
    { Name: 'x'.repeat(256) },
    400,
    {
      message: `Account Name: data value too large: ${'x'.repeat(255)} (max length=255)`,
      errorCode: 'STRING_TOO_LONG',
      fields: ['Name'],
    },
  ],
  [
    'POST',
    '/sobjects/Contact',
    { LastName: 'x', Email: 'nobody' },
    400,
    {
      message: 'Email: invalid email address: nobody',
      errorCode: 'INVALID_EMAIL_ADDRESS',
      fields: ['Email'],
    },
  ],
  [
    'POST',
    '/sobjects/Contact',
    { LastName: 'x', AccountId: 'nobody' },
    400,
    {
      message: 'Account ID: id value of incorrect type: nobody',
      errorCode: 'MALFORMED_ID',
      fields: ['AccountId'],
    },
  ],
  [
    'POST',
    '/sobjects/Contact',
    { LastName: 'x', AccountId: '005LOCAL0000001' },
    400,
    {
      message: 'Account ID: id value of incorrect type: 005LOCAL0000001YHA',
      errorCode: 'FIELD_INTEGRITY_EXCEPTION',
      fields: ['AccountId'],
    },
  ],
  [
    'POST',
    '/sobjects/Contact',
    { LastName: 'x', AccountId: '001LOCAL0009999' },
    400,
    { message: 'invalid cross reference id', errorCode: 'INVALID_CROSS_REFERENCE_KEY', fields: [] },
  ],
  [
    'POST',
    '/sobjects/Account',
    '{"Name": "x",\n "NumberOfEmployees": "many"}',
    400,
    {
      message:
        'Cannot deserialize instance of int from VALUE_STRING value many or request may be missing a required field at [line:2, column:23]',
      errorCode: 'JSON_PARSER_ERROR',
    },
  ],
  [
    'POST',
    '/sobjects/Account',
    '{Name: "x"}',
    400,
    {
      message:
        "Unexpected character ('N' (code 78)): was expecting double-quote to start field name at [line:1, column:2]",
      errorCode: 'JSON_PARSER_ERROR',
    },
  ],
  [
    'POST',
    '/sobjects/Account',
    undefined,
    400,
    {
      message: 'The HTTP entity body is required, but this request has no entity body.',
      errorCode: 'JSON_PARSER_ERROR',
    },
  ],
  [
    'POST',
    '/sobjects/Account',
    [],
    400,
    {
      message: 'Can not deserialize SObject out of START_ARRAY token at [line:1, column:1]',
      errorCode: 'JSON_PARSER_ERROR',
    },
  ],
  [
    'PUT',
    '/sobjects/Account',
    {},
    405,
    {
      message: "HTTP Method 'PUT' not allowed. Allowed are HEAD,GET,POST",
      errorCode: 'METHOD_NOT_ALLOWED',
    },
  ],
  [
    'GET',
    '/sobjects/Account/nobody',
    undefined,
    404,
    {
      message: 'Provided external ID field does not exist or is not accessible: nobody',
      errorCode: 'NOT_FOUND',
    },
  ],
  [
    'GET',
    '/sobjects/Account/005LOCAL0000001',
    undefined,
    400,
    {
      message: 'Account ID: id value of incorrect type: 005LOCAL0000001',
      errorCode: 'MALFORMED_ID',
      fields: ['Id'],
    },
  ],
  [
    'GET',
    '/sobjects/Nothing',
    undefined,
    404,
    { message: 'The requested resource does not exist', errorCode: 'NOT_FOUND' },
  ],
  [
    'DELETE',
    '/sobjects/User/005LOCAL0000001',
    undefined,
    400,
    {
      message: 'entity type cannot be deleted: User',
      errorCode: 'INVALID_TYPE_FOR_OPERATION',
      fields: [],
    },
  ],
  [
    'GET',
    '/services/data/v20.0/sobjects',
    undefined,
    410,
    expect.objectContaining({ errorCode: 'UNSUPPORTED_API_VERSION' }),
  ],
  [
    'GET',
    '/search?q=FIND',
    undefined,
    404,
    { message: 'The requested resource does not exist', errorCode: 'NOT_FOUND' },
  ],
])('%s %s with %j is refused with %i', async (method, path, body, status, error) => {
  const { call } = await restSetting();
  expect(await call(method, path, body)).toMatchObject({ status, body: [error] });
});

test('an external id finds a record, makes it when it is not there, and is unique', async () => {
  const { call, create, read } = await restSetting({ seed: erp });
  const path = '/sobjects/Account/ErpId__c/4711';
  const created = await call('PATCH', path, { Name: 'Umbrella' });
  expect(created).toMatchObject({ status: 201, body: { success: true, created: true } });
  const { id } = created.body as { id: string };
  const updated = await call('PATCH', path, { Industry: 'Media' });
  expect(updated).toMatchObject({ status: 200, body: { id, success: true, created: false } });
  expect(await call('PATCH', `/services/data/v45.0${path}`, { Industry: 'Other' })).toMatchObject({
    status: 204,
  });
  expect((await call('GET', path)).body).toMatchObject({ Id: id, ErpId__c: '4711' });
  expect(await call('POST', '/sobjects/Account', { Name: 'Two', ErpId__c: '4711' })).toMatchObject({
    status: 400,
    body: [
      {
        errorCode: 'DUPLICATE_VALUE',
        message: `duplicate value found: ErpId__c duplicates value on record with id: ${id.slice(0, 15)}`,
      },
    ],
  });
  const contact = await create('Contact', { LastName: 'Spencer', Account: { ErpId__c: '4711' } });
  expect((await read('Contact', contact))['AccountId']).toBe(id);
  expect((await call('PATCH', '/sobjects/Account/Industry/Media', {})).status).toBe(404);
  expect((await call('DELETE', path)).status).toBe(204);
  expect((await call('GET', path)).status).toBe(404);
});

test('an external id that several records have is answered with all of them', async () => {
  const { call, create } = await restSetting();
  const one = await create('Contact', { LastName: 'A', Email: 'same@example.org' });
  const two = await create('Contact', { LastName: 'B', Email: 'same@example.org' });
  expect(await call('GET', '/sobjects/Contact/Email/same@example.org')).toMatchObject({
    status: 300,
    body: [`${root}/sobjects/Contact/${one}`, `${root}/sobjects/Contact/${two}`],
  });
});

test('custom objects are in describe, records and queries', async () => {
  const { call, create, query } = await restSetting({ seed: erp });
  const id = await create('Invoice__c', {
    Account__c: await acme(query),
    Amount__c: 12.5,
    Due__c: '2026-12-24',
    Tags__c: 'a;c',
  });
  expect(id).toMatch(/^a00LOCAL/);
  expect(
    await call('POST', '/sobjects/Invoice__c', { Amount__c: 1, Tags__c: 'a;z' }),
  ).toMatchObject({
    status: 400,
    body: [
      {
        errorCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
        message: 'Tags: bad value for restricted picklist field: z',
        fields: ['Tags__c'],
      },
    ],
  });
  const where = "Tags__c INCLUDES ('b','c;a') AND Due__c > 2026-12-01 AND Due__c = NEXT_N_DAYS:60";
  expect(
    await query(
      `SELECT Number__c, Name, Paid__c, Due__c, Amount__c, Account__r.Name FROM Invoice__c WHERE ${where}`,
    ),
  ).toMatchObject({
    totalSize: 1,
    records: [
      {
        Number__c: 'INV-0001',
        Name: id.slice(0, 15),
        Paid__c: false,
        Due__c: '2026-12-24',
        Amount__c: 12.5,
        Account__r: { attributes: { type: 'Account' }, Name: 'Acme' },
      },
    ],
  });
  expect(
    await query("SELECT (SELECT Id FROM Invoices__r) FROM Account WHERE Name = 'Acme'"),
  ).toMatchObject({ records: [{ Invoices__r: { totalSize: 1, records: [{ Id: id }] } }] });
  const { body } = await call('GET', '/sobjects/Invoice__c/describe');
  expect(body).toMatchObject({
    name: 'Invoice__c',
    custom: true,
    keyPrefix: 'a00',
    label: 'Invoice',
    fields: expect.arrayContaining([
      expect.objectContaining({
        name: 'Account__c',
        type: 'reference',
        referenceTo: ['Account'],
        relationshipName: 'Account__r',
        custom: true,
      }),
    ]),
  });
});

async function acme(query: RestSetting['query']): Promise<string> {
  const { records } = await query("SELECT Id FROM Account WHERE Name = 'Acme'");
  return String(records[0]?.['Id']);
}

test('fields that follow from others follow', async () => {
  const { call, create, read } = await restSetting();
  const opportunity = await create('Opportunity', {
    Name: 'Big one',
    StageName: 'Qualification',
    CloseDate: '2026-12-31',
    Amount: 1000,
  });
  expect(await read('Opportunity', opportunity)).toMatchObject({
    Probability: 10,
    ExpectedRevenue: 100,
    IsClosed: false,
  });
  await call('PATCH', `/sobjects/Opportunity/${opportunity}`, { StageName: 'Closed Won' });
  expect(await read('Opportunity', opportunity)).toMatchObject({
    Probability: 100,
    IsClosed: true,
    IsWon: true,
  });

  const leak = await create('Case', { Subject: 'It leaks' });
  expect(await read('Case', leak)).toMatchObject({
    CaseNumber: '00000001',
    Status: 'New',
    Priority: 'Medium',
    IsClosed: false,
  });
  await call('PATCH', `/sobjects/Case/${leak}`, { Status: 'Closed' });
  expect(await read('Case', leak)).toMatchObject({
    IsClosed: true,
    ClosedDate: '2026-11-23T12:00:00.000+0000',
  });
  const lead = await create('Lead', { LastName: 'Doe', Company: 'D' });
  await call('PATCH', `/sobjects/Lead/${lead}`, { FirstName: 'Jo' });
  expect(await read('Lead', lead)).toMatchObject({
    Name: 'Jo Doe',
    Status: 'Open - Not Contacted',
  });
});

test('what belongs to a record goes with it, what points to it lets go', async () => {
  const { call, create, read, query } = await restSetting();
  const id = await acme(query);
  const child = await create('Account', { Name: 'Child', ParentId: id });
  const task = await create('Task', { Subject: 'Call', WhatId: id });
  expect(
    await query(
      `SELECT What.Name, TYPEOF What WHEN Account THEN Phone, Name END FROM Task WHERE Id = '${task}'`,
    ),
  ).toMatchObject({
    records: [{ What: { attributes: { type: 'Account' }, Name: 'Acme', Phone: null } }],
  });
  expect((await call('DELETE', `/sobjects/Account/${id}`)).status).toBe(204);
  const contacts = await query("SELECT Id FROM Contact WHERE Name = 'Rose Gonzalez'");
  expect(contacts.totalSize).toBe(0);
  expect((await read('Account', child))['ParentId']).toBeNull();
  expect((await read('Task', task))['WhatId']).toBeNull();
});

interface Described {
  name: string;
  fields: { name: string }[];
}

test('describe tells what clients read', async () => {
  const { call, create, query } = await restSetting();
  const { body } = await call('GET', '/sobjects');
  expect(body).toMatchObject({ encoding: 'UTF-8', maxBatchSize: 200 });
  const { sobjects } = body as { sobjects: Described[] };
  expect(sobjects).toContainEqual(
    expect.objectContaining({
      name: 'Account',
      label: 'Account',
      labelPlural: 'Accounts',
      keyPrefix: '001',
      createable: true,
      queryable: true,
      custom: false,
      urls: {
        sobject: `${root}/sobjects/Account`,
        describe: `${root}/sobjects/Account/describe`,
        rowTemplate: `${root}/sobjects/Account/{ID}`,
      },
    }),
  );
  // Every object that is listed can be described, and queried for all of its fields.
  for (const { name } of sobjects) {
    const described = (await call('GET', `/sobjects/${name}/describe`)).body as Described;
    expect(described.name).toBe(name);
    await query(`SELECT ${described.fields.map((field) => field.name).join(', ')} FROM ${name}`);
  }
  const before = await call('GET', '/sobjects/Account');
  expect(before.body).toMatchObject({ objectDescribe: { name: 'Account' }, recentItems: [] });
  await create('Account', { Name: 'Fresh' });
  expect((await call('GET', '/sobjects/Account')).body).toMatchObject({
    recentItems: [{ attributes: { type: 'Account' }, Name: 'Fresh' }],
  });
});

test('what the user did last, and how many records there are', async () => {
  const { call, create } = await restSetting();
  await create('Account', { Name: 'Fresh' });
  await create('Contact', { LastName: 'Fresher' });
  expect((await call('GET', '/recent')).body).toMatchObject([
    { attributes: { type: 'Account' }, Name: 'Fresh' },
    { attributes: { type: 'Contact' }, Name: 'Fresher' },
  ]);
  expect((await call('GET', '/recent?limit=1')).body).toHaveLength(1);
  expect((await call('GET', '/limits/recordCount?sObjects=Account,Case')).body).toEqual({
    sObjects: [
      { count: 4, name: 'Account' },
      { count: 0, name: 'Case' },
    ],
  });
});

test('a call is counted, told and, when the day is used up, refused', async () => {
  const { call, org } = await restSetting({ seed: { limits: { dailyApiRequests: 3 } } });
  const first = await call('GET', '/limits');
  expect(first.headers.get('sforce-limit-info')).toBe('api-usage=1/3');
  expect(first.body).toMatchObject({ DailyApiRequests: { Max: 3, Remaining: 2 } });
  const versions = await call('GET', '/services/data');
  expect(versions.headers.get('sforce-limit-info')).toBeNull();
  expect((await call('GET', '/nothing')).headers.get('sforce-limit-info')).toBe('api-usage=2/3');
  await call('GET', '/sobjects');
  expect(await call('GET', '/sobjects')).toMatchObject({
    status: 403,
    body: [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
  });
  org.apiUsage.dailyLimit = 4;
  expect((await call('GET', '/sobjects')).status).toBe(200);
  org.clock.advance({ hours: 25 });
  expect(org.apiUsage.used).toBe(0);
});
