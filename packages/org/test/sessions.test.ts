import { expect, test } from 'vitest';
import { appKey } from './assertion.ts';
import { get, orgSetting } from './org-setting.ts';

const dead = [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }];
const query = '/services/data/v67.0/query?q=SELECT+Name+FROM+Account';

test('a token opens the REST API, by Bearer and by OAuth', async () => {
  const { org, token } = await orgSetting();
  const value = await token();
  expect((await get(org, query, value)).status).toBe(200);
  const older = new Request(org.url + query, { headers: { authorization: `OAuth ${value}` } });
  expect((await org.fetch(older)).status).toBe(200);
});

test.each([
  ['no token', () => undefined],
  [
    'an unknown token',
    (value: string) => `${value.slice(0, -1)}${value.endsWith('A') ? 'B' : 'A'}`,
  ],
  ['a truncated token', (value: string) => value.slice(0, 40)],
  ['the token of another org', (value: string) => value.replace(/^00D\w{12}/, '00D000000000001')],
  ['words', () => 'hello'],
])('%s is answered with the list of the REST API', async (_name, change) => {
  const { org, token } = await orgSetting();
  const response = await get(org, query, change(await token()));
  expect(response.status).toBe(401);
  expect(await response.json()).toEqual(dead);
});

test('a session lives on while it is used, and ends after its time-out', async () => {
  const { org, token, clock } = await orgSetting();
  const value = await token();
  for (let hours = 0; hours < 3; hours += 1) {
    clock.advance({ minutes: 119 });
    expect((await get(org, query, value)).status).toBe(200);
  }
  expect(org.sessions.list()).toHaveLength(1);
  clock.advance({ minutes: 120 });
  expect((await get(org, query, value)).status).toBe(401);
  expect(org.sessions.list()).toEqual([]);
});

test('the app decides the time-out of its sessions', async () => {
  const { org, ask, clock } = await orgSetting();
  const app = org.clientApps.create({
    name: 'Short',
    contactEmail: 'a@example.org',
    scopes: ['api'],
    permittedUsers: 'adminApproved',
    sessionTimeoutMinutes: 15,
  });
  org.clientApps.uploadCertificate(app, appKey.certificatePem);
  org.clientApps.assignProfile(app, org.profiles.get('Standard User'));
  const response = await ask({ claims: { iss: app.consumerKey } });
  const { access_token: value } = (await response.json()) as { access_token: string };
  clock.advance({ minutes: 15 });
  expect((await get(org, query, value)).status).toBe(401);
});

test('an administrator who removes a session ends its token', async () => {
  const { org, token } = await orgSetting();
  const value = await token();
  const [session] = org.sessions.list();
  expect(session).toMatchObject({ type: 'Oauth2', sourceIp: '127.0.0.1', timeoutSeconds: 7200 });
  org.sessions.remove(session?.id ?? '');
  expect((await get(org, query, value)).status).toBe(401);
});

test('revoke ends the session; a dead token is answered in form encoding', async () => {
  const { org, token } = await orgSetting();
  const value = await token();
  const revoke = (): Promise<Response> =>
    org.fetch(
      new Request(`${org.url}/services/oauth2/revoke`, {
        method: 'POST',
        body: new URLSearchParams({ token: value }),
      }),
    );
  const first = await revoke();
  expect([first.status, await first.text()]).toEqual([200, '']);
  expect((await get(org, query, value)).status).toBe(401);
  const second = await revoke();
  expect([second.status, new URLSearchParams(await second.text()).get('error')]).toEqual([
    400,
    'invalid_token',
  ]);
});

test('a token without the api scope is no use at the REST API, and a new login would not help', async () => {
  const { org, app, token } = await orgSetting();
  org.clientApps.setScopes(app, ['openid', 'id']);
  const value = await token();
  const response = await get(org, query, value);
  expect(response.status).toBe(401);
  expect(await response.json()).toEqual([
    {
      message: 'This session is not valid for use with the REST API',
      errorCode: 'INVALID_SESSION_ID',
    },
  ]);
  expect((await get(org, '/services/oauth2/userinfo', value)).status).toBe(200);
});

test('userinfo and the identity URL say who is signed in', async () => {
  const { org, token, user } = await orgSetting();
  const value = await token();
  const userinfo = await get(org, '/services/oauth2/userinfo', value);
  expect(await userinfo.json()).toMatchObject({
    user_id: user.id,
    organization_id: org.organization.id,
    preferred_username: 'worker@example.org',
  });
  const path = `/id/${org.organization.id}/${user.id}`;
  expect(await (await get(org, path, value)).json()).toMatchObject({
    asserted_user: true,
    username: 'worker@example.org',
    urls: { rest: `${org.url}/services/data/v{version}/` },
  });
  const inUrl = await get(org, `${path}?version=latest&oauth_token=${encodeURIComponent(value)}`);
  expect(await inUrl.json()).toMatchObject({ urls: { rest: `${org.url}/services/data/v67.0/` } });
});

test.each([
  ['/services/oauth2/userinfo', 'nonsense', 'Bad_OAuth_Token'],
  ['/services/oauth2/userinfo', undefined, 'Bad_OAuth_Token'],
  ['/id/00D000000000001/005000000000001', undefined, 'Missing_OAuth_Token'],
  ['/id/00D000000000001/005000000000001', 'nonsense', 'Bad_OAuth_Token'],
])('%s with token %s is refused in plain text: %s', async (path, value, word) => {
  const { org } = await orgSetting();
  const response = await get(org, path, value);
  expect([response.status, await response.text()]).toEqual([403, word]);
});

test('introspection tells an app of its own tokens, for its secret', async () => {
  const { org, app, token } = await orgSetting();
  const value = await token();
  const introspect = async (form: Record<string, string>): Promise<unknown> => {
    const request = new Request(`${org.url}/services/oauth2/introspect`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    return (await org.fetch(request)).json();
  };
  const credentials = { client_id: app.consumerKey, client_secret: app.consumerSecret };
  expect(await introspect({ token: value, ...credentials })).toMatchObject({
    active: true,
    username: 'worker@example.org',
    scope: 'api',
    exp: org.clock.now() / 1000 + 7200,
  });
  expect(await introspect({ token: 'other', ...credentials })).toEqual({ active: false });
  expect(await introspect({ token: value, ...credentials, client_secret: 'wrong' })).toMatchObject({
    error: 'invalid_client',
  });
  const other = org.clientApps.create({ name: 'Other', contactEmail: 'a@example.org' });
  expect(
    await introspect({
      token: value,
      client_id: other.consumerKey,
      client_secret: other.consumerSecret,
    }),
  ).toEqual({ active: false });
});

test('sessions and logins are seen by SOQL as in Salesforce', async () => {
  const { org, token, ask, user } = await orgSetting();
  const value = await token();
  await ask({ claims: { aud: 'https://evil.example' } });
  const soql = async (text: string): Promise<unknown> => {
    const path = `/services/data/v67.0/query?q=${encodeURIComponent(text)}`;
    return (await get(org, path, value)).json();
  };
  expect(await soql('SELECT UsersId, SessionType, NumSecondsValid FROM AuthSession')).toMatchObject(
    {
      totalSize: 1,
      records: [{ UsersId: user.id, SessionType: 'Oauth2', NumSecondsValid: 7200 }],
    },
  );
  expect(
    await soql('SELECT Status, Application, UserId FROM LoginHistory ORDER BY LoginTime, Id'),
  ).toMatchObject({
    records: [
      { Status: 'Success', Application: 'Nightly Sync', UserId: user.id },
      { Status: 'Failed: Audience Invalid', UserId: null },
    ],
  });
  expect(await soql('SELECT DeveloperName FROM ExternalClientApplication')).toMatchObject({
    records: [{ DeveloperName: 'Nightly_Sync' }],
  });
});
