/**
 * What an administrator does in a browser, day after day: looks who is signed in and who was
 * refused, changes what users may do, and watches what clients send.
 */

import { ClientError, connect } from '@sfjwt/client';
import type { Connection } from '@sfjwt/client';
import { createCertificate, createKeyPair } from '@sfjwt/setup';
import type { ClientApp, Org } from '@sfjwt/org';
import { expect } from 'vitest';
import { violations } from './accessibility.ts';
import { browserTest, openChromium } from './chromium.ts';
import type { Window } from './chromium.ts';
import { listeningOrg } from './listening-org.ts';

const open = openChromium();

const pages = {
  users: '/lightning/setup/ManageUsers/home',
  profiles: '/lightning/setup/EnhancedProfiles/home',
  permissionSets: '/lightning/setup/PermSets/home',
  sessionManagement: '/lightning/setup/SessionManagement/home',
  loginHistory: '/lightning/setup/OrgLoginHistory/home',
  connectedAppsOauthUsage: '/lightning/setup/ConnectedAppsUsage/home',
  certificatesInUse: '/lightning/setup/CertificatesAndKeysManagement/home',
  setupAuditTrail: '/lightning/setup/SecurityEvents/home',
  requestMonitor: '/lightning/setup/LocalOrgRequests/home',
  clockAndFaults: '/lightning/setup/LocalOrgControl/home',
} as const;

const username = 'worker@example.org';
const query = '/services/data/v67.0/query?q=SELECT+Id+FROM+Account';

interface Setting extends Window {
  org: Org;
  app: ClientApp;
  salesforce: Connection;
  /** One that remembers no refusal. */
  newClient: () => Connection;
}

/** An org with a client that gets in, and an administrator in front of a browser. */
async function setting(options: Parameters<typeof open>[0] = {}): Promise<Setting> {
  const org = await listeningOrg();
  const { privateKey } = await createKeyPair();
  const { pem } = await createCertificate({ privateKey });
  const app = org.clientApps.create({
    name: 'Nightly Sync',
    contactEmail: 'ops@example.org',
    scopes: ['api', 'refresh_token'],
    permittedUsers: 'adminApproved',
  });
  org.clientApps.uploadCertificate(app, pem);
  org.clientApps.assignProfile(app, org.profiles.get('Standard User'));
  org.users.create({ username, profile: 'Standard User', firstName: 'Wanda', lastName: 'Worker' });
  const window = await open(options);
  const sid = encodeURIComponent(org.openSession(org.administrator));
  await window.page.goto(`${org.url}/secur/frontdoor.jsp?sid=${sid}`);
  const newClient = (): Connection =>
    connect({ clientId: app.consumerKey, username, privateKey, loginUrl: org.url });
  return { ...window, org, app, salesforce: newClient(), newClient };
}

/** `ok`, or the sentence of the refusal. */
async function answer(salesforce: Connection): Promise<string> {
  try {
    await salesforce.fetch(query);
    return 'ok';
  } catch (error) {
    if (error instanceof ClientError) return error.message;
    throw error;
  }
}

browserTest('a session that is removed: the next call of the client renews it', async () => {
  const { page, org, salesforce, complaints } = await setting();
  expect((await salesforce.fetch(query)).status).toBe(200);
  const before = (await salesforce.token()).value;
  await page.goto(org.url + pages.sessionManagement);
  const row = page.getByRole('row').filter({ hasText: username });
  await expect.poll(() => row.textContent()).toContain('Nightly Sync');
  await row.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('status').filter({ hasText: 'The session was removed' }).waitFor();
  expect(await row.count()).toBe(0);

  expect((await salesforce.fetch(query)).status).toBe(200);
  expect((await salesforce.token()).value).not.toBe(before);
  await page.reload();
  expect(await row.count()).toBe(1);
  expect(complaints).toEqual([]);
});

browserTest('Login History leads from a refusal to the field that cures it', async () => {
  const { page, org, newClient } = await setting();
  const profile = org.profiles.get('Standard User');
  org.profiles.change(profile, {
    loginIpRanges: [{ startAddress: '10.0.0.1', endAddress: '10.0.0.9' }],
  });
  expect(await answer(newClient())).toContain('ip restricted');
  await page.goto(org.url + pages.loginHistory);
  const row = page.getByRole('row').filter({ hasText: 'Restricted IP' });
  expect(await row.textContent()).toContain('10.0.0.1 to 10.0.0.9');
  await row.getByRole('rowheader').getByRole('link').click();
  await page.getByRole('alert').filter({ hasText: 'invalid_grant: ip restricted' }).waitFor();
  await page.getByRole('link', { name: 'Login IP Ranges' }).click();
  await page.getByRole('button', { name: 'Delete 10.0.0.1 to 10.0.0.9' }).click();
  await page.getByRole('status').filter({ hasText: 'The range was deleted' }).waitFor();
  expect(await answer(newClient())).toBe('ok');
});

browserTest('by keyboard alone a user is made, who then gets in', async () => {
  const { page, org, app } = await setting();
  await page.goto(org.url + pages.users);
  const { keyboard } = page;
  const focused = (): Promise<string> =>
    page.evaluate<string>("document.activeElement?.textContent?.trim() ?? ''");
  for (let steps = 0; (await focused()) !== 'New User' && steps < 60; steps += 1) {
    await keyboard.press('Tab');
  }
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: 'New User' }).waitFor();
  for (let steps = 0; steps < 60; steps += 1) {
    await keyboard.press('Tab');
    if ((await page.evaluate<string>('document.activeElement?.id')) === 'firstName') break;
  }
  for (const typed of ['Nora', 'Night', 'nora@example.org', 'nora@example.org']) {
    await keyboard.type(typed);
    await keyboard.press('Tab');
  }
  await keyboard.type('Standard');
  await keyboard.press('Enter');
  // Enter in a list opens it in some browsers; the button is reached in any case.
  for (let steps = 0; (await focused()) !== 'Save' && steps < 20; steps += 1) {
    await keyboard.press('Tab');
  }
  await keyboard.press('Enter');
  await page.getByRole('status').filter({ hasText: 'The user was created' }).waitFor();
  expect(org.users.get('nora@example.org')).toMatchObject({ name: 'Nora Night', isActive: true });
  expect(app.permittedUsers).toBe('adminApproved');
});

browserTest('the monitor shows a request as it comes, and holds still on Pause', async () => {
  const { page, org, salesforce, complaints } = await setting();
  await page.goto(org.url + pages.requestMonitor);
  await page.getByText('No request yet').waitFor();
  await salesforce.fetch(query);
  await page.getByRole('link', { name: 'GET /services/data/v67.0/query' }).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await salesforce.userinfo();
  await page.getByText('2 requests').waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByText('3 requests').waitFor();
  await page.getByRole('link', { name: 'POST /services/oauth2/token' }).click();
  await page.getByRole('heading', { name: 'Claims of the assertion' }).waitFor();
  expect(await page.getByText(username).count()).toBeGreaterThan(0);
  expect(complaints).toEqual([]);
});

browserTest('without a script the monitor is refreshed, and a session removed', async () => {
  const { page, org, salesforce } = await setting({ javaScriptEnabled: false });
  await page.goto(org.url + pages.requestMonitor);
  await salesforce.fetch(query);
  await page.getByRole('link', { name: 'Refresh' }).click();
  await page.getByText('2 requests').waitFor();
  expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0);
  await page.goto(org.url + pages.sessionManagement);
  await page.getByRole('button', { name: `Remove the session of ${username}` }).click();
  await page.getByText('The session was removed').waitFor();
});

for (const colorScheme of ['light', 'dark'] as const) {
  browserTest(`no barrier on any of these pages, ${colorScheme}`, async () => {
    const { page, org, salesforce, complaints } = await setting({ colorScheme });
    org.permissionSets.assign(
      org.permissionSets.create({ label: 'Nightly Access' }),
      org.users.get(username),
    );
    org.profiles.change(org.profiles.get('Standard User'), {
      loginHours: { sundayStart: 0, sundayEnd: 0 },
    });
    await salesforce.fetch(query);
    org.users.setActive(org.users.get(username), false);
    salesforce.close();
    org.faults.next('revoke', { status: 503 });
    const { id, profileId } = org.users.get(username);
    const attempt = org.loginHistory.list()[0]?.id;
    const request = org.requests.list({ path: 'token' })[0]?.number;
    for (const path of [
      ...Object.values(pages),
      `${pages.users}/new`,
      `${pages.users}/${id}`,
      `${pages.users}/${id}/edit`,
      `${pages.profiles}/new`,
      `${pages.profiles}/${profileId}`,
      `${pages.permissionSets}/new`,
      `${pages.permissionSets}/${org.permissionSets.get('Nightly Access').id}`,
      `${pages.loginHistory}/${attempt}`,
      `${pages.requestMonitor}/${request}`,
    ]) {
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 800 });
        const response = await page.goto(org.url + path);
        expect([path, response?.status()]).toEqual([path, 200]);
        expect([path, ...(await violations(page))]).toEqual([path]);
        const overflow = await page.evaluate<number>(
          `document.documentElement.scrollWidth - innerWidth +
             [...document.querySelectorAll('.card table.list')].filter((table) =>
               table.clientWidth > table.parentElement.clientWidth).length`,
        );
        expect([path, width, overflow]).toEqual([path, width, 0]);
      }
    }
    expect(complaints).toEqual([]);
  });
}
