/** Whatever comes in, the REST API answers with a result or a refusal of its own. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { restSetting } from './rest-setting.ts';

const paths = [
  '/sobjects/Account',
  '/sobjects/Contact',
  '/sobjects/User',
  '/sobjects/Opportunity',
  '/sobjects/Account/001LOCAL0000001',
  '/sobjects/Contact/Email/x@example.org',
  '/sobjects/PermissionSetAssignment',
  '/composite',
  '/composite/batch',
  '/composite/sobjects',
  '/composite/sobjects/Contact/Email',
  '/composite/tree/Account',
];

const names = [
  'Id',
  'Name',
  'LastName',
  'AccountId',
  'Account',
  'CloseDate',
  'IsActive',
  '__proto__',
];
const words = [
  'records',
  'attributes',
  'type',
  'compositeRequest',
  'batchRequests',
  'method',
  'url',
];

const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(
      null,
      true,
      '',
      'x',
      '001LOCAL0000001',
      '2026-02-31',
      1e300,
      -1,
      'Account',
    ),
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names, ...words), tie('value'), { maxKeys: 4 }),
  ),
})).value;

test('bodies', async () => {
  const { call } = await restSetting();
  const body = fc.oneof(
    value.map((one) => JSON.stringify(one)),
    fc.string(),
    fc.nat(400).map((depth) => '['.repeat(depth)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('POST', 'PATCH', 'PUT', 'DELETE'),
      fc.constantFrom(...paths),
      body,
      async (method, path, text) => {
        const { status } = await call(method, path, text);
        expect(status).toBeLessThan(500);
      },
    ),
    { numRuns: 250 },
  );
});

test('paths and parameters', async () => {
  const { call } = await restSetting();
  const segment = fc.oneof(
    fc.constantFrom(
      'sobjects',
      'Account',
      'describe',
      'updated',
      'query',
      'composite',
      'tooling',
      'Id',
    ),
    fc.string({ unit: 'binary' }).map((text) => encodeURIComponent(text)),
    fc.constantFrom('%', '%ff', '%2F', ''),
  );
  const parameter = fc.tuple(
    fc.constantFrom('q', 'fields', 'ids', 'start', 'end', 'columns', '_HttpMethod', 'explain'),
    fc.string({ unit: 'binary' }).map((text) => encodeURIComponent(text)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(segment, { maxLength: 5 }),
      fc.array(parameter, { maxLength: 3 }),
      async (segments, parameters) => {
        const search = parameters.map((pair) => pair.join('=')).join('&');
        const { status } = await call('GET', `/${segments.join('/')}?${search}`);
        expect(status).toBeLessThan(500);
      },
    ),
    { numRuns: 250 },
  );
});

test.each([
  [
    'deep conditions',
    `SELECT Id FROM Account WHERE ${'(NOT '.repeat(9)}Name = 'x'${')'.repeat(9)}`,
  ],
  ['many conditions', `SELECT Id FROM Account WHERE Name = 'x'${" OR Name = 'x'".repeat(4000)}`],
  ['open parentheses', `SELECT Id FROM Account WHERE ${'('.repeat(90_000)}`],
  ['a pattern that is too long', `SELECT Id FROM Account WHERE Name LIKE '${'%a'.repeat(40_000)}'`],
  ['a limit out of range', 'SELECT Id FROM Account LIMIT 99999999999999999999'],
])('%s are refused', async (_, soql) => {
  const { call } = await restSetting();
  const { status, body } = await call('GET', `/query?q=${encodeURIComponent(soql)}`);
  expect(status).toBe(400);
  expect(body).toMatchObject([
    { errorCode: expect.stringMatching(/^(MALFORMED_QUERY|QUERY_TOO_COMPLICATED)$/) },
  ]);
});

test('a list of thousands of ids is usual', async () => {
  const { query } = await restSetting();
  const ids = Array.from({ length: 4000 }, (_, n) => `'001LOCAL${String(n).padStart(7, '0')}'`);
  const { totalSize } = await query(`SELECT Id FROM Account WHERE Id IN (${ids.join(',')})`);
  expect(totalSize).toBe(3);
});
