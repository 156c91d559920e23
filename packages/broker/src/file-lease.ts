/**
 * Leases in files, with nothing but what every file system has: a name can be taken by one alone,
 * and a rename replaces as a whole.
 *
 * The lease with fence 7 is the file `NAME.7.lease`. Who holds it writes the token into it and
 * renames it to `NAME.token`. Who takes over creates `NAME.8.lease` and removes `NAME.7.lease`: then
 * the rename of the former holder finds nothing, and a newer token stays. No lock is needed, so
 * none is left behind.
 */

import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname } from 'node:path';
import { codeOf } from './files.ts';
import type { Files } from './files.ts';
import type { Time } from './time.ts';

/** The first line of every file of the store. */
export interface Header {
  version: 1;
  fence: number;
  pid: number;
  host: string;
  /** Of one run of one process: ids of processes are used again, in a container at once. */
  run: string;
}

const thisRun = randomUUID();

/** How many leases one that gives no sign of life is waited for, when its process is there. */
const runningFactor = 4;

export interface FileLease {
  extend(): Promise<void>;
  /** Makes the lease the file of the token; false when it had been lost. */
  publish(text: string): Promise<boolean>;
  release(): Promise<void>;
}

export interface FileContenderOptions {
  /** Path of what is to be written, without ending. */
  path: string;
  leaseMilliseconds: number;
  time: Time;
  files: Files;
  /** The fence of what was published last; 0 when nothing was. */
  publishedFence: () => Promise<number>;
}

/** A lease of somebody else, as it was seen. */
interface Sight {
  fence: number;
  text: string;
  since: number;
}

export function fileContender(options: FileContenderOptions): {
  take(): Promise<FileLease | undefined>;
} {
  const { path, time, files, leaseMilliseconds, publishedFence } = options;
  let seen: Sight | undefined;

  const fileOf = (fence: number): string => `${path}.${fence}.lease`;

  async function fences(): Promise<number[]> {
    const start = `${basename(path)}.`;
    const names = await files.readdir(dirname(path)).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    });
    return names
      .filter((name) => name.startsWith(start) && name.endsWith('.lease'))
      .map((name) => Number(name.slice(start.length, -'.lease'.length)))
      .filter((fence) => Number.isSafeInteger(fence));
  }

  /** Follows one lease over several looks: time is measured by us, not read from the file. */
  async function isHeld(fence: number): Promise<boolean> {
    const text = await files.readFile(fileOf(fence), 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) {
      seen = undefined;
      return false;
    }
    if (seen?.fence !== fence || seen.text !== text) seen = { fence, text, since: time.now() };
    const state = stateOf(text);
    // One that is known to run may only be starved: on a busy machine that takes its time.
    const patience = state === 'running' ? leaseMilliseconds * runningFactor : leaseMilliseconds;
    return state !== 'gone' && time.now() - seen.since < patience;
  }

  async function claim(fence: number): Promise<FileLease | undefined> {
    const handle = await files.open(fileOf(fence), 'wx', 0o600).catch((error: unknown) => {
      if (codeOf(error) === 'EEXIST') return undefined;
      throw error;
    });
    seen = undefined;
    if (handle === undefined) return undefined;
    const lease = holder(files, handle, fileOf(fence), `${path}.token`);
    try {
      const header: Header = {
        version: 1,
        fence,
        pid: process.pid,
        host: thisHost(),
        run: thisRun,
      };
      await handle.writeFile(`${JSON.stringify(header)}\n`);
      // Whoever had this number before us may have published between our look and our claim.
      if ((await publishedFence()) >= fence) {
        await lease.release();
        return undefined;
      }
      for (const older of await fences()) {
        if (older < fence) await files.rm(fileOf(older), { force: true });
      }
      return lease;
    } catch (error) {
      await lease.release().catch(() => {});
      throw error;
    }
  }

  return {
    async take() {
      if (seen !== undefined && (await isHeld(seen.fence))) return undefined;
      const highest = Math.max(0, ...(await fences()));
      if (highest > 0 && (await isHeld(highest))) return undefined;
      return claim(Math.max(highest, await publishedFence()) + 1);
    },
  };
}

function holder(files: Files, handle: FileHandle, leasePath: string, tokenPath: string): FileLease {
  /** Writes go one after the other: a sign of life must not land in the middle of the token. */
  let writing: Promise<unknown> = Promise.resolve();
  let ended = false;

  function write(text: string): Promise<void> {
    const written = writing.then(() => handle.writeFile(text));
    writing = written.catch(() => {});
    return written;
  }

  return {
    extend: () => (ended ? Promise.resolve() : write(' ')),
    async publish(text) {
      ended = true;
      await write(`${text}\n`);
      await handle.close();
      try {
        await files.rename(leasePath, tokenPath);
        return true;
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return false;
        throw error;
      }
    },
    async release() {
      ended = true;
      await writing;
      await handle.close().catch(() => {});
      await files.rm(leasePath, { force: true });
    },
  };
}

/** Process ids mean something on their own machine, and in their own container, alone. */
function thisHost(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux.
  }
  return `${hostname()} ${namespace}`.trim();
}

/** Whether the holder of a lease runs, as far as that can be known from here. */
function stateOf(text: string): 'running' | 'gone' | 'unknown' {
  let header: Partial<Header>;
  try {
    header = Object(JSON.parse(text.split('\n', 1)[0] ?? '')) as Partial<Header>;
  } catch {
    // Not written yet, or not by us: time will tell.
    return 'unknown';
  }
  if (header.host !== thisHost() || typeof header.pid !== 'number') return 'unknown';
  if (header.pid === process.pid) return header.run === thisRun ? 'running' : 'gone';
  try {
    // Signal 0 asks, and does nothing.
    process.kill(header.pid, 0);
    return 'running';
  } catch (error) {
    return codeOf(error) === 'ESRCH' ? 'gone' : 'running';
  }
}
