/**
 * What the Salesforce CLI, @salesforce/core and jsforce send after they signed in, call by call and
 * header by header, over a real socket. The programs themselves are in the suite of foreign clients.
 */

import { request } from 'node:http';
import { expect, test } from 'vitest';
import { assertion } from './assertion.ts';
import { orgSetting } from './org-setting.ts';

interface Reply {
  status: number;
  body: unknown;
}

/** Node's own client: it sends bodies in chunks and without a length, as these programs do. */
function send(
  address: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: object; body?: string } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(address, { method, headers: { ...headers } }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const isJson = (incoming.headers['content-type'] ?? '').includes('json');
        const status = incoming.statusCode ?? 0;
        resolve({ status, body: isJson ? (JSON.parse(text) as unknown) : text });
      });
    });
    outgoing.on('error', reject);
    if (body !== undefined) outgoing.write(body);
    outgoing.end();
  });
}

/** Signs in as the CLI does: `exp` in milliseconds, the audience with a slash at its end. */
async function signIn(): Promise<{
  url: string;
  token: Record<string, string>;
  authorized: (path: string, headers?: object) => Promise<Reply>;
}> {
  const { org, clock, claims } = await orgSetting();
  await org.listen({ port: 0 });
  const { url } = org;
  const jwt = await assertion(
    claims({ aud: `${url}/`, exp: clock.now() + 300, iat: Math.floor(clock.now() / 1000) }),
  );
  const { status, body } = await send(`${url}/services/oauth2/token`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'undici',
      accept: '*/*',
    },
    body: `grant_type=${encodeURIComponent('urn:ietf:params:oauth:grant-type:jwt-bearer')}&assertion=${jwt}`,
  });
  expect(status).toBe(200);
  const token = body as Record<string, string>;
  return {
    url,
    token,
    authorized: (path, headers = {}) =>
      send(url + path, {
        headers: { authorization: `Bearer ${token['access_token']}`, ...headers },
      }),
  };
}

const toolbelt = {
  'sforce-call-options': 'client=sfdx toolbelt:',
  'user-agent': 'sfdx toolbelt:',
  'content-type': 'application/json',
};

const organization =
  'SELECT Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType FROM Organization';

const query = (version: string, soql: string, more = ''): string =>
  `/services/data/v${version}/query?q=${encodeURIComponent(soql)}${more}`;

test('sf org login jwt', async () => {
  const { url, token, authorized } = await signIn();
  // The CLI cuts the organization out of the identity URL.
  expect(token['id']).toMatch(/\/id\/00D\w{15}\/005\w{15}$/);
  expect(token['instance_url']).toBe(url);

  // No Dev Hub: the object is not there, and the CLI looks at the status alone.
  const devHub = await authorized(query('51.0', 'SELECT Id FROM ScratchOrgInfo limit 1'));
  expect(devHub).toMatchObject({ status: 400, body: [{ errorCode: 'INVALID_TYPE' }] });

  const versions = await authorized('/services/data', toolbelt);
  const highest = (versions.body as { version: string }[]).map(({ version }) => version).at(-1);
  expect(highest).toMatch(/^\d\d\.0$/);

  for (let time = 0; time < 2; time += 1) {
    expect(await authorized(query(highest ?? '', organization), toolbelt)).toMatchObject({
      status: 200,
      body: {
        totalSize: 1,
        done: true,
        records: [
          {
            attributes: { type: 'Organization' },
            Name: 'Local Org',
            InstanceName: 'LOCAL',
            IsSandbox: false,
            TrialExpirationDate: null,
            NamespacePrefix: null,
            OrganizationType: 'Developer Edition',
          },
        ],
      },
    });
  }
});

test('sf data query: the query, then its columns', async () => {
  const { authorized } = await signIn();
  await authorized(query('67.0', organization), toolbelt);
  const soql =
    'SELECT Id, Owner.Name, (SELECT LastName FROM Contacts), NumberOfEmployees FROM Account';
  expect(await authorized(query('67.0', soql), toolbelt)).toMatchObject({
    body: { totalSize: 3, done: true },
  });
  const { body } = await authorized(query('67.0', soql, '&columns=true'), toolbelt);
  // A subquery has `aggregate` set and columns within, a parent has the columns alone.
  expect(body).toMatchObject({
    columnMetadata: expect.arrayContaining([
      expect.objectContaining({ columnName: 'Id', aggregate: false, joinColumns: [] }),
      expect.objectContaining({
        columnName: 'Owner',
        aggregate: false,
        joinColumns: [expect.objectContaining({ columnName: 'Name' })],
      }),
      expect.objectContaining({
        columnName: 'Contacts',
        aggregate: true,
        joinColumns: [expect.objectContaining({ columnName: 'LastName' })],
      }),
    ]),
  });
  const grouped =
    'SELECT Industry, COUNT(Id) total, MAX(CreatedDate) FROM Account GROUP BY Industry';
  const aggregate = await authorized(query('67.0', grouped, '&columns=true'), toolbelt);
  expect(aggregate.body).toMatchObject({
    columnMetadata: [
      { columnName: 'Industry', aggregate: false },
      { columnName: 'total', aggregate: true, displayName: 'count(Id)' },
      { columnName: 'expr0', aggregate: true, displayName: 'max(CreatedDate)' },
    ],
  });
});

test('sf org display asks for the resources of a version', async () => {
  const { url, token, authorized } = await signIn();
  expect(await authorized('/services/data/v65.0', toolbelt)).toMatchObject({
    status: 200,
    body: { identity: token['id'], query: '/services/data/v65.0/query' },
  });
  expect(token['id']?.startsWith(url)).toBe(true);
});

test('core and jsforce ask who they are, with the token in the URL as well', async () => {
  const { token, authorized } = await signIn();
  const { pathname } = new URL(token['id'] ?? '');
  const address = `${pathname}?format=json&oauth_token=${encodeURIComponent(token['access_token'] ?? '')}`;
  expect(await authorized(address)).toMatchObject({
    status: 200,
    body: { username: 'worker@example.org', organization_id: expect.stringMatching(/^00D/) },
  });
});

test('jsforce queries version 50.0 and logs out by POST', async () => {
  const { url, token, authorized } = await signIn();
  expect(await authorized(query('50.0', 'SELECT Id, Name FROM Account'))).toMatchObject({
    status: 200,
    body: { totalSize: 3 },
  });
  const { status } = await send(`${url}/services/oauth2/revoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `token=${encodeURIComponent(token['access_token'] ?? '')}`,
  });
  expect(status).toBe(200);
  // Which jsforce and simple-salesforce know by its code, in a list.
  expect(await authorized(query('50.0', 'SELECT Id FROM Account'))).toMatchObject({
    status: 401,
    body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }],
  });
});

test('a login by access token reads userinfo and the user', async () => {
  const { authorized } = await signIn();
  const userinfo = await authorized('/services/oauth2/userinfo');
  expect(userinfo).toMatchObject({
    status: 200,
    body: { preferred_username: 'worker@example.org', user_id: expect.stringMatching(/^005/) },
  });
  const { user_id: userId } = userinfo.body as { user_id: string };
  expect(await authorized(`/services/data/v51.0/sobjects/User/${userId}`, toolbelt)).toMatchObject({
    status: 200,
    body: { Id: userId, Username: 'worker@example.org' },
  });
});

test('a base URL with a slash at its end: the CLI after `sf org login access-token`', async () => {
  const { url, token, authorized } = await signIn();
  for (const path of ['/services/data', query('67.0', organization)]) {
    const plain = await authorized(path);
    expect(plain.status).toBe(200);
    expect(await authorized(`/${path}`)).toEqual(plain);
  }
  expect(
    (await authorized(`//services/data/v67.0/sobjects/User/${token['id']?.slice(-18)}`)).status,
  ).toBe(200);
  const refused = await send(`${url}//services/oauth2/token`, { method: 'POST' });
  expect(refused).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } });
});

test.each([
  ['GET', '/services/x'],
  ['GET', '/foo'],
  ['POST', '/services/Soap/u/67.0'],
  ['POST', '/services/async/67.0/job'],
  ['GET', '/services/apexrest/orders'],
  ['POST', '/nowhere/services/oauth2/token'],
  ['PUT', '/services/oauth2/revoke'],
])('%s %s is not served, and told so in the words of the REST API', async (method, path) => {
  const { url, token } = await signIn();
  const refusal = [{ message: 'The requested resource does not exist', errorCode: 'NOT_FOUND' }];
  expect(await send(url + path, { method })).toEqual({ status: 404, body: refusal });
  const authorization = `Bearer ${token['access_token']}`;
  expect(await send(url + path, { method, headers: { authorization } })).toEqual({
    status: 404,
    body: refusal,
  });
});
