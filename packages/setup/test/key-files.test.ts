import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { writeKeyFiles } from '../src/index.ts';
import { temporaryDirectory } from './openssl.ts';

const root = temporaryDirectory();
const pair = { privateKeyPem: 'PRIVATE\n', certificatePem: 'CERTIFICATE\n' };
const other = { privateKeyPem: 'OTHER PRIVATE\n', certificatePem: 'OTHER CERTIFICATE\n' };

let directory = root;
let count = 0;
beforeEach(async () => {
  directory = join(root, String(count++));
  await mkdir(directory);
});

const text = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');
const modeOf = async (name: string): Promise<number> =>
  (await stat(join(directory, name))).mode & 0o777;

test('writes NAME.key for its owner alone and NAME.crt for all', async () => {
  const files = await writeKeyFiles({ directory, ...pair });
  expect(files).toEqual({
    privateKeyFile: join(directory, 'salesforce.key'),
    certificateFile: join(directory, 'salesforce.crt'),
  });
  expect(await text('salesforce.key')).toBe('PRIVATE\n');
  expect(await text('salesforce.crt')).toBe('CERTIFICATE\n');
  expect(await modeOf('salesforce.key')).toBe(0o600);
  expect(await modeOf('salesforce.crt')).toBe(0o644);
  expect((await readdir(directory)).sort()).toEqual(['salesforce.crt', 'salesforce.key']);
});

test.each([0o000, 0o077, 0o277, 0o777])('modes hold under umask %o', async (umask) => {
  const before = process.umask(umask);
  onTestFinished(() => {
    process.umask(before);
  });
  await writeKeyFiles({ directory, name: 'nightly', ...pair });
  expect(await modeOf('nightly.key')).toBe(0o600);
  expect(await modeOf('nightly.crt')).toBe(0o644);
});

describe('what is there already', () => {
  test.each(['salesforce.key', 'salesforce.crt'])('%s is never overwritten', async (name) => {
    await writeFile(join(directory, name), 'precious');
    await expect(writeKeyFiles({ directory, ...pair })).rejects.toMatchObject({
      code: 'FILE_EXISTS',
      message: expect.stringContaining(name),
      hints: expect.arrayContaining([expect.stringContaining('force')]),
    });
    expect(await text(name)).toBe('precious');
    expect(await readdir(directory)).toEqual([name]);
  });

  test('force replaces it, and a readable key becomes private', async () => {
    await writeKeyFiles({ directory, ...pair });
    await chmod(join(directory, 'salesforce.key'), 0o644);
    await writeKeyFiles({ directory, ...other, force: true });
    expect(await text('salesforce.key')).toBe(other.privateKeyPem);
    expect(await text('salesforce.crt')).toBe(other.certificatePem);
    expect(await modeOf('salesforce.key')).toBe(0o600);
    expect(await readdir(directory)).toHaveLength(2);
  });

  test.each([
    ['to a file', 'elsewhere'],
    ['to nothing', 'nowhere'],
  ])('a symbolic link %s is not followed', async (_name, aim) => {
    await writeFile(join(directory, 'elsewhere'), 'precious');
    await symlink(join(directory, aim), join(directory, 'salesforce.key'));
    await expect(writeKeyFiles({ directory, ...pair })).rejects.toMatchObject({
      code: 'FILE_EXISTS',
    });
    await writeKeyFiles({ directory, ...pair, force: true });
    expect(await text('elsewhere')).toBe('precious');
    expect(await readdir(directory)).not.toContain('nowhere');
    expect((await lstat(join(directory, 'salesforce.key'))).isFile()).toBe(true);
  });

  test('a folder in the way is left alone, even with force', async () => {
    await mkdir(join(directory, 'salesforce.crt'));
    const refused = writeKeyFiles({ directory, ...pair, force: true });
    await expect(refused).rejects.toMatchObject({ code: 'FILE_NOT_WRITTEN' });
    expect(await readdir(directory)).toEqual(['salesforce.crt']);
  });
});

describe('writers at the same time', () => {
  const writers = Array.from({ length: 8 }, (_, index) => ({
    privateKeyPem: `key ${index}`,
    certificatePem: `certificate ${index}`,
  }));

  test.each([false, true])('leave one whole pair, force: %s', async (force) => {
    if (force) await writeKeyFiles({ directory, ...pair });
    const outcomes = await Promise.allSettled(
      writers.map((writer) => writeKeyFiles({ directory, ...writer, force })),
    );
    const won = outcomes.filter(({ status }) => status === 'fulfilled');
    if (force) expect(won.length).toBeGreaterThan(0);
    else expect(won).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected')
        expect(outcome.reason).toHaveProperty('code', 'FILE_EXISTS');
    }
    const [key, certificate] = [await text('salesforce.key'), await text('salesforce.crt')];
    expect(key.replace('key', 'certificate')).toBe(certificate);
    expect((await readdir(directory)).sort()).toEqual(['salesforce.crt', 'salesforce.key']);
  });

  test('a lock that a killed writer left is named', async () => {
    await writeFile(join(directory, '.salesforce.lock'), '');
    await expect(writeKeyFiles({ directory, ...pair })).rejects.toMatchObject({
      code: 'FILE_EXISTS',
      hints: [expect.stringContaining('.salesforce.lock')],
    });
    expect(await readdir(directory)).toEqual(['.salesforce.lock']);
  });
});

describe('when the file system refuses', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });

  /** Makes `link` fail as a file system would, for targets of this ending. */
  const failLinks = (ending: string, code: string): void => {
    const real = fs.link;
    vi.spyOn(fs, 'link').mockImplementation(async (from, to) => {
      if (!String(to).endsWith(ending)) return real(from, to);
      throw Object.assign(new Error(code), { code });
    });
    syncBuiltinESMExports();
  };

  test('the second file failing takes the first one back', async () => {
    failLinks('.crt', 'EIO');
    await expect(writeKeyFiles({ directory, ...pair })).rejects.toMatchObject({
      code: 'FILE_NOT_WRITTEN',
      cause: { code: 'EIO' },
    });
    expect(await readdir(directory)).toEqual([]);
  });

  test('the second file failing brings the old pair back', async () => {
    await writeKeyFiles({ directory, ...pair });
    failLinks('.crt', 'EIO');
    await expect(writeKeyFiles({ directory, ...other, force: true })).rejects.toMatchObject({
      code: 'FILE_NOT_WRITTEN',
    });
    expect(await text('salesforce.key')).toBe(pair.privateKeyPem);
    expect(await text('salesforce.crt')).toBe(pair.certificatePem);
    expect(await readdir(directory)).toHaveLength(2);
  });

  test('no hard links: a copy, with the same promises', async () => {
    failLinks('', 'EPERM');
    await writeKeyFiles({ directory, ...pair });
    expect(await modeOf('salesforce.key')).toBe(0o600);
    await expect(writeKeyFiles({ directory, ...other })).rejects.toMatchObject({
      code: 'FILE_EXISTS',
    });
    expect(await text('salesforce.key')).toBe(pair.privateKeyPem);
  });

  test('a certificate made by somebody else in the meantime stays, and no key is left', async () => {
    const real = fs.link;
    vi.spyOn(fs, 'link').mockImplementation(async (from, to) => {
      await real(from, to);
      if (String(to).endsWith('.key')) await writeFile(join(directory, 'salesforce.crt'), 'theirs');
    });
    syncBuiltinESMExports();
    await expect(writeKeyFiles({ directory, ...pair })).rejects.toMatchObject({
      code: 'FILE_EXISTS',
    });
    expect(await readdir(directory)).toEqual(['salesforce.crt']);
    expect(await text('salesforce.crt')).toBe('theirs');
  });
});

test('a missing folder and a file for a folder are named', async () => {
  await expect(
    writeKeyFiles({ directory: join(directory, 'missing'), ...pair }),
  ).rejects.toMatchObject({
    code: 'FILE_NOT_WRITTEN',
    message: expect.stringContaining('the folder does not exist'),
    hints: [expect.stringContaining('mkdir')],
  });
  await writeFile(join(directory, 'file'), '');
  await expect(
    writeKeyFiles({ directory: join(directory, 'file'), ...pair }),
  ).rejects.toMatchObject({ code: 'FILE_NOT_WRITTEN' });
});

test.each(['', '../up', 'a/b', 'a\\b', 'a\0b', 'a\nb', 'c:d'])(
  'refuses the name %j',
  async (name) => {
    await expect(writeKeyFiles({ directory, name, ...pair })).rejects.toMatchObject({
      code: 'FILE_NAME_INVALID',
    });
    expect(await readdir(directory)).toEqual([]);
  },
);
