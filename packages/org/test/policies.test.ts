/** What an administrator sets for users, profiles and apps, and the answer of the token endpoint. */

import { expect, test } from 'vitest';
import type { ClientAppPolicies, ProfileChange } from '../src/index.ts';
import { createOrg, OrgError } from '../src/index.ts';
import { appKey } from './assertion.ts';
import { get, orgSetting } from './org-setting.ts';
import type { OrgSetting } from './org-setting.ts';

const query = '/services/data/v67.0/query?q=SELECT+Name+FROM+Account';

async function refusal({ ask, org }: OrgSetting): Promise<unknown> {
  const response = await ask();
  if (response.status === 200) return 'granted';
  const { error, error_description: description } = (await response.json()) as Record<
    string,
    string
  >;
  const [attempt] = org.loginHistory.list();
  return [error, description, attempt?.status, attempt?.trace.at(-1)?.rule];
}

function setProfile({ org }: OrgSetting, change: ProfileChange): void {
  org.profiles.change(org.profiles.get('Standard User'), change);
}

test('a frozen user is refused like an inactive one, and so are the sessions, until unfrozen', async () => {
  const setting = await orgSetting();
  const { org, user } = setting;
  const held = await setting.token();
  org.users.setFrozen(user, true);
  expect(await refusal(setting)).toEqual([
    'inactive_user',
    'user is inactive',
    'User is frozen',
    'user is not frozen',
  ]);
  expect((await get(org, query, held)).status).toBe(401);
  org.users.setFrozen(user, false);
  expect(await refusal(setting)).toBe('granted');
});

test('a user without API access is given a token, and the REST API refuses it', async () => {
  const setting = await orgSetting();
  const { org, user } = setting;
  setProfile(setting, { apiEnabled: false });
  const token = await setting.token();
  const refused = await get(org, query, token);
  expect(refused.status).toBe(403);
  expect(await refused.json()).toEqual([
    {
      message: 'The REST API is not enabled for this Organization.',
      errorCode: 'API_DISABLED_FOR_ORG',
    },
  ]);
  expect((await get(org, '/services/oauth2/userinfo', token)).status).toBe(200);
  const access = org.permissionSets.create({ label: 'API', apiEnabled: true });
  org.permissionSets.assign(access, user);
  expect((await get(org, query, token)).status).toBe(200);
});

test.each([
  ['blocked', { isBlocked: true }],
  ['disabled', { isEnabled: false }],
] satisfies [string, Partial<ClientAppPolicies>][])(
  'an app that is %s gives no token',
  async (_name, policies) => {
    const setting = await orgSetting();
    setting.org.clientApps.setPolicies(setting.app, policies);
    expect(await refusal(setting)).toEqual([
      'OAUTH_APP_BLOCKED',
      'this app is blocked by admin',
      'Failed: App Blocked',
      'app is enabled and not blocked',
    ]);
  },
);

const elsewhere = [{ startAddress: '192.0.2.1', endAddress: '192.0.2.9' }];
const here = [...elsewhere, { startAddress: '127.0.0.0', endAddress: '127.255.255.255' }];
const everyIpv6 = [{ startAddress: '::', endAddress: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' }];

test('login IP ranges of the profile decide, unless the app relaxes them', async () => {
  const setting = await orgSetting();
  const restricted = [
    'invalid_grant',
    'ip restricted',
    'Restricted IP',
    'address is in the login IP ranges of the profile, unless the app relaxes them',
  ];
  setProfile(setting, { loginIpRanges: elsewhere });
  for (const ipRelaxation of ['enforce', 'enforceRelaxRefresh', 'bypass2factor'] as const) {
    setting.org.clientApps.setPolicies(setting.app, { ipRelaxation });
    expect(await refusal(setting), ipRelaxation).toEqual(restricted);
  }
  expect(setting.org.loginHistory.list()[0]?.trace.at(-1)).toMatchObject({
    expected: '192.0.2.1 to 192.0.2.9',
    found: '127.0.0.1; Relax IP restrictions with second factor',
  });
  setting.org.clientApps.setPolicies(setting.app, { ipRelaxation: 'bypass' });
  expect(await refusal(setting)).toBe('granted');
  setting.org.clientApps.setPolicies(setting.app, { ipRelaxation: 'enforce' });
  setProfile(setting, { loginIpRanges: everyIpv6 });
  expect(await refusal(setting)).toEqual(restricted);
  setProfile(setting, { loginIpRanges: here });
  expect(await refusal(setting)).toBe('granted');
});

test.each([
  [{ startAddress: '10.0.0.9', endAddress: '10.0.0.1' }],
  [{ startAddress: '10.0.0.1', endAddress: '::1' }],
  [{ startAddress: 'office', endAddress: '10.0.0.1' }],
])('%o is no range', async (range) => {
  const setting = await orgSetting();
  expect(() => setProfile(setting, { loginIpRanges: [range] })).toThrow(OrgError);
});

test('login hours of the profile: a day with hours, a day without, a closed day', async () => {
  const setting = await orgSetting(); // a Monday, 12:00
  const closed = [
    'invalid_grant',
    'IP restricted or invalid login hours',
    'Restricted time',
    'time is within the login hours of the profile',
  ];
  setProfile(setting, { loginHours: { mondayStart: 480, mondayEnd: 720 } });
  expect(await refusal(setting)).toEqual(closed);
  expect(setting.org.loginHistory.list()[0]?.trace.at(-1)).toMatchObject({
    expected: 'monday 08:00 to 12:00',
    found: 'monday 12:00',
  });
  setProfile(setting, { loginHours: { mondayStart: 720, mondayEnd: 780 } });
  expect(await refusal(setting)).toBe('granted');
  setting.clock.advance({ hours: 1 });
  expect(await refusal(setting)).toEqual(closed);
  setting.clock.advance({ days: 1 });
  expect(await refusal(setting)).toBe('granted');
  setProfile(setting, { loginHours: { tuesdayStart: 0, tuesdayEnd: 0 } });
  expect(await refusal(setting)).toEqual(closed);
  expect(() => setProfile(setting, { loginHours: { mondayStart: 60 } })).toThrow(OrgError);
});

test('a user has so many logins an hour; refused ones count, and the hour slides', async () => {
  const setting = await orgSetting({ seed: { limits: { loginsPerHour: 3 } } });
  const exceeded = [
    'invalid_grant',
    'login rate exceeded',
    'Login rate exceeded',
    'user has logins left in this hour',
  ];
  expect(await refusal(setting)).toBe('granted');
  setting.clock.advance({ minutes: 30 });
  setting.org.users.setActive(setting.user, false);
  expect(await refusal(setting)).toContain('inactive_user');
  setting.org.users.setActive(setting.user, true);
  expect(await refusal(setting)).toBe('granted');
  for (let tries = 0; tries < 3; tries += 1) expect(await refusal(setting)).toEqual(exceeded);
  const other = setting.org.users.create({
    username: 'other@example.org',
    profile: 'Standard User',
  });
  expect((await setting.ask({ claims: { sub: other.username } })).status).toBe(200);
  setting.clock.advance({ minutes: 30 });
  expect(await refusal(setting)).toBe('granted');
  expect(await refusal(setting)).toEqual(exceeded);
});

test('3,600 logins an hour when nothing is said, counted also by an org opened anew', async () => {
  const setting = await orgSetting();
  const { org, user } = setting;
  for (let logins = 0; logins < 3599; logins += 1) {
    org.loginHistory.record({
      userId: user.id,
      username: user.username,
      consumerKey: undefined,
      application: undefined,
      sourceIp: '127.0.0.1',
      loginUrl: 'localhost',
      status: 'Success',
      trace: [],
    });
  }
  expect(await refusal(setting)).toBe('granted');
  expect(await refusal(setting)).toContain('login rate exceeded');
});

test('Login History keeps the newest attempts, and the steps of the newest of them', async () => {
  const { org, user, token } = await orgSetting();
  await token();
  const attempt = {
    userId: user.id,
    username: user.username,
    consumerKey: undefined,
    application: undefined,
    sourceIp: '127.0.0.1',
    loginUrl: 'localhost',
    status: 'Success',
    trace: [{ rule: 'a rule', passed: true, found: 'something' }],
  };
  for (let logins = 0; logins < 20_600; logins += 1) org.loginHistory.record(attempt);
  const kept = org.loginHistory.list({ limit: 30_000 });
  expect(kept.length).toBeLessThanOrEqual(20_000);
  expect(kept.length).toBeGreaterThan(19_000);
  expect(kept.at(-1)?.trace).toEqual([]);
  const traced = kept.filter(({ trace }) => trace.length > 0);
  expect(traced.length).toBeLessThanOrEqual(5000);
  expect(traced.length).toBeGreaterThan(4000);
  expect(kept[0]).toMatchObject({ trace: attempt.trace });
});

test('the time-out of a session: the app decides before the profile, the profile before the org', async () => {
  const setting = await orgSetting({ seed: { sessionTimeoutMinutes: 60 } });
  const { org, app } = setting;
  const timeout = async (): Promise<number | undefined> => {
    for (const { id } of org.sessions.list()) org.sessions.remove(id);
    await setting.token();
    return org.sessions.list()[0]?.timeoutSeconds;
  };
  expect(await timeout()).toBe(60 * 60);
  setProfile(setting, { sessionTimeoutMinutes: 30 });
  expect(await timeout()).toBe(30 * 60);
  org.clientApps.setPolicies(app, { sessionTimeoutMinutes: 15 });
  expect(await timeout()).toBe(15 * 60);
});

test('a living session is handed out again, with its time-out begun anew', async () => {
  const { org, token, clock, app } = await orgSetting();
  const first = await token();
  clock.advance({ minutes: 119 });
  expect(await token()).toBe(first);
  expect(org.sessions.list()).toHaveLength(1);
  const [latest] = org.loginHistory.list();
  expect(latest).toMatchObject({ status: 'Success', time: clock.now() });
  clock.advance({ minutes: 119 });
  expect((await get(org, query, first)).status).toBe(200);
  org.clientApps.setScopes(app, ['api', 'id']);
  expect(await token()).not.toBe(first);
  clock.advance({ minutes: 120 });
  const later = await token();
  expect(later).not.toBe(first);
  expect((await get(org, query, first)).status).toBe(401);
  expect((await get(org, query, later)).status).toBe(200);
});

test('a seed sets all of it', async () => {
  const org = await createOrg({
    seed: {
      profiles: [
        {
          name: 'Night Shift',
          apiEnabled: false,
          apiUserOnly: true,
          loginIpRanges: elsewhere,
          loginHours: { mondayStart: 0, mondayEnd: 60 },
          sessionTimeoutMinutes: 30,
        },
      ],
      permissionSets: [{ label: 'API', apiEnabled: true }],
      users: [{ username: 'a@example.org', profile: 'Night Shift', isFrozen: true }],
      clientApps: [
        {
          name: 'Sync',
          contactEmail: 'a@example.org',
          consumerKey: 'key',
          certificate: appKey.certificatePem,
          scopes: ['api', 'refresh_token'],
          ipRelaxation: 'bypass',
          sessionTimeoutMinutes: 15,
          isEnabled: false,
          isBlocked: true,
          jwtAccessTokens: true,
          jwtTimeoutMinutes: 5,
          isPkceRequired: false,
          isConsumerSecretOptional: true,
          isIntrospectAllTokens: true,
          approvals: [{ username: 'a@example.org', scopes: ['api', 'refresh_token'] }],
        },
      ],
      sites: [{ path: 'portal' }],
      limits: { loginsPerHour: 10 },
      sessionTimeoutMinutes: 45,
    },
  });
  const user = org.users.get('a@example.org');
  const app = org.clientApps.get('key');
  expect(org.profiles.get('Night Shift')).toMatchObject({
    apiEnabled: false,
    apiUserOnly: true,
    loginIpRanges: elsewhere,
    loginHours: { mondayStart: 0, mondayEnd: 60 },
    sessionTimeoutMinutes: 30,
  });
  expect(user.isFrozen).toBe(true);
  expect(app).toMatchObject({
    ipRelaxation: 'bypass',
    sessionTimeoutMinutes: 15,
    isEnabled: false,
    isBlocked: true,
    jwtAccessTokens: true,
    jwtTimeoutMinutes: 5,
    isPkceRequired: false,
    isConsumerSecretOptional: true,
    isIntrospectAllTokens: true,
  });
  expect(org.approvals.scopes(user, app)).toEqual(['api', 'refresh_token']);
  expect(org.sites.find('portal')).toMatchObject({ path: 'portal' });
  await org.close();
});

test.each([
  [{ profiles: [{ name: 'A', sessionTimeoutMinutes: 14 }] }, 'profiles.0.sessionTimeoutMinutes'],
  [{ profiles: [{ name: 'A', loginHours: { mondayStart: 1441 } }] }, 'mondayStart'],
  [{ limits: { loginsPerHour: 0 } }, 'limits.loginsPerHour'],
  [
    { clientApps: [{ name: 'A', contactEmail: 'a@b.cc', jwtTimeoutMinutes: 7 }] },
    'jwtTimeoutMinutes',
  ],
])('%o is no seed', async (seed, field) => {
  await expect(createOrg({ seed })).rejects.toMatchObject({
    code: 'SEED_INVALID',
    message: expect.stringContaining(field),
  });
});

test.each([
  [{ usrs: [] }, 'usrs: there is no such field'],
  [{ users: [{ username: 'a@example.org' }] }, 'users.0.profile: is missing'],
])('a seed says which field is wrong and how: %j', async (seed, words) => {
  await expect(createOrg({ seed: seed as object })).rejects.toMatchObject({
    code: 'SEED_INVALID',
    message: expect.stringContaining(words),
  });
});
