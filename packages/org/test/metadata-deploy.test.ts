/** Deploying an external client app over the Metadata API, and what becomes of it. */

import { expect, test } from 'vitest';
import { appKey, assertion } from './assertion.ts';
import {
  elements,
  externalClientApp,
  file,
  manifest,
  metadataPath,
  metadataSetting,
} from './metadata-setting.ts';
import type { AppChange, DeployAnswer, Files } from './metadata-setting.ts';
import { Browser } from './browser.ts';
import { jwtBearer } from './org-setting.ts';
import { pages } from './setup-setting.ts';

const bare = appKey.certificatePem.replace(/-----[^-]+-----|\s/g, '');

test('the set of files makes an app that a user can sign in to', async () => {
  const { org, user, deploy, claims, post } = await metadataSetting();
  const result = await deploy(
    externalClientApp({ global: { consumerKey: 'chosen.by.the.deployer' } }),
  );
  expect(result).toMatchObject({
    status: 'Succeeded',
    done: true,
    success: true,
    numberComponentsTotal: 6,
    numberComponentsDeployed: 6,
    numberComponentErrors: 0,
  });
  org.permissionSets.assign(org.permissionSets.get('Bulk_Loader_Access'), user);
  const response = await post({
    grant_type: jwtBearer,
    assertion: await assertion(claims({ iss: 'chosen.by.the.deployer' })),
  });
  expect(await response.json()).toMatchObject({ scope: 'api' });
  expect(org.clientApps.get('chosen.by.the.deployer')).toMatchObject({
    kind: 'externalClientApp',
    name: 'Bulk Loader',
    permittedUsers: 'adminApproved',
    sessionTimeoutMinutes: 15,
    refreshTokenPolicy: 'zero',
    scopes: ['api', 'refresh_token'],
  });
});

test('what was deployed is retrieved, and deploying that changes nothing', async () => {
  const { deploy, retrieve } = await metadataSetting();
  const files = externalClientApp();
  await deploy(files);
  const retrieved = await retrieve({
    ExternalClientApplication: ['Bulk_Loader'],
    ExtlClntAppGlobalOauthSettings: ['Bulk_Loader_glbloauth'],
    ExtlClntAppOauthSettings: ['Bulk_Loader_oauth'],
    ExtlClntAppOauthConfigurablePolicies: ['Bulk_Loader_oauthPlcy'],
    ExtlClntAppConfigurablePolicies: ['Bulk_Loader_plcy'],
    PermissionSet: ['*'],
  });
  expect(Object.keys(retrieved).toSorted()).toEqual(Object.keys(files).toSorted());
  const policies = retrieved['extlClntAppOauthPolicies/Bulk_Loader_oauthPlcy.ecaOauthPlcy'];
  expect(policies).toContain(
    '<commaSeparatedPermissionSet>Bulk_Loader_Access</commaSeparatedPermissionSet>',
  );
  // Neither is told: they are secrets until both switch and permission open them.
  const global = retrieved['extlClntAppGlobalOauthSets/Bulk_Loader_glbloauth.ecaGlblOauth'];
  expect(global).toContain('<consumerKey>Placeholder_Value</consumerKey>');
  expect(global).toContain('<consumerSecret>Placeholder_Value</consumerSecret>');
  const again = await deploy(retrieved);
  expect(again.status).toBe('Succeeded');
  expect(again.details.componentSuccesses.filter(({ changed }) => changed)).toEqual([]);
});

test('a check changes nothing, and can be deployed as it is', async () => {
  const { org, submit, poll, admin } = await metadataSetting();
  const check = { checkOnly: true, testLevel: 'RunLocalTests' };
  const response = await submit(externalClientApp(), check);
  const { id } = (await response.json()) as DeployAnswer;
  expect((await poll(id)).deployResult).toMatchObject({ status: 'Succeeded' });
  expect(org.clientApps.list()).toHaveLength(1);
  expect(org.permissionSets.list()).toEqual([]);
  const quick = async (validatedDeployRequestId: string): Promise<Response> =>
    org.fetch(
      new Request(org.url + metadataPath, {
        method: 'POST',
        headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
        body: JSON.stringify({ validatedDeployRequestId }),
      }),
    );
  const answer = (await (await quick(id)).json()) as DeployAnswer;
  expect(answer).toMatchObject({ validatedDeployRequestId: id });
  expect((await poll(answer.id)).deployResult).toMatchObject({ status: 'Succeeded' });
  expect(org.clientApps.list()).toHaveLength(2);
  // Ten days after it, it is no longer good.
  org.clock.advance({ days: 11 });
  const late = await org.fetch(
    new Request(org.url + metadataPath, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${org.openSession(org.administrator)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ validatedDeployRequestId: id }),
    }),
  );
  expect(late.status).toBe(400);
  expect(await late.json()).toMatchObject([{ errorCode: 'INVALID_ID_FIELD' }]);
});

test('a deployment waits, is under way, and is done, by the clock of the org', async () => {
  const { org, submit, poll, clock } = await metadataSetting({ seed: { deploySeconds: 60 } });
  const response = await submit(externalClientApp());
  const { id, deployResult } = (await response.json()) as DeployAnswer;
  expect(deployResult).toMatchObject({ status: 'Pending', done: false });
  clock.advance({ seconds: 45 });
  expect((await poll(id)).deployResult).toMatchObject({ status: 'InProgress', done: false });
  expect(org.clientApps.list()).toHaveLength(1);
  clock.advance({ seconds: 15 });
  // Done without anybody asking for it: the next request of any kind finds it so.
  await org.fetch(new Request(`${org.url}/services/data`));
  expect(org.clientApps.list()).toHaveLength(2);
  expect((await poll(id)).deployResult).toMatchObject({ status: 'Succeeded', done: true });
});

test('one that waits can be canceled, one that is done cannot', async () => {
  const { org, submit, poll, clock, admin } = await metadataSetting({
    seed: { deploySeconds: 60 },
  });
  const { id } = (await (await submit(externalClientApp())).json()) as DeployAnswer;
  const cancel = (): Promise<Response> =>
    org.fetch(
      new Request(`${org.url}${metadataPath}/${id}`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
        body: JSON.stringify({ deployResult: { status: 'Canceling' } }),
      }),
    );
  expect((await cancel()).status).toBe(202);
  clock.advance({ minutes: 2 });
  expect((await poll(id)).deployResult).toMatchObject({ status: 'Canceled', done: true });
  expect(org.clientApps.list()).toHaveLength(1);
  expect((await cancel()).status).toBe(400);
});

test('all or nothing in production; in a sandbox what can be deployed is', async () => {
  const files = externalClientApp({ oauth: { commaSeparatedOauthScopes: 'api' } });
  const production = await metadataSetting();
  const failed = await production.deploy(files, { rollbackOnError: false });
  expect(failed.status).toBe('Failed');
  expect(production.org.clientApps.list()).toHaveLength(1);
  const sandbox = await metadataSetting({ kind: 'sandbox' });
  const partial = await sandbox.deploy(files, { rollbackOnError: false });
  expect(partial).toMatchObject({
    status: 'SucceededPartial',
    numberComponentsDeployed: 5,
    numberComponentErrors: 1,
  });
  expect(sandbox.org.clientApps.list()).toHaveLength(2);
  expect((await sandbox.deploy(files)).status).toBe('Failed');
});

/** What is wrong with a set of files, and what Salesforce says of it. */
const faults: readonly [what: string, change: AppChange, problem: string][] = [
  [
    'a scope by its name on the wire',
    { oauth: { commaSeparatedOauthScopes: 'api' } },
    'Invalid OAuth scope: api',
  ],
  [
    'a value that an enumeration does not have',
    { oauthPolicies: { permittedUsersPolicyType: 'AdminsPreApproved' } },
    "Error parsing file: 'AdminsPreApproved' is not a valid value for the enum 'PermittedUsersPolicyType'",
  ],
  [
    'an element that a type does not have',
    { oauthPolicies: { ipRelaxation: 'ENFORCE' } },
    'Error parsing file: Element {http://soap.sforce.com/2006/04/metadata}ipRelaxation invalid at this location in type ExtlClntAppOauthConfigurablePolicies',
  ],
  [
    'no contact',
    { header: { contactEmail: undefined } },
    'Required field is missing: contactEmail',
  ],
  [
    'a contact that is no address',
    { header: { contactEmail: 'nobody' } },
    'Contact Email: invalid email address: nobody',
  ],
  ['a name with a space', { name: 'Bulk Loader' }, 'can only contain underscores'],
  ['a name that begins with a digit', { name: '1_Loader' }, 'begin with a letter'],
  ['a name with two underscores', { name: 'Bulk__Loader' }, 'two consecutive underscores'],
  [
    'a permission set that is not there',
    { oauthPolicies: { commaSeparatedPermissionSet: 'Nobody' } },
    'In field: permissionSet - no PermissionSet named Nobody found',
  ],
  [
    'a profile in another language than that of the org',
    { oauthPolicies: { commaSeparatedProfile: 'Systemadministrator' } },
    'In field: profile - no Profile named Systemadministrator found',
  ],
  [
    'the settings of another app',
    { global: { externalClientApplication: 'Another' } },
    'In field: externalClientApplication - no ExternalClientApplication named Another found',
  ],
  ['a certificate by name', { global: { certificate: 'My_Cert' } }, 'Invalid certificate'],
  ['a key as certificate', { global: { certificate: appKey.privateKeyPem } }, 'private key'],
  [
    'a link to another org',
    { oauth: { oauthLink: '00Dbm000004ELiD:888bm000002gH3J' } },
    'In field: oauthLink',
  ],
  [
    'the org of another file',
    { header: { orgScopedExternalApp: '00Dbm000004ELiD:Bulk_Loader' } },
    'In field: orgScopedExternalApp',
  ],
  [
    'a consumer key that is taken',
    { global: { consumerKey: 'taken.already' } },
    'The consumer key is already taken',
  ],
  ['a consumer key that is none', { global: { consumerKey: 'a b' } }, 'The consumer key must be'],
  [
    'a session that is too short',
    { oauthPolicies: { sessionTimeoutInMinutes: 5 } },
    'value not of required range',
  ],
  [
    'a permission that nobody knows',
    { permissionSet: { license: 'Salesforce', nothing: '' } },
    'Element {http://soap.sforce.com/2006/04/metadata}nothing invalid',
  ],
];

test.each(faults)('%s is refused in the words of Salesforce', async (...words) => {
  const [, change, problem] = words;
  const { org, deploy } = await metadataSetting();
  org.clientApps.create({
    name: 'Other',
    contactEmail: 'ops@example.org',
    consumerKey: 'taken.already',
  });
  const { status, details } = await deploy(externalClientApp(change));
  expect(status).toBe('Failed');
  expect(details.componentFailures).toContainEqual(
    expect.objectContaining({
      success: false,
      problemType: 'Error',
      problem: expect.stringContaining(problem) as string,
    }),
  );
  expect(org.clientApps.list()).toHaveLength(2);
});

test('policies are there as soon as an app is: another name is a duplicate', async () => {
  const { deploy, soap } = await metadataSetting();
  // Within the deployment that makes the app, any name will do.
  const own = externalClientApp({ oauthPolicyName: 'Own_Policy', policyName: 'Own_State' });
  expect((await deploy(own)).status).toBe('Succeeded');
  const { status, details } = await deploy(externalClientApp());
  expect(status).toBe('Failed');
  expect(details.componentFailures.map(({ problem }) => problem)).toEqual([
    'duplicate value found: ExternalClientApplicationId duplicates value on Own_Policy',
    'duplicate value found: ExternalClientApplicationId duplicates value on Own_State',
  ]);
  // A list tells the name to use.
  const list = await soap(
    '<listMetadata><queries><type>ExtlClntAppOauthConfigurablePolicies</type></queries><asOfVersion>67.0</asOfVersion></listMetadata>',
  );
  expect(JSON.stringify(list)).toContain('"fullName":"Own_Policy"');
});

test('the header alone makes an app that no endpoint knows, with policies named by Setup', async () => {
  const { org, deploy, soap } = await metadataSetting();
  const all = externalClientApp();
  const header: Files = {
    'package.xml': manifest({ ExternalClientApplication: ['Bulk_Loader'] }),
    'externalClientApps/Bulk_Loader.eca': all['externalClientApps/Bulk_Loader.eca'] ?? '',
  };
  expect((await deploy(header)).status).toBe('Succeeded');
  const app = org.clientApps.list().find(({ apiName }) => apiName === 'Bulk_Loader');
  expect(app?.isOauthEnabled).toBe(false);
  const listed = async (type: string): Promise<string> =>
    JSON.stringify(
      await soap(`<listMetadata><queries><type>${type}</type></queries></listMetadata>`),
    );
  expect(await listed('ExtlClntAppConfigurablePolicies')).toContain('Bulk_Loader_plcy');
  expect(await listed('ExtlClntAppOauthConfigurablePolicies')).toContain('Bulk_Loader_oauthPlcy');
  expect(await listed('ExtlClntAppGlobalOauthSettings')).not.toContain('Bulk_Loader');
  expect((await deploy(externalClientApp({ policyName: 'Own' }))).status).toBe('Failed');
  expect((await deploy(all)).status).toBe('Succeeded');
});

test('a consumer key is chosen once: an update leaves it out, or repeats it', async () => {
  const { org, deploy } = await metadataSetting();
  const set = (consumerKey: string | undefined): Files =>
    externalClientApp({ global: { consumerKey } });
  await deploy(set('chosen.by.us'));
  expect((await deploy(set(undefined))).status).toBe('Succeeded');
  expect((await deploy(set('chosen.by.us'))).status).toBe('Succeeded');
  const { details } = await deploy(set('another.one'));
  expect(details.componentFailures.map(({ problem }) => problem)).toEqual([
    'You cannot provide a Consumer Key',
  ]);
  expect(org.clientApps.find('chosen.by.us')).toBeDefined();
});

test('a certificate is taken with armour and without, with any line end, and comes back so', async () => {
  const { org, deploy, retrieve } = await metadataSetting();
  const path = 'extlClntAppGlobalOauthSets/Bulk_Loader_glbloauth.ecaGlblOauth';
  const forms = [appKey.certificatePem, appKey.certificatePem.replaceAll('\n', '\r\n'), bare];
  for (const certificate of forms) {
    expect((await deploy(externalClientApp({ global: { certificate } }))).status).toBe('Succeeded');
    const [app] = org.clientApps.list();
    expect(app?.certificate?.trim()).toBe(appKey.certificatePem.trim());
  }
  const { [path]: text = '' } = await retrieve({ ExtlClntAppGlobalOauthSettings: ['*'] });
  expect(text).toContain(`<certificate>${bare}</certificate>`);
});

test('a certificate is swapped by one file, and without one no assertion is taken', async () => {
  const { org, deploy } = await metadataSetting();
  await deploy(externalClientApp());
  const { 'extlClntAppGlobalOauthSets/Bulk_Loader_glbloauth.ecaGlblOauth': global = '' } =
    externalClientApp({ global: { certificate: undefined } });
  const files = {
    'package.xml': manifest({ ExtlClntAppGlobalOauthSettings: ['Bulk_Loader_glbloauth'] }),
    'extlClntAppGlobalOauthSets/Bulk_Loader_glbloauth.ecaGlblOauth': global,
  };
  expect((await deploy(files)).status).toBe('Succeeded');
  const app = org.clientApps.list().find(({ apiName }) => apiName === 'Bulk_Loader');
  expect(app?.certificate).toBeUndefined();
});

test('what a package names and does not hold, and the other way round', async () => {
  const { deploy } = await metadataSetting();
  const problems = async (files: Files, options?: object): Promise<unknown[]> =>
    (await deploy(files, options)).details.componentFailures.map(({ fileName, problem }) => [
      fileName,
      problem,
    ]);
  expect(await problems({ 'a.txt': '' })).toEqual([['package.xml', 'No package.xml found']]);
  expect(await problems({ 'package.xml': manifest({ ApexClass: ['Foo'] }) })).toEqual([
    ['package.xml', "Unknown type name 'ApexClass' specified in package.xml"],
  ]);
  const missing = { 'package.xml': manifest({ PermissionSet: ['Nobody'] }) };
  expect(await problems(missing)).toEqual([
    [
      'package.xml',
      "An object 'Nobody' of type PermissionSet was named in package.xml, but was not found in zipped directory",
    ],
  ]);
  expect(await problems(missing, { allowMissingFiles: true })).toEqual([]);
  const stray = {
    'package.xml': manifest({}),
    'permissionsets/A.permissionset': file('PermissionSet', elements({ label: 'A' })),
  };
  expect(await problems(stray)).toEqual([['permissionsets/A.permissionset', 'Not in package.xml']]);
  expect(await problems({ 'package.xml': '<Package' })).toMatchObject([
    ['package.xml', expect.stringContaining('Error parsing file: ') as string],
  ]);
});

test('destructive changes delete, before or after; what is not there is a warning', async () => {
  const { org, deploy } = await metadataSetting();
  await deploy(externalClientApp());
  const { status, details } = await deploy({
    'package.xml': manifest({}),
    'destructiveChanges.xml': manifest({
      PermissionSet: ['Bulk_Loader_Access', 'Nobody'],
      ExternalClientApplication: ['Bulk_Loader'],
    }),
  });
  expect(status).toBe('Succeeded');
  expect(details.componentSuccesses).toMatchObject([
    { fullName: 'Bulk_Loader', deleted: true },
    { fullName: 'Bulk_Loader_Access', deleted: true },
    { fullName: 'Nobody', problem: 'No PermissionSet named: Nobody found', problemType: 'Warning' },
  ]);
  expect(org.clientApps.list()).toHaveLength(1);
  expect(org.permissionSets.list()).toEqual([]);
});

test('user permissions come with a permission set, and an unknown one is refused', async () => {
  const { org, deploy } = await metadataSetting();
  const set = (name: string): Files => ({
    'package.xml': manifest({ PermissionSet: ['Setup_Access'] }),
    'permissionsets/Setup_Access.permissionset': file(
      'PermissionSet',
      `${elements({ label: 'Setup Access' })}<userPermissions><enabled>true</enabled><name>${name}</name></userPermissions>`,
    ),
  });
  const { details } = await deploy(set('FlyToTheMoon'));
  expect(details.componentFailures[0]?.problem).toBe('Unknown user permission: FlyToTheMoon');
  expect((await deploy(set('ApiEnabled'))).status).toBe('Succeeded');
  expect(org.permissionSets.get('Setup_Access').apiEnabled).toBe(true);
});

test('who may deploy nothing is told so, over REST and over SOAP', async () => {
  const { org, submit, soap, user } = await metadataSetting();
  const token = org.openSession(user);
  const response = await submit(externalClientApp(), {}, token);
  expect(response.status).toBe(403);
  expect(await response.json()).toEqual([
    {
      errorCode: 'INSUFFICIENT_ACCESS',
      message:
        'use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions',
    },
  ]);
  expect(await soap('<describeMetadata/>', token)).toMatchObject({
    faultcode: 'sf:INSUFFICIENT_ACCESS',
  });
});

test.each([
  ['ExternalClientAppDeveloper', 'ExternalClientApplication'],
  ['ExternalClientAppAdmin', 'ExtlClntAppOauthConfigurablePolicies'],
  ['ManageProfilesPermissionsets', 'PermissionSet'],
] as const)('without %s, %s is not deployed', async (missing, type) => {
  const { org, deploy, user } = await metadataSetting();
  const { permissions } = org.profiles.get('System Administrator');
  org.profiles.change(org.profiles.get('Standard User'), {
    permissions: permissions.filter((permission) => permission !== missing),
  });
  const { status, details } = await deploy(externalClientApp(), {}, org.openSession(user));
  expect(status).toBe('Failed');
  expect(details.componentFailures).toContainEqual(
    expect.objectContaining({
      componentType: type,
      problem: 'insufficient access rights on object id',
    }),
  );
});

test('a deployment can end the very session that made it', async () => {
  const { org, submit, deploy } = await metadataSetting();
  await deploy(
    externalClientApp({
      global: { consumerKey: 'of.the.tool.itself' },
      oauthPolicies: { permittedUsersPolicyType: 'AllSelfAuthorized' },
    }),
  );
  const { id } = org.clientApps.get('of.the.tool.itself');
  const token = org.sessions.open({
    userId: org.administrator.id,
    clientAppId: id,
    scopes: ['api'],
    sourceIp: '127.0.0.1',
    timeoutSeconds: 7200,
  });
  const response = await submit(externalClientApp(), {}, token);
  expect(response.status).toBe(201);
  const answer = (await response.json()) as DeployAnswer;
  const poll = await org.fetch(
    new Request(answer.url, { headers: { authorization: `Bearer ${token}` } }),
  );
  expect(poll.status).toBe(401);
  expect(org.clientApps.get('of.the.tool.itself').permittedUsers).toBe('adminApproved');
});

test('Setup shows what was deployed, and who deployed it', async () => {
  const { org, deploy } = await metadataSetting();
  await deploy(externalClientApp());
  const browser = new Browser(org);
  await browser.enter(org.administrator);
  const page = async (path: string): Promise<string> => (await browser.get(path)).text();
  const app = org.clientApps.list().find(({ apiName }) => apiName === 'Bulk_Loader');
  const list = await page('/lightning/setup/NavigationMenus/home');
  expect(list).toContain('Bulk Loader');
  const [, view = ''] = new RegExp(`href="([^"]*${app?.id}[^"]*view[^"]*)"`).exec(list) ?? [];
  const shown = await page(view);
  for (const word of ['Bulk_Loader', 'ops@example.org', app?.consumerKey ?? '']) {
    expect(shown).toContain(word);
  }
  expect(await page(pages.permissionSets)).toContain('Bulk Loader Access');
  expect(await page(pages.setupAuditTrail)).toContain('Created external client app Bulk Loader');
});

test('the audit trail tells who deployed what', async () => {
  const { org, deploy } = await metadataSetting();
  await deploy(externalClientApp());
  const token = org.openSession(org.administrator);
  const soql = 'SELECT Action, CreatedBy.Username, Display FROM SetupAuditTrail';
  const response = await org.fetch(
    new Request(`${org.url}/services/data/v67.0/query?q=${encodeURIComponent(soql)}`, {
      headers: { authorization: `Bearer ${token}` },
    }),
  );
  const { records } = (await response.json()) as { records: unknown[] };
  expect(records).toContainEqual(
    expect.objectContaining({
      Action: 'externalClientAppCreated',
      CreatedBy: expect.objectContaining({ Username: org.administrator.username }) as object,
    }),
  );
});
