import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { appKey, openSslKeyAndCertificate } from './assertion.ts';
import { orgSetting } from './org-setting.ts';

function openssl(words: string, output: string): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'sfjwt-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const all = ['req', '-x509', '-nodes', '-subj', '/CN=x', '-keyout', 'a.key', '-out', output];
  execFileSync('openssl', [...all, ...words.split(' ')], { cwd: directory, stdio: 'ignore' });
  return readFileSync(join(directory, output));
}

test('a certificate is taken as PEM and as DER', async () => {
  const { org, app } = await orgSetting();
  const der = openssl('-newkey rsa:2048 -outform DER', 'a.der');
  const { subject, fingerprint256 } = org.clientApps.uploadCertificate(app, der);
  expect(subject).toBe('CN=x');
  expect(fingerprint256).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  expect(org.clientApps.uploadCertificate(app, appKey.certificatePem).subject).toBe('CN=sfjwt');
});

test.each<readonly [name: string, upload: () => string | Buffer, message: RegExp]>([
  ['a private key', () => appKey.privateKeyPem, /private key/],
  ['nothing', () => '', /empty/],
  ['garbage', () => 'hello', /not an X\.509 certificate/],
  [
    'two certificates',
    () => appKey.certificatePem + openSslKeyAndCertificate().certificatePem,
    /several/,
  ],
  [
    'an EC certificate',
    () => openssl('-newkey ec -pkeyopt ec_paramgen_curve:P-256', 'ec.crt'),
    /RSA/,
  ],
  ['a short key', () => openssl('-newkey rsa:1024', 'short.crt'), /1024 bits/],
  ['more than 4 KB', () => appKey.certificatePem + '\n'.repeat(4096), /4096/],
])('an upload of %s is refused', async (_name, upload, message) => {
  const { org, app } = await orgSetting();
  const before = org.clientApps.get(app.consumerKey);
  expect(() => org.clientApps.uploadCertificate(app, upload())).toThrowError(
    expect.objectContaining({
      code: 'CERTIFICATE_INVALID',
      message: expect.stringMatching(message),
    }),
  );
  expect(org.clientApps.get(app.consumerKey)).toEqual(before);
});

test.each([
  ['no name', { name: ' ' }, 'FIELD_INVALID'],
  ['a long name', { name: 'x'.repeat(81) }, 'FIELD_INVALID'],
  ['an API name with a dash', { apiName: 'nightly-sync' }, 'FIELD_INVALID'],
  ['an API name with two underscores', { apiName: 'nightly__sync' }, 'FIELD_INVALID'],
  ['no contact', { contactEmail: 'ops' }, 'FIELD_INVALID'],
  ['a scope that is none', { scopes: ['everything'] }, 'SCOPE_UNKNOWN'],
  ['a name that is taken', { name: 'nightly sync' }, 'NAME_TAKEN'],
])('an app with %s is refused', async (_name, change, code) => {
  const { org } = await orgSetting();
  const fields = { name: 'Another App', contactEmail: 'ops@example.org', ...change };
  expect(() => org.clientApps.create(fields)).toThrowError(expect.objectContaining({ code }));
});

test('consumer key and secret have the shape of Salesforce’s', async () => {
  const { app } = await orgSetting();
  expect(app.consumerKey).toMatch(/^3MVG9[\w.]{80}$/);
  expect(app.consumerSecret).toMatch(/^[0-9A-F]{64}$/);
});

const older = {
  kind: 'connectedApp',
  name: 'Data Loader',
  contactEmail: 'ops@example.org',
} as const;

test('an org of a seed blocks new connected apps, and has those of the seed all the same', async () => {
  const { org } = await orgSetting({
    seed: { newConnectedAppsBlocked: true, clientApps: [older] },
  });
  expect(org.clientApps.list().map(({ name }) => name)).toContain('Data Loader');
  expect(() => org.clientApps.create({ ...older, name: 'Another' })).toThrowError(
    expect.objectContaining({ code: 'CONNECTED_APPS_BLOCKED' }),
  );
  const { kind } = org.clientApps.create({ ...older, name: 'Third', kind: 'externalClientApp' });
  expect(kind).toBe('externalClientApp');
});
