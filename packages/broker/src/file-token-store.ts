/**
 * Tokens in files, shared by the processes of one user on one machine: a file for each identity,
 * named by a hash, sealed, and replaced as a whole.
 */

import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccessToken, TokenStore } from '@sfjwt/client';
import { BrokerError } from './errors.ts';
import type { Seal } from './seal.ts';
import { readTokenEntry, writeTokenEntry } from './token-entry.ts';

export interface FileTokenStoreOptions {
  /** Made when it is not there, for its owner alone (0700). */
  directory: string;
  /** What seals the files; a function may fetch it when it is first needed. */
  seal: Seal | (() => Promise<Seal>);
}

/** Far more than a token with its identity takes. */
const maximumBytes = 256 * 1024;

/** Nobody follows a link that was put in place of an entry; Windows has no such flag. */
const readOnly = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/**
 * A token store in a folder. What cannot be read costs a login and fails no call: the client tells
 * it as a warning and signs in.
 */
export function fileTokenStore({ directory, seal: given }: FileTokenStoreOptions): TokenStore {
  let pending: Promise<Seal> | undefined;

  /** A failure is not kept: the key may become readable while the process lives. */
  function seal(): Promise<Seal> {
    if (typeof given !== 'function') return Promise.resolve(given);
    return (pending ??= given().catch((error: unknown) => {
      pending = undefined;
      throw error;
    }));
  }

  const fileOf = (key: string): string => join(directory, `${nameOf(key)}.token`);

  async function get(key: string): Promise<AccessToken | undefined> {
    const sealed = await readEntry(fileOf(key));
    if (sealed === undefined) return undefined;
    return readTokenEntry((await seal()).open(sealed, key));
  }

  return {
    get,
    async set(key, token) {
      const sealed = (await seal()).seal(writeTokenEntry(token), key);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await replace(fileOf(key), sealed);
    },
    async remove(key, token) {
      const found = await get(key).catch(() => undefined);
      if (found?.equals(token) === true) await rm(fileOf(key), { force: true });
    },
  };
}

/** The key of an identity names its user, and the folder may end up in a backup or a listing. */
function nameOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

async function readEntry(path: string): Promise<string | undefined> {
  const file = await open(path, readOnly).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    if (size > maximumBytes) {
      throw new BrokerError('STORE_ENTRY_UNREADABLE', `${path} is too large for a token`);
    }
    return (await file.readFile('utf8')).trim();
  } finally {
    await file.close();
  }
}

/** Readers see the old text or the new one, never a part; a link in the way is replaced. */
async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`${text}\n`);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
