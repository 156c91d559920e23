import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { npm } from './npm.ts';

/** Packages that are no dependencies of ours, installed in a folder of their own. */
export interface Installation {
  folder: string;
  /** Loads an installed package. What it is, only its own tests know. */
  load(name: string): unknown;
  /** Where `import()` finds an installed package, for those that `require` cannot load. */
  resolve(name: string): string;
}

/**
 * Installs what the `package.json` of a folder lists, at the versions of its lock file; once per
 * lock file, since the new folder is named after its content.
 */
export async function installLocked(
  from: string,
  parent: string,
  npmFlags: readonly string[] = [],
): Promise<Installation> {
  const files = ['package.json', 'package-lock.json'];
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(join(from, file)));
  const folder = join(parent, hash.digest('hex').slice(0, 16));
  await installOnce(folder, async (draft) => {
    for (const file of files) await copyFile(join(from, file), join(draft, file));
    await npm(draft, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', ...npmFlags);
  });
  const require = createRequire(join(folder, 'package.json'));
  return {
    folder,
    load: (name) => require(name) as unknown,
    resolve: (name) => pathToFileURL(require.resolve(name)).href,
  };
}

/**
 * Fills a folder, unless that was done before. It is made aside and renamed when complete: an
 * interrupted installation is never taken for one.
 */
export async function installOnce(
  folder: string,
  fill: (draft: string) => Promise<unknown>,
): Promise<void> {
  if (existsSync(folder)) return;
  const draft = `${folder}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  try {
    await fill(draft);
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
