/** After a deployment the token endpoint goes by what was before, until the delay has passed. */

import { expect, test } from 'vitest';
import { assertion } from './assertion.ts';
import { externalClientApp, metadataSetting } from './metadata-setting.ts';
import { jwtBearer } from './org-setting.ts';

const step = 'app as deployed has reached the login servers';

async function setting() {
  const org = await metadataSetting({ seed: { propagationSeconds: 300 } });
  const ask = async (iss: string): Promise<Response> =>
    org.post({ grant_type: jwtBearer, assertion: await assertion(org.claims({ iss })) });
  return { ...org, ask };
}

test('a new app is not known for a while, and the trace tells for how long', async () => {
  const { org, user, deploy, clock, ask } = await setting();
  await deploy(externalClientApp({ global: { consumerKey: 'chosen.by.us' } }));
  org.permissionSets.assign(org.permissionSets.get('Bulk_Loader_Access'), user);
  clock.advance({ seconds: 100 });
  const early = await ask('chosen.by.us');
  expect(await early.json()).toMatchObject({ error: 'invalid_client_id' });
  expect(org.loginHistory.list()[0]?.trace.at(-1)).toEqual({
    rule: step,
    passed: false,
    expected: 'an app that was there before',
    found: 'a new app, known here in 200 s',
  });
  clock.advance({ seconds: 200 });
  expect((await ask('chosen.by.us')).status).toBe(200);
});

test('a swapped certificate counts later: the old key works until then, the new one after', async () => {
  const { app, deploy, clock, ask, org } = await setting();
  const { 'package.xml': _, ...files } = externalClientApp({ name: app.apiName });
  const global = Object.entries(files).filter(([path]) => path.endsWith('.ecaGlblOauth'));
  const removed = global.map(([path, text]) => [
    path,
    text.replace(/<certificate>[^<]*<\/certificate>/, ''),
  ]);
  const result = await deploy({
    'package.xml':
      '<Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>*</members><name>ExtlClntAppGlobalOauthSettings</name></types></Package>',
    ...(Object.fromEntries(removed) as Record<string, string>),
  });
  expect(result.status).toBe('Succeeded');
  // The org shows what was deployed at once; its login servers do not go by it yet.
  expect(org.clientApps.getById(app.id).certificate).toBeUndefined();
  expect((await ask(app.consumerKey)).status).toBe(200);
  const entry = org.loginHistory.list()[0]?.trace.find(({ rule }) => rule === step);
  expect(entry?.found).toBe('known as before its last deployment for 300 s more');
  clock.advance({ seconds: 300 });
  expect(await (await ask(app.consumerKey)).json()).toMatchObject({
    error_description: 'invalid assertion',
  });
});

test('several deployments in a row: what counts meanwhile is what was before the first', async () => {
  const { app, deploy, clock, ask } = await setting();
  const policy = (isEnabled: boolean): Promise<unknown> =>
    deploy({
      'package.xml':
        '<Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>*</members><name>ExtlClntAppConfigurablePolicies</name></types></Package>',
      [`extlClntAppPolicies/${app.apiName}_plcy.ecaPlcy`]: `<ExtlClntAppConfigurablePolicies xmlns="http://soap.sforce.com/2006/04/metadata"><externalClientApplication>${app.apiName}</externalClientApplication><isEnabled>${isEnabled}</isEnabled><isOauthPluginEnabled>true</isOauthPluginEnabled><label>x</label></ExtlClntAppConfigurablePolicies>`,
    });
  await policy(false);
  clock.advance({ seconds: 200 });
  await policy(false);
  await policy(true);
  expect((await ask(app.consumerKey)).status).toBe(200);
  clock.advance({ seconds: 200 });
  await policy(false);
  expect((await ask(app.consumerKey)).status).toBe(200);
  clock.advance({ seconds: 300 });
  expect(await (await ask(app.consumerKey)).json()).toMatchObject({ error: 'OAUTH_APP_BLOCKED' });
});
