/** What is in the way is told before anything is changed: permissions, users, names. */

import { applySetup, openAdminSession, planSetup, TemporaryAccess } from '@sfjwt/setup';
import type { AppSpecification } from '@sfjwt/setup';
import { expect, test } from 'vitest';
import { heldOf, planning, specification, stage } from './stage.ts';

const needed = [
  'ModifyMetadata',
  'CustomizeApplication',
  'ViewSetup',
  'AssignPermissionSets',
  'ExternalClientAppDeveloper',
  'ExternalClientAppAdmin',
] as const;

test.each(needed)('an administrator without %s', async (lacking) => {
  const deputy = 'deputy@acme.example';
  const one = await stage({
    seed: {
      profiles: [{ name: 'Deputy', permissions: needed.filter((name) => name !== lacking) }],
      users: [{ username: deputy, profile: 'Deputy' }],
    },
  });
  const { org, fetch, clock } = one;
  const admin = await openAdminSession({
    instanceUrl: org.url,
    accessToken: org.openSession(org.users.get(deputy)),
    fetch,
  });
  const before = heldOf(org);
  // Without the first one, the org refuses already to be read.
  const outcome = planSetup(admin, specification, planning(clock)).then(async (plan) => {
    expect(plan.obstacles).toHaveLength(1);
    expect(plan.obstacles[0]?.code).toBe('ADMIN_PERMISSION_MISSING');
    return applySetup(admin, plan, { clock });
  });
  await expect(outcome).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:SETUP_OBSTRUCTED|ADMIN_PERMISSION_MISSING)$/),
    hints: [expect.any(String)],
  });
  expect(heldOf(org)).toEqual(before);
});

test.each<[string, object, string]>([
  ['is not active', { isActive: false }, 'USER_NOT_USABLE'],
  ['is frozen', { isFrozen: true }, 'USER_NOT_USABLE'],
  ['lacks "API Enabled"', { profile: 'Without API' }, 'USER_NOT_USABLE'],
  ['There is no user', { username: 'other@acme.example' }, 'USER_NOT_FOUND'],
])('a user: %s', async (words, changed, code) => {
  const { admin, clock } = await stage({
    seed: {
      profiles: [{ name: 'Without API', apiEnabled: false }],
      users: [{ username: 'u@acme.example', profile: 'Standard User', ...changed }],
    },
  });
  const wanted = { ...specification, users: ['u@acme.example'] };
  const plan = await planSetup(admin, wanted, planning(clock));
  expect(plan.obstacles).toMatchObject([{ code, message: expect.stringContaining(words) }]);
});

test('in a sandbox, the end of usernames is told of', async () => {
  const { admin, clock } = await stage({ kind: 'sandbox' });
  const plan = await planSetup(
    admin,
    { ...specification, users: ['integration@acme.example'] },
    planning(clock),
  );
  expect(plan.obstacles[0]?.cure).toContain('.uat');
});

test.each<[string, Partial<Record<keyof AppSpecification | 'secret', unknown>>, string]>([
  ['no name', { name: '' }, 'name: is empty'],
  ['a name of two lines', { name: 'a\nb' }, 'control character'],
  ['a name without letters', { name: '夜間同期' }, 'apiName'],
  ['an API name with a digit first', { apiName: '1st' }, 'apiName: begins with a letter'],
  ['an API name with two underscores', { apiName: 'a__b' }, 'single underscores'],
  ['an API name with one at its end', { apiName: 'a_' }, 'single underscores'],
  ['a mail address that is none', { contactEmail: 'ops' }, 'contactEmail'],
  ['an unknown scope', { scopes: ['everything'] }, 'scopes.0'],
  ['a scope in metadata spelling', { scopes: ['Api'] }, 'scopes.0'],
  ['a field that does not exist', { secret: 'x' }, 'secret: there is no such field'],
  ['permitted users as in old code', { permittedUsers: 'AdminsPreApproved' }, 'permittedUsers'],
  ['a time-out of a minute', { sessionTimeoutMinutes: 1 }, 'sessionTimeoutMinutes'],
])('a specification with %s', async (_words, changed, told) => {
  const { admin, clock } = await stage();
  const wanted = { ...specification, ...changed } as AppSpecification;
  await expect(planSetup(admin, wanted, planning(clock))).rejects.toMatchObject({
    code: 'SPECIFICATION_INVALID',
    message: expect.stringContaining(told),
  });
});

test('a name that begins with a digit gets a letter before it, and accents go', async () => {
  const { admin, clock } = await stage();
  const plan = async (name: string): Promise<string> =>
    (await planSetup(admin, { ...specification, name }, planning(clock))).app.apiName;
  expect(await plan('4711 Sync')).toBe('X4711_Sync');
  expect(await plan('Été & hiver')).toBe('Ete_hiver');
});

test('the session of the very app is not used to change it', async () => {
  const { admin, clock, org } = await stage();
  const first = await applySetup(admin, await planSetup(admin, specification, planning(clock)), {
    clock,
  });
  const own = { ...planning(clock), ownClientId: first.consumerKey };
  // The org hides consumer keys, so it cannot be known; where it shows them, it is told.
  expect((await planSetup(admin, specification, own)).obstacles).toEqual([]);
  const access = new TemporaryAccess({ session: admin, clock });
  await access.openSwitch('enableConsumerSecretApiAccess');
  await access.givePermission(org.administrator.id, 'PermissionsViewClientSecret');
  const plan = await planSetup(admin, specification, own);
  expect(plan.obstacles).toMatchObject([{ code: 'OWN_SESSION' }]);
});
