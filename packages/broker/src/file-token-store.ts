/**
 * Tokens in files, shared by the processes of one user on one machine: a file for each identity,
 * named by a hash, sealed, and replaced as a whole. How one of them signs in for all: file-lease.ts.
 */

import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { join } from 'node:path';
import type { TokenStore } from '@sfjwt/client';
import { BrokerError } from './errors.ts';
import type { FileLease, Header } from './file-lease.ts';
import { codeOf, machineFiles } from './files.ts';
import type { Files } from './files.ts';
import type { Seal } from './seal.ts';
import type { Contender, Found, Lease, LeaseBoard } from './single-flight.ts';
import { machineTime } from './time.ts';
import type { Time } from './time.ts';
import { readTokenEntry, writeTokenEntry } from './token-entry.ts';
import type { TokenEntry } from './token-entry.ts';

export interface FileTokenStoreOptions {
  /** Made when it is not there, for its owner alone (0700). */
  directory: string;
  /** What seals the files; a function may fetch it when it is first needed. */
  seal: Seal | (() => Promise<Seal>);
  /**
   * After so long without a sign of life the one that signs in is taken for gone, in milliseconds;
   * 5,000 when left out. On this machine one that was killed is noticed at once, and one whose
   * process is there is given four times as long.
   */
  leaseMilliseconds?: number;
  /** How long one that is alive is waited for, in milliseconds; 30,000 when left out. */
  patienceMilliseconds?: number;
}

/** What the store stands on; tests put their own in its place. */
export interface FileTokenStoreParts {
  time?: Time;
  files?: Files;
}

/** Far more than a token with its identity takes. */
const maximumBytes = 256 * 1024;

/** How long the file system is waited for: those of a network may hang. */
const answerMilliseconds = 10_000;

/** Nobody follows a link that was put in place of an entry; Windows has no such flag. */
const readOnly = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/**
 * A token store in a folder. What cannot be read or written costs a login and fails no call: the
 * client tells it as a warning.
 */
export function fileTokenStore(
  options: FileTokenStoreOptions,
  { time = machineTime, files = machineFiles }: FileTokenStoreParts = {},
): TokenStore {
  const { directory, leaseMilliseconds = 5000, patienceMilliseconds = 30_000 } = options;
  const { seal: given } = options;
  let pending: Promise<Seal> | undefined;

  /** A failure is not kept: the key may become readable while the process lives. */
  function seal(): Promise<Seal> {
    if (typeof given !== 'function') return Promise.resolve(given);
    return (pending ??= given().catch((error: unknown) => {
      pending = undefined;
      throw error;
    }));
  }

  const pathOf = (key: string): string => join(directory, nameOf(key));

  async function read(key: string): Promise<Found> {
    const file = await readEntry(files, `${pathOf(key)}.token`);
    if (file.sealed === undefined) return { fence: file.fence };
    return { ...readTokenEntry((await seal()).open(file.sealed, key)), fence: file.fence };
  }

  function contender(key: string, warn: (message: string) => void): Contender {
    const path = pathOf(key);
    let asked: Promise<{ take(): Promise<FileLease | undefined> }> | undefined;
    const publishedFence = async (): Promise<number> => {
      // One that nobody can read is replaced: the numbers begin anew.
      const file = await readEntry(files, `${path}.token`).catch(() => undefined);
      return file?.fence ?? 0;
    };
    async function prepare(): Promise<{ take(): Promise<FileLease | undefined> }> {
      await files.mkdir(directory, { recursive: true, mode: 0o700 });
      const complaint = await complaintAbout(files, directory);
      if (complaint !== undefined) warn(complaint);
      const { fileContender } = await import('./file-lease.ts');
      return fileContender({ path, leaseMilliseconds, time, files, publishedFence });
    }
    return {
      async take() {
        const lease = await (await (asked ??= prepare())).take();
        if (lease === undefined) return undefined;
        return {
          extend: () => lease.extend(),
          release: () => lease.release(),
          publish: async (entry) => lease.publish((await seal()).seal(writeTokenEntry(entry), key)),
        };
      },
    };
  }

  /** A lease for writing, soon: nobody holds one for long. */
  async function writeLease(key: string): Promise<Lease> {
    const contending = contender(key, () => {});
    const end = time.now() + patienceMilliseconds;
    for (;;) {
      const taken = await contending.take();
      if (taken !== undefined) return taken;
      if (time.now() > end) {
        throw new BrokerError('STORE_UNAVAILABLE', 'Another process has been writing for too long');
      }
      await time.sleep(10 + 20 * time.random());
    }
  }

  /** What cannot be sealed or written fails, and holds up nobody after it. */
  async function publishOrRelease(lease: Lease, entry: TokenEntry): Promise<void> {
    try {
      await lease.publish(entry);
    } catch (error) {
      await lease.release().catch(() => {});
      throw error;
    }
  }

  const board: LeaseBoard = { read, contender };

  return {
    get: async (key) => (await read(key)).token,
    async set(key, token) {
      // When the lease is lost on the way, somebody has written what is newer.
      await publishOrRelease(await writeLease(key), { token });
    },
    async remove(key, token) {
      const isThere = async (): Promise<boolean> =>
        (await read(key).catch(() => undefined))?.token?.equals(token) === true;
      if (!(await isThere())) return;
      const held = await writeLease(key);
      // An entry without a token, not no entry: the numbers of leases go on.
      if (await isThere()) await publishOrRelease(held, {});
      else await held.release();
    },
    async renew(key, renewal) {
      const first = await read(key).catch(() => undefined);
      if (first?.token !== undefined && renewal.accepts(first.token)) return first.token;
      const { renewTogether, StoreFailure } = await import('./single-flight.ts');
      try {
        return await renewTogether(board, key, renewal, {
          time,
          leaseMilliseconds,
          patienceMilliseconds,
          answerMilliseconds,
          sharesOutages: true,
        });
      } catch (error) {
        if (!(error instanceof StoreFailure)) throw error;
        renewal.warn(error.message);
        return renewal.signIn();
      }
    },
  };
}

/** The key of an identity names its user, and the folder may end up in a backup or a listing. */
function nameOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

/** What is in the file of an identity: the fence it was written under, and what was sealed. */
async function readEntry(files: Files, path: string): Promise<{ fence: number; sealed?: string }> {
  const file = await files.open(path, readOnly).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw codeOf(error) === 'ELOOP' ? unreadable(path, 'is a symbolic link') : error;
  });
  if (file === undefined) return { fence: 0 };
  let text: string;
  try {
    const { size } = await file.stat();
    if (size > maximumBytes) throw unreadable(path, 'is too large for a token');
    text = await file.readFile('utf8');
  } finally {
    await file.close();
  }
  const end = text.indexOf('\n');
  const { version, fence } = headerIn(text.slice(0, Math.max(0, end)));
  if (typeof version === 'number' && version > 1) {
    throw new BrokerError('STORE_ENTRY_NEWER', `${path} has version ${version}`, {
      hints: ['A newer sfjwt wrote it: use that one.'],
    });
  }
  if (version !== 1 || !Number.isSafeInteger(fence)) throw unreadable(path, 'is damaged');
  const sealed = text.slice(end).trim();
  return { fence: fence as number, ...(sealed === '' ? {} : { sealed }) };
}

function headerIn(line: string): Partial<Record<keyof Header, unknown>> {
  try {
    return Object(JSON.parse(line)) as Partial<Record<keyof Header, unknown>>;
  } catch {
    return {};
  }
}

/** What lets others do harm. They can neither read a token nor put one of theirs in its place. */
async function complaintAbout(files: Files, directory: string): Promise<string | undefined> {
  // Windows has neither.
  if (process.getuid === undefined) return undefined;
  const { mode, uid } = await files.stat(directory);
  if (uid !== process.getuid()) return `${directory} belongs to another user`;
  if ((mode & 0o022) === 0) return undefined;
  return `${directory} can be written to by others: chmod 700 ${directory}`;
}

function unreadable(path: string, why: string): BrokerError {
  return new BrokerError('STORE_ENTRY_UNREADABLE', `${path} ${why}`);
}
