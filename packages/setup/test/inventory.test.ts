import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { connect } from '@sfjwt/client';
import { createOrg } from '@sfjwt/org';
import type { Org } from '@sfjwt/org';
import { beforeAll, describe, expect, test } from 'vitest';
import { createCertificate, inventoryPage, openAdminSession, takeInventory } from '../src/index.ts';
import type { AdminSession, InventoriedApp, Inventory } from '../src/index.ts';
import { clock, missingOpenssl, openssl, privateKey, temporaryDirectory } from './openssl.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const hostile = `Sync <script>alert("1")</script> & 'Co`;
const keyOf = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

async function certificateOf(key: KeyObject, days: number, subject = 'CN=sfjwt') {
  return (await createCertificate({ privateKey: key, days, subject, clock })).pem;
}

function sessionOf(org: Org): Promise<AdminSession> {
  return openAdminSession({
    instanceUrl: org.url,
    accessToken: org.openSession(org.administrator),
    fetch: (request) => org.fetch(request),
  });
}

const contactEmail = 'ops@example.org';
let inventory: Inventory;
let requests = 0;
const app = (name: string, orgNumber = 0): InventoriedApp => {
  const found = inventory.apps.find(
    (one) => one.label === name && one.org === inventory.orgs[orgNumber],
  );
  return found ?? expect.fail(`There is no ${name}`);
};
const codes = (name: string, orgNumber = 0): string[] =>
  app(name, orgNumber).findings.map(({ code }) => code);

beforeAll(async () => {
  const shared = await certificateOf(privateKey, 400);
  const production = await createOrg({
    seed: {
      users: [{ username: 'worker@example.org', profile: 'Standard User' }],
      clientApps: [
        {
          kind: 'externalClientApp',
          name: 'Nightly Sync',
          contactEmail,
          certificate: shared,
          scopes: ['api', 'refresh_token'],
          permittedUsers: 'adminApproved',
          profiles: ['Standard User'],
        },
        {
          kind: 'connectedApp',
          name: hostile,
          contactEmail,
          certificate: await certificateOf(keyOf(), 10, String.raw`CN=\<b\>soon`),
          scopes: ['full'],
          permittedUsers: 'selfAuthorize',
        },
        { kind: 'externalClientApp', name: 'No key', contactEmail, scopes: ['api'] },
      ],
    },
  });
  const sandbox = await createOrg({
    seed: {
      kind: 'sandbox',
      clientApps: [
        {
          kind: 'externalClientApp',
          name: 'Nightly Sync',
          contactEmail,
          certificate: shared,
          scopes: ['api'],
          permittedUsers: 'adminApproved',
        },
      ],
    },
  });
  for (const org of [production, sandbox]) await org.listen({ port: 0 });
  const nightly = production.clientApps.list().find(({ name }) => name === 'Nightly Sync');
  const worker = connect({
    loginUrl: production.url,
    clientId: nightly?.consumerKey ?? '',
    username: 'worker@example.org',
    privateKey,
    fetch: (request) => production.fetch(request),
  });
  await worker.token();
  const sessions = [await sessionOf(production), await sessionOf(sandbox)];
  const again = await sessionOf(production);
  inventory = await takeInventory([...sessions, again], { clock });
  requests = sessions.reduce((sum, { requestCount }) => sum + requestCount, 0);
  return async () => {
    for (const org of [production, sandbox]) await org.close();
  };
});

test('every app of both orgs, each org once', () => {
  expect(inventory.orgs.map(({ isSandbox }) => isSandbox)).toEqual([false, true]);
  expect(app('Nightly Sync')).toMatchObject({
    kind: 'externalClientApp',
    name: 'Nightly_Sync',
    contactEmail,
    isEnabled: true,
    certificate: { subject: 'CN=sfjwt', daysLeft: 400, bits: 2048 },
    scopes: ['api', 'refresh_token'],
    permittedUsers: 'adminApproved',
    lastLogin: expect.stringMatching(/^\d{4}-/),
  });
  expect(app(hostile)).toMatchObject({
    kind: 'connectedApp',
    isEnabled: undefined,
    certificate: { subject: String.raw`CN=\<b\>soon`, daysLeft: 10 },
    scopes: ['full'],
    permittedUsers: 'selfAuthorized',
    lastLogin: undefined,
  });
  expect(app('No key').certificate).toBeUndefined();
});

test('what an administrator should look at, the gravest first', () => {
  expect(codes(hostile)).toEqual([
    'CERTIFICATE_EXPIRES_SOON',
    'SCOPES_TOO_WIDE',
    'SELF_AUTHORIZED',
    'NO_LOGIN_SEEN',
  ]);
  expect(codes('Nightly Sync')).toEqual(['KEY_SHARED_BETWEEN_ORGS']);
  expect(app('Nightly Sync').findings[0]?.message).toContain(inventory.orgs[1]?.instanceUrl);
  expect(codes('Nightly Sync', 1)).toEqual(['NO_LOGIN_SEEN', 'KEY_SHARED_BETWEEN_ORGS']);
});

test('a dozen requests an org, however many apps', () => {
  expect(requests).toBeLessThan(30);
});

test('the page needs nothing from elsewhere, and nothing in a name becomes markup', () => {
  const page = inventoryPage(inventory);
  expect(page).toContain('Sync &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;Co');
  expect(page).not.toMatch(/<(?:script|link|img|iframe|b)\b|\son\w+=|url\(|@import/i);
  expect(page).toContain(`default-src 'none'`);
});

describe.skipIf(missingOpenssl)('certificates that only others make', () => {
  test('an expired one, and a key of 1024 bits', async () => {
    const directory = temporaryDirectory();
    const key = join(directory, 'short.key');
    writeFileSync(key, openssl(['genrsa', '1024']));
    const short = openssl(['req', '-x509', '-key', key, '-subj', '/CN=short', '-days', '9']);
    const org = await createOrg();
    const made = org.clientApps.create({ name: 'Old', contactEmail, scopes: ['api'] });
    let isTaken = true;
    try {
      org.clientApps.uploadCertificate(made, Buffer.from(short));
    } catch {
      // Today's orgs refuse such a key: then only the date can be shown.
      isTaken = false;
      org.clientApps.uploadCertificate(made, Buffer.from(await certificateOf(keyOf(), 1)));
    }
    const later = { now: () => (clock.now() + 3 * 365 * 24 * 60 * 60 * 1000) as never };
    const { apps } = await takeInventory([await sessionOf(org)], { clock: later });
    const found = apps.find(({ label }) => label === 'Old')?.findings.map(({ code }) => code);
    expect(found).toContain('CERTIFICATE_EXPIRED');
    if (isTaken) expect(found).toContain('KEY_TOO_SHORT');
  });
});
