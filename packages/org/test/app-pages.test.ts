/** The pages of apps: what is typed, what is refused and why, and what the token endpoint makes of it. */

import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ClientApp, OrgOptions } from '../src/index.ts';
import { appKey } from './assertion.ts';
import { Browser, hiddenFields } from './browser.ts';
import { get, orgSetting } from './org-setting.ts';
import type { OrgSetting } from './org-setting.ts';

const newConnectedApp = '/lightning/setup/NavigationMenus/new';
const newExternalClientApp = '/lightning/setup/ManageExternalClientApplication/new';
const appManager = '/lightning/setup/NavigationMenus/home';

const location = (response: Response): string => response.headers.get('location') ?? '';

interface AdminSetting extends OrgSetting {
  browser: Browser;
  /** Opens the page, fills its form in, and sends it. */
  send: (path: string, fields: Fields) => Promise<Response>;
}

type Fields = Record<string, string | readonly string[] | Blob | undefined>;

async function adminSetting(options: OrgOptions = {}): Promise<AdminSetting> {
  const setting = await orgSetting(options);
  const browser = new Browser(setting.org);
  await browser.enter(setting.org.administrator);
  const send: AdminSetting['send'] = async (path, fields) => {
    const page = await (await browser.get(path)).text();
    return browser.post(path, formOf({ ...hiddenFields(page), ...fields }));
  };
  return { ...setting, browser, send };
}

function formOf(fields: Fields): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (value instanceof Blob) form.append(name, value, 'salesforce.crt');
    else for (const one of typeof value === 'string' ? [value] : value) form.append(name, one);
  }
  return form;
}

const certificate = new Blob([appKey.certificatePem]);

const basics: Fields = {
  name: 'Data Loader',
  apiName: 'Data_Loader',
  contactEmail: 'ops@example.org',
  isOauthEnabled: 'on',
  callbackUrl: 'http://localhost/',
  usesDigitalSignatures: 'on',
  certificate,
  scopes: ['api', 'refresh_token'],
};

function made(setting: OrgSetting, apiName = 'Data_Loader'): ClientApp {
  const app = setting.org.clientApps.list().find((one) => one.apiName === apiName);
  if (app === undefined) throw new Error(`There is no app ${apiName}`);
  return app;
}

function pagePath({ id }: ClientApp, name: string): string {
  return `/lightning/setup/ConnectedApplication/${id}/${name}`;
}

/** What is told beside a field. */
function fieldError(html: string, field: string): string {
  return (
    new RegExp(`id="${field}-error">([^<]*)<`).exec(html)?.[1]?.replaceAll('&quot;', '"') ?? ''
  );
}

test.each([
  ['connectedApp', newConnectedApp],
  ['externalClientApp', newExternalClientApp],
] as const)('a new %s, from the form to a token', async (kind, path) => {
  const setting = await adminSetting();
  const { browser, org, user, ask, send } = setting;
  const saved = await send(path, basics);
  expect(saved.status).toBe(303);
  const app = made(setting);
  expect(app).toMatchObject({
    kind,
    scopes: ['api', 'refresh_token', 'offline_access'],
    callbackUrl: 'http://localhost/',
    permittedUsers: 'selfAuthorize',
  });
  const view = await (await browser.get(location(saved))).text();
  expect(view).toContain(app.consumerKey);
  expect(view).toContain(new X509Certificate(appKey.certificatePem).fingerprint256);
  expect(view).not.toContain(app.consumerSecret);

  const claims = { iss: app.consumerKey };
  expect(await (await ask({ claims })).json()).toMatchObject({
    error_description: "user hasn't approved this consumer",
  });
  await send(pagePath(app, 'policies'), { permittedUsers: 'adminApproved' });
  expect(await (await ask({ claims })).json()).toMatchObject({
    error_description: 'user is not admin approved to access this app',
  });
  await send(pagePath(app, 'profiles'), { assigned: user.profileId });
  expect((await ask({ claims })).status).toBe(200);
  await send(pagePath(app, 'profiles'), {});
  expect((await ask({ claims })).status).toBe(400);
  const permissionSet = org.permissionSets.create({ label: 'Nightly Sync Access' });
  org.permissionSets.assign(permissionSet, user);
  await send(pagePath(app, 'permission-sets'), { assigned: permissionSet.id });
  expect((await ask({ claims })).status).toBe(200);
});

test('what is missing or wrong is told beside its field, all at once, and nothing is made', async () => {
  const setting = await adminSetting();
  const before = setting.org.clientApps.list().length;
  const answer = await setting.send(newConnectedApp, {
    name: ' ',
    apiName: '1__bad name_',
    contactEmail: 'nobody',
    isOauthEnabled: 'on',
    usesDigitalSignatures: 'on',
  });
  expect(answer.status).toBe(422);
  const html = await answer.text();
  expect(html).toContain('Review the errors on this page.');
  expect(fieldError(html, 'name')).toContain('Enter a name');
  expect(fieldError(html, 'apiName')).toContain('must begin with a letter');
  expect(fieldError(html, 'contactEmail')).toContain('no e-mail address');
  expect(fieldError(html, 'callbackUrl')).toContain('Enter a callback URL');
  expect(fieldError(html, 'certificate')).toContain('Choose the file');
  expect(fieldError(html, 'scopes')).toContain('at least one scope');
  expect(setting.org.clientApps.list()).toHaveLength(before);
});

test('after an error what was typed is there, but the certificate must be chosen again', async () => {
  const setting = await adminSetting();
  const answer = await setting.send(newConnectedApp, { ...basics, apiName: 'Nightly_Sync' });
  expect(answer.status).toBe(422);
  const html = await answer.text();
  expect(fieldError(html, 'apiName')).toBe(
    'There is an app with the API name "Nightly_Sync" already.',
  );
  expect(html).toContain('Choose the file of the certificate again: it was not kept.');
  expect(html).toContain('value="Data Loader"');
  expect(html).toMatch(/<input type="hidden" name="scopes" value="api"/);
});

test.each([
  ['ftp.example.org', 'is no URL'],
  ['http://example.org/callback', 'has to begin with https://'],
  ['javascript:alert(1)', 'has to begin with https://'],
  ['http://localhost.evil.example/', 'has to begin with https://'],
])('%s is no callback URL', async (callbackUrl, sentence) => {
  const { send } = await adminSetting();
  const answer = await send(newConnectedApp, { ...basics, callbackUrl });
  expect(fieldError(await answer.text(), 'callbackUrl')).toContain(sentence);
});

test.each([
  'http://localhost/',
  'https://dummy.example/',
  'myapp://callback',
  'http://127.0.0.1:1717/x\nhttps://a.example/',
])('%s is a callback URL', async (callbackUrl) => {
  const { send } = await adminSetting();
  expect((await send(newConnectedApp, { ...basics, callbackUrl })).status).toBe(303);
});

/** Certificates that are refused, as openssl makes them. */
function openSsl(line: string): Uint8Array<ArrayBuffer> {
  const directory = mkdtempSync(join(tmpdir(), 'sfjwt-'));
  try {
    const file = join(directory, 'made');
    execFileSync('openssl', [...line.split(' '), '-keyout', join(directory, 'key'), '-out', file], {
      stdio: 'ignore',
    });
    return new Uint8Array(readFileSync(file));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const pem = appKey.certificatePem;
const der = new X509Certificate(pem).raw;

test.each<[string, () => string | Uint8Array<ArrayBuffer>, string]>([
  ['a private key', () => appKey.privateKeyPem, 'This is a private key'],
  ['garbage', () => 'not a certificate', 'not an X.509 certificate'],
  ['an empty file', () => '', 'is empty'],
  ['two certificates', () => pem + pem, 'several certificates'],
  [
    'a second one of another label',
    () => pem + pem.replaceAll('CERTIFICATE', 'X509 CERTIFICATE'),
    'several certificates',
  ],
  ['two in DER', () => Buffer.concat([der, der]), 'goes on after its certificate'],
  [
    'one in DER that is a page as well',
    () => Buffer.concat([der, Buffer.from('<script>alert(1)</script>')]),
    'goes on after its certificate',
  ],
  [
    'an EC certificate',
    () =>
      openSsl('req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=ec -days 9'),
    'RSA is needed',
  ],
  [
    'a key of 1024 bits',
    () => openSsl('req -x509 -nodes -newkey rsa:1024 -subj /CN=short -days 9'),
    'at least 2048',
  ],
  ['more than 4 KB', () => `${pem}${'#'.repeat(4096)}`, 'at most 4096'],
  ['5 MB', () => new Uint8Array(5 * 1024 * 1024), 'at most 4096'],
  [
    'a public key',
    () =>
      generateKeyPairSync('rsa', { modulusLength: 2048 })
        .publicKey.export({ type: 'spki', format: 'pem' })
        .toString(),
    'not an X.509 certificate',
  ],
])('%s is refused as certificate, beside the field', async (_, file, sentence) => {
  const setting = await adminSetting();
  const answer = await setting.send(newConnectedApp, {
    ...basics,
    certificate: new Blob([file()]),
  });
  expect(answer.status).toBe(422);
  expect(fieldError(await answer.text(), 'certificate')).toContain(sentence);
  expect(setting.org.clientApps.list()).toHaveLength(1);
});

test('View names a user who can sign in through the app, as a shell takes the name', async () => {
  const { org, app, user, browser } = await adminSetting();
  const view = async (): Promise<string> =>
    (await browser.get(`/lightning/setup/ConnectedApplication/${app.id}/view`)).text();
  org.clientApps.assignProfile(app, org.profiles.get('System Administrator'));
  expect(await view()).toContain('--username worker@example.org --jwt-key-file');
  org.users.change(user, { username: '$(id)@example.org' });
  expect(await view()).toContain('--username &#39;$(id)@example.org&#39; --jwt-key-file');
  org.users.setActive(user, false);
  expect(await view()).toContain(`--username ${org.administrator.username} `);
  org.clientApps.setPermittedUsers(app, 'selfAuthorize');
  expect(await view()).toContain('--username USERNAME');
});

test('a certificate in DER is taken', async () => {
  const setting = await adminSetting();
  expect(
    (
      await setting.send(newConnectedApp, {
        ...basics,
        certificate: new Blob([new Uint8Array(der)]),
      })
    ).status,
  ).toBe(303);
  expect(made(setting).certificate?.trim()).toBe(pem.trim());
});

test('without a script the buttons between the lists move scopes', async () => {
  const { send } = await adminSetting();
  const added = await (
    await send(newConnectedApp, {
      ...basics,
      scopes: ['api'],
      'scopes-available': ['web', 'refresh_token'],
      move: 'scopes-add',
    })
  ).text();
  const selected = (html: string): string[] =>
    [...html.matchAll(/<input type="hidden" name="scopes" value="(\w+)"/g)].map(
      ([, value = '']) => value,
    );
  expect(selected(added)).toEqual(['api', 'refresh_token', 'web']);
  expect(added).toContain('Choose the file of the certificate again');
  expect(added).not.toContain('Review the errors');
  const removed = await send(newConnectedApp, {
    ...basics,
    'scopes-selected': 'api',
    move: 'scopes-remove',
  });
  expect(selected(await removed.text())).toEqual(['refresh_token']);
});

test('a form that is sent twice makes one app', async () => {
  const setting = await adminSetting();
  const { browser, org } = setting;
  const fields = { ...hiddenFields(await (await browser.get(newConnectedApp)).text()), ...basics };
  const first = await browser.post(newConnectedApp, formOf(fields));
  const second = await browser.post(newConnectedApp, formOf(fields));
  expect([second.status, location(second)]).toEqual([303, location(first)]);
  expect(org.clientApps.list()).toHaveLength(2);
  // Back, another name, Save: that is another app.
  const changed = { ...fields, name: 'Other', apiName: 'Other' };
  expect(location(await browser.post(newConnectedApp, formOf(changed)))).not.toBe(location(first));
  expect(org.clientApps.list()).toHaveLength(3);
});

test('new connected apps can be blocked, as Salesforce does since Spring 26', async () => {
  const setting = await adminSetting();
  const { browser, send } = setting;
  const fields = { ...hiddenFields(await (await browser.get(newConnectedApp)).text()), ...basics };
  expect(await (await browser.get(appManager)).text()).toContain('New connected apps are allowed');
  const { formToken } = hiddenFields(await (await browser.get(appManager)).text());
  await browser.post('/lightning/setup/NavigationMenus/block', {
    formToken: formToken ?? '',
    block: 'yes',
  });
  const refused = await browser.get(newConnectedApp);
  expect(await refused.text()).toContain('You can&#39;t create a connected app');
  // A form that was open before makes none either.
  await browser.post(newConnectedApp, formOf(fields));
  expect(setting.org.clientApps.list()).toHaveLength(1);
  expect((await send(newExternalClientApp, basics)).status).toBe(303);
});

test('Edit changes what the form holds, and keeps the certificate when no file is chosen', async () => {
  const setting = await adminSetting();
  const { app, ask, browser, send } = setting;
  const form = await (await browser.get(pagePath(app, 'edit'))).text();
  expect(form).toContain('value="Nightly Sync"');
  await send(pagePath(app, 'edit'), {
    ...basics,
    name: 'Sync',
    apiName: app.apiName,
    certificate: undefined,
    scopes: ['refresh_token'],
  });
  const claims = { iss: app.consumerKey };
  expect(made(setting, app.apiName)).toMatchObject({
    name: 'Sync',
    certificate: app.certificate ?? appKey.certificatePem,
  });
  expect(await (await ask({ claims })).json()).toMatchObject({
    error_description: 'no valid scopes defined',
  });
  await send(pagePath(app, 'edit'), {
    ...basics,
    apiName: app.apiName,
    usesDigitalSignatures: undefined,
  });
  expect(made(setting, app.apiName).certificate).toBeUndefined();
  await send(pagePath(app, 'edit'), { ...basics, apiName: app.apiName });
  expect((await ask({ claims })).status).toBe(200);
  await send(pagePath(app, 'edit'), { ...basics, apiName: app.apiName, isOauthEnabled: undefined });
  expect(await (await ask({ claims })).json()).toMatchObject({ error: 'invalid_client_id' });
});

test('Delete asks first; then the consumer key is unknown and its sessions are over', async () => {
  const setting = await adminSetting();
  const { app, ask, browser, org, send, token } = setting;
  const accessToken = await token();
  expect(await (await browser.get(pagePath(app, 'delete'))).text()).toContain('cannot be undone');
  expect(location(await send(pagePath(app, 'delete'), {}))).toContain(appManager);
  expect(org.sessions.find(accessToken)).toBeUndefined();
  expect((await ask()).status).toBe(400);
  for (const name of [
    'view',
    'edit',
    'manage',
    'policies',
    'profiles',
    'permission-sets',
    'delete',
  ]) {
    expect((await browser.get(pagePath(app, name))).status).toBe(404);
  }
});

test('IP Relaxation and Timeout Value change what the token endpoint answers', async () => {
  const setting = await adminSetting();
  const { app, ask, clock, org, send, token } = setting;
  const profile = org.profiles.get('Standard User');
  org.profiles.change(profile, {
    loginIpRanges: [{ startAddress: '10.0.0.1', endAddress: '10.0.0.9' }],
  });
  const policies = { permittedUsers: 'adminApproved', ipRelaxation: 'enforce' };
  expect((await ask()).status).toBe(400);
  await send(pagePath(app, 'policies'), {
    ...policies,
    ipRelaxation: 'bypass',
    sessionTimeoutMinutes: '15',
  });
  const accessToken = await token();
  clock.advance({ minutes: 16 });
  expect(org.sessions.find(accessToken)).toBeUndefined();
  for (const sessionTimeoutMinutes of ['0', '1.5', '1441', 'soon']) {
    const answer = await send(pagePath(app, 'policies'), { ...policies, sessionTimeoutMinutes });
    expect(answer.status).toBe(422);
  }
});

test('an external client app can be disabled', async () => {
  const { app, ask, send } = await adminSetting();
  await send(pagePath(app, 'policies'), { permittedUsers: 'adminApproved', isEnabled: 'no' });
  expect(await (await ask()).json()).toMatchObject({ error: 'OAUTH_APP_BLOCKED' });
});

test('hostile names are text, whatever they hold', async () => {
  const setting = await adminSetting();
  const { browser, org, send } = setting;
  const names = [
    '<script>alert(1)</script>',
    '"><img src=x>',
    '\u202Egnp.exe',
    'שלום עולם',
    '&lt;b&gt;',
  ];
  for (const [index, name] of names.entries()) {
    const answer = await send(newConnectedApp, {
      ...basics,
      name,
      apiName: `App_${index}`,
      description: name,
    });
    expect(answer.status).toBe(303);
  }
  for (const app of org.clientApps.list()) {
    for (const path of [
      appManager,
      pagePath(app, 'view'),
      pagePath(app, 'edit'),
      pagePath(app, 'manage'),
      pagePath(app, 'delete'),
    ]) {
      const html = await (await browser.get(path)).text();
      expect(html).not.toMatch(/<script>|<img/);
      expect(html).not.toMatch(/<b>/);
    }
  }
  const long = await send(newConnectedApp, { ...basics, name: 'x'.repeat(300) });
  expect(fieldError(await long.text(), 'name')).toContain('80 characters at most');
});

test('what an administrator changes is in the Setup Audit Trail under their name', async () => {
  const setting = await adminSetting();
  const { org } = setting;
  const other = org.users.create({
    username: 'other@example.org',
    profile: 'System Administrator',
  });
  await setting.browser.enter(other);
  await setting.send(newConnectedApp, basics);
  const query =
    "SELECT Display, CreatedBy.Username FROM SetupAuditTrail WHERE Action = 'connectedAppCreated'";
  const answer = await get(
    org,
    `/services/data/v67.0/query?q=${encodeURIComponent(query)}`,
    org.openSession(org.administrator),
  );
  expect(await answer.json()).toMatchObject({
    records: [
      {
        Display: 'Created connected app Data Loader',
        CreatedBy: { Username: 'other@example.org' },
      },
    ],
  });
});

const entered = {
  contactPhone: '+1 (555) 010-0100',
  logoUrl: 'https://example.org/logo.png',
  iconUrl: 'https://example.org/icon.png',
  infoUrl: 'http://intranet.example.org/sync',
  startUrl: 'https://example.org/start?a=1&b=2',
  description: 'Sends the orders of the day',
};

test('what an app says of itself is kept, shown on its page, changed and taken away', async () => {
  const setting = await adminSetting();
  const { browser, send } = setting;
  const saved = await send(newConnectedApp, { ...basics, ...entered });
  expect(made(setting)).toMatchObject(entered);
  const view = await (await browser.get(location(saved))).text();
  for (const [label, value] of [
    ['Contact Phone', entered.contactPhone],
    ['Logo Image URL', entered.logoUrl],
    ['Icon URL', entered.iconUrl],
    ['Info URL', entered.infoUrl],
    ['Start URL', 'https://example.org/start?a=1&amp;b=2'],
    ['Description', entered.description],
  ]) {
    expect(view).toContain(`<dt>${label}</dt><dd><bdi>${value}</bdi></dd>`);
  }
  const edit = pagePath(made(setting), 'edit');
  await send(edit, {
    ...basics,
    ...entered,
    certificate: undefined,
    contactPhone: '',
    infoUrl: '',
  });
  expect(made(setting)).toMatchObject({ ...entered, contactPhone: '', infoUrl: '' });
});

test('what does not fit is told beside its field', async () => {
  const setting = await adminSetting();
  const answer = await setting.send(newConnectedApp, {
    ...basics,
    contactPhone: 'call me',
    logoUrl: 'http://example.org/logo.png',
    iconUrl: 'javascript:alert(1)',
    infoUrl: 'ftp://example.org/',
    startUrl: `https://example.org/${'x'.repeat(255)}`,
  });
  expect(answer.status).toBe(422);
  const html = await answer.text();
  expect(fieldError(html, 'contactPhone')).toContain('40 characters at most');
  expect(fieldError(html, 'logoUrl')).toBe('The logo image URL begins with https://.');
  expect(fieldError(html, 'iconUrl')).toBe('The icon URL begins with https://.');
  expect(fieldError(html, 'infoUrl')).toBe('The info URL begins with https:// or http://.');
  expect(fieldError(html, 'startUrl')).toBe('The start URL can have 255 characters at most.');
});

test('an org of a seed that blocks new connected apps shows no form for one, and takes none', async () => {
  const setting = await adminSetting({ seed: { newConnectedAppsBlocked: true } });
  const { browser, org } = setting;
  const page = await (await browser.get(newConnectedApp)).text();
  expect(page).toContain('You can&#39;t create a connected app.');
  const before = org.clientApps.list().length;
  await browser.post(
    newConnectedApp,
    formOf({ ...hiddenFields(await (await browser.get(newExternalClientApp)).text()), ...basics }),
  );
  expect(org.clientApps.list()).toHaveLength(before);
  expect((await setting.send(newExternalClientApp, basics)).status).toBe(303);
});
