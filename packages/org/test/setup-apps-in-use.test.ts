/** Connected Apps OAuth Usage, Certificates in Use, Setup Audit Trail. */

import { expect, test } from 'vitest';
import { appKey } from './assertion.ts';
import { get } from './org-setting.ts';
import { pages, setupSetting } from './setup-setting.ts';

const appManager = '/lightning/setup/NavigationMenus/home';
const query = '/services/data/v67.0/query?q=SELECT+Id+FROM+Account';

test('Block ends the sessions of an app and refuses new ones, until Unblock', async () => {
  const { org, open, submit, answer, token } = await setupSetting();
  const held = await token();
  expect(await open(pages.connectedAppsOauthUsage)).toMatch(/>1<span[^>]*> users of Nightly Sync</);
  expect(await submit(pages.connectedAppsOauthUsage, 'Block Nightly Sync')).toContain(
    'The app is blocked',
  );
  expect((await get(org, query, held)).status).toBe(401);
  expect(await answer()).toBe('this app is blocked by admin');
  expect(await open(pages.loginHistory)).toContain(pages.connectedAppsOauthUsage);
  await submit(pages.connectedAppsOauthUsage, 'Unblock Nightly Sync');
  expect(await answer()).toBe('ok');
});

test('Uninstall takes the policies of an app away, Install gives them back', async () => {
  const { app, user, org, submit, answer, open } = await setupSetting({}, { kind: 'connectedApp' });
  expect(await answer()).toBe('ok');
  expect(await submit(pages.connectedAppsOauthUsage, 'Uninstall Nightly Sync')).toContain(
    'The app is uninstalled',
  );
  expect(await answer()).toBe("user hasn't approved this consumer");
  const attempt = /href="([^"]+OrgLoginHistory\/home\/\w+)"/.exec(
    await open(pages.loginHistory),
  )?.[1];
  expect(await open(attempt ?? '')).toContain(
    `href="${pages.connectedAppsOauthUsage}?at=${app.id}#${app.id}"`,
  );
  // Whoever approved it by themselves is served: of one that is not installed that is all there is.
  org.approvals.grant(user, app, ['api', 'refresh_token']);
  expect(await answer()).toBe('ok');
  await submit(pages.connectedAppsOauthUsage, 'Install Nightly Sync');
  expect(await answer()).toBe('ok');
});

test('an external client app that is uninstalled is not found', async () => {
  const { submit, answer } = await setupSetting({}, { kind: 'externalClientApp' });
  await submit(pages.connectedAppsOauthUsage, 'Uninstall Nightly Sync');
  expect(await answer()).toBe('External client app is not installed in this org');
  await submit(pages.connectedAppsOauthUsage, 'Install Nightly Sync');
  expect(await answer()).toBe('ok');
});

test('Revoke ends what one user has of an app, Revoke All what all have', async () => {
  const setting = await setupSetting({}, { permittedUsers: 'selfAuthorize' });
  const { app, user, org, open, submit, answer, token, clock } = setting;
  const other = org.users.create({ username: 'other@example.org', profile: 'Standard User' });
  for (const one of [user, other]) org.approvals.grant(one, app, ['api', 'refresh_token']);
  const held = await token();
  clock.advance({ minutes: 5 });
  await token();
  const usage = `${pages.connectedAppsOauthUsage}/${app.id}`;
  const page = await open(usage);
  expect(page).toContain('Use Count">2<');
  expect(page).toContain('12:05:00 PM GMT');
  expect(page).toContain('other@example.org');
  expect(await submit(usage, `Revoke ${user.username}`)).toContain('The access was revoked');
  expect((await get(org, query, held)).status).toBe(401);
  expect(await answer()).toBe("user hasn't approved this consumer");
  expect(org.approvals.scopes(other, app)).toEqual(['api', 'refresh_token']);
  expect(await submit(usage, 'Revoke All')).toContain('Nobody uses this app');
  expect(org.approvals.scopes(other, app)).toEqual([]);
});

test('Certificates in Use tells how long each one is valid, by the clock of the org', async () => {
  const { org, app, browser, open, clock } = await setupSetting();
  const { notAfter, fingerprint256 } = org.clientApps.uploadCertificate(app, appKey.certificatePem);
  clock.set(new Date(notAfter.getTime() - 10.5 * 86_400_000));
  await browser.enter(org.administrator);
  const page = await open(pages.certificatesInUse);
  expect(page).toContain(fingerprint256);
  expect(page).toContain('<span class="status warning">10</span>');
});

test('Setup Audit Trail names who changed what, and no secret', async () => {
  const { org, user, open, submit } = await setupSetting();
  await submit(`${pages.users}/${user.id}/edit`, 'Save', {
    isActive: null,
    password: 'correct horse',
  });
  const page = await open(pages.setupAuditTrail);
  expect(page).toContain('Deactivated user worker');
  expect(page).toContain('Changed password for user worker');
  expect(page).toContain(org.administrator.username);
  expect(page).not.toContain('correct horse');
});

test('Setup Audit Trail has every change of a user, an app and the org', async () => {
  const { org, app, user, open, submit } = await setupSetting();
  await submit(`${pages.users}/${user.id}/edit`, 'Save', {
    firstName: 'Wanda',
    username: 'wanda@example.org',
    email: 'wanda@example.com',
    profile: 'System Administrator',
  });
  org.users.setLockout(user, { wrongPasswords: 0, lockedUntil: org.clock.now() + 60_000 });
  await submit(`${pages.users}/${user.id}`, 'Unlock');
  await submit(appManager, 'Block new connected apps, as Salesforce does');
  const page = await open(pages.setupAuditTrail);
  for (const sentence of [
    'Changed username for user Wanda worker from worker@example.org to wanda@example.org',
    'Changed name for user Wanda worker from worker to Wanda worker',
    'Changed email for user Wanda worker from worker@example.org to wanda@example.com',
    'Changed profile for user Wanda worker from Standard User to System Administrator',
    'Unlocked user Wanda worker',
    'Blocked new connected apps',
  ]) {
    expect(page).toContain(sentence);
  }
  const count = async (): Promise<number> =>
    (await open(pages.setupAuditTrail)).split('of external client app').length;
  for (const policies of [
    { permittedUsers: 'selfAuthorize' },
    { ipRelaxation: 'bypass' },
    { sessionTimeoutMinutes: 30 },
    { refreshTokenPolicy: 'zero' },
    { refreshTokenHours: 3 },
    { isOauthEnabled: false },
    { isEnabled: false },
    { isBlocked: true },
    { isInstalled: false },
    { jwtAccessTokens: true },
    { jwtTimeoutMinutes: 5 },
    { isPkceRequired: false },
    { isConsumerSecretOptional: true },
    { isIntrospectAllTokens: true },
  ] as const) {
    const before = await count();
    org.clientApps.setPolicies(app, policies);
    expect([policies, await count()]).toEqual([policies, before + 1]);
  }
});

test('an org without apps says what to do next', async () => {
  const { org, browser, open } = await setupSetting();
  org.reset();
  await browser.enter(org.administrator);
  expect(await open(pages.certificatesInUse)).toContain('No certificate is in use');
  expect(await open(pages.connectedAppsOauthUsage)).toContain('No apps yet');
  expect(await open(pages.setupAuditTrail)).toContain('Nothing was changed yet');
});
