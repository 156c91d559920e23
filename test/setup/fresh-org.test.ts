/** One command's worth of verbs on an org that knows nothing: plan, apply, prove. */

import { applySetup, checkSetup, planSetup, proveSignIn } from '@sfjwt/setup';
import { expect, test } from 'vitest';
import { heldOf, key, planning, specification, stage, worker } from './stage.ts';

test('plan, apply, prove; a second run plans nothing', async () => {
  const { admin, clock, org, proving } = await stage();
  const plan = await planSetup(admin, specification, planning(clock));
  expect(plan.obstacles).toEqual([]);
  expect(plan.changes.map(({ action, what }) => `${action} ${what}`)).toEqual([
    'create PermissionSet Nightly_Sync_Access',
    'create ExternalClientApplication Nightly_Sync',
    'create ExtlClntAppGlobalOauthSettings Nightly_Sync_glbloauth',
    'create ExtlClntAppOauthSettings Nightly_Sync_oauth',
    'create ExtlClntAppOauthConfigurablePolicies Nightly_Sync_oauthPlcy',
    'create ExtlClntAppConfigurablePolicies Nightly_Sync_plcy',
    'authorize permission set Nightly_Sync_Access for Nightly_Sync',
    `assign permission set Nightly_Sync_Access to ${worker}`,
  ]);

  const steps: string[] = [];
  const outcome = await applySetup(admin, plan, { clock, onStep: (step) => steps.push(step) });
  expect(steps).toEqual(['check', 'app', 'oauth', 'assign', 'open', 'verify']);
  // The number of docs/setup.md: the local org deploys at once, so nothing is asked twice.
  expect(admin.requestCount).toBe(30);

  const proof = await proveSignIn(proving(outcome));
  expect(proof).toMatchObject({
    username: worker,
    organizationId: org.organization.id,
    scopes: ['api'],
    login: { status: 'Success', application: 'Nightly Sync' },
    tries: 1,
  });

  const again = await planSetup(admin, specification, planning(clock));
  expect(again.changes).toEqual([]);
  const before = org.requests.list().length;
  const second = await applySetup(admin, again, { clock, consumerKey: outcome.consumerKey });
  expect(second).toMatchObject({ changed: false, consumerKey: outcome.consumerKey });
  // Nothing was written, and nothing had to be read again.
  expect(org.requests.list().length).toBe(before);
});

test('the dry run asks the org itself, and changes nothing', async () => {
  const { admin, clock, org } = await stage();
  const before = heldOf(org);
  const plan = await planSetup(admin, specification, planning(clock));
  await checkSetup(admin, plan, { clock });
  expect(org.clientApps.list()).toEqual([]);
  expect(heldOf(org)).toEqual(before);
  const changed = await planSetup(admin, specification, planning(clock));
  expect(changed.changes).toEqual(plan.changes);
});

test('until the last step nobody gets a token', async () => {
  const { admin, clock, org, proving } = await stage();
  const plan = await planSetup(admin, specification, planning(clock));
  const refusals: string[] = [];
  let consumerKey = '';
  await applySetup(admin, plan, {
    clock,
    onConsumerKey: (chosen) => {
      consumerKey = chosen;
    },
    onStep: () => {
      const app = org.clientApps.list()[0];
      refusals.push(
        app === undefined ? 'no app' : app.isEnabled && app.certificate ? 'open' : 'closed',
      );
    },
  });
  expect(refusals).toEqual(['no app', 'no app', 'closed', 'closed', 'closed', 'open']);
  await expect(proveSignIn(proving({ consumerKey }))).resolves.toMatchObject({ tries: 1 });
});

test('the key in hand and the certificate in the org are compared before any login', async () => {
  const { admin, clock } = await stage();
  await applySetup(admin, await planSetup(admin, specification, planning(clock)), { clock });
  const { openSetupKey } = await import('@sfjwt/setup');
  const other = await openSetupKey({ policy: { days: 30, bits: 2048, subject: 'CN=other' } });
  const plan = await planSetup(admin, specification, { clock, certificate: other.certificate });
  expect(plan.obstacles).toMatchObject([{ code: 'CERTIFICATE_DIFFERS' }]);
  await expect(applySetup(admin, plan, { clock })).rejects.toMatchObject({
    code: 'SETUP_OBSTRUCTED',
  });
  // A new certificate of the same key is none: the one in the org is kept.
  const same = await openSetupKey({
    policy: { days: 30, bits: 2048, subject: 'CN=same key' },
    privateKeyPem: key.privateKeyPem,
  });
  const kept = await planSetup(admin, specification, { clock, certificate: same.certificate });
  expect(kept).toMatchObject({ changes: [], obstacles: [] });
});
