/** Many records or many calls in one request. */

import { expect, test } from 'vitest';
import { restSetting, root } from './rest-setting.ts';

const account = (values: object): object => ({ attributes: { type: 'Account' }, ...values });

test('a collection is saved record by record, or not at all', async () => {
  const { call, query } = await restSetting();
  const records = [account({ Name: 'One' }), account({ Phone: '1' }), account({ Name: 'Three' })];
  const some = await call('POST', '/composite/sobjects', { records });
  expect(some).toMatchObject({
    status: 200,
    body: [
      { success: true, errors: [] },
      {
        success: false,
        errors: [
          {
            statusCode: 'REQUIRED_FIELD_MISSING',
            message: 'Required fields are missing: [Name]',
            fields: ['Name'],
          },
        ],
      },
      { success: true },
    ],
  });
  const none = await call('POST', '/composite/sobjects', { allOrNone: true, records });
  const rolledBack = {
    success: false,
    errors: [
      {
        statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK',
        message:
          'Record rolled back because not all records were valid and the request was using AllOrNone header',
        fields: [],
      },
    ],
  };
  expect(none.body).toMatchObject([
    rolledBack,
    { errors: [{ statusCode: 'REQUIRED_FIELD_MISSING' }] },
    rolledBack,
  ]);
  expect((await query("SELECT Id FROM Account WHERE Name IN ('One', 'Three')")).totalSize).toBe(2);

  const [one, , three] = some.body as { id: string }[];
  const ids = [one?.id, three?.id];
  const updated = await call('PATCH', '/composite/sobjects', {
    records: [account({ id: ids[0], Industry: 'Media' }), account({ Industry: 'Media' })],
  });
  expect(updated.body).toMatchObject([
    { id: ids[0], success: true },
    { success: false, errors: [{ statusCode: 'MISSING_ARGUMENT' }] },
  ]);
  const read = await call(
    'GET',
    `/composite/sobjects/Account?ids=${ids[0]},001LOCAL0009999&fields=Name,Industry`,
  );
  expect(read.body).toMatchObject([{ Name: 'One', Industry: 'Media' }, null]);
  const posted = await call('POST', '/composite/sobjects/Account', { ids, fields: ['Name'] });
  expect(posted.body).toMatchObject([{ Name: 'One' }, { Name: 'Three' }]);
  const removed = await call('DELETE', `/composite/sobjects?ids=${ids.join(',')},nonsense`);
  expect(removed.body).toMatchObject([
    { id: ids[0], success: true, errors: [] },
    { id: ids[1], success: true, errors: [] },
    { success: false, errors: [{ statusCode: 'MALFORMED_ID' }] },
  ]);
  const many = Array.from({ length: 201 }, (_, n) => account({ Name: `Many ${n}` }));
  expect(await call('POST', '/composite/sobjects', { records: many })).toMatchObject({
    status: 400,
    body: [{ errorCode: 'EXCEEDED_ID_LIMIT' }],
  });
});

test('a collection is upserted by external id', async () => {
  const fields = [{ name: 'ErpId__c', type: 'Text' as const, externalId: true, unique: true }];
  const { call } = await restSetting({ seed: { objects: [{ name: 'Account', fields }] } });
  const upsert = (Name: string): Promise<{ body: unknown }> =>
    call('PATCH', '/composite/sobjects/Account/ErpId__c', {
      records: [account({ ErpId__c: '1', Name }), account({ Name: 'No key' })],
    });
  const failure = { success: false, errors: [{ statusCode: 'MISSING_ARGUMENT' }] };
  expect((await upsert('A')).body).toMatchObject([{ success: true, created: true }, failure]);
  expect((await upsert('B')).body).toMatchObject([{ success: true, created: false }, failure]);
});

test('a composite request hands results on, and can be taken back as a whole', async () => {
  const { call, query } = await restSetting();
  const compositeRequest = [
    {
      method: 'POST',
      url: `${root}/sobjects/Account`,
      referenceId: 'refAccount',
      body: { Name: 'Composed' },
    },
    {
      method: 'POST',
      url: `${root}/sobjects/Contact`,
      referenceId: 'refContact',
      body: { LastName: 'Posed', AccountId: '@{refAccount.id}' },
    },
    {
      method: 'GET',
      url: `${root}/query?q=SELECT+Account.Name+FROM+Contact+WHERE+Id='@{refContact.id}'`,
      referenceId: 'refQuery',
    },
    {
      method: 'GET',
      url: `${root}/sobjects/Account/@{refQuery.records[0].Account.attributes.nothing}`,
      referenceId: 'refMissing',
    },
  ];
  const { body, status } = await call('POST', '/composite', { compositeRequest });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    compositeResponse: [
      {
        body: { success: true },
        httpHeaders: { Location: expect.stringContaining('/sobjects/Account/001') },
        httpStatusCode: 201,
        referenceId: 'refAccount',
      },
      { httpStatusCode: 201, referenceId: 'refContact' },
      {
        httpStatusCode: 200,
        body: { records: [{ Account: { Name: 'Composed' } }] },
      },
      {
        httpStatusCode: 400,
        body: [
          {
            errorCode: 'PROCESSING_HALTED',
            message: expect.stringMatching(/^Invalid reference specified\. No value for/),
          },
        ],
      },
    ],
  });
  const halted = [{ errorCode: 'PROCESSING_HALTED' }];
  expect(
    (await call('POST', '/composite', { allOrNone: true, compositeRequest })).body,
  ).toMatchObject({
    compositeResponse: [
      { httpStatusCode: 400, body: halted },
      { httpStatusCode: 400, body: halted },
      { httpStatusCode: 400, body: halted },
      { httpStatusCode: 400, body: [{ message: expect.stringContaining('Invalid reference') }] },
    ],
  });
  expect((await query("SELECT Id FROM Account WHERE Name = 'Composed'")).totalSize).toBe(1);
});

test('a batch answers each of its requests', async () => {
  const { call } = await restSetting();
  const batchRequests = [
    { method: 'GET', url: 'v67.0/limits' },
    { method: 'POST', url: 'v67.0/sobjects/Account', richInput: { Name: 'Batched' } },
    { method: 'GET', url: 'v67.0/sobjects/Nothing' },
    { method: 'GET', url: 'v67.0/limits' },
  ];
  expect((await call('POST', '/composite/batch', { batchRequests })).body).toMatchObject({
    hasErrors: true,
    results: [
      { statusCode: 200, result: { DailyApiRequests: { Max: 15_000 } } },
      { statusCode: 201, result: { success: true } },
      { statusCode: 404, result: [{ errorCode: 'NOT_FOUND' }] },
      { statusCode: 200 },
    ],
  });
  const stopped = await call('POST', '/composite/batch', { haltOnError: true, batchRequests });
  expect(stopped.body).toMatchObject({
    results: [{}, {}, {}, { statusCode: 412, result: [{ errorCode: 'BATCH_PROCESSING_HALTED' }] }],
  });
});

test('a tree is planted with all its branches, or not at all', async () => {
  const { call, query } = await restSetting();
  const contact = (referenceId: string, values: object): object => ({
    attributes: { type: 'Contact', referenceId },
    ...values,
  });
  const tree = (...contacts: object[]): object => ({
    records: [
      {
        attributes: { type: 'Account', referenceId: 'ref1' },
        Name: 'Root',
        Contacts: { records: contacts },
      },
    ],
  });
  const planted = await call(
    'POST',
    '/composite/tree/Account/',
    tree(contact('ref2', { LastName: 'Leaf' })),
  );
  expect(planted).toMatchObject({
    status: 201,
    body: { hasErrors: false, results: [{ referenceId: 'ref1' }, { referenceId: 'ref2' }] },
  });
  expect(await query("SELECT Account.Name FROM Contact WHERE LastName = 'Leaf'")).toMatchObject({
    records: [{ Account: { Name: 'Root' } }],
  });
  const refused = await call('POST', '/composite/tree/Account/', tree(contact('ref2', {})));
  expect(refused).toMatchObject({
    status: 400,
    body: {
      hasErrors: true,
      results: [
        {
          referenceId: 'ref2',
          errors: [{ statusCode: 'REQUIRED_FIELD_MISSING', fields: ['LastName'] }],
        },
      ],
    },
  });
  expect((await query("SELECT Id FROM Account WHERE Name = 'Root'")).totalSize).toBe(1);
});
