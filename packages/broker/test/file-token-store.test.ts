import { readFile, readdir, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileTokenStore } from '../src/file-token-store.ts';
import { createSeal } from '../src/index.ts';
import { folder } from './folder.ts';
import { accessToken, describeTokenStore, identity } from './token-store-contract.ts';

const seal = createSeal({ secret: 'k'.repeat(32) });

describeTokenStore('files', async () => {
  const directory = join(await folder(), 'tokens');
  return {
    here: fileTokenStore({ directory, seal }),
    there: fileTokenStore({ directory, seal: () => Promise.resolve(seal) }),
  };
});

const firstLine = '{"version":1,"fence":4}';

describe('what is on the disk', () => {
  async function written() {
    const directory = join(await folder(), 'tokens');
    const store = fileTokenStore({ directory, seal });
    await store.set(identity, accessToken('00D!secret'));
    const names = await readdir(directory);
    const path = join(directory, names[0] ?? '');
    return { directory, store, names, path };
  }

  test('is one file, whose name and text say nothing', async () => {
    const { names, path } = await written();
    expect(names).toEqual([expect.stringMatching(/^[\da-f]{32}\.token$/)]);
    const text = await readFile(path, 'utf8');
    const [header = '', sealed] = text.split('\n');
    expect(JSON.parse(header)).toMatchObject({ version: 1, fence: 1 });
    expect(sealed).toMatch(/^1\.[\da-f]{16}\.[\w-]+$/);
    expect(text).not.toContain('worker');
  });

  test.skipIf(process.platform === 'win32')('is for its owner alone', async () => {
    const { directory, path } = await written();
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['empty', ''],
    ['cut off in its first line', firstLine.slice(0, 20)],
    ['cut off', `${firstLine}\n1.0123456789abcdef.AAAA`],
    ['of another program', '{"accessToken":"00D!secret"}'],
    [
      'sealed with another key',
      `${firstLine}\n${createSeal({ secret: 'o'.repeat(32) }).seal('{}', identity)}`,
    ],
    [
      'sealed, and no token',
      `${firstLine}\n${seal.seal('{"version":1,"token":{"value":7}}', identity)}`,
    ],
    ['sealed, and not JSON', `${firstLine}\n${seal.seal('00D!secret', identity)}`],
    ['far too large', 'x'.repeat(300_000)],
  ])('is refused when it is %s, and replaced by the next token', async (_what, text) => {
    const { store, path } = await written();
    await writeFile(path, text);
    await expect(store.get(identity)).rejects.toMatchObject({ code: 'STORE_ENTRY_UNREADABLE' });
    await expect(store.get(identity)).rejects.not.toThrow('00D!secret');
    await store.remove(identity, accessToken('00D!secret'));
    await store.set(identity, accessToken('00D!second'));
    expect((await store.get(identity))?.value).toBe('00D!second');
  });

  test.each([
    ['file', '{"version":2}\n'],
    ['sealing', `${firstLine}\n${seal.seal('{}', identity).replace('1.', '7.')}`],
    ['entry', `${firstLine}\n${seal.seal('{"version":2,"token":"00D!secret"}', identity)}`],
  ])('is refused when a newer sfjwt wrote it: %s', async (_what, text) => {
    const { store, path } = await written();
    await writeFile(path, text);
    await expect(store.get(identity)).rejects.toMatchObject({ code: 'STORE_ENTRY_NEWER' });
  });

  test('belongs to its identity: under another name it does not open', async () => {
    const { directory, store, path } = await written();
    const other = identity.replace('worker@', 'admin@');
    await store.set(other, accessToken('00D!admin'));
    const name = (await readdir(directory)).find((found) => !path.endsWith(found));
    await writeFile(path, await readFile(join(directory, name ?? '')));
    await expect(store.get(identity)).rejects.toMatchObject({ code: 'STORE_ENTRY_UNREADABLE' });
  });

  test('in a folder that is a link, is where the link leads', async () => {
    const { directory, path } = await written();
    const link = join(await folder(), 'link');
    await symlink(directory, link);
    const store = fileTokenStore({ directory: link, seal });
    expect((await store.get(identity))?.value).toBe('00D!secret');
    await store.set(identity, accessToken('00D!second'));
    const [, sealed = ''] = (await readFile(path, 'utf8')).split('\n');
    expect(seal.open(sealed, identity)).toContain('00D!second');
  });

  test.skipIf(process.platform === 'win32')(
    'is never reached by a link in the place of a file',
    async () => {
      const { store, path } = await written();
      const elsewhere = join(await folder(), 'elsewhere');
      await writeFile(elsewhere, 'precious');
      await symlink(elsewhere, `${path}.link`);
      await rename(`${path}.link`, path);
      await expect(store.get(identity)).rejects.toThrow();
      await store.set(identity, accessToken('00D!second'));
      expect((await store.get(identity))?.value).toBe('00D!second');
      expect(await readFile(elsewhere, 'utf8')).toBe('precious');
    },
  );
});

describe('a folder that cannot be one', () => {
  test('is a file', async () => {
    const directory = join(await folder(), 'tokens');
    await writeFile(directory, 'no folder');
    const store = fileTokenStore({ directory, seal });
    await expect(store.get(identity)).rejects.toThrow();
    await expect(store.set(identity, accessToken('00D!first'))).rejects.toThrow();
    expect(await readFile(directory, 'utf8')).toBe('no folder');
  });
});
