/** The objects of Setup through SOQL and REST: what an administrator of an integration looks up. */

import { expect, test } from 'vitest';
import { get } from './org-setting.ts';
import { restSetting } from './rest-setting.ts';

test('apps and their settings, in the words of their objects', async () => {
  const { org, query } = await restSetting();
  const [app] = org.clientApps.list();
  expect(
    await query(
      'SELECT Id, DeveloperName, MasterLabel, ContactEmail, DistributionState FROM ExternalClientApplication',
    ),
  ).toMatchObject({
    records: [
      {
        Id: app?.id,
        DeveloperName: 'Nightly_Sync',
        MasterLabel: 'Nightly Sync',
        ContactEmail: 'ops@example.org',
        DistributionState: 'Local',
      },
    ],
  });
  expect(
    await query(
      `SELECT ExternalClientApplication.DeveloperName, PermittedUsersPolicyType, IpRelaxationPolicyType, SessionTimeoutInMinutes, RequiredSessionLevel
       FROM ExtlClntAppOauthPlcyCnfg WHERE ExternalClientApplicationId = '${app?.id}'`,
    ),
  ).toMatchObject({
    records: [
      {
        ExternalClientApplication: { DeveloperName: 'Nightly_Sync' },
        PermittedUsersPolicyType: 'AdminApprovedPreAuthorized',
        IpRelaxationPolicyType: 'Enforce',
        SessionTimeoutInMinutes: null,
      },
    ],
  });
  expect(
    await query(
      'SELECT OauthScopesAPI, OauthScopesREFRESH_TOKEN, OauthScopesFULL FROM ExtlClntAppOauthSettings',
    ),
  ).toMatchObject({
    records: [{ OauthScopesAPI: true, OauthScopesREFRESH_TOKEN: true, OauthScopesFULL: false }],
  });
  expect(
    await query('SELECT IsJwtBearerFlowEnabled FROM ExtlClntAppGlobalOauthSettings'),
  ).toMatchObject({ records: [{ IsJwtBearerFlowEnabled: true }] });
  expect(await query('SELECT IsEnabled, OauthPluginStatus FROM ExtlClntAppPlcyCnfg')).toMatchObject(
    {
      records: [{ IsEnabled: true, OauthPluginStatus: 'Enabled' }],
    },
  );
});

test('who may use an app: access by permission set, and the profile that owns it', async () => {
  const { org, query } = await restSetting();
  const [app] = org.clientApps.list();
  expect(
    await query(
      `SELECT SetupEntityType, Parent.IsOwnedByProfile, Parent.Profile.Name FROM SetupEntityAccess WHERE SetupEntityId = '${app?.id}'`,
    ),
  ).toMatchObject({
    records: [
      {
        SetupEntityType: 'ExternalClientApplication',
        Parent: { IsOwnedByProfile: true, Profile: { Name: 'Standard User' } },
      },
    ],
  });
});

test('an integration user is set up through REST alone, and can sign in', async () => {
  const { org, call, create, query, read } = await restSetting();
  const { records } = await query("SELECT Id FROM Profile WHERE Name = 'Standard User'");
  const user = {
    Username: 'night@example.org',
    LastName: 'Shift',
    Email: 'night@example.org',
    Alias: 'night',
    TimeZoneSidKey: 'GMT',
    LocaleSidKey: 'en_US',
    EmailEncodingKey: 'UTF-8',
    LanguageLocaleKey: 'en_US',
    ProfileId: records[0]?.['Id'],
  };
  const userId = await create('User', user);
  expect(await read('User', userId)).toMatchObject({
    Name: 'Shift',
    CommunityNickname: 'night',
    IsActive: true,
    UserType: 'Standard',
  });
  expect(await call('POST', '/sobjects/User', user)).toMatchObject({
    status: 400,
    body: [{ errorCode: 'DUPLICATE_USERNAME', fields: ['Username'] }],
  });
  expect(
    await query(
      `SELECT PermissionSet.IsOwnedByProfile, PermissionSet.Profile.Name FROM PermissionSetAssignment WHERE AssigneeId = '${userId}'`,
    ),
  ).toMatchObject({
    records: [{ PermissionSet: { IsOwnedByProfile: true, Profile: { Name: 'Standard User' } } }],
  });

  const permissionSet = await create('PermissionSet', { Name: 'Night', Label: 'Night Access' });
  const assignment = { AssigneeId: userId, PermissionSetId: permissionSet };
  await create('PermissionSetAssignment', assignment);
  expect(await call('POST', '/sobjects/PermissionSetAssignment', assignment)).toMatchObject({
    status: 400,
    body: [{ errorCode: 'DUPLICATE_VALUE' }],
  });
  const [app] = org.clientApps.list();
  await create('SetupEntityAccess', { ParentId: permissionSet, SetupEntityId: app?.id });

  // The rows that REST wrote are the ones that the org goes by.
  const token = org.openSession(org.users.get('night@example.org'));
  expect((await get(org, '/services/data/v67.0/limits', token)).status).toBe(200);
  const login = await query(`SELECT Id FROM UserLogin WHERE UserId = '${userId}'`);
  const frozen = await call('PATCH', `/sobjects/UserLogin/${String(login.records[0]?.['Id'])}`, {
    IsFrozen: true,
  });
  expect(frozen.status).toBe(204);
  expect(org.users.get('night@example.org').isFrozen).toBe(true);
  expect((await get(org, '/services/data/v67.0/limits', token)).status).toBe(401);

  expect(
    await query(
      'SELECT Action, Section, Display, CreatedBy.Username FROM SetupAuditTrail ORDER BY Id',
    ),
  ).toMatchObject({
    records: [
      // What the setting of these tests does, in the name of the org.
      { Action: 'externalClientAppCreated', CreatedBy: { Username: 'admin@local-org.example' } },
      { Display: 'Changed certificate of external client app Nightly Sync' },
      { Action: 'createduser', Display: 'Created new user worker' },
      { Display: 'Gave access to external client app Nightly Sync by profile Standard User' },
      { Action: 'changedprofile', Display: 'Changed profile Standard User' },
      {
        Action: 'createduser',
        Section: 'Manage Users',
        Display: 'Created new user Shift',
        CreatedBy: { Username: 'worker@example.org' },
      },
      { Action: 'PermSetCreate', Display: 'Created permission set Night Access' },
      {
        Action: 'PermSetAssign',
        Display: `Permission set Night Access: assigned to user Shift (UserID: [${userId.slice(0, 15)}])`,
      },
      { Display: 'Gave access to external client app Nightly Sync by permission set Night Access' },
      { Action: 'frozeuser', Display: 'Froze user Shift' },
    ],
  });
});

test('another profile brings its permission set along', async () => {
  const { org, call, query } = await restSetting();
  const worker = org.users.get('worker@example.org');
  const { records } = await query("SELECT Id FROM Profile WHERE Name LIKE 'Minimum Access%'");
  await call('PATCH', `/sobjects/User/${worker.id}`, { ProfileId: records[0]?.['Id'] });
  expect(
    await query(
      `SELECT PermissionSet.Profile.Name FROM PermissionSetAssignment WHERE AssigneeId = '${worker.id}'`,
    ),
  ).toMatchObject({
    totalSize: 1,
    records: [{ PermissionSet: { Profile: { Name: 'Minimum Access - API Only Integrations' } } }],
  });
});

test('sessions: which one is mine, when it ends, and how to end another', async () => {
  const { org, call, query } = await restSetting();
  const other = org.openSession(org.administrator);
  const sessions = await query(
    'SELECT Id, Users.Username, LastModifiedDate, NumSecondsValid, SessionType, IsCurrent FROM AuthSession ORDER BY Id',
  );
  expect(sessions.records).toMatchObject([
    {
      Users: { Username: 'worker@example.org' },
      LastModifiedDate: '2026-11-23T12:00:00.000+0000',
      NumSecondsValid: 7200,
      SessionType: 'Oauth2',
      IsCurrent: true,
    },
    { Users: { Username: 'admin@local-org.example' }, SessionType: 'API', IsCurrent: false },
  ]);
  const id = String(sessions.records[1]?.['Id']);
  expect((await call('DELETE', `/sobjects/AuthSession/${id}`)).status).toBe(204);
  expect((await get(org, '/services/data/v67.0/limits', other)).status).toBe(401);
  org.openSession(org.administrator);
  org.clock.advance({ minutes: 90 });
  await call('GET', '/limits');
  org.clock.advance({ minutes: 90 });
  expect((await query('SELECT Id FROM AuthSession')).totalSize).toBe(1);
});

test('logins, refused ones too', async () => {
  const { query } = await restSetting();
  expect(
    await query('SELECT LoginType, Status, Application, SourceIp FROM LoginHistory'),
  ).toMatchObject({
    records: [
      {
        LoginType: 'Remote Access 2.0',
        Status: 'Success',
        Application: 'Nightly Sync',
        SourceIp: '127.0.0.1',
      },
    ],
  });
});

test('the Tooling API knows the objects of Setup and no business records', async () => {
  const { call } = await restSetting();
  const ask = (soql: string): Promise<{ status: number; body: unknown }> =>
    call('GET', `/tooling/query?q=${encodeURIComponent(soql)}`);
  expect(
    await ask("SELECT Id, Username FROM User WHERE Username = 'worker@example.org'"),
  ).toMatchObject({
    status: 200,
    body: { totalSize: 1, records: [{ Username: 'worker@example.org' }] },
  });
  expect(await ask('SELECT Id FROM Account')).toMatchObject({
    status: 400,
    body: [
      {
        errorCode: 'INVALID_TYPE',
        message: expect.stringContaining("sObject type 'Account' is not supported."),
      },
    ],
  });
  expect(await ask('SELECT Id, Body FROM ApexClass')).toMatchObject({
    status: 400,
    body: [{ errorCode: 'INVALID_TYPE' }],
  });
  expect(await call('GET', '/tooling/sobjects')).toMatchObject({
    status: 404,
    body: [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }],
  });
});
