import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findSettings, intrusions } from '../src/found-settings.ts';
import type { FoundSettings, SettingFlags, Variables } from '../src/found-settings.ts';
import { profileStore } from '../src/profile-store.ts';

const home = mkdtempSync(join(tmpdir(), 'sfjwt-cli-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const profiles = profileStore(home);
await profiles.keep('nightly', {
  settings: {
    loginUrl: 'https://acme.my.salesforce.com',
    clientId: '3MVG9.nightly',
    username: 'worker@acme.example',
    audience: 'https://login.salesforce.com',
    privateKeyFile: '/keys/nightly.key',
    passphrase: { environment: 'NIGHTLY_PASSPHRASE' },
  },
});
await profiles.keep('sealed', {
  settings: { loginUrl: 'https://b.example', clientId: 'b', username: 'b@b.example' },
  keptKey: '1.sealed',
});

function find(flags: SettingFlags = {}, variables: Variables = {}, useDefault = true): object {
  const found = findSettings(flags, { variables, profiles, useDefault });
  const told = flags.profile === undefined ? [] : intrusions(found);
  return said({ ...found, warnings: [...found.warnings, ...told] });
}

/** Every setting as `value < from`. */
function said({ key, profile, warnings, ...settings }: FoundSettings): object {
  const told = Object.entries(settings).map(([name, found]) => [
    name,
    typeof found === 'string' ? found : `${found.value} < ${found.from}`,
  ]);
  return {
    ...(Object.fromEntries(told) as object),
    ...(key === undefined ? {} : { key: { ...key.value, from: key.from } }),
    ...(profile === undefined ? {} : { profile: profile.name }),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

const flags = {
  instanceUrl: 'https://flag.example',
  clientId: 'flag',
  username: 'flag@acme.example',
  jwtKeyFile: 'flag.key',
};
const variables = {
  SFJWT_LOGIN_URL: 'https://variable.example',
  SALESFORCE_CLIENT_ID: 'variable',
  SFJWT_USERNAME: 'variable@acme.example',
  SF_JWT_KEY: 'text of a key',
};

const ofProfile = {
  loginUrl: 'https://acme.my.salesforce.com < nightly',
  clientId: '3MVG9.nightly < nightly',
  username: 'worker@acme.example < nightly',
  audience: 'https://login.salesforce.com < nightly',
  key: { kind: 'file', file: '/keys/nightly.key', from: 'nightly' },
  passphraseVariable: 'NIGHTLY_PASSPHRASE',
  profile: 'nightly',
};
const ofVariables = {
  loginUrl: 'https://variable.example < SFJWT_LOGIN_URL',
  clientId: 'variable < SALESFORCE_CLIENT_ID',
  username: 'variable@acme.example < SFJWT_USERNAME',
  key: { kind: 'variable', variable: 'SF_JWT_KEY', from: 'SF_JWT_KEY' },
};

test('flags go before the environment, the environment before the default profile', () => {
  expect(find()).toEqual(ofProfile);
  expect(find({}, variables)).toEqual(ofVariables);
  expect(find(flags, variables)).toEqual({
    loginUrl: 'https://flag.example < --instance-url',
    clientId: 'flag < --client-id',
    username: 'flag@acme.example < --username',
    key: { kind: 'file', file: 'flag.key', from: '--jwt-key-file' },
  });
});

test('each setting goes on its own, and says nothing of it', () => {
  expect(find({ username: 'other@acme.example' })).toEqual({
    ...ofProfile,
    username: 'other@acme.example < --username',
  });
  expect(find({ profile: 'nightly', username: 'other@acme.example' })).toEqual({
    ...ofProfile,
    username: 'other@acme.example < --username',
  });
  expect(find({}, { SF_USERNAME: 'variable@acme.example' })).toEqual({
    ...ofProfile,
    username: 'variable@acme.example < SF_USERNAME',
  });
});

test('an audience stays with its login URL, a passphrase with its key', () => {
  const { audience, passphraseVariable, ...rest } = ofProfile;
  expect(find({ instanceUrl: 'https://flag.example' })).toEqual({
    ...rest,
    passphraseVariable,
    loginUrl: 'https://flag.example < --instance-url',
  });
  expect(find({ instanceUrl: 'https://acme.my.salesforce.com' })).toMatchObject({ audience });
  expect(
    find({ instanceUrl: 'https://flag.example', audience: 'https://a.example' }),
  ).toMatchObject({
    audience: 'https://a.example < --audience',
  });
  const otherKey = find({ jwtKeyFile: '-' });
  expect(otherKey).toEqual({ ...rest, audience, key: { kind: 'input', from: '--jwt-key-file' } });
});

test('a profile is named by flag, by variable, or is the default', () => {
  expect(find({ profile: 'sealed' }, { SFJWT_PROFILE: 'nightly' })).toMatchObject({
    profile: 'sealed',
    key: { kind: 'kept', sealed: '1.sealed' },
  });
  expect(find({}, { SFJWT_PROFILE: 'sealed' })).toMatchObject({ profile: 'sealed' });
  expect(find({}, { SFJWT_PROFILE: '' })).toMatchObject({ profile: 'nightly' });
  expect(find({}, {}, false)).toEqual({});
  for (const [given, around] of [
    [{ profile: 'gone' }, {}],
    [flags, { SFJWT_PROFILE: 'gone' }],
  ] as const) {
    expect(() => find(given, around)).toThrow(
      expect.objectContaining({ code: 'PROFILE_NOT_FOUND' }) as Error,
    );
  }
});

test('who names a profile is told what the environment puts in its place', () => {
  expect(find({ profile: 'nightly' }, variables)).toMatchObject({
    ...ofVariables,
    warnings: [
      'SFJWT_LOGIN_URL in the environment takes the place of the login URL of profile nightly',
      'SALESFORCE_CLIENT_ID in the environment takes the place of the consumer key of profile nightly',
      'SFJWT_USERNAME in the environment takes the place of the username of profile nightly',
      'SF_JWT_KEY in the environment takes the place of the private key of profile nightly',
    ],
  });
  const same = { SFJWT_USERNAME: 'worker@acme.example' };
  expect(find({ profile: 'nightly' }, same)).not.toHaveProperty('warnings');
  expect(find({ profile: 'nightly', ...flags }, variables)).not.toHaveProperty('warnings');
});

test('whoever gives all but the login URL means login.salesforce.com, and is told', () => {
  const { instanceUrl: _, ...others } = flags;
  expect(find(others, {}, false)).toMatchObject({
    loginUrl: 'https://login.salesforce.com < sf org login jwt',
    warnings: [expect.stringContaining('no --instance-url')],
  });
  // One that is kept goes before one that is guessed.
  expect(find(others)).toMatchObject({ loginUrl: 'https://acme.my.salesforce.com < nightly' });
  expect(find({ username: 'a@b.example' }, {}, false)).toEqual({
    username: 'a@b.example < --username',
  });
});
