/**
 * Each refusal that an administrator can cause: caused in Chromium by the words on the screen, seen
 * by a client, explained by Login History, and cured the same way. The table of docs/setup-pages.md
 * is this one, and a test compares the two.
 */

import { sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ClientError, connect, createClaims, signAssertion } from '@sfjwt/client';
import { createCertificate, createKeyPair } from '@sfjwt/setup';
import type { ClientAppKind, Org } from '@sfjwt/org';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { browserTest, openChromium } from './chromium.ts';
import { listeningOrg } from './listening-org.ts';

const open = openChromium();

const username = 'worker@example.org';
const password = 'correct horse 1';
const appName = 'Nightly Sync';
const profileName = 'Standard User';

/** An administrator in front of Setup, who knows nothing but its words. */
class Administrator {
  readonly page: Page;
  readonly #certificate: { name: string; mimeType: string; buffer: Buffer };
  readonly #other: { name: string; mimeType: string; buffer: Buffer };

  constructor(page: Page, certificate: string, other: string) {
    const file = (pem: string) => ({
      name: 'salesforce.crt',
      mimeType: 'application/x-x509-ca-cert',
      buffer: Buffer.from(pem),
    });
    this.page = page;
    this.#certificate = file(certificate);
    this.#other = file(other);
  }

  /** By the side navigation. */
  async goTo(name: string): Promise<void> {
    const navigation = this.page.getByRole('navigation', { name: 'Setup' });
    await navigation.getByRole('link', { name, exact: true }).click();
    await this.page.getByRole('heading', { level: 1, name }).waitFor();
  }

  async follow(...names: string[]): Promise<void> {
    for (const name of names) {
      await this.page.getByRole('main').getByRole('link', { name, exact: true }).first().click();
    }
  }

  /** A button, and the page that comes after it. */
  async press(name: string): Promise<void> {
    const before = this.page.getByRole('status');
    await this.page.getByRole('main').getByRole('button', { name }).first().click();
    await this.page.waitForLoadState();
    await before.first().waitFor();
  }

  async openApp(item: 'View' | 'Edit' | 'Manage'): Promise<void> {
    await this.goTo('App Manager');
    const row = this.page.getByRole('row', { name: appName });
    await row.getByTitle(`Actions for ${appName}`).click();
    await row.getByRole('link', { name: item }).click();
  }

  async openPolicies(): Promise<void> {
    await this.openApp('Manage');
    await this.follow('Edit Policies');
  }

  async openProfiles(): Promise<void> {
    await this.openApp('Manage');
    await this.follow('Manage Profiles');
  }

  async openProfile(): Promise<void> {
    await this.goTo('Profiles');
    await this.follow(profileName);
  }

  async openUser(): Promise<void> {
    await this.goTo('Users');
    await this.follow('Wanda Worker');
  }

  async editUser(): Promise<void> {
    await this.openUser();
    await this.follow('Edit');
  }

  async check(label: string, isChecked: boolean): Promise<void> {
    await this.page.getByLabel(label, { exact: true }).setChecked(isChecked);
  }

  async fill(label: string, value: string): Promise<void> {
    await this.page.getByLabel(label).first().fill(value);
  }

  async choose(field: string, label: string): Promise<void> {
    await this.page.getByLabel(field).selectOption({ label });
  }

  async chooseCertificate(which: 'own' | 'other'): Promise<void> {
    const file = which === 'own' ? this.#certificate : this.#other;
    await this.page.getByLabel('Certificate', { exact: true }).setInputFiles(file);
  }

  /** Between Available and Selected OAuth Scopes. */
  async moveScope(button: 'Add' | 'Remove', scope: string): Promise<void> {
    const list = button === 'Add' ? 'Available OAuth Scopes' : 'Selected OAuth Scopes';
    const options = this.page.getByLabel(list);
    const option = options.locator('option', { hasText: `(${scope}` });
    await options.selectOption({ value: (await option.getAttribute('value')) ?? '' });
    await this.page.getByRole('button', { name: button, exact: true }).click();
  }

  /** On the page Clock and Faults. */
  async advance(amount: string): Promise<void> {
    await this.goTo('Clock and Faults');
    await this.fill('Advance by', amount);
    await this.choose('Unit', 'minutes');
    await this.press('Advance');
  }
}

interface Refusal {
  /** As the client is told. */
  answer: string;
  /** Page and field, as the reader of the document finds them. */
  place: string;
  cause: (administrator: Administrator) => Promise<void>;
  cure: (administrator: Administrator) => Promise<void>;
  kind?: ClientAppKind;
  /** Who finds out: a client that asks for a token when left out. */
  by?: 'a call' | 'a login' | 'a client that trusts its own clock';
  /** Words of the page to which Login History leads; none for what is no login. */
  leadsTo?: string;
}

const refusals: Readonly<Record<string, Refusal>> = {
  'the user is deactivated': {
    answer: 'user is inactive',
    place: 'Users > Edit > Active',
    leadsTo: 'Active',
    cause: async (administrator) => {
      await administrator.editUser();
      await administrator.check('Active', false);
      await administrator.press('Save');
    },
    cure: async (administrator) => {
      await administrator.editUser();
      await administrator.check('Active', true);
      await administrator.press('Save');
    },
  },
  'the user is frozen': {
    answer: 'user is inactive',
    place: 'Users > Freeze',
    leadsTo: 'Unfreeze',
    cause: async (administrator) => {
      await administrator.openUser();
      await administrator.press('Freeze');
    },
    cure: async (administrator) => {
      await administrator.openUser();
      await administrator.press('Unfreeze');
    },
  },
  'the user has another username': {
    answer: "user hasn't approved this consumer",
    place: 'Users > Edit > Username',
    leadsTo: 'Username',
    cause: async (administrator) => {
      await administrator.editUser();
      await administrator.fill('Username', 'other@example.org');
      await administrator.press('Save');
    },
    cure: async (administrator) => {
      await administrator.editUser();
      await administrator.fill('Username', username);
      await administrator.press('Save');
    },
  },
  'no profile of the user is assigned to the app': {
    answer: 'user is not admin approved to access this app',
    place: 'App Manager > Manage > Manage Profiles',
    leadsTo: 'Manage Profiles',
    cause: async (administrator) => {
      await administrator.openProfiles();
      await administrator.check(profileName, false);
      await administrator.press('Save');
    },
    cure: async (administrator) => {
      await administrator.openProfiles();
      await administrator.check(profileName, true);
      await administrator.press('Save');
    },
  },
  'users approve the app by themselves, and this one never did': {
    answer: "user hasn't approved this consumer",
    place: 'App Manager > Manage > Edit Policies > Permitted Users',
    leadsTo: 'Permitted Users',
    cause: async (administrator) => {
      await administrator.openPolicies();
      await administrator.choose('Permitted Users', 'All users may self-authorize');
      await administrator.press('Save');
    },
    cure: async (administrator) => {
      await administrator.openPolicies();
      await administrator.choose('Permitted Users', 'Admin approved users are pre-authorized');
      await administrator.press('Save');
    },
  },
  'the app is blocked': {
    answer: 'this app is blocked by admin',
    place: 'Connected Apps OAuth Usage > Block',
    leadsTo: 'Unblock',
    cause: async (administrator) => {
      await administrator.goTo('Connected Apps OAuth Usage');
      await administrator.press(`Block ${appName}`);
    },
    cure: async (administrator) => {
      await administrator.goTo('Connected Apps OAuth Usage');
      await administrator.press(`Unblock ${appName}`);
    },
  },
  'the external client app is disabled': {
    answer: 'this app is blocked by admin',
    place: 'App Manager > Manage > Edit Policies > App Status',
    leadsTo: 'App Status',
    kind: 'externalClientApp',
    cause: async (administrator) => {
      await administrator.openPolicies();
      await administrator.choose('App Status', 'Disabled');
      await administrator.press('Save');
    },
    cure: async (administrator) => {
      await administrator.openPolicies();
      await administrator.choose('App Status', 'Enabled');
      await administrator.press('Save');
    },
  },
  'the connected app is not installed': {
    answer: "user hasn't approved this consumer",
    place: 'Connected Apps OAuth Usage > Uninstall',
    leadsTo: 'Install',
    cause: async (administrator) => {
      await administrator.goTo('Connected Apps OAuth Usage');
      await administrator.press(`Uninstall ${appName}`);
    },
    cure: async (administrator) => {
      await administrator.goTo('Connected Apps OAuth Usage');
      await administrator.press(`Install ${appName}`);
    },
  },
  'the external client app is not installed': {
    answer: 'External client app is not installed in this org',
    place: 'Connected Apps OAuth Usage > Uninstall',
    leadsTo: 'Install',
    kind: 'externalClientApp',
    cause: async (administrator) => {
      await administrator.goTo('Connected Apps OAuth Usage');
      await administrator.press(`Uninstall ${appName}`);
    },
    cure: async (administrator) => {
      await administrator.goTo('Connected Apps OAuth Usage');
      await administrator.press(`Install ${appName}`);
    },
  },
  'OAuth settings are not enabled': {
    answer: 'client identifier invalid',
    place: 'App Manager > Edit > Enable OAuth Settings',
    leadsTo: 'App Manager',
    cause: async (administrator) => {
      await administrator.openApp('Edit');
      await administrator.check('Enable OAuth Settings', false);
      await administrator.press('Save');
    },
    cure: async (administrator) => {
      await administrator.openApp('Edit');
      await administrator.check('Enable OAuth Settings', true);
      await administrator.press('Save');
    },
  },
  'the app has no certificate': {
    answer: 'invalid assertion',
    place: 'App Manager > Edit > Use digital signatures',
    leadsTo: 'Use digital signatures',
    cause: async (administrator) => {
      await administrator.openApp('Edit');
      await administrator.check('Use digital signatures', false);
      await administrator.press('Save');
    },
    cure: async (administrator) => {
      await administrator.openApp('Edit');
      await administrator.check('Use digital signatures', true);
      await administrator.chooseCertificate('own');
      await administrator.press('Save');
    },
  },
  'the app has the certificate of another key': {
    answer: 'invalid assertion',
    place: 'App Manager > Edit > Certificate',
    leadsTo: 'Certificate',
    cause: async (administrator) => {
      await administrator.openApp('Edit');
      await administrator.chooseCertificate('other');
      await administrator.press('Save');
    },
    cure: async (administrator) => {
      await administrator.openApp('Edit');
      await administrator.chooseCertificate('own');
      await administrator.press('Save');
    },
  },
  'the app has no scope besides refresh_token': {
    answer: 'no valid scopes defined',
    place: 'App Manager > Edit > Selected OAuth Scopes',
    leadsTo: 'Selected OAuth Scopes',
    cause: async (administrator) => {
      await administrator.openApp('Edit');
      await administrator.moveScope('Remove', 'api');
      await administrator.press('Save');
    },
    cure: async (administrator) => {
      await administrator.openApp('Edit');
      await administrator.moveScope('Add', 'api');
      await administrator.press('Save');
    },
  },
  'the address is outside the login IP ranges, and the app enforces them': {
    answer: 'ip restricted',
    place: 'Profiles > Login IP Ranges; App Manager > Manage > Edit Policies > IP Relaxation',
    leadsTo: 'Login IP Ranges',
    cause: async (administrator) => {
      await administrator.openProfile();
      await administrator.fill('IP Start Address', '10.0.0.1');
      await administrator.fill('IP End Address', '10.0.0.2');
      await administrator.press('Add Range');
    },
    cure: async (administrator) => {
      await administrator.openPolicies();
      await administrator.choose('IP Relaxation', 'Relax IP restrictions');
      await administrator.press('Save');
    },
  },
  'the time is outside the login hours': {
    answer: 'IP restricted or invalid login hours',
    place: 'Profiles > Login Hours',
    leadsTo: 'Login Hours',
    cause: async (administrator) => {
      await administrator.openProfile();
      for (const day of days) {
        await administrator.choose(`${day} Start Time`, '00:00');
        await administrator.choose(`${day} End Time`, '00:00');
      }
      await administrator.press('Save Hours');
    },
    cure: async (administrator) => {
      await administrator.openProfile();
      await administrator.press('Clear All Times');
    },
  },
  'the user has no login left in this hour': {
    answer: 'login rate exceeded',
    place: 'Clock and Faults > Limits > Logins of a user per hour',
    leadsTo: 'Logins of a user per hour',
    cause: async (administrator) => {
      await administrator.goTo('Clock and Faults');
      await administrator.fill('Logins of a user per hour', '1');
      await administrator.press('Save Limits');
    },
    cure: async (administrator) => {
      await administrator.goTo('Clock and Faults');
      await administrator.fill('Logins of a user per hour', '3600');
      await administrator.press('Save Limits');
    },
  },
  'the clock of the org is ahead of the client': {
    answer: 'expired authorization code',
    place: 'Clock and Faults > Clock',
    leadsTo: 'Advance by',
    by: 'a client that trusts its own clock',
    cause: (administrator) => administrator.advance('10'),
    cure: (administrator) => administrator.advance('-10'),
  },
  'the token has no scope for the REST API': {
    answer: 'This session is not valid for use with the REST API',
    place: 'App Manager > Edit > Selected OAuth Scopes',
    by: 'a call',
    cause: async (administrator) => {
      await administrator.openApp('Edit');
      await administrator.moveScope('Add', 'openid');
      await administrator.moveScope('Remove', 'api');
      await administrator.press('Save');
    },
    cure: async (administrator) => {
      await administrator.openApp('Edit');
      await administrator.moveScope('Add', 'api');
      await administrator.press('Save');
    },
  },
  'the user may not use the API': {
    answer: 'The REST API is not enabled for this Organization.',
    place: 'Profiles > API Enabled',
    by: 'a call',
    cause: async (administrator) => {
      await administrator.openProfile();
      await administrator.check('API Enabled', false);
      await administrator.press('Save');
    },
    cure: async (administrator) => {
      await administrator.openProfile();
      await administrator.check('API Enabled', true);
      await administrator.press('Save');
    },
  },
  'the requests of the day are used up': {
    answer: 'TotalRequests Limit exceeded.',
    place: 'Clock and Faults > Limits > Requests of the REST API in 24 hours',
    by: 'a call',
    cause: async (administrator) => {
      await administrator.goTo('Clock and Faults');
      await administrator.fill('Requests of the REST API in 24 hours', '0');
      await administrator.press('Save Limits');
    },
    cure: async (administrator) => {
      await administrator.goTo('Clock and Faults');
      await administrator.fill('Requests of the REST API in 24 hours', '15000');
      await administrator.press('Save Limits');
    },
  },
  'an API Only User logs in in a browser': {
    answer: 'Please check your username and password.',
    place: 'Profiles > API Only User',
    by: 'a login',
    leadsTo: 'API Only User',
    cause: async (administrator) => {
      await administrator.openProfile();
      await administrator.check('API Only User', true);
      await administrator.press('Save');
    },
    cure: async (administrator) => {
      await administrator.openProfile();
      await administrator.check('API Only User', false);
      await administrator.press('Save');
    },
  },
  'a user logs in in a browser with a password that was changed': {
    answer: 'Please check your username and password.',
    place: 'Users > Edit > New Password',
    by: 'a login',
    leadsTo: 'New Password',
    cause: async (administrator) => {
      await administrator.editUser();
      await administrator.fill('New Password', 'another horse 1');
      await administrator.press('Save');
    },
    cure: async (administrator) => {
      await administrator.editUser();
      await administrator.fill('New Password', password);
      await administrator.press('Save');
    },
  },
};

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const key = createKeyPair();
const certificate = key.then(({ privateKey }) => createCertificate({ privateKey }));
const otherCertificate = createKeyPair().then(({ privateKey }) =>
  createCertificate({ privateKey }),
);

/** An org whose app lets the user in. */
async function preparedOrg(kind: ClientAppKind): Promise<{ org: Org; consumerKey: string }> {
  const org = await listeningOrg();
  const app = org.clientApps.create({
    kind,
    name: appName,
    contactEmail: 'ops@example.org',
    scopes: ['api', 'refresh_token', 'offline_access'],
    permittedUsers: 'adminApproved',
  });
  org.clientApps.uploadCertificate(app, (await certificate).pem);
  org.clientApps.assignProfile(app, org.profiles.get(profileName));
  org.users.create({
    username,
    password,
    profile: profileName,
    firstName: 'Wanda',
    lastName: 'Worker',
  });
  return { org, consumerKey: app.consumerKey };
}

/** What a program that starts now is answered: `ok`, or the sentence of the refusal. */
async function askForToken(org: Org, clientId: string, query: boolean): Promise<string> {
  const { privateKey } = await key;
  const salesforce = connect({ clientId, username, privateKey, loginUrl: org.url });
  onTestFinished(() => salesforce.close());
  try {
    await salesforce.token();
    if (!query) return 'ok';
    const path = `${org.url}/services/data/v67.0/query?q=SELECT+Id+FROM+Account`;
    const response = await fetch(path, { headers: await salesforce.headers() });
    if (response.ok) return 'ok';
    const [refusal] = (await response.json()) as { message: string }[];
    return refusal?.message ?? '';
  } catch (error) {
    if (error instanceof ClientError) return error.message;
    throw error;
  }
}

/** Ours reads the clock of the org off its answers, and is let in at the second try. */
async function askByOwnClock(org: Org, consumerKey: string): Promise<string> {
  const { privateKey } = await key;
  const claims = createClaims({ clientId: consumerKey, username, audience: org.url });
  const response = await fetch(`${org.url}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: await signAssertion(claims, {
        algorithm: 'RS256',
        sign: (data) => Promise.resolve(sign('sha256', data, privateKey)),
      }),
    }),
  });
  const { error_description: refusal = 'ok' } = (await response.json()) as {
    error_description?: string;
  };
  return refusal;
}

/** What the person sees who logs in in another browser. */
async function logIn(org: Org): Promise<string> {
  const { page } = await open({ baseURL: org.url });
  await page.goto('/login');
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log In' }).click();
  const alert = page.getByRole('alert');
  const home = page.getByTitle('Wanda Worker');
  await alert.or(home).first().waitFor();
  return (await home.count()) > 0 ? 'ok' : ((await alert.textContent()) ?? '');
}

for (const [name, refusal] of Object.entries(refusals)) {
  const { answer, cause, cure, kind = 'connectedApp', by, leadsTo } = refusal;
  browserTest(`${name}: caused, explained and cured`, async () => {
    const { org, consumerKey } = await preparedOrg(kind);
    const { page, complaints } = await open({ baseURL: org.url });
    await page.goto(org.setupUrl);
    const administrator = new Administrator(
      page,
      (await certificate).pem,
      (await otherCertificate).pem,
    );
    const ask = (): Promise<string> => {
      if (by === 'a login') return logIn(org);
      return by === 'a client that trusts its own clock'
        ? askByOwnClock(org, consumerKey)
        : askForToken(org, consumerKey, by === 'a call');
    };
    expect(await ask()).toBe('ok');
    await cause(administrator);
    expect(await ask()).toContain(answer);
    if (leadsTo !== undefined) {
      await administrator.goTo('Login History');
      const newest = page.getByRole('row').nth(1);
      await newest.getByRole('rowheader').getByRole('link').click();
      const alert = page.getByRole('alert');
      await alert.filter({ hasText: by === 'a login' ? 'Refused at the step' : answer }).waitFor();
      await alert.getByRole('link').click();
      await page.getByText(leadsTo).first().waitFor();
    }
    await cure(administrator);
    expect(await ask()).toBe('ok');
    expect(complaints).toEqual([]);
  });
}

test('docs/setup-pages.md has every refusal, with its page and field', () => {
  const page = readFileSync(new URL('../../docs/setup-pages.md', import.meta.url), 'utf8');
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.replace(/\s*\|\s*/g, '|'));
  for (const [name, { answer, place }] of Object.entries(refusals)) {
    expect(rows).toContain(`|${name}|\`${answer}\`|${place}|`);
  }
});
