import { chmod, chown, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileTokenStore } from '../src/file-token-store.ts';
import { machineFiles } from '../src/files.ts';
import type { Files } from '../src/files.ts';
import { createSeal } from '../src/index.ts';
import { folder } from './folder.ts';
import { handTime } from './hand-time.ts';
import { door, renewal } from './renewal.ts';
import { describeSharedRenewal, renew } from './shared-renewal-contract.ts';
import { accessToken, identity } from './token-store-contract.ts';

const seal = createSeal({ secret: 'k'.repeat(32) });

describeSharedRenewal('files', async () => {
  const directory = join(await folder(), 'tokens');
  return {
    here: fileTokenStore({ directory, seal }),
    there: fileTokenStore({ directory, seal }),
  };
});

/** Two stores on one folder, each with a time of its own, as processes have. */
async function twoProcesses() {
  const directory = join(await folder(), 'tokens');
  return {
    directory,
    here: fileTokenStore({ directory, seal }, { time: handTime() }),
    there: fileTokenStore({ directory, seal }, { time: handTime() }),
    names: async () => (await readdir(directory)).toSorted(),
  };
}

/** A login under way, which ends when it is told to. */
async function underWay(store: ReturnType<typeof fileTokenStore>, value: string) {
  const { opened, open } = door();
  const started = door();
  const asked = renewal({
    signIn: async () => {
      started.open();
      await opened;
      return accessToken(value);
    },
  });
  const given = renew(store, asked);
  await started.opened;
  return { given, finish: open };
}

describe('a holder of the lease', () => {
  test('that hangs is replaced after the lease, and comes too late to overwrite', async () => {
    const { here, there, names } = await twoProcesses();
    const slow = await underWay(here, '00D!slow');
    const second = renewal({ signIn: () => Promise.resolve(accessToken('00D!second')) });
    expect((await renew(there, second)).value).toBe('00D!second');
    slow.finish();
    // It goes on with the token that all have, though its own login was good.
    expect((await slow.given).value).toBe('00D!second');
    expect((await here.get(identity))?.value).toBe('00D!second');
    expect(await names()).toEqual([expect.stringMatching(/\.token$/)]);
  });

  test('that gives signs of life is waited for, and then signed in beside', async () => {
    const directory = join(await folder(), 'tokens');
    const [timeHere, timeThere] = [handTime(), handTime()];
    const both = {
      ...timeThere,
      sleep: (milliseconds: number) => {
        timeHere.advance(milliseconds);
        return timeThere.sleep(milliseconds);
      },
    };
    const here = fileTokenStore({ directory, seal }, { time: timeHere });
    const slow = await underWay(here, '00D!slow');
    const there = fileTokenStore({ directory, seal, patienceMilliseconds: 20_000 }, { time: both });
    const impatient = renewal({ signIn: () => Promise.resolve(accessToken('00D!beside')) });
    expect((await renew(there, impatient)).value).toBe('00D!beside');
    expect(timeThere.now()).toBeGreaterThan(20_000);
    expect(impatient.warnings).toEqual(['Another process has been signing in for too long']);
    slow.finish();
    expect((await slow.given).value).toBe('00D!slow');
    expect((await there.get(identity))?.value).toBe('00D!slow');
  });

  test('that was killed is replaced at once', async () => {
    const { directory, here, names } = await twoProcesses();
    await here.set(identity, accessToken('00D!old'));
    const [name = ''] = await names();
    const written = JSON.parse(
      (await readFile(join(directory, name), 'utf8')).split('\n')[0] ?? '',
    ) as object;
    // No process has such an id.
    const dead = { ...written, fence: 2, pid: 2 ** 30, run: 'another' };
    await writeFile(
      join(directory, name.replace('.token', '.2.lease')),
      `${JSON.stringify(dead)}\n`,
    );
    const asked = renewal({ refused: accessToken('00D!old') });
    const time = handTime();
    const next = fileTokenStore({ directory, seal }, { time });
    expect((await renew(next, asked)).value).toMatch(/^00D!login/);
    expect(time.now()).toBe(0);
    expect(await names()).toEqual([name]);
  });

  test('that ran with the same process id before is replaced at once', async () => {
    const { directory, here, names } = await twoProcesses();
    await here.set(identity, accessToken('00D!old'));
    const [name = ''] = await names();
    const written = JSON.parse(
      (await readFile(join(directory, name), 'utf8')).split('\n')[0] ?? '',
    ) as object;
    const before = { ...written, fence: 2, run: 'the container was started anew' };
    await writeFile(
      join(directory, name.replace('.token', '.2.lease')),
      `${JSON.stringify(before)}\n`,
    );
    const time = handTime();
    const next = fileTokenStore({ directory, seal }, { time });
    await renew(next, renewal({ refused: accessToken('00D!old') }));
    expect(time.now()).toBe(0);
  });

  test.each([
    ['nothing'],
    ['{"version":1,"fence":1,"pid":7,"host":"another machine","run":"x"}\n'],
  ])('of which nobody knows whether it lives is replaced after the lease: %j', async (text) => {
    const { directory, here, names } = await twoProcesses();
    await here.set(identity, accessToken('00D!old'));
    const [name = ''] = await names();
    await writeFile(
      join(directory, name.replace('.token', '.9.lease')),
      text.replace('nothing', ''),
    );
    const time = handTime();
    const next = fileTokenStore({ directory, seal }, { time });
    await renew(next, renewal({ refused: accessToken('00D!old') }));
    expect(time.now()).toBeGreaterThanOrEqual(5000);
    expect(time.now()).toBeLessThan(6000);
    expect(await names()).toEqual([name]);
  });

  test('that was revoked half-way signs in, and the token that was revoked stays gone', async () => {
    const { here, there } = await twoProcesses();
    await here.set(identity, accessToken('00D!first'));
    await there.remove(identity, accessToken('00D!first'));
    expect(await here.get(identity)).toBeUndefined();
    expect((await renew(here, renewal())).value).toMatch(/^00D!login/);
  });
});

describe.skipIf(process.platform === 'win32')(
  'a folder that others could do harm in is told',
  () => {
    test('others may write to it', async () => {
      const directory = await folder();
      await chmod(directory, 0o777);
      const asked = renewal();
      await renew(fileTokenStore({ directory, seal }), asked);
      expect(asked.warnings).toEqual([
        `${directory} can be written to by others: chmod 700 ${directory}`,
      ]);
    });

    test.skipIf(process.getuid?.() !== 0)('it belongs to another user', async () => {
      const directory = await folder();
      await chown(directory, 65_534, 65_534);
      const asked = renewal();
      await renew(fileTokenStore({ directory, seal }), asked);
      expect(asked.warnings).toEqual([`${directory} belongs to another user`]);
    });
  },
);

describe('a store that is out of order costs a login, and fails no call', () => {
  test('the folder is a file', async () => {
    const directory = join(await folder(), 'tokens');
    await writeFile(directory, 'no folder');
    const asked = renewal();
    expect((await renew(fileTokenStore({ directory, seal }), asked)).value).toMatch(/^00D!login/);
    expect(asked.logins()).toBe(1);
    expect(asked.warnings).toEqual([
      expect.stringMatching(/^The token store failed: .*(?:ENOTDIR|EEXIST)/),
    ]);
  });

  test('the folder cannot be written to', async () => {
    // Nobody makes a folder in /sys, root included; elsewhere, nobody else does in one of 0500.
    const closed = process.platform === 'linux' ? '/sys' : await folder();
    if (closed !== '/sys') await chmod(closed, 0o500);
    const asked = renewal();
    const store = fileTokenStore({ directory: join(closed, 'sfjwt-tokens'), seal });
    expect((await renew(store, asked)).value).toMatch(/^00D!login/);
    expect(asked.warnings).toEqual([
      expect.stringMatching(/^The token store failed: .*(?:EPERM|EACCES|EROFS)/),
    ]);
  });

  test('the key is not to be had', async () => {
    const directory = join(await folder(), 'tokens');
    const locked = (): Promise<never> => Promise.reject(new Error('the keychain is locked'));
    const asked = renewal();
    expect((await renew(fileTokenStore({ directory, seal: locked }), asked)).value).toMatch(
      /^00D!login/,
    );
    expect(asked.warnings).toEqual([expect.stringContaining('the keychain is locked')]);
    expect(await readdir(directory)).toEqual([]);
  });

  test('the key is not to be had when a token is written: the lease goes too', async () => {
    const directory = join(await folder(), 'tokens');
    const locked = (): Promise<never> => Promise.reject(new Error('the keychain is locked'));
    const store = fileTokenStore({ directory, seal: locked });
    await expect(store.set('a key', accessToken('00D!kept'))).rejects.toThrow(
      'the keychain is locked',
    );
    expect(await readdir(directory)).toEqual([]);
  });

  test.each(['writeFile', 'rename'] as const)('the disk is full at %s', async (step) => {
    const directory = join(await folder(), 'tokens');
    const full = (): Promise<never> =>
      Promise.reject(
        Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }),
      );
    let writes = 0;
    const files: Files = {
      ...machineFiles,
      ...(step === 'rename' ? { rename: full } : {}),
      open: async (...words: Parameters<Files['open']>) => {
        const handle = await machineFiles.open(...words);
        const write = handle.writeFile.bind(handle);
        // There is room for the first line, and none for the token.
        handle.writeFile = (...text) => {
          writes += 1;
          return step === 'writeFile' && writes > 1 ? full() : write(...text);
        };
        return handle;
      },
    };
    const asked = renewal();
    const store = fileTokenStore({ directory, seal }, { files });
    expect((await renew(store, asked)).value).toMatch(/^00D!login/);
    expect(asked.logins()).toBe(1);
    expect(asked.warnings).toEqual([expect.stringContaining('ENOSPC')]);
    expect(await readdir(directory)).toEqual([]);
    // Somebody has made room.
    const next = await renew(fileTokenStore({ directory, seal }), renewal());
    expect((await fileTokenStore({ directory, seal }).get(identity))?.value).toBe(next.value);
  });

  test('the entry is damaged: told once, and mended', async () => {
    const { directory, here, there, names } = await twoProcesses();
    await here.set(identity, accessToken('00D!old'));
    const [name = ''] = await names();
    await writeFile(join(directory, name), 'rubbish');
    const asked = renewal();
    const token = await renew(there, asked);
    expect(asked.warnings).toEqual([expect.stringMatching(/is damaged$/)]);
    expect((await here.get(identity))?.value).toBe(token.value);
  });
});
