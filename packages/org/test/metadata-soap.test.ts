/** The Metadata API as SOAP: what lists, reads and saves single components. */

import { expect, test } from 'vitest';
import { externalClientApp, manifest, metadataSetting, zipOf } from './metadata-setting.ts';

test('what there is: types, and components of a type', async () => {
  const { org, soap, deploy } = await metadataSetting();
  await deploy(externalClientApp());
  const { metadataObjects } = await soap(
    '<describeMetadata><asOfVersion>67.0</asOfVersion></describeMetadata>',
  );
  expect(metadataObjects).toContainEqual(
    expect.objectContaining({
      xmlName: 'ExtlClntAppGlobalOauthSettings',
      suffix: 'ecaGlblOauth',
      directoryName: 'extlClntAppGlobalOauthSets',
    }),
  );
  const list = await soap(
    '<listMetadata><queries><type>ExternalClientApplication</type></queries><asOfVersion>67.0</asOfVersion></listMetadata>',
  );
  expect(list).toContainEqual(
    expect.objectContaining({
      fullName: 'Bulk_Loader',
      fileName: 'externalClientApps/Bulk_Loader.eca',
      createdByName: 'Ada Admin',
      createdById: org.administrator.id,
    }),
  );
  expect(
    await soap('<listMetadata><queries><type>Nothing</type></queries></listMetadata>'),
  ).toEqual({
    faultcode: 'sf:INVALID_TYPE',
    faultstring: 'INVALID_TYPE: Unknown type:Nothing',
  });
});

test('a switch of the org is read and saved without a zip; it opens the secrets', async () => {
  const { org, app, soap, retrieve } = await metadataSetting();
  const read = () =>
    soap(
      '<readMetadata><type>Settings</type><fullNames>ExternalClientApp</fullNames></readMetadata>',
    );
  expect(await read()).toMatchObject({
    records: { enableConsumerSecretApiAccess: 'false', '@type': 'ExternalClientAppSettings' },
  });
  const saved = await soap(
    '<updateMetadata><metadata xsi:type="ExternalClientAppSettings"><fullName>ExternalClientApp</fullName><enableConsumerSecretApiAccess>true</enableConsumerSecretApiAccess></metadata></updateMetadata>',
  );
  expect(saved).toMatchObject({ success: 'true', fullName: 'ExternalClientApp' });
  expect(await read()).toMatchObject({ records: { enableConsumerSecretApiAccess: 'true' } });
  const path = 'extlClntAppGlobalOauthSets/Nightly_Sync_glbloauth.ecaGlblOauth';
  const key = async (): Promise<string | undefined> =>
    /<consumerKey>([^<]*)/.exec(
      (await retrieve({ ExtlClntAppGlobalOauthSettings: ['*'] }))[path] ?? '',
    )?.[1];
  // The permission is missing still.
  expect(await key()).toBe('Placeholder_Value');
  const reader = org.permissionSets.create({ label: 'Reader', permissions: ['ViewClientSecret'] });
  org.permissionSets.assign(reader, org.administrator);
  expect(await key()).toBe(app.consumerKey);
});

test('components are made, changed and deleted one by one', async () => {
  const { org, soap } = await metadataSetting();
  const save = (verb: string, label: string): Promise<Record<string, unknown>> =>
    soap(
      `<${verb}><metadata xsi:type="PermissionSet"><fullName>Night</fullName><label>${label}</label></metadata></${verb}>`,
    );
  expect(await save('updateMetadata', 'Night')).toMatchObject({ success: 'false' });
  expect(await save('createMetadata', 'Night')).toMatchObject({ success: 'true' });
  expect(await save('createMetadata', 'Night')).toMatchObject({
    success: 'false',
    errors: { statusCode: 'DUPLICATE_VALUE' },
  });
  expect(await save('upsertMetadata', 'Night &amp; Day')).toMatchObject({ created: 'false' });
  expect(org.permissionSets.list().map(({ label }) => label)).toEqual(['Night & Day']);
  const deleted =
    '<deleteMetadata><type>PermissionSet</type><fullNames>Night</fullNames></deleteMetadata>';
  expect(await soap(deleted)).toMatchObject({ success: 'true' });
  expect(await soap(deleted)).toMatchObject({ success: 'false' });
});

test('a zip is deployed over SOAP, and its state told', async () => {
  const { soap, org } = await metadataSetting();
  const zip = Buffer.from(zipOf(externalClientApp())).toString('base64');
  const { id, done } = await soap(
    `<deploy><ZipFile>${zip}</ZipFile><DeployOptions><rollbackOnError>true</rollbackOnError><singlePackage>true</singlePackage><runTests/></DeployOptions></deploy>`,
  );
  expect(done).toBe('false');
  const state = await soap(
    `<checkDeployStatus><asyncProcessId>${String(id)}</asyncProcessId><includeDetails>true</includeDetails></checkDeployStatus>`,
  );
  expect(state).toMatchObject({ status: 'Succeeded', numberComponentsDeployed: '6' });
  expect(org.clientApps.list()).toHaveLength(2);
});

test('a session that is none, and one that is a JWT', async () => {
  const { soap, org, app, token } = await metadataSetting();
  const refused = { faultcode: 'sf:INVALID_SESSION_ID' };
  expect(await soap('<describeMetadata/>', 'nobody')).toMatchObject(refused);
  org.clientApps.setPolicies(app, { jwtAccessTokens: true });
  expect(await soap('<describeMetadata/>', await token())).toMatchObject(refused);
  expect(await soap('<sayHello/>')).toEqual({
    faultcode: 'soapenv:Client',
    faultstring:
      'No operation available for request {http://soap.sforce.com/2006/04/metadata}sayHello',
  });
});

test('what is not there is told in a retrieve, and does not stop it', async () => {
  const { soap } = await metadataSetting();
  const { id } = await soap(
    `<retrieve><retrieveRequest><singlePackage>true</singlePackage><unpackaged><types><members>Nobody</members><name>PermissionSet</name></types><types><members>*</members><name>ApexClass</name></types></unpackaged></retrieveRequest></retrieve>`,
  );
  const result = await soap(
    `<checkRetrieveStatus><asyncProcessId>${String(id)}</asyncProcessId></checkRetrieveStatus>`,
  );
  expect(result).toMatchObject({
    status: 'Succeeded',
    messages: [
      { problem: "Entity of type 'PermissionSet' named 'Nobody' cannot be found" },
      { problem: "Entity type: 'ApexClass' is unknown" },
    ],
  });
});

test('retrieves are not served over REST, as in Salesforce', async () => {
  const { org, admin } = await metadataSetting();
  const response = await org.fetch(
    new Request(`${org.url}/services/data/v67.0/metadata/retrieveRequest`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
      body: '{}',
    }),
  );
  expect(response.status).toBe(404);
});

test('a connected app: made where the org allows it, updated without its key, deleted', async () => {
  const { org, deploy } = await metadataSetting();
  const set = (more: string): Record<string, string> => ({
    'package.xml': manifest({ ConnectedApp: ['Legacy'] }),
    'connectedApps/Legacy.connectedApp': `<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata"><contactEmail>ops@example.org</contactEmail><label>Legacy</label><oauthConfig><callbackUrl>http://localhost/</callbackUrl>${more}<isAdminApproved>true</isAdminApproved><scopes>Api</scopes><scopes>RefreshToken</scopes></oauthConfig><oauthPolicy><ipRelaxation>ENFORCE</ipRelaxation><refreshTokenPolicy>infinite</refreshTokenPolicy></oauthPolicy><profileName>Standard User</profileName></ConnectedApp>`,
  });
  org.seed({ newConnectedAppsBlocked: true });
  const blocked = await deploy(set(''));
  expect(blocked.details.componentFailures[0]?.problem).toContain(
    "You can't create a connected app",
  );
  org.seed({ newConnectedAppsBlocked: false });
  expect((await deploy(set('<consumerKey>chosen.key</consumerKey>'))).status).toBe('Succeeded');
  expect(org.clientApps.get('chosen.key')).toMatchObject({
    kind: 'connectedApp',
    permittedUsers: 'adminApproved',
    scopes: ['api', 'refresh_token'],
  });
  const again = await deploy(set('<consumerKey>chosen.key</consumerKey>'));
  expect(again.details.componentFailures[0]?.problem).toBe('You cannot provide a Consumer Key');
  // An update of one that is there is not blocked.
  org.seed({ newConnectedAppsBlocked: true });
  expect((await deploy(set(''))).status).toBe('Succeeded');
  const gone = await deploy({
    'package.xml': manifest({}),
    'destructiveChangesPost.xml': manifest({ ConnectedApp: ['Legacy'] }),
  });
  expect(gone.status).toBe('Succeeded');
});
