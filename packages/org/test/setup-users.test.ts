/** Users, Profiles and Permission Sets: what is set there is what the token endpoint answers by. */

import { expect, test } from 'vitest';
import { Browser, hiddenFields } from './browser.ts';
import { get } from './org-setting.ts';
import { pages, setupSetting } from './setup-setting.ts';

const query = '/services/data/v67.0/query?q=SELECT+Id+FROM+Account';

test('a user who is deactivated gets no token, and one again when activated', async () => {
  const { user, submit, answer } = await setupSetting();
  const edit = `${pages.users}/${user.id}/edit`;
  expect(await submit(edit, 'Save', { isActive: null })).toContain('The user was saved');
  expect(await answer()).toBe('user is inactive');
  await submit(edit, 'Save', { isActive: 'on' });
  expect(await answer()).toBe('ok');
});

test('Freeze refuses logins and sessions; Unfreeze ends that', async () => {
  const { org, user, submit, answer, open, token } = await setupSetting();
  const held = await token();
  const page = `${pages.users}/${user.id}`;
  expect(await submit(page, 'Freeze')).toContain('The user is frozen');
  expect(await answer()).toBe('user is inactive');
  expect((await get(org, query, held)).status).toBe(401);
  expect(await open(pages.loginHistory)).toContain('User is frozen');
  await submit(page, 'Unfreeze');
  expect(await answer()).toBe('ok');
});

test('a user who is created gets a token through an app of the profile', async () => {
  const { submit, ask, open } = await setupSetting();
  const page = await submit(`${pages.users}/new`, 'Save', {
    firstName: 'Wanda',
    lastName: 'Worker',
    email: 'wanda@example.org',
    username: 'wanda@example.org',
    profile: 'Standard User',
  });
  expect(page).toContain('The user was created');
  expect(page).toContain('Wanda Worker');
  expect((await ask({ claims: { sub: 'wanda@example.org' } })).status).toBe(200);
  expect(await open(`${pages.users}?username=WANDA`)).toContain('1 user');
  expect(await open(`${pages.users}?view=inactive`)).not.toContain('wanda');
});

test('what is missing or taken is said at its field, and what was typed is kept', async () => {
  const { submit, browser, org } = await setupSetting();
  const before = org.users.list().length;
  const page = await submit(`${pages.users}/new`, 'Save', {
    lastName: '',
    email: 'nonsense',
    username: 'worker@example.org',
  });
  expect(page).toContain('You must enter a value: Last Name');
  expect(page).toContain('Enter a valid email address');
  expect(page).toMatch(/<input id="email"[^>]*aria-invalid="true"[^>]*value="nonsense"/);
  const taken = await submit(`${pages.users}/new`, 'Save', {
    lastName: 'Other',
    email: 'other@example.org',
    username: 'WORKER@example.org',
  });
  expect(taken).toContain('There is a user &quot;WORKER@example.org&quot; already');
  expect(org.users.list()).toHaveLength(before);
  expect((await browser.get(`${pages.users}/005nothing`)).status).toBe(404);
});

test.each(['\u200b', '\u202e', '\0', '\u00ad'])(
  'a username with a character that nobody sees is refused: %j',
  async (character) => {
    const { org, submit } = await setupSetting();
    const page = await submit(`${pages.users}/new`, 'Save', {
      lastName: 'Twin',
      email: 'twin@example.org',
      username: `worker${character}@example.org`,
      profile: 'Standard User',
    });
    expect(page).toContain('is not a username');
    expect(org.users.find(`worker${character}@example.org`)).toBeUndefined();
  },
);

test('another username and another profile hold at the next request', async () => {
  const { org, user, submit, answer, ask } = await setupSetting();
  const edit = `${pages.users}/${user.id}/edit`;
  await submit(edit, 'Save', { profile: 'System Administrator' });
  expect(await answer()).toBe('user is not admin approved to access this app');
  await submit(edit, 'Save', { profile: 'Standard User', username: 'renamed@example.org' });
  expect(await answer()).toBe("user hasn't approved this consumer");
  expect((await ask({ claims: { sub: 'renamed@example.org' } })).status).toBe(200);
  expect(org.users.get('renamed@example.org').id).toBe(user.id);
});

test('a new password opens the login page', async () => {
  const { org, user, submit } = await setupSetting();
  await submit(`${pages.users}/${user.id}/edit`, 'Save', { password: ' correct horse ' });
  const other = new Browser(org);
  expect((await other.logIn(user.username, 'correct horse')).status).toBe(401);
  expect((await other.logIn(user.username, ' correct horse ')).status).toBe(303);
});

test('Unlock lets a user in again after too many wrong passwords', async () => {
  const { org, user, submit, open } = await setupSetting();
  org.users.setPassword(user, 'correct horse');
  org.users.setLockout(user, { wrongPasswords: 0, lockedUntil: org.clock.now() + 60_000 });
  const other = new Browser(org);
  expect((await other.logIn(user.username, 'correct horse')).status).toBe(401);
  expect(await open(pages.loginHistory)).toContain('Password Lockout');
  expect(await submit(`${pages.users}/${user.id}`, 'Unlock')).toContain('The user is unlocked');
  expect((await other.logIn(user.username, 'correct horse')).status).toBe(303);
});

test('administrators do not lock themselves out', async () => {
  const { org, submit, open } = await setupSetting();
  const { administrator } = org;
  const edit = `${pages.users}/${administrator.id}/edit`;
  expect(await submit(edit, 'Save', { isActive: null })).toContain(
    'You cannot deactivate yourself',
  );
  expect(await submit(edit, 'Save', { profile: 'Standard User' })).toContain(
    'You cannot take away your own profile',
  );
  expect(await open(`${pages.users}/${administrator.id}`)).not.toContain('Freeze');
});

test('a permission set lets a user in, from either side', async () => {
  const { org, app, user, submit, answer, open } = await setupSetting();
  org.clientApps.removeProfile(app, org.profiles.get('Standard User'));
  expect(await answer()).toBe('user is not admin approved to access this app');
  const page = await submit(`${pages.permissionSets}/new`, 'Save', { label: 'Nightly Access' });
  expect(page).toContain('The permission set was created');
  const nightly = org.permissionSets.get('Nightly Access');
  org.clientApps.assignPermissionSet(app, nightly);
  await submit(`${pages.users}/${user.id}`, 'Assign', { permissionSet: nightly.id });
  expect(await answer()).toBe('ok');
  const setPage = `${pages.permissionSets}/${nightly.id}`;
  expect(await open(setPage)).toContain('Nightly Sync');
  await submit(setPage, 'Remove Assignment worker@example.org');
  expect(await answer()).toBe('user is not admin approved to access this app');
  await submit(setPage, 'Add Assignment', { user: user.id });
  expect(await answer()).toBe('ok');
  await submit(`${pages.users}/${user.id}`, 'Remove Nightly Access');
  expect(await answer()).toBe('user is not admin approved to access this app');
});

test('API Enabled, by profile or permission set, opens the REST API', async () => {
  const { org, user, submit, token } = await setupSetting();
  const profile = `${pages.profiles}/${user.profileId}`;
  const held = await token();
  await submit(profile, 'Save', { apiEnabled: null });
  expect((await get(org, query, held)).status).toBe(403);
  await submit(`${pages.permissionSets}/new`, 'Save', { label: 'API', apiEnabled: null });
  const api = org.permissionSets.get('API');
  await submit(`${pages.users}/${user.id}`, 'Assign', { permissionSet: api.id });
  expect((await get(org, query, held)).status).toBe(403);
  await submit(`${pages.permissionSets}/${api.id}`, 'Save', { apiEnabled: 'on' });
  expect((await get(org, query, held)).status).toBe(200);
  await submit(`${pages.permissionSets}/${api.id}`, 'Save', { apiEnabled: null });
  await submit(profile, 'Save', { apiEnabled: 'on' });
  expect((await get(org, query, held)).status).toBe(200);
});

test('Login IP Ranges refuse other addresses, until the range is deleted', async () => {
  const { user, submit, answer, open } = await setupSetting();
  const profile = `${pages.profiles}/${user.profileId}`;
  await submit(profile, 'Add Range', { startAddress: '10.0.0.1', endAddress: '10.0.0.9' });
  expect(await answer()).toBe('ip restricted');
  expect(await open(pages.loginHistory)).toContain(`${profile}#loginIpRanges`);
  await submit(profile, 'Add Range', { startAddress: '127.0.0.0', endAddress: '127.0.0.255' });
  expect(await answer()).toBe('ok');
  await submit(profile, 'Delete 127.0.0.0 to 127.0.0.255');
  await submit(profile, 'Delete 10.0.0.1 to 10.0.0.9');
  expect(await answer()).toBe('ok');
  for (const range of [
    { startAddress: '10.0.0.9', endAddress: '10.0.0.1' },
    { startAddress: 'everywhere', endAddress: '' },
    { startAddress: '::1', endAddress: '10.0.0.1' },
  ]) {
    expect(await submit(profile, 'Add Range', range)).toContain('is not a range of IP addresses');
  }
});

test('Login Hours refuse other times, until they are cleared', async () => {
  const { user, submit, answer, open, clock } = await setupSetting();
  const profile = `${pages.profiles}/${user.profileId}`;
  // The clock stands on a Monday, at noon.
  await submit(profile, 'Save Hours', { mondayStart: '480', mondayEnd: '660' });
  expect(await answer()).toBe('IP restricted or invalid login hours');
  expect(await open(pages.loginHistory)).toContain(`${profile}#loginHours`);
  clock.advance({ hours: -2 });
  expect(await answer()).toBe('ok');
  expect(await submit(profile, 'Save Hours', { mondayStart: '600', mondayEnd: '480' })).toContain(
    'Monday: choose a start and an end after it',
  );
  await submit(profile, 'Save Hours', { mondayStart: '0', mondayEnd: '0' });
  expect(await answer()).toBe('IP restricted or invalid login hours');
  await submit(profile, 'Save Hours', { clear: 'yes' });
  expect(await answer()).toBe('ok');
});

test('the session timeout of a profile is that of the next session', async () => {
  const { org, user, submit, token, clock } = await setupSetting();
  const profile = `${pages.profiles}/${user.profileId}`;
  expect(await submit(profile, 'Save', { sessionTimeoutMinutes: '14' })).toContain(
    'Enter whole minutes from 15 to 1440',
  );
  await submit(profile, 'Save', { sessionTimeoutMinutes: '15' });
  const held = await token();
  clock.advance({ minutes: 16 });
  expect((await get(org, query, held)).status).toBe(401);
  await submit(profile, 'Save', { sessionTimeoutMinutes: '' });
  expect(org.profiles.get('Standard User').sessionTimeoutMinutes).toBeUndefined();
});

test('a profile is made as a copy of another one', async () => {
  const { org, submit } = await setupSetting();
  org.profiles.change(org.profiles.get('Standard User'), { apiEnabled: false });
  const page = await submit(`${pages.profiles}/new`, 'Save', { name: 'Night Shift' });
  expect(page).toContain('The profile was created');
  expect(org.profiles.get('Night Shift')).toMatchObject({ apiEnabled: false });
  expect(await submit(`${pages.profiles}/new`, 'Save', { name: 'Night Shift' })).toContain(
    'There is a profile named',
  );
});

test('hostile names are shown as text', async () => {
  const { org, submit, open } = await setupSetting();
  const name = '<script>alert(1)</script>"\u202E';
  await submit(`${pages.permissionSets}/new`, 'Save', { label: name });
  await submit(`${pages.profiles}/new`, 'Save', { name });
  org.users.create({
    username: 'hostile@example.org',
    profile: name,
    lastName: name.repeat(3),
  });
  for (const path of [pages.users, pages.profiles, pages.permissionSets]) {
    expect(await open(path)).not.toContain('<script>alert');
  }
  const user = org.users.get('hostile@example.org');
  expect(await open(`${pages.users}/${user.id}`)).not.toContain('<script>alert');
  expect(await open(`${pages.users}/${user.id}/edit`)).not.toContain('<script>alert');
});

test('nothing is changed by a form that another page made, nor by a GET', async () => {
  const { org, user, browser } = await setupSetting();
  for (const path of ['edit', 'freeze', 'assign', 'unassign']) {
    const response = await browser.post(`${pages.users}/${user.id}/${path}`, { isFrozen: 'yes' });
    expect(response.status).toBe(403);
  }
  await browser.get(`${pages.users}/${user.id}/freeze?isFrozen=yes`);
  expect(org.users.get(user.username)).toEqual(user);
});

test('a form that is sent twice makes one user, profile or permission set', async () => {
  const { org, browser, open } = await setupSetting();
  const forms: [string, Record<string, string>][] = [
    [
      pages.users,
      {
        lastName: 'Twice',
        email: 'twice@example.org',
        username: 'twice@example.org',
        profile: 'Standard User',
      },
    ],
    [pages.profiles, { name: 'Twice', original: 'Standard User' }],
    [pages.permissionSets, { label: 'Twice' }],
  ];
  for (const [path, fields] of forms) {
    const hidden = hiddenFields(await open(`${path}/new`));
    const send = (): Promise<Response> => browser.post(`${path}/new`, { ...hidden, ...fields });
    const [first, second] = [await send(), await send()];
    expect(first.status).toBe(303);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
  }
  expect(org.users.list().filter(({ name }) => name === 'Twice')).toHaveLength(1);
});
