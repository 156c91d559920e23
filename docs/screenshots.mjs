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
const ownClock = { now: () => milliseconds(clock.now()) };
const { pem } = await createCertificate({ privateKey, clock: ownClock });
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
    clock: ownClock,
  });
// Refused first, then let in: Login History has both.
await signIn()
  .token()
  .catch(() => undefined);
org.clientApps.assignProfile(app, org.profiles.get('Minimum Access - API Only Integrations'));
await signIn().token();

const setup = '/lightning/setup';
const appPages = `${setup}/ConnectedApplication/${app.id}`;
const user = org.users.get(username);
const profile = org.profiles.get('Minimum Access - API Only Integrations');
/** Name of the picture -> page. */
const pages = {
  login: '/login',
  home: '/',
  'setup-home': `${setup}/SetupOneHome/home`,
  'app-manager': `${setup}/NavigationMenus/home`,
  'external-client-app-manager': `${setup}/ManageExternalClientApplication/home`,
  'new-connected-app': `${setup}/NavigationMenus/new`,
  'new-external-client-app': `${setup}/ManageExternalClientApplication/new`,
  view: `${appPages}/view`,
  edit: `${appPages}/edit`,
  manage: `${appPages}/manage`,
  'edit-policies': `${appPages}/policies`,
  'application-profile-assignment': `${appPages}/profiles`,
  'application-permission-set-assignment': `${appPages}/permission-sets`,
  'connected-apps-oauth-usage': `${setup}/ConnectedAppsUsage/home`,
  users: `${setup}/ManageUsers/home`,
  user: `${setup}/ManageUsers/home/${user.id}`,
  profiles: `${setup}/EnhancedProfiles/home`,
  profile: `${setup}/EnhancedProfiles/home/${profile.id}`,
  'permission-sets': `${setup}/PermSets/home`,
  'session-management': `${setup}/SessionManagement/home`,
  'login-history': `${setup}/OrgLoginHistory/home`,
  'certificates-in-use': `${setup}/CertificatesAndKeysManagement/home`,
  'setup-audit-trail': `${setup}/SecurityEvents/home`,
  'request-monitor': `${setup}/LocalOrgRequests/home`,
  'clock-and-faults': `${setup}/LocalOrgControl/home`,
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

/**
 * WebP is half the size of PNG, which is all that the method of the page can. Chromium at times
 * cannot capture a page that it has only just drawn.
 *
 * @param {import('playwright-core').CDPSession} protocol
 * @returns {Promise<string>}
 */
async function capture(protocol, tries = 5) {
  try {
    const options = { format: /** @type {const} */ ('webp'), quality: 60 };
    return (await protocol.send('Page.captureScreenshot', options)).data;
  } catch (error) {
    if (tries === 1) throw error;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return capture(protocol, tries - 1);
  }
}

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
      const answer = await page.goto(path);
      if (answer?.ok() !== true) throw new Error(`${path} answers ${answer?.status()}`);
      const data = await capture(protocol);
      writeFileSync(new URL(`${name}-${screen}.webp`, images), Buffer.from(data, 'base64'));
    }
    await context.close();
  }
} finally {
  await browser.close();
  await org.close();
}
