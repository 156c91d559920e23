/**
 * The document this project starts from, followed in a real browser by the words on the screen. Each
 * step is quoted from it.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@sfjwt/client';
import type { Org } from '@sfjwt/org';
import { expect, onTestFinished } from 'vitest';
import { violations } from './accessibility.ts';
import { browserTest, openChromium } from './chromium.ts';
import type { Window } from './chromium.ts';
import { listeningOrg } from './listening-org.ts';

const open = openChromium();

/** "openssl req -x509 -sha256 -nodes -days 36500 -newkey rsa:2048 -keyout salesforce.key -out salesforce.crt" */
function keyFiles(): { privateKeyFile: string; certificateFile: string } {
  const directory = mkdtempSync(join(tmpdir(), 'sfjwt-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const line =
    'req -x509 -sha256 -nodes -days 36500 -newkey rsa:2048 -keyout salesforce.key -out salesforce.crt';
  execFileSync('openssl', [...line.split(' '), '-subj', '/CN=salesforce'], {
    cwd: directory,
    stdio: 'ignore',
  });
  return {
    privateKeyFile: join(directory, 'salesforce.key'),
    certificateFile: join(directory, 'salesforce.crt'),
  };
}

async function expectNoBarrier({ page, complaints }: Window): Promise<void> {
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);
}

/** "Login to salesforce. Go to setup area (gear in the nav in the top right)" */
async function goToSetup({ page }: Window, org: Org): Promise<void> {
  await page.goto(org.url);
  await page.getByRole('link', { name: 'Log In' }).first().click();
  await page.getByLabel('Username').fill(org.administrator.username);
  await page.getByLabel('Password').fill(org.administratorPassword);
  await page.getByRole('button', { name: 'Log In' }).click();
  const gear = page.getByTitle('Setup', { exact: true });
  const place = await gear.boundingBox();
  expect(place?.x).toBeGreaterThan(1000);
  expect(place?.y).toBeLessThan(60);
  await gear.click();
  await page.getByRole('link', { name: 'Setup', exact: true }).click();
}

/** "In the side nav, go to Apps > App Manager" */
async function goToAppManager({ page }: Window): Promise<void> {
  const navigation = page.getByRole('navigation', { name: 'Setup' });
  const apps = navigation
    .locator('section')
    .filter({ has: page.getByRole('heading', { name: 'Apps' }) });
  await apps.getByRole('link', { name: 'App Manager', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'App Manager' }).waitFor();
}

interface AppWords {
  newApp: string;
  name: string;
  enableOauth: string;
  digitalSignatures: string;
}

const wordsOf: Record<'connected app' | 'external client app', AppWords> = {
  'connected app': {
    newApp: 'New Connected App',
    name: 'Connected App Name',
    enableOauth: 'Enable OAuth Settings',
    digitalSignatures: 'Use digital signatures',
  },
  'external client app': {
    newApp: 'New External Client App',
    name: 'External Client App Name',
    enableOauth: 'Enable OAuth',
    digitalSignatures: 'Enable JWT Bearer Flow',
  },
};

browserTest.each(['connected app', 'external client app'] as const)(
  'the document, word by word, with a %s',
  async (kind) => {
    const words = wordsOf[kind];
    const { privateKeyFile, certificateFile } = keyFiles();
    const org = await listeningOrg();
    const window = await open();
    const { page } = window;
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    const link = (name: string) => page.getByRole('link', { name, exact: true });

    await goToSetup(window, org);
    await goToAppManager(window);
    await expectNoBarrier(window);

    // "Click New Connect App"
    await link(words.newApp).click();

    // "In the Basic Information section, populate the required fields."
    await page.getByRole('heading', { name: 'Basic Information' }).waitFor();
    await page.getByLabel(words.name).fill('Nightly Sync');
    expect(await page.getByLabel('API Name').inputValue()).toBe('Nightly_Sync');
    await page.getByLabel('API Name').fill('Nightly Sync');
    await page.getByLabel('Contact Email').fill('ops@example.org');

    // "In the API (Enable OAuth Settings) section: Check Enable OAuth Settings"
    await page.getByRole('heading', { name: 'API (Enable OAuth Settings)' }).waitFor();
    await page.getByLabel(words.enableOauth, { exact: true }).check();
    // 'Use "http://localhost/" or some other dummy host.'
    await page.getByLabel('Callback URL').fill('http://localhost/');
    // "Check Use digital signatures. Upload the salesforce.crt that was generated earlier."
    await page.getByLabel(words.digitalSignatures, { exact: true }).check();
    await page.getByLabel('Certificate', { exact: true }).setInputFiles(certificateFile);
    // "For Selected OAuth Scopes, add Access and manage your data (api) and Perform requests on your
    // behalf at any time (refresh_token, offline_access)"
    const available = page.getByLabel('Available OAuth Scopes');
    const selected = page.getByLabel('Selected OAuth Scopes');
    for (const label of [
      'Access and manage your data (api)',
      'Perform requests on your behalf at any time (refresh_token, offline_access)',
    ]) {
      const option = available.locator('option', { hasText: label });
      await available.selectOption({ value: (await option.getAttribute('value')) ?? '' });
      await button('Add').click();
      expect(await selected.locator('option', { hasText: label }).count()).toBe(1);
    }
    await expectNoBarrier(window);

    // "Click Save. If there are any errors, you have to re-upload salesforce.crt."
    await button('Save').click();
    const alert = page.getByRole('alert');
    expect(await alert.textContent()).toContain('Review the errors on this page.');
    expect(await alert.textContent()).toContain('Choose the file of the certificate again');
    expect(await page.getByLabel('API Name').getAttribute('aria-invalid')).toBe('true');
    await expectNoBarrier(window);
    await page.getByLabel('API Name').fill('Nightly_Sync');
    await page.getByLabel('Certificate', { exact: true }).setInputFiles(certificateFile);
    await button('Save').click();

    // "On the resulting app page, click Manage."
    await page.getByRole('heading', { level: 1, name: 'Nightly Sync' }).waitFor();
    await expectNoBarrier(window);
    await link('Manage').click();
    await expectNoBarrier(window);
    // "Click Edit Policies."
    await link('Edit Policies').click();
    // "In the OAuth policies section, change Permitted Users to Admin approved users are
    // pre-authorized. Click Save."
    await page.getByRole('heading', { name: 'OAuth policies' }).waitFor();
    await page
      .getByLabel('Permitted Users')
      .selectOption({ label: 'Admin approved users are pre-authorized' });
    await expectNoBarrier(window);
    await button('Save').click();
    // "Back on the app page again, in the Profiles section, click Manage Profiles."
    await link('Manage Profiles').click();
    // "On the Application Profile Assignment page, assign the user profiles that will have access"
    await page.getByRole('heading', { level: 1, name: 'Application Profile Assignment' }).waitFor();
    await page.getByLabel('Minimum Access - API Only Integrations').check();
    await expectNoBarrier(window);
    await button('Save').click();
    await page.getByText('Your changes were saved.').waitFor();

    // "go to Apps > App Manager. In the list, find the application [...] From the drop down in the
    // application's row, click View. The Consumer Key is in the API (Enable OAuth Settings) section."
    await goToAppManager(window);
    const row = page.getByRole('row', { name: 'Nightly Sync' });
    await row.getByTitle('Actions for Nightly Sync').click();
    await row.getByRole('link', { name: 'View' }).click();
    const section = page
      .locator('section.card')
      .filter({ has: page.getByRole('heading', { name: 'API (Enable OAuth Settings)' }) });
    const clientId = await section
      .locator('dt', { hasText: 'Consumer Key' })
      .locator('+ dd code')
      .textContent();

    // "the RSA private key and the Consumer Key [...] are needed"
    const salesforce = connect({
      clientId: clientId ?? '',
      username: 'integration@local-org.example',
      privateKeyFile,
      loginUrl: org.url,
    });
    onTestFinished(() => salesforce.close());
    const query = '/services/data/v67.0/query?q=SELECT+Name+FROM+Account';
    expect((await salesforce.fetch(query)).status).toBe(200);

    // "To see successful OAuth logins, see the Session Management page."
    await link('Session Management').click();
    const session = page.getByRole('row').filter({ hasText: 'integration@local-org.example' });
    expect(await session.count()).toBe(1);
    expect(await session.textContent()).toContain('Nightly Sync');
    await expectNoBarrier(window);

    // Removed here, the session is over there: the client logs in anew, and nobody notices.
    await session.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('The session was removed.').waitFor();
    expect(await session.count()).toBe(0);
    expect((await salesforce.fetch(query)).status).toBe(200);
    await page.reload();
    expect(await session.count()).toBe(1);
  },
);

browserTest('the document, by keyboard alone', async () => {
  const { privateKeyFile, certificateFile } = keyFiles();
  const org = await listeningOrg();
  const { page, complaints } = await open();
  const { keyboard } = page;
  /** How the element with the focus is called, as a screen reader says it. */
  const focused = (): Promise<string> =>
    page.evaluate<string>(`(() => {
      const element = document.activeElement;
      const said = element?.getAttribute('aria-label') ?? element?.title ?? '';
      const label = element?.labels?.[0]?.textContent ?? '';
      return (said || label || element?.textContent || '').replace(/^[*]/, '').trim();
    })()`);
  /** Tab, until what is called so has the focus. */
  const tabTo = async (name: string | RegExp): Promise<void> => {
    for (let count = 0; count < 120; count += 1) {
      await keyboard.press('Tab');
      const words = await focused();
      if (typeof name === 'string' ? words === name : name.test(words)) return;
    }
    throw new Error(`Tab does not reach ${name}`);
  };
  const press = async (name: string | RegExp): Promise<void> => {
    await tabTo(name);
    await keyboard.press('Enter');
  };
  const see = (title: string): Promise<void> =>
    page.getByRole('heading', { level: 1, name: title }).waitFor();
  const type = async (label: string, text: string): Promise<void> => {
    await tabTo(label);
    await keyboard.type(text);
  };

  await page.goto(`${org.url}/login`);
  await type('Username', org.administrator.username);
  await type('Password', org.administratorPassword);
  await keyboard.press('Enter');
  await see('Local Org');
  await press('Setup');
  await press('Setup');
  await see('Setup Home');
  await press('App Manager');
  await see('App Manager');
  await press('New Connected App');
  await see('New Connected App');
  await type('Connected App Name', 'Nightly Sync');
  await type('Contact Email', 'ops@example.org');
  await tabTo('Enable OAuth Settings');
  await keyboard.press('Space');
  await type('Callback URL', 'http://localhost/');
  await tabTo('Use digital signatures');
  await keyboard.press('Space');
  await tabTo('Certificate');
  const chooser = page.waitForEvent('filechooser');
  await keyboard.press('Space');
  await (await chooser).setFiles(certificateFile);
  await tabTo('Available OAuth Scopes');
  // The first two, which are those of the document.
  await keyboard.press('Home');
  await keyboard.press('Shift+ArrowDown');
  await press(/^Add/);
  await press('Save');
  await see('Nightly Sync');
  await press('Manage');
  await see('Manage Nightly Sync');
  await press('Edit Policies');
  await see('Edit Policies');
  await tabTo('Permitted Users');
  await keyboard.type('Admin');
  await press('Save');
  await page.getByText('Your changes were saved.').waitFor();
  await press('Manage Profiles');
  await see('Application Profile Assignment');
  await tabTo('Minimum Access - API Only Integrations');
  await keyboard.press('Space');
  await press('Save');
  await page.getByText('Your changes were saved.').waitFor();
  await press('App Manager');
  await see('App Manager');
  await press('Actions for Nightly Sync');
  await press('View');
  await see('Nightly Sync');
  const clientId = (await page.locator('#consumer-key').textContent()) ?? '';
  const salesforce = connect({
    clientId,
    username: 'integration@local-org.example',
    privateKeyFile,
    loginUrl: org.url,
  });
  onTestFinished(() => salesforce.close());
  expect((await salesforce.token()).scopes).toEqual(['api']);
  await press('Session Management');
  await see('Session Management');
  await press(/^Remove the session of integration@/);
  await page.getByText('The session was removed.').waitFor();
  expect(complaints).toEqual([]);
});
