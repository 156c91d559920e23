/** Deploying an external client app over the Metadata API, and what becomes of it. */

import { expect, test } from 'vitest';
import { assertion } from './assertion.ts';
import { externalClientApp, metadataSetting } from './metadata-setting.ts';
import { jwtBearer } from './org-setting.ts';

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
  const app = org.clientApps.get('chosen.by.the.deployer');
  expect(app).toMatchObject({
    kind: 'externalClientApp',
    name: 'Bulk Loader',
    permittedUsers: 'adminApproved',
    sessionTimeoutMinutes: 15,
    refreshTokenPolicy: 'zero',
    scopes: ['api', 'refresh_token'],
  });
});

test('what was deployed is retrieved', async () => {
  const { deploy, retrieve } = await metadataSetting();
  const files = externalClientApp();
  await deploy(files);
  const retrieved = await retrieve({
    ExternalClientApplication: ['Bulk_Loader'],
    ExtlClntAppGlobalOauthSettings: ['*'],
    ExtlClntAppOauthSettings: ['Bulk_Loader_oauth'],
    ExtlClntAppOauthConfigurablePolicies: ['Bulk_Loader_oauthPlcy'],
    ExtlClntAppConfigurablePolicies: ['Bulk_Loader_plcy'],
    PermissionSet: ['Bulk_Loader_Access'],
  });
  expect(Object.keys(retrieved)).toEqual(expect.arrayContaining(Object.keys(files)));
});
