import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { folder, run } from './command.ts';
import type { CommandResult } from './command.ts';
import { openSetting } from './setting.ts';

// Each test starts a dozen processes, one after the other.
vi.setConfig({ testTimeout: 120_000 });
afterAll(() => vi.resetConfig());

interface Stage extends Awaited<ReturnType<typeof openSetting>> {
  home: string;
  /** Runs with the home of this stage. */
  sfjwt: (words: string[], env?: Record<string, string>, input?: string) => Promise<CommandResult>;
  profile: (name: string) => Record<string, unknown>;
  logins: () => number;
}

async function stage(): Promise<Stage> {
  const setting = await openSetting();
  const home = join(setting.directory, 'home');
  return {
    ...setting,
    home,
    sfjwt: (words, env = {}, input = '') =>
      run(words, { cwd: setting.directory, env: { SFJWT_HOME: home, ...env }, input }),
    profile: (name) =>
      JSON.parse(readFileSync(join(home, 'profiles', `${name}.json`), 'utf8')) as Record<
        string,
        unknown
      >,
    logins: () => setting.org.loginHistory.list().length,
  };
}

const parsed = ({
  stdout,
}: CommandResult): { result: Record<string, unknown>; [name: string]: unknown } =>
  JSON.parse(stdout) as { result: Record<string, unknown> };

test('login proves the settings, keeps them, and every command then needs no other flag', async () => {
  const { org, flags, env, home, directory, sfjwt, profile, logins } = await stage();
  const login = await sfjwt(['login', ...flags, '--alias', 'nightly']);
  expect(login).toMatchObject({ code: 0, stdout: '' });
  expect(login.stderr).toContain(`Signed in at ${org.url} as worker@example.org`);
  expect(login.stderr).toContain('Kept as nightly, the default');
  expect(profile('nightly')).toEqual({
    version: 1,
    settings: {
      loginUrl: org.url,
      clientId: env['SFJWT_CLIENT_ID'],
      username: 'worker@example.org',
      privateKeyFile: join(directory, 'salesforce.key'),
    },
    proof: {
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      instanceUrl: org.url,
      organizationId: org.organization.id,
      userId: org.users.get('worker@example.org').id,
    },
  });
  expect(logins()).toBe(1);
  // The token of the proof is shared: no command signs in again.
  expect((await sfjwt(['token'])).stdout).toMatch(/^00DLOCAL/);
  expect((await sfjwt(['api', 'GET', '/services/data', '--profile', 'nightly'])).code).toBe(0);
  expect((await sfjwt(['token'], { SFJWT_PROFILE: 'nightly' })).code).toBe(0);
  expect(logins()).toBe(1);
  expect(readFileSync(join(home, 'profiles/nightly.json'), 'utf8')).not.toContain('PRIVATE KEY');
});

test('a login that is refused keeps nothing, and leaves what was kept before', async () => {
  const { org, flags, home, sfjwt, profile } = await stage();
  org.users.create({ username: 'stranger@example.org', profile: 'System Administrator' });
  const refused = ['login', ...flags, '-o', 'stranger@example.org', '-a', 'nightly'];
  expect(await sfjwt([...refused, '--json'])).toMatchObject({ code: 3, stderr: '' });
  expect(existsSync(home)).toBe(false);

  await sfjwt(['login', ...flags, '-a', 'nightly']);
  const before = profile('nightly');
  expect(await sfjwt(refused)).toMatchObject({ code: 3, stdout: '' });
  expect(profile('nightly')).toEqual(before);
  const unreached = await sfjwt(['login', ...flags, '-r', 'http://127.0.0.1:1', '-a', 'other']);
  expect(unreached.code).toBe(4);
  expect(readdirSync(join(home, 'profiles'))).toEqual(['nightly.json']);
});

test('login --json tells what was kept, in the words of sf org login jwt where it has them', async () => {
  const { org, flags, env, home, directory, sfjwt } = await stage();
  const login = await sfjwt(['login', ...flags, '--json']);
  expect(parsed(login)).toEqual({
    status: 0,
    result: {
      profile: 'worker@example.org',
      isDefault: true,
      file: join(home, 'profiles/worker@example.org.json'),
      username: 'worker@example.org',
      orgId: org.organization.id,
      userId: org.users.get('worker@example.org').id,
      instanceUrl: org.url,
      loginUrl: org.url,
      clientId: env['SFJWT_CLIENT_ID'],
      scopes: ['api'],
      key: {
        kind: 'file',
        place: join(directory, 'salesforce.key'),
        words: join(directory, 'salesforce.key'),
      },
    },
    warnings: [],
  });
});

test('a relative key file is found from everywhere', async () => {
  const { flags, sfjwt, home } = await stage();
  const relative = flags.map((word) => (word.endsWith('.key') ? 'salesforce.key' : word));
  expect((await sfjwt(['login', ...relative, '-a', 'nightly'])).code).toBe(0);
  rmSync(join(home, 'tokens'), { recursive: true });
  const elsewhere = await run(['token'], { cwd: folder(), env: { SFJWT_HOME: home } });
  expect(elsewhere.code).toBe(0);
});

test('a key in the environment stays there, and the profile names its variable', async () => {
  const { env, directory, home, sfjwt, profile } = await stage();
  const { SFJWT_PRIVATE_KEY_FILE: _, ...others } = env;
  const key = readFileSync(join(directory, 'salesforce.key'), 'utf8');
  const login = await sfjwt(['login', '-a', 'ci'], { ...others, SF_JWT_PRIVATE_KEY: key });
  expect(login.code).toBe(0);
  expect(login.stderr).toContain('Private key: $SF_JWT_PRIVATE_KEY\n');
  expect(profile('ci')).toMatchObject({
    settings: { privateKey: { environment: 'SF_JWT_PRIVATE_KEY' } },
  });
  rmSync(join(home, 'tokens'), { recursive: true });
  expect((await sfjwt(['token'], { SF_JWT_PRIVATE_KEY: key })).code).toBe(0);
  rmSync(join(home, 'tokens'), { recursive: true });
  const unset = await sfjwt(['token']);
  expect(unset).toMatchObject({ code: 2, stdout: '' });
  expect(unset.stderr).toContain('the variable SF_JWT_PRIVATE_KEY is not set');
});

test('a key is copied only when that is asked for: then its file may go', async () => {
  const { flags, directory, home, sfjwt, profile } = await stage();
  const keyFile = join(directory, 'salesforce.key');
  const key = readFileSync(keyFile, 'utf8');
  const [secretLine = ''] = key.split('\n').slice(2, 3);
  expect((await sfjwt(['login', ...flags, '-a', 'nightly', '--keep-key'])).code).toBe(0);
  const kept = profile('nightly');
  expect(kept).toMatchObject({ keptKey: expect.any(String) });
  expect(kept['settings']).not.toHaveProperty('privateKeyFile');
  expect(JSON.stringify(kept)).not.toContain(secretLine);
  renameSync(keyFile, join(directory, 'away.key'));
  rmSync(join(home, 'tokens'), { recursive: true });
  expect((await sfjwt(['token'])).code).toBe(0);

  // Another setting changes, the key stays kept.
  expect((await sfjwt(['login', '--profile', 'nightly', '--json'])).code).toBe(0);
  expect(profile('nightly')).toMatchObject({ keptKey: expect.any(String) });

  // It opens for the machine alone that it was kept on.
  rmSync(join(home, 'tokens'), { recursive: true });
  const elsewhere = await sfjwt(['token', '--json'], { SFJWT_STORE_KEY: 'x'.repeat(44) });
  expect(elsewhere.code).toBe(5);
  expect(parsed(elsewhere)).toMatchObject({
    code: 'KEPT_KEY_LOCKED',
    hints: [expect.any(String), expect.stringContaining('--profile nightly')],
  });
});

test('a key in bytes, not text, is kept as well', async () => {
  const { flags, directory, home, sfjwt } = await stage();
  const keyFile = join(directory, 'salesforce.key');
  const der = createPrivateKey(readFileSync(keyFile)).export({ type: 'pkcs8', format: 'der' });
  writeFileSync(keyFile, der);
  expect((await sfjwt(['login', ...flags, '-a', 'nightly', '--keep-key'])).code).toBe(0);
  rmSync(keyFile);
  rmSync(join(home, 'tokens'), { recursive: true });
  expect((await sfjwt(['token'])).code).toBe(0);
});

test('a key from standard input signs in, and is kept where that is asked for', async () => {
  const { flags, directory, home, sfjwt } = await stage();
  const key = readFileSync(join(directory, 'salesforce.key'), 'utf8');
  const fromInput = flags.map((word) => (word.endsWith('.key') ? '-' : word));
  expect((await sfjwt(['token', ...fromInput], { CI: 'true' }, key)).stdout).toMatch(/^00DLOCAL/);
  const unkept = await sfjwt(['login', ...fromInput], {}, key);
  expect(unkept).toMatchObject({ code: 2, stdout: '' });
  expect(unkept.stderr).toContain('--keep-key');
  expect((await sfjwt(['login', ...fromInput, '--keep-key'], {}, key)).code).toBe(0);
  rmSync(join(home, 'tokens'), { recursive: true });
  expect((await sfjwt(['token'])).code).toBe(0);

  const both = ['api', 'POST', '/services/data', '-b', '-', ...fromInput];
  const taken = await sfjwt(both, { SFJWT_HOME: join(directory, 'other') }, key);
  expect(taken).toMatchObject({ code: 2, stdout: '' });
  expect(taken.stderr).toContain(
    'Standard input cannot be the request body and the private key at once',
  );
});

test('an encrypted key: the profile names the variable of its passphrase, or keeps both sealed', async () => {
  const { org, env, directory, home, sfjwt, profile } = await stage();
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const passphrase = 'open sesame';
  const encrypted = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const;
  writeFileSync(join(directory, 'encrypted.key'), privateKey.export(encrypted));
  const { createCertificate } = await import('@sfjwt/setup');
  const { pem } = await createCertificate({ privateKey });
  org.clientApps.uploadCertificate(org.clientApps.get(env['SFJWT_CLIENT_ID'] ?? ''), pem);
  const { SFJWT_PRIVATE_KEY_FILE: _, ...others } = env;
  const login = ['login', '-f', 'encrypted.key', '-a', 'nightly'];
  expect(await sfjwt(login, others)).toMatchObject({ code: 5, stdout: '' });
  const opened = { ...others, SFJWT_PASSPHRASE: passphrase };
  expect((await sfjwt(login, opened)).code).toBe(0);
  expect(profile('nightly')).toMatchObject({
    settings: { passphrase: { environment: 'SFJWT_PASSPHRASE' } },
  });
  rmSync(join(home, 'tokens'), { recursive: true });
  expect((await sfjwt(['token'])).stderr).toContain('the variable SFJWT_PASSPHRASE is not set');
  expect((await sfjwt([...login, '--keep-key'], opened)).code).toBe(0);
  rmSync(join(home, 'tokens'), { recursive: true });
  expect((await sfjwt(['token'])).code).toBe(0);
  expect(JSON.stringify(profile('nightly'))).not.toContain(passphrase);
});

test('a flag that contradicts the profile wins, and nothing is said of it', async () => {
  const { org, flags, directory, sfjwt } = await stage();
  await sfjwt(['login', ...flags, '-a', 'nightly']);
  const other = org.users.create({ username: 'other@example.org', profile: 'Standard User' });
  const asOther = await sfjwt(['token', '--profile', 'nightly', '-o', other.username, '--json']);
  expect(parsed(asOther)).toMatchObject({ result: { userId: other.id }, warnings: [] });
  const foreign = await run(['key', 'new', '-n', 'foreign'], { cwd: directory });
  expect(foreign.code).toBe(0);
  const withForeignKey = ['-f', 'foreign.key', '-o', 'worker@example.org', '-r', `${org.url}/`];
  const home = { SFJWT_HOME: join(directory, 'home2') };
  await sfjwt(['login', ...flags, '-a', 'nightly'], home);
  rmSync(join(home.SFJWT_HOME, 'tokens'), { recursive: true });
  const refused = await sfjwt(['token', ...withForeignKey, '--json'], home);
  expect(parsed(refused)).toMatchObject({ status: 3, code: 'ASSERTION_INVALID' });
});

test('a profile that is broken or newer is refused by the name of its file, and never replaced', async () => {
  const { flags, home, sfjwt } = await stage();
  await sfjwt(['login', ...flags, '-a', 'nightly']);
  const file = join(home, 'profiles/nightly.json');
  for (const [text, code] of [
    ['{"version":1', 'PROFILE_INVALID'],
    ['{"version":7,"settings":{}}', 'PROFILE_NEWER'],
  ] as const) {
    writeFileSync(file, text);
    for (const words of [
      ['token'],
      ['token', ...flags, '--profile', 'nightly'],
      ['login', ...flags, '-a', 'nightly'],
      ['profiles', 'show', 'nightly'],
    ]) {
      const refused = await sfjwt([...words, '--json']);
      expect(refused.code).toBe(5);
      expect(parsed(refused)).toMatchObject({
        status: 5,
        code,
        message: expect.stringContaining(file),
        hints: [expect.any(String), ...(code === 'PROFILE_NEWER' ? [] : [expect.any(String)])],
      });
    }
    expect(readFileSync(file, 'utf8')).toBe(text);
    // Who gives everything needs no default profile.
    expect((await sfjwt(['token', ...flags])).code).toBe(0);
    expect((await sfjwt(['profiles'])).stdout).toMatch(/^\* +nightly /m);
  }
});

test('on a build machine nothing is written unless a login or SFJWT_HOME asks for it', async () => {
  const { env, directory } = await stage();
  const personal = join(directory, 'personal');
  const build = { ...env, CI: 'true', HOME: personal, SFJWT_HOME: '', XDG_CONFIG_HOME: '' };
  expect((await run(['token'], { env: build })).code).toBe(0);
  expect(existsSync(personal)).toBe(false);
  expect((await run(['token'], { env: { ...build, CI: '' } })).code).toBe(0);
  expect(readdirSync(join(personal, '.config/sfjwt')).toSorted()).toEqual(['key.json', 'tokens']);
  rmSync(personal, { recursive: true });
  expect((await run(['login', '-a', 'ci'], { env: build })).code).toBe(0);
  expect(existsSync(join(personal, '.config/sfjwt/profiles/ci.json'))).toBe(true);
});

test('profiles lists, shows, chooses the default and removes with all that was kept', async () => {
  const { flags, directory, home, sfjwt, logins } = await stage();
  expect((await sfjwt(['profiles'])).stderr).toBe(
    'There is no profile yet. Make one with: sfjwt login\n',
  );
  expect(parsed(await sfjwt(['profiles', '--json']))).toMatchObject({ status: 0, result: [] });
  await sfjwt(['login', ...flags, '-a', 'one', '--keep-key']);
  await sfjwt(['login', ...flags, '-a', 'two', '--set-default']);
  const keyFile = join(directory, 'salesforce.key');
  const list = await sfjwt(['profiles']);
  expect(list.stdout).toMatch(/^ {3}NAME +USERNAME +LOGIN URL +KEY +STATE$/m);
  expect(list.stdout).toMatch(
    /^ {3}one +worker@example\.org +http:\S+ +kept in the profile, sealed$/m,
  );
  expect(list.stdout).toMatch(new RegExp(`^\\* {2}two .* ${keyFile}$`, 'm'));
  const names = (words: string[]) => sfjwt([...words, '--json']).then(parsed);
  expect(await names(['profiles', 'list'])).toMatchObject({
    result: [
      { name: 'one', isDefault: false, key: { kind: 'kept' } },
      { name: 'two', isDefault: true, key: { kind: 'file', place: keyFile } },
    ],
  });
  expect(await names(['profiles', 'show'])).toMatchObject({ result: { name: 'two' } });
  expect(await names(['profiles', 'default', 'one'])).toMatchObject({ result: { name: 'one' } });
  const shown = await sfjwt(['profiles', 'show']);
  expect(shown.stdout).toMatch(/^Profile +one \(default\)\n[^]*Private key +kept in the profile/);
  expect((await sfjwt(['profiles', 'default', 'three'])).code).toBe(5);
  renameSync(keyFile, join(directory, 'away.key'));
  expect((await sfjwt(['profiles'])).stdout).toMatch(/^ {3}two .*the key file is gone$/m);

  const before = logins();
  expect((await sfjwt(['token', '--profile', 'two'])).code).toBe(0);
  expect(logins()).toBe(before);
  expect(await names(['profiles', 'remove', 'one'])).toEqual({
    status: 0,
    result: { name: 'one', wasDefault: true },
    warnings: [],
  });
  // The other one was the same user of the same app: its token went too, and its key is away.
  expect((await sfjwt(['token', '--profile', 'two'])).stderr).toContain('[KEY_FILE_UNREADABLE]');
  expect(readdirSync(join(home, 'profiles'))).toEqual(['two.json']);
  expect((await sfjwt(['profiles', 'show'])).stderr).toContain('There is no default profile');
  expect((await sfjwt(['profiles', 'remove', 'one'])).code).toBe(5);
  expect((await sfjwt(['profiles', 'shwo'])).stderr).toContain('Did you mean show?');
});
