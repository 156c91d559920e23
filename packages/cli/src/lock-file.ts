/** One writer at a time, on one machine. A process that was killed leaves no lock that counts. */

import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, open, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { CommandLineError } from './errors.ts';

export interface LockOptions {
  /** How often a lock that is taken is looked at; 200 times when left out. */
  maximumTries?: number;
  /** How long between two looks, in milliseconds; 50 when left out. */
  pauseMilliseconds?: number;
}

/**
 * Does the work while no other process does any under this lock.
 *
 * @throws CommandLineError PROFILE_BUSY
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  { maximumTries = 200, pauseMilliseconds = 50 }: LockOptions = {},
): Promise<T> {
  // Unlike that of any other holder, even of one with the number of this process after a restart.
  const own = `${hostname()} ${process.pid} ${randomBytes(6).toString('hex')}\n`;
  for (let tries = 1; !(await take(path, own)); tries += 1) {
    if (await removeDead(path)) continue;
    if (tries >= maximumTries) throw busy(path);
    await pause(pauseMilliseconds);
  }
  try {
    return await work();
  } finally {
    if ((await holderOf(path)) === own) await rm(path, { force: true });
  }
}

/** Complete from the first moment on: it is written aside, and linked if the name is free. */
async function take(path: string, own: string): Promise<boolean> {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(aside, 'wx', 0o600);
  try {
    await file.writeFile(own);
  } finally {
    await file.close();
  }
  try {
    // FAT and some network file systems have no hard links.
    await link(aside, path).catch((error: unknown) => {
      if (isCode(error, 'EEXIST')) throw error;
      return copyFile(aside, path, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

/** Whether a lock went away whose holder is gone. One of another machine is never judged. */
async function removeDead(path: string): Promise<boolean> {
  const holder = await holderOf(path);
  if (holder === undefined) return true;
  const [host = '', pid = ''] = holder.split(' ');
  if (host !== hostname() || isAlive(Number(pid))) return false;
  // Moved first, so that of two who found it dead only one removes it, and nobody a newer one.
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return true;
    throw error;
  }
  if ((await holderOf(aside)) !== holder) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
  return true;
}

async function holderOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // One of another user may not be asked, and is alive.
    return isCode(error, 'EPERM');
  }
}

function busy(path: string): CommandLineError {
  return new CommandLineError('PROFILE_BUSY', 'Another sfjwt is changing the profiles', {
    hints: [`Try again; if none is running, remove ${path}`],
  });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
