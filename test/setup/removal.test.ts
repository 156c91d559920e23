/** Gone means gone; and from a connected app to an external client app nobody is cut off. */

import {
  applySetup,
  findDrift,
  planRemoval,
  planSetup,
  proveSignIn,
  readActivity,
  readConnectedApp,
  removeApp,
} from '@sfjwt/setup';
import { expect, test } from 'vitest';
import { heldOf, key, openAdmin, planning, specification, stage, worker } from './stage.ts';

test.each(['externalClientApp', 'connectedApp'] as const)(
  'removal of an %s leaves nothing',
  async (kind) => {
    const one = await stage();
    const { admin, clock, org } = one;
    const wanted = { ...specification, kind };
    const before = heldOf(org);
    const outcome = await applySetup(admin, await planSetup(admin, wanted, planning(clock)), {
      clock,
    });
    const plan = await planRemoval(admin, wanted, { clock });
    expect(plan.removals).toHaveLength(2);
    await removeApp(admin, plan, { clock });
    expect(heldOf(org)).toEqual(before);
    const proof = proveSignIn({ ...one.proving(outcome), budgetMilliseconds: 0 });
    await expect(proof).rejects.toMatchObject({ code: 'NOT_YET_PROPAGATED' });
    expect((await planRemoval(admin, wanted, { clock })).removals).toEqual([]);
  },
);

test('what was not made by setup, or is used for something else, is left alone', async () => {
  const { admin, clock, org } = await stage();
  const mine = org.permissionSets.create({ label: 'Mine' });
  const wanted = { ...specification, permissionSets: ['Nightly_Sync_Access', 'Mine'] };
  await applySetup(admin, await planSetup(admin, wanted, planning(clock)), { clock });
  const other = org.clientApps.create({ name: 'Other', contactEmail: 'a@b.example' });
  const marker = org.permissionSets.list().find(({ name }) => name === 'Nightly_Sync_Access');
  if (marker !== undefined) org.clientApps.assignPermissionSet(other, marker);
  const plan = await planRemoval(admin, wanted, { clock });
  expect(plan.leftAlone).toEqual([
    'PermissionSet Nightly_Sync_Access: it gives access to something else as well',
    'PermissionSet Mine: it was not made for this app',
  ]);
  await removeApp(admin, plan, { clock });
  expect(org.permissionSets.list().map(({ id }) => id)).toEqual(
    expect.arrayContaining([mine.id, marker?.id]),
  );
});

test('drift: what differs, and who made it so', async () => {
  const { admin, clock, org } = await stage();
  await applySetup(admin, await planSetup(admin, specification, planning(clock)), { clock });
  const [app] = org.clientApps.list();
  if (app === undefined) throw new Error('no app');
  expect((await findDrift(admin, specification, { clock })).differences).toEqual([]);
  org.clientApps.setPolicies(app, { permittedUsers: 'selfAuthorize' });
  const { differences, lastChanges, auditTrail } = await findDrift(admin, specification, { clock });
  expect(differences).toMatchObject([
    {
      action: 'change',
      field: 'permittedUsersPolicyType',
      from: 'AllSelfAuthorized',
      to: 'AdminApprovedPreAuthorized',
    },
  ]);
  expect(lastChanges).toHaveLength(1);
  expect(auditTrail[0]?.display).toContain('Nightly Sync');
});

test('a migration: both work, the new one is used, the old one falls silent', async () => {
  const one = await stage();
  const { admin, clock, org } = one;
  const connected = { ...specification, kind: 'connectedApp' as const, sessionTimeoutMinutes: 45 };
  const old = await applySetup(admin, await planSetup(admin, connected, planning(clock)), {
    clock,
  });
  await proveSignIn(one.proving(old));

  const found = await readConnectedApp(
    admin,
    { apiName: 'Nightly_Sync', users: [worker] },
    { clock },
  );
  expect(found.specification).toMatchObject({
    kind: 'externalClientApp',
    name: 'Nightly Sync ECA',
    scopes: ['api', 'refresh_token'],
    permittedUsers: 'adminApproved',
    permissionSets: ['Nightly_Sync_Access'],
    sessionTimeoutMinutes: 45,
  });
  const plan = await planSetup(admin, found.specification, {
    clock,
    certificate: () => key.certificate(found.certificate),
  });
  const fresh = await applySetup(admin, plan, { clock });
  expect(fresh.consumerKey).not.toBe(old.consumerKey);
  const appName = 'Nightly Sync ECA';
  await expect(proveSignIn({ ...one.proving(fresh), appName })).resolves.toMatchObject({
    tries: 1,
  });
  // Nobody who still uses the old one is cut off.
  await expect(proveSignIn(one.proving(old))).resolves.toMatchObject({ tries: 1 });

  org.clock.advance({ hours: 5 });
  await proveSignIn({ ...one.proving(fresh), appName });
  const activity = await readActivity(await openAdmin(org, one.fetch), found.label, clock);
  expect(activity.logins.map(({ username }) => username)).toEqual([worker, worker]);
  expect(activity.silentHours).toBeCloseTo(5, 0);
});

test('a connected app that is not there, or has no certificate, is not moved', async () => {
  const { admin, clock, org } = await stage();
  await expect(readConnectedApp(admin, { apiName: 'None' }, { clock })).rejects.toMatchObject({
    code: 'APP_NOT_FOUND',
  });
  org.clientApps.create({ kind: 'connectedApp', name: 'Bare', contactEmail: 'a@b.example' });
  await expect(readConnectedApp(admin, { apiName: 'Bare' }, { clock })).rejects.toMatchObject({
    code: 'CERTIFICATE_UNREADABLE',
  });
});
