import { chmod, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { machineSeal, machineTokenStore, sfjwtHome } from '../src/machine.ts';
import { folder } from './folder.ts';
import { accessToken, identity } from './token-store-contract.ts';

/** Nothing of the machine that runs the tests, above all not its keychain. */
const environment = {};

describe.skipIf(process.platform === 'win32')('the home folder', () => {
  test.each([
    [{ SFJWT_HOME: '/srv/sfjwt', XDG_CONFIG_HOME: '/config' }, '/srv/sfjwt'],
    [{ SFJWT_HOME: '', XDG_CONFIG_HOME: '/config' }, '/config/sfjwt'],
    [{}, join(homedir(), '.config/sfjwt')],
  ])('%j -> %s', (given, expected) => {
    expect(sfjwtHome({ environment: given })).toBe(expected);
  });
});

describe('the key of the machine', () => {
  test('is made at first use, for its owner alone, and is the same from then on', async () => {
    const home = join(await folder(), 'new', 'sfjwt');
    const sealed = (await machineSeal({ home, environment })).seal('text', 'place');
    expect((await machineSeal({ home, environment })).open(sealed, 'place')).toBe('text');
    expect(await readdir(home)).toEqual(['key.json']);
    const key = JSON.parse(await readFile(join(home, 'key.json'), 'utf8')) as object;
    expect(key).toEqual({ version: 1, secret: expect.stringMatching(/^[\w+/]{43}=$/) });
    if (process.platform === 'win32') return;
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    expect((await stat(join(home, 'key.json'))).mode & 0o777).toBe(0o600);
  });

  test('is one key, though twenty come first at once', async () => {
    const home = await folder();
    const seals = await Promise.all(
      Array.from({ length: 20 }, () => machineSeal({ home, environment })),
    );
    const sealed = seals.map((seal) => seal.seal('text', 'place'));
    for (const seal of seals) {
      expect(sealed.map((text) => seal.open(text, 'place'))).toEqual(sealed.map(() => 'text'));
    }
    expect(await readdir(home)).toEqual(['key.json']);
  });

  test('comes from SFJWT_STORE_KEY where that is set, and leaves no file', async () => {
    const home = await folder();
    const [first, second] = ['a'.repeat(32), 'b'.repeat(32)];
    const before = await machineSeal({ home, environment: { SFJWT_STORE_KEY: first } });
    const sealed = before.seal('text', 'place');
    const during = await machineSeal({
      home,
      environment: { SFJWT_STORE_KEY: ` ${second},\n${first} ` },
    });
    expect(during.open(sealed, 'place')).toBe('text');
    const after = await machineSeal({ home, environment: { SFJWT_STORE_KEY: second } });
    expect(after.open(during.seal('text', 'place'), 'place')).toBe('text');
    expect(await readdir(home)).toEqual([]);
  });

  test('that is too short is refused', async () => {
    const guessable = machineSeal({ environment: { SFJWT_STORE_KEY: 'password' } });
    await expect(guessable).rejects.toMatchObject({ code: 'STORE_KEY_INVALID' });
  });

  test.each([
    ['', 'STORE_KEY_INVALID'],
    ['{"version":1}', 'STORE_KEY_INVALID'],
    ['{"version":1,"secret":"short"}', 'STORE_KEY_INVALID'],
    ['{"version":2,"where":"elsewhere"}', 'STORE_ENTRY_NEWER'],
    // The keychain is not there in CI, and nowhere has this entry.
    ['{"version":1,"keychain":"sfjwt test, never written"}', 'STORE_KEY_UNAVAILABLE'],
  ])('is not guessed from a file that says %s', async (text, code) => {
    const home = await folder();
    await writeFile(join(home, 'key.json'), text);
    await expect(machineSeal({ home, environment })).rejects.toMatchObject({ code });
    expect(await readFile(join(home, 'key.json'), 'utf8')).toBe(text);
  });

  test.skipIf(process.platform === 'win32')('in a file that others can read is told', async () => {
    const home = await folder();
    await machineSeal({ home, environment });
    await chmod(join(home, 'key.json'), 0o644);
    const onWarning = vi.fn();
    await machineSeal({ home, environment, onWarning });
    expect(onWarning.mock.calls).toEqual([
      [`${join(home, 'key.json')} can be read by others: chmod 600 ${join(home, 'key.json')}`],
    ]);
  });

  test('cannot be kept where there is a file in place of the folder', async () => {
    const home = join(await folder(), 'file');
    await writeFile(home, '');
    await expect(machineSeal({ home, environment })).rejects.toMatchObject({
      code: 'STORE_KEY_UNAVAILABLE',
    });
  });
});

describe('the tokens of the machine', () => {
  test('are there for the next process', async () => {
    const home = await folder();
    await machineTokenStore({ home, environment }).set(identity, accessToken('00D!first'));
    const next = machineTokenStore({ home, environment });
    expect((await next.get(identity))?.value).toBe('00D!first');
    expect((await readdir(home)).toSorted()).toEqual(['key.json', 'tokens']);
  });

  test('cost a login when the key is lost, and are replaced', async () => {
    const home = await folder();
    await machineTokenStore({ home, environment }).set(identity, accessToken('00D!first'));
    await mkdir(join(home, 'other'));
    await writeFile(
      join(home, 'key.json'),
      JSON.stringify({ version: 1, secret: 'another key of 32 characters...' }),
    );
    const next = machineTokenStore({ home, environment });
    await expect(next.get(identity)).rejects.toMatchObject({ code: 'STORE_KEY_INVALID' });
    await writeFile(
      join(home, 'key.json'),
      JSON.stringify({ version: 1, secret: 'another key of 32 characters, now long enough' }),
    );
    await expect(next.get(identity)).rejects.toMatchObject({ code: 'STORE_ENTRY_UNREADABLE' });
    await next.set(identity, accessToken('00D!second'));
    expect((await next.get(identity))?.value).toBe('00D!second');
  });
});
