import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Org } from '../src/index.ts';
import { get, noon, orgSetting } from './org-setting.ts';

const minutesAgo = (minutes: number): number => noon - minutes * 60_000;

/** Two accounts with contacts, one without; one name holds every character that could hurt. */
const seed = {
  records: {
    Account: [
      { Id: '001LOCAL0000901', Name: 'O\'Brien \\ "Co"; DROP TABLE User --', NumberOfEmployees: 5 },
      { Id: '001LOCAL0000902', Name: '100%_sure', Industry: 'Media', AnnualRevenue: 12.5 },
    ],
    Contact: [
      { FirstName: 'Zoë', LastName: 'Zúñiga', AccountId: '001LOCAL0000902' },
      { LastName: 'Lonely', CreatedDate: minutesAgo(60 * 24 * 40) },
    ],
  },
};

interface Answer {
  status: number;
  body: { totalSize?: number; records?: Record<string, unknown>[] } & Record<string, unknown>;
}

async function asker(): Promise<{
  org: Org;
  ask: (soql: string, more?: string) => Promise<Answer>;
}> {
  const { org, token } = await orgSetting({ seed });
  const value = await token();
  return {
    org,
    ask: async (soql, more = '') => {
      const path = `/services/data/v67.0/query?q=${encodeURIComponent(soql)}${more}`;
      const response = await get(org, path, value);
      return { status: response.status, body: (await response.json()) as Answer['body'] };
    },
  };
}

test.each<readonly [soql: string, names: readonly unknown[]]>([
  ["SELECT Name FROM Account WHERE Name = 'acme'", ['Acme']],
  ["select name from ACCOUNT where nAmE = 'ACME'", ['Acme']],
  [
    "SELECT Name FROM Account WHERE Name = 'O\\'Brien \\\\ \\\"Co\\\"; DROP TABLE User --'",
    ['O\'Brien \\ "Co"; DROP TABLE User --'],
  ],
  ["SELECT Name FROM Account WHERE Name LIKE '100\\%\\_s%'", ['100%_sure']],
  ["SELECT Name FROM Account WHERE Name LIKE 'a%' ORDER BY Name", ['Acme']],
  ["SELECT Name FROM Account WHERE Name LIKE '_cme'", ['Acme']],
  ["SELECT Name FROM Account WHERE Name = '\\' OR Name != \\''", []],
  ['SELECT Name FROM Account WHERE Industry = null', ['O\'Brien \\ "Co"; DROP TABLE User --']],
  [
    "SELECT Name FROM Account WHERE Industry != 'Media' AND NumberOfEmployees < 100 ORDER BY Name",
    ['O\'Brien \\ "Co"; DROP TABLE User --', 'Salt & Sons'],
  ],
  [
    "SELECT Name FROM Account WHERE NOT (Industry = 'Media' OR NumberOfEmployees > 100) ORDER BY Name",
    ['O\'Brien \\ "Co"; DROP TABLE User --', 'Salt & Sons'],
  ],
  [
    "SELECT Name FROM Account WHERE Industry IN ('Food', 'media') ORDER BY Name DESC",
    ['Salt & Sons', 'Global Media', '100%_sure'],
  ],
  ["SELECT Name FROM Account WHERE Industry NOT IN ('Food', 'Media', null)", ['Acme']],
  ['SELECT Name FROM Account WHERE AnnualRevenue >= 12.5', ['100%_sure']],
  ["SELECT Name FROM Account WHERE Id = '001LOCAL0000902'", ['100%_sure']],
  ["SELECT Name FROM Account WHERE Id = '001LOCAL0000902YHA'", ['100%_sure']],
  [
    'SELECT Name FROM Account ORDER BY NumberOfEmployees NULLS LAST LIMIT 1 OFFSET 1',
    ['Salt & Sons'],
  ],
  ["SELECT Name FROM Contact WHERE Account.Name = 'Acme'", ['Rose Gonzalez']],
  ['SELECT Name FROM Contact WHERE AccountId = null', ['Lonely']],
  [
    "SELECT Name FROM Contact WHERE AccountId IN (SELECT Id FROM Account WHERE Industry = 'Media') ORDER BY LastName",
    ['Jon Amos', 'Carole White', 'Zoë Zúñiga'],
  ],
  [
    'SELECT Name FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact) ORDER BY Name',
    ['O\'Brien \\ "Co"; DROP TABLE User --', 'Salt & Sons'],
  ],
  ['SELECT Name FROM Contact WHERE CreatedDate = TODAY AND Account.Industry = null', []],
  ['SELECT Name FROM Contact WHERE CreatedDate < LAST_N_DAYS:30', ['Lonely']],
  ['SELECT Name FROM Contact WHERE CreatedDate < 2026-11-01T00:00:00Z', ['Lonely']],
  ["SELECT c.Name FROM Contact c WHERE c.LastName = 'Lonely'", ['Lonely']],
  [
    "SELECT Username FROM User WHERE IsActive = true AND Profile.Name = 'System Administrator'",
    [undefined],
  ],
])('%s', async (soql, names) => {
  const { ask } = await asker();
  const { status, body } = await ask(soql);
  expect(body).toMatchObject({ totalSize: names.length, done: true });
  expect(status).toBe(200);
  expect(body.records?.map((record) => record['Name'])).toEqual(names);
});

test('records carry attributes, parents and children in the shape of the REST API', async () => {
  const { ask } = await asker();
  const parent = await ask(
    "SELECT Id, Account.Name, Account.Owner.Name FROM Contact WHERE LastName = 'Gonzalez'",
  );
  const id = parent.body.records?.[0]?.['Id'] as string;
  expect(parent.body.records).toEqual([
    {
      attributes: { type: 'Contact', url: `/services/data/v67.0/sobjects/Contact/${id}` },
      Id: id,
      Account: {
        attributes: {
          type: 'Account',
          url: expect.stringMatching(/^\/services\/data\/v67\.0\/sobjects\/Account\/001LOCAL/),
        },
        Name: 'Acme',
        Owner: {
          attributes: { type: 'User', url: expect.stringContaining('/sobjects/User/005') },
          Name: 'Ada Admin',
        },
      },
    },
  ]);
  const orphan = await ask(
    "SELECT Account.Name, CreatedDate FROM Contact WHERE LastName = 'Lonely'",
  );
  expect(orphan.body.records?.[0]).toMatchObject({
    Account: null,
    CreatedDate: '2026-10-14T12:00:00.000+0000',
  });
  const children = await ask(
    "SELECT Name, (SELECT LastName FROM Contacts WHERE LastName LIKE '%o%' ORDER BY LastName LIMIT 1) FROM Account WHERE Name IN ('Global Media', 'Salt & Sons') ORDER BY Name",
  );
  expect(children.body.records).toMatchObject([
    {
      Name: 'Global Media',
      Contacts: { totalSize: 1, done: true, records: [{ LastName: 'Amos' }] },
    },
    { Name: 'Salt & Sons', Contacts: null },
  ]);
});

test('aggregates', async () => {
  const { ask } = await asker();
  expect((await ask('SELECT COUNT() FROM Account')).body).toEqual({
    totalSize: 5,
    done: true,
    records: [],
  });
  const grouped = await ask(
    'SELECT Industry, COUNT(Id), SUM(NumberOfEmployees) employees, MAX(CreatedDate) FROM Account GROUP BY Industry HAVING COUNT(Id) > 1',
  );
  expect(grouped.body.records).toEqual([
    {
      attributes: { type: 'AggregateResult' },
      Industry: 'Media',
      expr0: 2,
      employees: 1800,
      expr1: '2026-11-23T12:00:00.000+0000',
    },
  ]);
});

test.each([
  ['', 'MALFORMED_QUERY', /empty/],
  ['SELECT', 'MALFORMED_QUERY', /unexpected token/],
  ['SELECT Id FROM', 'MALFORMED_QUERY', /<EOF>/],
  ['DELETE FROM Account', 'MALFORMED_QUERY', /unexpected token: 'DELETE'/],
  [
    'SELECT Id FROM ScratchOrgInfo',
    'INVALID_TYPE',
    /\n {15}\^\nERROR at Row:1:Column:16\nsObject type 'ScratchOrgInfo' is not supported/,
  ],
  ['SELECT Id FROM _ClientApp', 'MALFORMED_QUERY', /unexpected token/],
  ['SELECT Id FROM sqlite_master', 'INVALID_TYPE', /is not supported/],
  [
    'SELECT Foo FROM Account',
    'INVALID_FIELD',
    /ERROR at Row:1:Column:8\nNo such column 'Foo' on entity 'Account'/,
  ],
  ['SELECT _secret FROM Organization', 'MALFORMED_QUERY', /unexpected token/],
  ['SELECT Foo.Name FROM Account', 'INVALID_FIELD', /Didn't understand relationship 'Foo'/],
  [
    "SELECT Id FROM Account WHERE NumberOfEmployees = '5'",
    'INVALID_FIELD',
    /should not be enclosed in quotes/,
  ],
  ['SELECT Id FROM Account WHERE Name = 5', 'INVALID_FIELD', /should be enclosed in quotes/],
  ["SELECT Id FROM User WHERE IsActive = 'true'", 'INVALID_FIELD', /must be of type boolean/],
  ['SELECT Name, COUNT(Id) FROM Account', 'MALFORMED_QUERY', /must be grouped or aggregated/],
  ['SELECT FIELDS(ALL) FROM Account', 'MALFORMED_QUERY', /must have a LIMIT of at most 200/],
  ['SELECT TYPEOF Owner WHEN Lead THEN Name END FROM Account', 'INVALID_TYPE', /'Lead'/],
  ['SELECT Id, Id FROM Account', 'INVALID_FIELD', /^duplicate field selected: Id$/],
  ["SELECT Id FROM Account WHERE Id = 'foo'", 'INVALID_QUERY_FILTER_OPERATOR', /ID field: foo$/],
  ["SELECT Id FROM Account WHERE Description = 'x'", 'INVALID_FIELD', /can not be filtered/],
  ['SELECT Id FROM Account WHERE Id = :x', 'MALFORMED_QUERY', /^Bind variables only/],
  ['SELECT Id FROM Account ALL ROWS', 'MALFORMED_QUERY', /^ALL ROWS not allowed/],
  [
    'SELECT Id FROM Account GROUP BY ROLLUP(Name)',
    'MALFORMED_QUERY',
    /not supported by this local/,
  ],
  ["SELECT Id FROM Account WHERE Name INCLUDES ('a')", 'INVALID_QUERY_FILTER_OPERATOR', /string/],
  ["SELECT Id FROM Account WHERE Name = 'a' Phone = 'b'", 'MALFORMED_QUERY', /AND or OR/],
  ["SELECT Id FROM Account WHERE (Name = 'a' NOT Phone = 'b')", 'MALFORMED_QUERY', /AND or OR/],
  ['SELECT Id FROM Account OFFSET 2001', 'NUMBER_OUTSIDE_VALID_RANGE', /offset/],
])('refuses %j with %s', async (soql, errorCode, message) => {
  const { ask } = await asker();
  const { status, body } = await ask(soql);
  expect(status).toBe(400);
  expect(body).toEqual([{ errorCode, message: expect.stringMatching(message) }]);
});

test('columns=true describes the result', async () => {
  const { ask } = await asker();
  const { body } = await ask('SELECT Id, Account.Name FROM Contact', '&columns=true');
  expect(body).toMatchObject({
    entityName: 'Contact',
    keyPrefix: '003',
    idSelected: true,
    groupBy: false,
    columnMetadata: [
      { columnName: 'Id', apexType: 'Id', joinColumns: [] },
      { columnName: 'Account', joinColumns: [{ columnName: 'Name', apexType: 'String' }] },
    ],
  });
});

test('more than 2,000 rows come in batches, for the user who asked', async () => {
  const { org, token } = await orgSetting({
    seed: { records: { Account: Array.from({ length: 4100 }, (_, i) => ({ Name: `Many ${i}` })) } },
  });
  const value = await token();
  const soql = encodeURIComponent("SELECT Name FROM Account WHERE Name LIKE 'Many%'");
  let path: string | undefined = `/services/data/v67.0/query?q=${soql}`;
  const names = new Set<unknown>();
  const sizes: number[] = [];
  while (path !== undefined) {
    const body = (await (await get(org, path, value)).json()) as {
      totalSize: number;
      nextRecordsUrl?: string;
      records: { Name: string }[];
    };
    expect(body.totalSize).toBe(4100);
    sizes.push(body.records.length);
    for (const { Name } of body.records) names.add(Name);
    path = body.nextRecordsUrl;
    if (path !== undefined) {
      const stranger = org.openSession(org.administrator);
      expect(await (await get(org, path, stranger)).json()).toMatchObject([
        { errorCode: 'INVALID_QUERY_LOCATOR' },
      ]);
    }
  }
  expect(sizes).toEqual([2000, 2000, 100]);
  expect(names.size).toBe(4100);
});

test('versions are open to all, resources are not', async () => {
  const { org, token, user } = await orgSetting();
  const versions = (await (await get(org, '/services/data')).json()) as object[];
  expect(versions.at(-1)).toEqual({
    label: "Summer '26",
    url: '/services/data/v67.0',
    version: '67.0',
  });
  expect(versions).toContainEqual({
    label: "Spring '24",
    url: '/services/data/v60.0',
    version: '60.0',
  });
  expect(versions[0]).toMatchObject({ label: "Summer '14", version: '31.0' });
  expect((await get(org, '/services/data/v67.0')).status).toBe(401);
  const value = await token();
  expect(await (await get(org, '/services/data/v67.0', value)).json()).toEqual({
    identity: `${org.url}/id/${org.organization.id}/${user.id}`,
    composite: '/services/data/v67.0/composite',
    limits: '/services/data/v67.0/limits',
    query: '/services/data/v67.0/query',
    queryAll: '/services/data/v67.0/queryAll',
    recent: '/services/data/v67.0/recent',
    sobjects: '/services/data/v67.0/sobjects',
    tooling: '/services/data/v67.0/tooling',
  });
});

test.each([
  ['/services/data/v99.0/query?q=x', 'GET', 404, 'NOT_FOUND'],
  ['/services/data/67.0/query?q=x', 'GET', 404, 'NOT_FOUND'],
  ['/services/data/v67.0/nothing', 'GET', 404, 'NOT_FOUND'],
  ['/services/data/v67.0/query?q=x', 'POST', 405, 'METHOD_NOT_ALLOWED'],
  ['/services/data/v67.0/query/nothing-2000', 'GET', 400, 'INVALID_QUERY_LOCATOR'],
])('%s by %s is answered with %s %s', async (path, method, status, errorCode) => {
  const { org, token } = await orgSetting();
  const authorization = `Bearer ${await token()}`;
  const response = await org.fetch(
    new Request(org.url + path, { method, headers: { authorization } }),
  );
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject([{ errorCode }]);
});

test.each(['EntityDefinition', 'FieldDefinition', 'ApexClass'])(
  '%s is refused, not answered with nothing',
  async (name) => {
    const { org, token } = await orgSetting();
    const authorization = `Bearer ${await token()}`;
    for (const path of ['query', 'tooling/query']) {
      const url = `${org.url}/services/data/v67.0/${path}?q=SELECT+Id+FROM+${name}`;
      const response = await org.fetch(new Request(url, { headers: { authorization } }));
      expect([response.status, await response.json()]).toMatchObject([
        400,
        [{ errorCode: 'INVALID_TYPE' }],
      ]);
    }
  },
);

test('whatever is asked, the answer is a result or a refusal', async () => {
  const { ask } = await asker();
  const valid =
    "SELECT Id, Account.Name FROM Contact WHERE (Name LIKE 'a%' OR NOT Email = null) AND CreatedDate = LAST_N_DAYS:3 ORDER BY Name LIMIT 5";
  const mutated = fc
    .tuple(fc.nat(valid.length), fc.nat(8), fc.string({ maxLength: 6 }))
    .map(([at, cut, insert]) => valid.slice(0, at) + insert + valid.slice(at + cut));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), mutated), async (soql) => {
      expect([200, 400]).toContain((await ask(soql)).status);
    }),
    { numRuns: 400 },
  );
});
