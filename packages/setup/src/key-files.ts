import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, lstat, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupError } from './errors.ts';

export interface KeyFilesOptions {
  /** An existing folder. */
  directory: string;
  /** File name without ending; "salesforce" when left out. */
  name?: string;
  privateKeyPem: string;
  certificatePem: string;
  /** Replaces files that exist. Without it nothing is ever overwritten. */
  force?: boolean;
}

export interface KeyFiles {
  /** `NAME.key`, readable by its owner alone (0600). */
  privateKeyFile: string;
  /** `NAME.crt`, readable by all (0644). */
  certificateFile: string;
}

interface Draft {
  target: string;
  /** Beside the target: the final step must not cross file systems. */
  temporary: string;
  contents: string;
  mode: number;
}

type Undo = () => Promise<void>;

/**
 * Writes a private key and its certificate: both or neither. Each appears under its name complete,
 * with its mode, whatever the umask. A symbolic link in the way is replaced, never followed.
 *
 * @throws SetupError FILE_NAME_INVALID, FILE_EXISTS, FILE_NOT_WRITTEN
 */
export async function writeKeyFiles(options: KeyFilesOptions): Promise<KeyFiles> {
  const { directory, name = 'salesforce', privateKeyPem, certificatePem, force = false } = options;
  refuseName(name);
  const suffix = randomBytes(6).toString('hex');
  const draft = (ending: string, contents: string, mode: number): Draft => ({
    target: join(directory, `${name}.${ending}`),
    temporary: join(directory, `.${name}.${ending}.${suffix}.new`),
    contents,
    mode,
  });
  const key = draft('key', privateKeyPem, 0o600);
  const certificate = draft('crt', certificatePem, 0o644);
  try {
    await refuseTargets([key.target, certificate.target], force);
    await locked(join(directory, `.${name}.lock`), () => writeAll([key, certificate], force));
  } catch (cause) {
    throw explain(cause, directory);
  }
  return { privateKeyFile: key.target, certificateFile: certificate.target };
}

function refuseName(name: string): void {
  // A colon names another stream of the same file on Windows.
  if (name !== '' && !/[/\\:\p{Cc}]/u.test(name)) return;
  throw new SetupError('FILE_NAME_INVALID', 'The name of the key files cannot be used', {
    hints: ['Give a file name without folder and ending, and the folder as directory.'],
  });
}

/** Looks at both before either is written, so that the usual refusal leaves no trace at all. */
async function refuseTargets(targets: readonly string[], force: boolean): Promise<void> {
  for (const target of targets) {
    const found = await lstat(target).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (found?.isDirectory() === true) {
      throw new SetupError('FILE_NOT_WRITTEN', `${target} is a folder`, {
        hints: ['Choose another name for the key files, or remove the folder.'],
      });
    }
    if (found !== undefined && !force) throw exists(target);
  }
}

/**
 * Two writers with `force` would else leave the key of one beside the certificate of the other. Who
 * comes second is refused and does not wait: it would only overwrite what was made this moment.
 */
async function locked(lock: string, work: () => Promise<void>): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(lock, 'wx', 0o600);
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') throw cause;
    throw new SetupError('FILE_EXISTS', `Another process is writing these key files: ${lock}`, {
      cause,
      hints: [`If none is running, one was killed half-way: remove ${lock} and try again.`],
    });
  }
  try {
    await work();
  } finally {
    await handle.close();
    await rm(lock, { force: true });
  }
}

async function writeAll(drafts: readonly Draft[], force: boolean): Promise<void> {
  try {
    await writeDrafts(drafts);
    await publishAll(drafts, force);
  } finally {
    for (const { temporary } of drafts) await rm(temporary, { force: true });
  }
}

async function writeDrafts(drafts: readonly Draft[]): Promise<void> {
  for (const { temporary, contents, mode } of drafts) {
    // `wx` refuses what is already there, links included: nobody can slip a file under us.
    const file = await open(temporary, 'wx', mode);
    try {
      // The umask may have taken bits away.
      await file.chmod(mode);
      await file.writeFile(contents);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

async function publishAll(drafts: readonly Draft[], force: boolean): Promise<void> {
  const undo: Undo[] = [];
  const aside: string[] = [];
  try {
    for (const { target, temporary } of drafts) {
      const old = `${temporary}.old`;
      if (force && (await moveIfPresent(target, old))) {
        aside.push(old);
        undo.unshift(() => rename(old, target));
      }
      await publish(temporary, target);
      undo.unshift(() => rm(target));
    }
  } catch (error) {
    for (const step of undo) await step();
    throw error;
  }
  for (const old of aside) await rm(old, { force: true });
}

/** Gives a complete file its name, atomically, and fails when that name is taken. */
async function publish(temporary: string, target: string): Promise<void> {
  try {
    await link(temporary, target);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') throw exists(target);
    // FAT and some network file systems have no hard links. A copy keeps the mode and still fails
    // when the name is taken; only a crash half-way could leave it incomplete.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw error;
    await copyFile(temporary, target, constants.COPYFILE_EXCL).catch((failure: unknown) => {
      throw codeOf(failure) === 'EEXIST' ? exists(target) : failure;
    });
  }
}

async function moveIfPresent(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function exists(target: string): SetupError {
  return new SetupError('FILE_EXISTS', `${target} exists and was not overwritten`, {
    hints: [
      'Choose another name or folder.',
      'To replace the key and certificate, use force: the app in Salesforce then needs the new certificate.',
    ],
  });
}

function explain(cause: unknown, directory: string): unknown {
  if (cause instanceof SetupError) return cause;
  const hints: Record<string, string> = {
    ENOENT: `Make the folder first: mkdir -p ${directory}`,
    ENOTDIR: 'Give a folder, not a file, as directory.',
    EACCES: 'Choose a folder in which this user may write.',
    EPERM: 'Choose a folder in which this user may write.',
    EROFS: 'The file system is read-only: choose another folder.',
    ENOSPC: 'The disk is full: make room or choose another folder.',
  };
  const code = codeOf(cause);
  const reason = code === 'ENOENT' ? 'the folder does not exist' : code || 'the write failed';
  return new SetupError(
    'FILE_NOT_WRITTEN',
    `No key files could be written to ${directory}: ${reason}`,
    { cause, hints: [hints[code] ?? 'Check the folder and try again.'] },
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
