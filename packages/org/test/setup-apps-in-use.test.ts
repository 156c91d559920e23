/** Connected Apps OAuth Usage, Certificates in Use, Setup Audit Trail. */

import { expect, test } from 'vitest';
import { appKey } from './assertion.ts';
import { get } from './org-setting.ts';
import { pages, setupSetting } from './setup-setting.ts';

const query = '/services/data/v67.0/query?q=SELECT+Id+FROM+Account';

test('Block ends the sessions of an app and refuses new ones, until Unblock', async () => {
  const { org, open, submit, answer, token } = await setupSetting();
  const held = await token();
  expect(await open(pages.connectedAppsOauthUsage)).toMatch(/User Count">1</);
  expect(await submit(pages.connectedAppsOauthUsage, 'Block Nightly Sync')).toContain(
    'The app is blocked',
  );
  expect((await get(org, query, held)).status).toBe(401);
  expect(await answer()).toBe('this app is blocked by admin');
  expect(await open(pages.loginHistory)).toContain(pages.connectedAppsOauthUsage);
  await submit(pages.connectedAppsOauthUsage, 'Unblock Nightly Sync');
  expect(await answer()).toBe('ok');
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

test('an org without apps says what to do next', async () => {
  const { org, browser, open } = await setupSetting();
  org.reset();
  await browser.enter(org.administrator);
  expect(await open(pages.certificatesInUse)).toContain('No certificate is in use');
  expect(await open(pages.connectedAppsOauthUsage)).toContain('No apps yet');
  expect(await open(pages.setupAuditTrail)).toContain('Nothing was changed yet');
});
