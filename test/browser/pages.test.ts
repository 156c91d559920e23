/** What holds for every page of Setup, and what people do to pages. */

import { createCertificate, createKeyPair } from '@sfjwt/setup';
import type { Org } from '@sfjwt/org';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { violations } from './accessibility.ts';
import { browserTest, openChromium } from './chromium.ts';
import { listeningOrg } from './listening-org.ts';

const open = openChromium();

const newConnectedApp = '/lightning/setup/NavigationMenus/new';
const appManager = '/lightning/setup/NavigationMenus/home';

const hostileNames = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '\u202Egnp.exe',
  'اختبار التطبيق',
  'W'.repeat(80),
];

async function certificatePem(): Promise<string> {
  const { privateKey } = await createKeyPair();
  const { pem } = await createCertificate({ privateKey });
  return pem;
}

/** With something to show on every page, and names that nobody should choose. */
async function busyOrg(): Promise<Org> {
  const org = await listeningOrg();
  const pem = await certificatePem();
  for (const [index, name] of hostileNames.entries()) {
    const app = org.clientApps.create({
      kind: index % 2 === 0 ? 'connectedApp' : 'externalClientApp',
      name,
      apiName: `App_${index}`,
      contactEmail: 'ops@example.org',
      scopes: ['api', 'refresh_token'],
      permittedUsers: 'adminApproved',
    });
    if (index < 3) org.clientApps.uploadCertificate(app, pem);
    org.clientApps.assignProfile(app, org.profiles.get('Standard User'));
    const permissionSet = org.permissionSets.create({ label: `${name.slice(0, 60)} access` });
    const user = org.users.create({
      username: `worker${index}@example.org`,
      profile: 'Standard User',
      lastName: name,
    });
    org.permissionSets.assign(permissionSet, user);
    org.openSession(user);
  }
  // A refusal, for Login History.
  await fetch(`${org.url}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: 'e30.e30.e30',
    }),
  });
  return org;
}

/** Of the page itself, its style and its script, before any compression. */
const weight = `['navigation', 'resource']
  .flatMap((type) => performance.getEntriesByType(type))
  .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)`;

/** Pages that differ in what they are about alone are one. */
function kindOf(path: string): string {
  return path.replace(/\/\w{18}(?=\/|$)/g, '/:id');
}

/** Every page that links lead to from here, one of each kind. */
async function crawl(page: Page, visit: (path: string) => Promise<void>): Promise<string[]> {
  const waiting = ['/', '/lightning/setup/SetupOneHome/home'];
  const seen = new Set(waiting.map(kindOf));
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    await page.goto(path);
    await visit(path);
    const links = await page.evaluate<string[]>(
      `[...document.querySelectorAll('a[href^="/"]')].map(({ pathname }) => pathname)`,
    );
    for (const link of links) {
      if (!/^\/(?:lightning\/.*)?$/.test(link) || seen.has(kindOf(link))) continue;
      seen.add(kindOf(link));
      waiting.push(link);
    }
  }
  return [...seen];
}

browserTest(
  'every page: no barrier in light and dark, nothing sideways from 360 px on, light in weight',
  { timeout: 600_000 },
  async () => {
    const org = await busyOrg();
    const { page, complaints } = await open({ baseURL: org.url });
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await page.goto(org.setupUrl);
    const barriers: string[] = [];
    const paths = await crawl(page, async (path) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const one of await violations(page)) barriers.push(`${path} ${colorScheme} ${one}`);
      }
      for (const width of [1040, 840, 360]) {
        await page.setViewportSize({ width, height: 740 });
        const needed = await page.evaluate<number>('document.documentElement.scrollWidth');
        if (needed > width) barriers.push(`${path} needs ${needed} px of ${width}`);
      }
      for (const one of await violations(page)) barriers.push(`${path} narrow ${one}`);
      await page.setViewportSize({ width: 1280, height: 800 });
      const bytes = await page.evaluate<number>(weight);
      if (bytes > 150_000) barriers.push(`${path} weighs ${bytes} bytes`);
    });
    expect(barriers).toEqual([]);
    expect(complaints).toEqual([]);
    expect(dialogs).toEqual([]);
    expect(paths.length).toBeGreaterThan(20);
    expect(paths).toContain('/lightning/setup/ConnectedApplication/:id/policies');
  },
);

browserTest('by keyboard alone: from the top of the page to a new app', async () => {
  const org = await listeningOrg();
  const { page } = await open({ baseURL: org.url });
  await page.goto(org.setupUrl);
  await page.goto(appManager);
  const focus = (): Promise<string> =>
    page.evaluate<string>("document.activeElement?.textContent.trim() ?? ''");
  /** Tab, until the element with these words has the focus. */
  const tabTo = async (words: string): Promise<void> => {
    for (let count = 0; count < 80; count += 1) {
      await page.keyboard.press('Tab');
      if ((await focus()) === words) return;
    }
    throw new Error(`Tab does not reach ${words}`);
  };
  await tabTo('Skip to the page');
  await page.keyboard.press('Enter');
  await tabTo('New Connected App');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'New Connected App' }).waitFor();
  await page.getByLabel('Connected App Name').focus();
  await page.keyboard.type('By Keyboard');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.type('ops@example.org');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'By Keyboard' }).waitFor();
  expect(org.clientApps.list()).toMatchObject([{ apiName: 'By_Keyboard' }]);
});

browserTest('without a script: menus, Quick Find, scopes and colours work', async () => {
  const org = await listeningOrg();
  org.clientApps.create({ name: 'Nightly Sync', contactEmail: 'ops@example.org' });
  const { page } = await open({ baseURL: org.url, javaScriptEnabled: false });
  await page.goto(org.setupUrl);
  await page.getByLabel('Quick Find').fill('consumer key');
  await page.keyboard.press('Enter');
  await page.getByRole('main').getByRole('link', { name: 'App Manager' }).click();
  await page.getByTitle('Actions for Nightly Sync').click();
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByLabel('Available OAuth Scopes').selectOption({ value: 'api' });
  await page.getByRole('button', { name: 'Add' }).click();
  await page.getByLabel('Selected OAuth Scopes').locator('option', { hasText: '(api)' }).waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The app was saved.').waitFor();
  expect(org.clientApps.list()).toMatchObject([{ scopes: ['api'] }]);
  await page.getByRole('button', { name: 'Dark colours' }).click();
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
});

async function fillIn(page: Page, name: string): Promise<void> {
  await page.goto(newConnectedApp);
  await page.getByLabel('Connected App Name').fill(name);
  await page.getByLabel('Contact Email').fill('ops@example.org');
}

browserTest(
  'Save, clicked twice, makes one app; Back and Save again makes no second one',
  async () => {
    const org = await listeningOrg();
    const { page } = await open({ baseURL: org.url });
    await page.goto(org.setupUrl);
    await fillIn(page, 'Nightly Sync');
    await page.getByRole('button', { name: 'Save' }).dblclick();
    await page.getByRole('heading', { level: 1, name: 'Nightly Sync' }).waitFor();
    expect(org.clientApps.list()).toHaveLength(1);
    await page.goBack();
    if ((await page.getByLabel('Connected App Name').inputValue()) === '') {
      await fillIn(page, 'Nightly Sync');
    }
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForLoadState();
    expect(org.clientApps.list()).toHaveLength(1);
  },
);

browserTest(
  'a session that ended while a form was filled in: log in, and begin again',
  async () => {
    const org = await listeningOrg();
    const { page } = await open({ baseURL: org.url });
    await page.goto(org.setupUrl);
    await fillIn(page, 'Nightly Sync');
    org.clock.advance({ hours: 3 });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Your session has ended.').waitFor();
    await page.getByLabel('Username').fill(org.administrator.username);
    await page.getByLabel('Password').fill(org.administratorPassword);
    await page.getByRole('button', { name: 'Log In' }).click();
    await page.getByRole('heading', { level: 1, name: 'Setup Home' }).waitFor();
    expect(org.clientApps.list()).toEqual([]);
  },
);

browserTest('a certificate file of 5 MB is refused on the page', async () => {
  const org = await listeningOrg();
  const { page } = await open({ baseURL: org.url });
  await page.goto(org.setupUrl);
  await fillIn(page, 'Nightly Sync');
  await page.getByLabel('Enable OAuth Settings', { exact: true }).check();
  await page.getByLabel('Callback URL').fill('http://localhost/');
  await page.getByLabel('Use digital signatures', { exact: true }).check();
  await page.getByLabel('Certificate', { exact: true }).setInputFiles({
    name: 'salesforce.crt',
    mimeType: 'application/x-x509-ca-cert',
    buffer: Buffer.alloc(5 * 1024 * 1024, 'A'),
  });
  await page.getByRole('button', { name: 'Save' }).click();
  const error = page.locator('#certificate-error');
  expect(await error.textContent()).toContain('at most 4096 are taken');
  expect(await page.getByLabel('Connected App Name').inputValue()).toBe('Nightly Sync');
});

browserTest(
  'two administrators at once: one deletes the app that the other is about to save',
  async () => {
    const org = await listeningOrg();
    const app = org.clientApps.create({ name: 'Nightly Sync', contactEmail: 'ops@example.org' });
    const one = await open({ baseURL: org.url });
    const other = await open({ baseURL: org.url });
    await one.page.goto(org.setupUrl);
    await other.page.goto(org.setupUrl);
    const path = (name: string): string =>
      `/lightning/setup/ConnectedApplication/${app.id}/${name}`;
    await one.page.goto(path('policies'));
    await other.page.goto(path('delete'));
    await other.page.getByRole('button', { name: 'Delete' }).click();
    await other.page.getByText('The app was deleted.').waitFor();
    await one.page.getByRole('button', { name: 'Save' }).click();
    await one.page.getByText('What this page was about is not here any more.').waitFor();
  },
);

browserTest('a user who is no administrator, and a visitor, see no Setup', async () => {
  const org = await listeningOrg();
  org.users.create({
    username: 'worker@example.org',
    profile: 'Standard User',
    password: 'correct horse 1',
  });
  const { page } = await open({ baseURL: org.url });
  await page.goto(appManager);
  await page.getByLabel('Username').fill('worker@example.org');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Log In' }).click();
  await page.getByText('Please check your username and password.').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByLabel('Password').fill('correct horse 1');
  await page.getByRole('button', { name: 'Log In' }).click();
  await page.getByText('You do not have the level of access necessary').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('link', { name: 'Home' }).click();
  expect(await page.getByTitle('Setup', { exact: true }).count()).toBe(0);
  await page.getByTitle('worker').click();
  await page.getByRole('button', { name: 'Log Out' }).click();
  await page.getByText('You are logged out.').waitFor();
});

browserTest('hostile names, typed into the form: shown as they are, or refused', async () => {
  const org = await listeningOrg();
  const { page, complaints } = await open({ baseURL: org.url });
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await page.goto(org.setupUrl);
  for (const [index, name] of hostileNames.entries()) {
    await fillIn(page, name);
    await page.getByLabel('API Name').fill(`App_${index}`);
    await page.getByLabel('Description').fill(name);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  }
  // The browser lets nobody type so many; what does not come from a browser meets the org.
  await page.goto(newConnectedApp);
  await page.evaluate(
    `document.querySelectorAll('[maxlength]').forEach((field) => field.removeAttribute('maxlength'))`,
  );
  await page.getByLabel('Connected App Name').fill('x'.repeat(300));
  await page.getByLabel('Contact Email').fill('ops@example.org');
  await page.getByLabel('API Name').fill('y'.repeat(300));
  await page.getByRole('button', { name: 'Save' }).click();
  expect(await page.locator('#name-error').textContent()).toContain('80 characters at most');
  expect(await page.locator('#apiName-error').count()).toBe(1);
  expect(await page.getByLabel('Connected App Name').inputValue()).toHaveLength(300);
  for (const path of [appManager, '/lightning/setup/SecurityEvents/home']) {
    await page.goto(path);
    for (const name of hostileNames) expect(await page.getByText(name).count()).toBeGreaterThan(0);
  }
  expect(org.clientApps.list()).toHaveLength(hostileNames.length);
  expect([...complaints, ...dialogs]).toEqual([]);
});

browserTest(
  'after Log Out the button Back leads to the login page, not to what was there',
  async () => {
    const org = await listeningOrg();
    const { page } = await open({ baseURL: org.url });
    await page.goto(org.setupUrl);
    await page.goto(appManager);
    await page.getByTitle(org.administrator.name).click();
    await page.getByRole('button', { name: 'Log Out' }).click();
    await page.getByText('You are logged out.').waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Log in to' }).waitFor();
  },
);

browserTest('two administrators at once: one removes the session of the other', async () => {
  const org = await listeningOrg();
  const second = org.users.create({
    username: 'second@example.org',
    profile: 'System Administrator',
    password: 'correct horse 1',
  });
  const one = await open({ baseURL: org.url });
  const other = await open({ baseURL: org.url });
  await one.page.goto(org.setupUrl);
  await other.page.goto(appManager);
  await other.page.getByLabel('Username').fill(second.username);
  await other.page.getByLabel('Password').fill('correct horse 1');
  await other.page.getByRole('button', { name: 'Log In' }).click();
  await other.page.getByRole('heading', { level: 1, name: 'App Manager' }).waitFor();
  await one.page.goto('/lightning/setup/SessionManagement/home');
  await one.page.getByLabel(`Select the session of ${second.username}`).check();
  await one.page.getByRole('button', { name: 'Remove Selected' }).click();
  await one.page.getByText('The session was removed.').waitFor();
  await other.page.reload();
  await other.page.getByText('Your session has ended.').waitFor();
});

browserTest('no barrier where people log in, allow access, and log out', async () => {
  const org = await listeningOrg();
  const app = org.clientApps.create({
    name: hostileNames[0] ?? '',
    apiName: 'Data_Export',
    contactEmail: 'ops@example.org',
    scopes: ['api', 'refresh_token'],
  });
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: app.consumerKey,
    redirect_uri: 'http://localhost/',
    code_challenge: 'x'.repeat(43),
  });
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, complaints } = await open({ baseURL: org.url, colorScheme });
    const expectNone = async (): Promise<void> => {
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 740 });
        expect([page.url(), ...(await violations(page))]).toEqual([page.url()]);
        const needed = await page.evaluate<number>('document.documentElement.scrollWidth');
        expect(needed).toBeLessThanOrEqual(width);
      }
    };
    await page.goto('/login');
    await expectNone();
    await page.goto(org.setupUrl);
    await page.goto(`/services/oauth2/authorize?${query.toString()}`);
    await page.getByRole('button', { name: 'Allow' }).waitFor();
    await expectNone();
    await page.goto('/services/auth/idp/oidc/logout');
    await page.getByRole('heading', { name: 'Log out?' }).waitFor();
    await expectNone();
    await page.getByRole('button', { name: 'Log Out' }).click();
    await page.getByText('You are logged out.').waitFor();
    await expectNone();
    expect(complaints).toEqual([]);
  }
});
