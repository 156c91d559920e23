import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from '../npm.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const cache = fileURLToPath(new URL('../../.cache/clients/', import.meta.url));

/** Clients that nobody here wrote, installed in a folder of their own. */
export interface Installation {
  folder: string;
  /** Loads an installed package. What it is, only its own tests know. */
  load(name: string): unknown;
}

/**
 * Installs what `package.json` beside this file lists, at the versions of its lock file; once per
 * lock file, since the folder is named after its content. Foreign clients stay out of our own lock
 * file: they are large, and none of them may become a dependency by accident.
 */
export async function installClients(
  parent: string = cache,
  npmFlags: readonly string[] = [],
): Promise<Installation> {
  const files = ['package.json', 'package-lock.json'];
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(join(here, file)));
  const folder = join(parent, hash.digest('hex').slice(0, 16));

  if (!existsSync(folder)) {
    // Made aside and renamed when complete: an interrupted installation is never taken for one.
    const draft = `${folder}.${process.pid}`;
    await mkdir(draft, { recursive: true });
    try {
      for (const file of files) await copyFile(join(here, file), join(draft, file));
      await npm(draft, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', ...npmFlags);
      await rename(draft, folder);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }
  const require = createRequire(join(folder, 'package.json'));
  return { folder, load: (name) => require(name) as unknown };
}
