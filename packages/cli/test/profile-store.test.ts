import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatProfile, parseProfile, requireProfileName } from '../src/profile.ts';
import type { KeptProfile } from '../src/profile.ts';
import { profileStore } from '../src/profile-store.ts';
import { folder } from './command.ts';

const nightly: KeptProfile = {
  settings: {
    loginUrl: 'https://acme.my.salesforce.com',
    clientId: '3MVG9.nightly',
    username: 'worker@acme.example',
    privateKeyFile: '/keys/salesforce.key',
  },
  proof: { at: '2026-11-25T23:00:00.000Z', instanceUrl: 'https://acme.my.salesforce.com' },
};

test('a profile is a file of its owner, in lines that a person reads; the first one is the default', async () => {
  const home = join(folder(), 'home');
  const profiles = profileStore(home);
  expect(await profiles.list()).toEqual([]);
  expect(existsSync(home)).toBe(false);
  expect(await profiles.keep('nightly', nightly)).toBe(true);
  expect(await profiles.keep('weekly', nightly)).toBe(false);
  expect(profiles.defaultName()).toBe('nightly');

  const file = join(home, 'profiles/nightly.json');
  expect(profiles.fileOf('nightly')).toBe(file);
  expect(readFileSync(file, 'utf8')).toMatch(/^\{\n {2}"version": 1,\n {2}"settings": \{\n/);
  expect(readFileSync(file, 'utf8')).toContain('\n    "privateKeyFile": "/keys/salesforce.key"\n');
  for (const path of [file, join(home, 'default-profile.json')]) {
    expect(statSync(path).mode & 0o777).toBe(0o600);
  }
  for (const path of [home, join(home, 'profiles')]) {
    expect(statSync(path).mode & 0o777).toBe(0o700);
  }
  // Nothing is left of the writing: no draft, no lock.
  expect(readdirSync(home).toSorted()).toEqual(['default-profile.json', 'profiles']);
  expect(readdirSync(join(home, 'profiles')).toSorted()).toEqual(['nightly.json', 'weekly.json']);
  expect(profiles.read('nightly')).toEqual(nightly);
});

test('the default changes when asked, and goes with its profile', async () => {
  const profiles = profileStore(folder());
  await profiles.keep('one', nightly);
  expect(await profiles.keep('two', nightly, { isDefault: true })).toBe(true);
  expect(profiles.defaultName()).toBe('two');
  await profiles.setDefault('one');
  expect(profiles.defaultName()).toBe('one');
  // Kept anew, the default remains the default.
  expect(await profiles.keep('one', nightly)).toBe(true);
  await expect(profiles.setDefault('three')).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
  await profiles.remove('one');
  expect(profiles.defaultName()).toBeUndefined();
  expect((await profiles.list()).map(({ name }) => name)).toEqual(['two']);
  await expect(profiles.remove('one')).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
});

test('a broken choice of the default is told and made anew; a newer one is left as it is', async () => {
  const home = folder();
  const profiles = profileStore(home);
  await profiles.keep('one', nightly);
  const file = join(home, 'default-profile.json');
  for (const text of ['', '{"version":1,"profile":"../one"}', '{"profile":"one"}']) {
    writeFileSync(file, text);
    expect(() => profiles.defaultName()).toThrow(
      expect.objectContaining({
        code: 'PROFILE_INVALID',
        message: expect.stringContaining(file) as unknown,
      }) as Error,
    );
  }
  expect(await profiles.keep('two', nightly)).toBe(true);
  expect(profiles.defaultName()).toBe('two');
  const newer = '{"version":2,"profiles":["one"]}';
  writeFileSync(file, newer);
  expect(() => profiles.defaultName()).toThrow(
    expect.objectContaining({ code: 'PROFILE_NEWER' }) as Error,
  );
  expect(await profiles.keep('three', nightly)).toBe(false);
  await profiles.remove('three');
  expect(readFileSync(file, 'utf8')).toBe(newer);
});

test.each([
  ['', 'PROFILE_INVALID', /is not JSON/],
  ['{"version":1,', 'PROFILE_INVALID', /is not JSON/],
  ['[]', 'PROFILE_INVALID', /not a JSON object/],
  ['{}', 'PROFILE_INVALID', /no version/],
  ['{"version":2}', 'PROFILE_NEWER', /version is 2, this one knows 1/],
  ['{"version":1}', 'PROFILE_INVALID', /no settings/],
  ['{"version":1,"settings":{"clientId":"x","username":"y"}}', 'PROFILE_INVALID', /no loginUrl/],
  [
    '{"version":1,"settings":{"loginUrl":"u","clientId":"x","username":"y","privatekey":"z"}}',
    'PROFILE_INVALID',
    /a field privatekey, which nobody reads/,
  ],
  [
    '{"version":1,"settings":{"loginUrl":"u","clientId":"x","username":"y","privateKey":"-----BEGIN"}}',
    'PROFILE_INVALID',
    /privateKey that does not name a variable/,
  ],
  [
    '{"version":1,"keptKey":"k","settings":{"loginUrl":"u","clientId":"x","username":"y","privateKeyFile":"f"}}',
    'PROFILE_INVALID',
    /more than one private key/,
  ],
])(
  'a file that is no profile is refused by name and left as it is: %s',
  async (text, code, message) => {
    const home = folder();
    const profiles = profileStore(home);
    await profiles.keep('good', nightly);
    const file = profiles.fileOf('broken');
    writeFileSync(file, text);
    const refusal = (() => {
      try {
        return profiles.read('broken');
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toMatchObject({
      code,
      message: expect.stringMatching(message) as unknown,
      hints: [expect.any(String), ...(code === 'PROFILE_INVALID' ? [expect.any(String)] : [])],
    });
    expect(String(refusal)).toContain(file);
    expect(await profiles.list()).toMatchObject([{ fault: { code } }, { name: 'good' }]);
    expect(readFileSync(file, 'utf8')).toBe(text);
    // The way out.
    await profiles.remove('broken');
    expect(existsSync(file)).toBe(false);
  },
);

test('the file that docs/profiles.md shows is one', () => {
  const page = readFileSync(new URL('../../../docs/profiles.md', import.meta.url), 'utf8');
  const [, shown = ''] = /```\n(\{[^]*?)```/.exec(page) ?? [];
  const profile = parseProfile(shown, 'nightly.json');
  expect(profile.settings.privateKeyFile).toBe('/home/worker/salesforce.key');
  expect(JSON.parse(formatProfile(profile))).toEqual(JSON.parse(shown));
});

test('what a parser says of a broken file does not show what is in it', () => {
  const text = '{"version":1,"keptKey":"S3CRET" "settings"';
  expect(() => parseProfile(text, 'x.json')).toThrow(/^The profile x\.json is not JSON/);
  expect(() => parseProfile(text, 'x.json')).not.toThrow(/S3CRET|settings/);
});

test.each(['nightly', 'worker@acme.example.uat', 'a', 'A_b-c.d+e', '0', 'console', 'com10'])(
  '%s may be a name',
  (name) => expect(requireProfileName(name)).toBe(name),
);

test.each([
  ...['', '.', '..', '.hidden', '-f', 'a/b', 'a\\b', 'a b', 'a:b', 'a.', 'é', 'a\n', 'a\0'],
  ...['con', 'NUL', 'com1', 'lpt9.txt', 'a'.repeat(81)],
])('%j may be no name', (name) => {
  expect(() => requireProfileName(name)).toThrow(
    expect.objectContaining({ code: 'PROFILE_NAME_INVALID' }) as Error,
  );
});

test('no name leads out of the folder', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      try {
        expect(requireProfileName(name)).toMatch(/^[\w][\w.@+-]*$/);
      } catch (error) {
        expect(error).toMatchObject({ code: 'PROFILE_NAME_INVALID' });
      }
    }),
  );
});

test('a name that differs in capital letters alone is one file on half of all machines', async () => {
  const profiles = profileStore(folder());
  await profiles.keep('Nightly', nightly);
  await expect(profiles.keep('nightly', nightly)).rejects.toMatchObject({
    code: 'PROFILE_NAME_INVALID',
    message: expect.stringContaining('Nightly already') as unknown,
  });
});

test('any settings come back as they were kept', () => {
  const text = fc.string({ minLength: 1 }).filter((value) => value.trim() !== '');
  fc.assert(
    fc.property(text, text, text, text, (loginUrl, clientId, username, privateKeyFile) => {
      const profile = { settings: { loginUrl, clientId, username, privateKeyFile } };
      expect(parseProfile(formatProfile(profile), 'x.json')).toEqual(profile);
    }),
  );
});

test('a file that others can read draws a warning; a link in its place is not followed in writing', async () => {
  const home = folder();
  const profiles = profileStore(home);
  await profiles.keep('nightly', nightly);
  const file = profiles.fileOf('nightly');
  chmodSync(file, 0o644);
  const warnings: string[] = [];
  profiles.read('nightly', (warning) => warnings.push(warning));
  expect(warnings).toEqual([`${file} can be read by others: chmod 600 ${file}`]);

  const elsewhere = join(home, 'elsewhere.json');
  writeFileSync(elsewhere, 'untouched');
  symlinkSync(elsewhere, profiles.fileOf('linked'));
  await profiles.keep('linked', nightly);
  expect(readFileSync(elsewhere, 'utf8')).toBe('untouched');
  expect(profiles.read('linked')).toEqual(nightly);
});

test('a folder where nothing can be written is told by name', async () => {
  const home = join(folder(), 'file');
  writeFileSync(home, '');
  await expect(profileStore(home).keep('nightly', nightly)).rejects.toMatchObject({
    code: 'PROFILE_NOT_WRITTEN',
    message: expect.stringContaining(home) as unknown,
  });
});

test('many writers at once: every profile is there, whole, and one of them is the default', async () => {
  const home = folder();
  const names = Array.from({ length: 12 }, (_, number) => `profile-${number}`);
  await Promise.all(names.map((name) => profileStore(home).keep(name, nightly)));
  const profiles = profileStore(home);
  expect((await profiles.list()).map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  expect(names).toContain(profiles.defaultName());
  await Promise.all(names.map((name) => profileStore(home).remove(name)));
  expect(readdirSync(home)).toEqual(['profiles']);
});
