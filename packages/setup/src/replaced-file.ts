import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SetupError } from './errors.ts';

/** Who may read a file. */
interface Access {
  mode: number;
  owner?: { uid: number; gid: number };
}

/**
 * Replaces a file by one that only its owner may read. It is there whole or as it was before, also when
 * the machine loses its power.
 */
export function replaceFile(file: string, contents: string): Promise<void> {
  return replace(file, contents, { mode: 0o600 });
}

/**
 * The same of a file that others read already: they go on reading it, by the same name, and through the
 * same link. One that is not there yet gets the mode given.
 *
 * @throws SetupError FILE_NOT_WRITTEN where its owner cannot be kept
 */
export async function replaceContents(
  file: string,
  contents: string,
  newMode: number,
): Promise<void> {
  // Behind a symbolic link there is the file that everybody reads.
  const target = await realpath(file).catch(() => file);
  const found = await stat(target).catch(() => undefined);
  if (found === undefined) return replace(target, contents, { mode: newMode });
  const { mode, uid, gid } = found;
  return replace(target, contents, { mode: mode & 0o777, owner: { uid, gid } });
}

async function replace(file: string, contents: string, { mode, owner }: Access): Promise<void> {
  const suffix = randomBytes(6).toString('hex');
  const temporary = join(dirname(file), `.${basename(file)}.${suffix}.new`);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      if (owner !== undefined && process.platform !== 'win32') {
        const made = await handle.stat();
        if (made.uid !== owner.uid || made.gid !== owner.gid) {
          await handle.chown(owner.uid, owner.gid).catch((cause: unknown) => {
            throw notKept(file, cause);
          });
        }
      }
      // The umask may have taken bits away.
      await handle.chmod(mode);
      await handle.writeFile(contents);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

function notKept(file: string, cause: unknown): SetupError {
  return new SetupError('FILE_NOT_WRITTEN', `${file} belongs to another user, who would lose it`, {
    cause,
    hints: ['Run this as the user to whom the file belongs.'],
  });
}
