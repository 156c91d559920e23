/**
 * `npm run docs:images`: pictures of the pages of Setup for docs/setup-pages.md, light, dark and on a
 * narrow screen, from an org that is made for it. Needs Chromium: CHROMIUM=/path, or Debian's.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { createClock, createOrg } from '@sfjwt/org';
import { connect, milliseconds } from '@sfjwt/client';
import { createCertificate, createKeyPair } from '@sfjwt/setup';
import { chromium } from 'playwright-core';

const images = new URL('images/', import.meta.url);
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-sync',
];

const clock = createClock(() => Date.UTC(2026, 10, 25, 9, 30));
const org = await createOrg({ clock });
await org.listen({ port: 0 });
const { privateKey, privateKeyPem } = await createKeyPair();
const { pem } = await createCertificate({ privateKey });
const consumerKey = `3MVG9${'LocalOrgExample'.repeat(5)}12345`;
const app = org.clientApps.create({
  kind: 'connectedApp',
  name: 'Nightly Sync',
  contactEmail: 'ops@example.org',
  consumerKey,
  scopes: ['api', 'refresh_token'],
  permittedUsers: 'adminApproved',
});
org.clientApps.create({ name: 'Data Export', contactEmail: 'ops@example.org', scopes: ['api'] });
org.clientApps.uploadCertificate(app, pem);
const username = 'integration@local-org.example';
const signIn = () =>
  connect({
    clientId: consumerKey,
    username,
    privateKey: privateKeyPem,
    loginUrl: org.url,
    clock: { now: () => milliseconds(clock.now()) },
  });
// Refused first, then let in: Login History has both.
await signIn()
  .token()
  .catch(() => undefined);
org.clientApps.assignProfile(app, org.profiles.get('Minimum Access - API Only Integrations'));
await signIn().token();

const setup = '/lightning/setup';
const appPages = `${setup}/ConnectedApplication/${app.id}`;
/** Name of the picture -> page. */
const pages = {
  login: '/login',
  'app-manager': `${setup}/NavigationMenus/home`,
  'new-connected-app': `${setup}/NavigationMenus/new`,
  'new-external-client-app': `${setup}/ManageExternalClientApplication/new`,
  view: `${appPages}/view`,
  manage: `${appPages}/manage`,
  'edit-policies': `${appPages}/policies`,
  'application-profile-assignment': `${appPages}/profiles`,
  'session-management': `${setup}/SessionManagement/home`,
  'login-history': `${setup}/OrgLoginHistory/home`,
  users: `${setup}/ManageUsers/home`,
};

/**
 * Suffix of the picture -> screen.
 *
 * @type {Record<string, import('playwright-core').BrowserContextOptions>}
 */
const screens = {
  light: { colorScheme: 'light', viewport: { width: 1100, height: 720 } },
  dark: { colorScheme: 'dark', viewport: { width: 1100, height: 720 } },
  narrow: { colorScheme: 'light', viewport: { width: 360, height: 720 } },
};

mkdirSync(images, { recursive: true });
const browser = await chromium.launch({ executablePath, args: flags });
try {
  for (const [screen, options] of Object.entries(screens)) {
    const context = await browser.newContext({
      baseURL: org.url,
      reducedMotion: 'reduce',
      ...options,
    });
    const page = await context.newPage();
    await page.goto(org.setupUrl);
    const protocol = await context.newCDPSession(page);
    for (const [name, path] of Object.entries(pages)) {
      await page.goto(path);
      // Half the size of PNG, which is all that the method of the page can.
      const { data } = await protocol.send('Page.captureScreenshot', {
        format: 'webp',
        quality: 60,
      });
      writeFileSync(new URL(`${name}-${screen}.webp`, images), Buffer.from(data, 'base64'));
    }
    await context.close();
  }
} finally {
  await browser.close();
  await org.close();
}
