/** Profiles on disk: `profiles/NAME.json` in the home of sfjwt, and which of them is the default. */

import { readFileSync, statSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandLineError } from './errors.ts';
import { withLock } from './lock-file.ts';
import { writePrivateFile } from './private-file.ts';
import { formatProfile, parseProfile, requireProfileName } from './profile.ts';
import type { KeptProfile } from './profile.ts';

/** A profile as it was found, or why it cannot be used. */
export type Listed = { readonly name: string; readonly file: string } & (
  | { readonly profile: KeptProfile }
  | { readonly fault: CommandLineError }
);

export interface ProfileStore {
  /** Where a profile of this name is kept. */
  fileOf(name: string): string;
  /**
   * @param onWarning told when others can read the file
   * @throws CommandLineError PROFILE_NAME_INVALID, PROFILE_NOT_FOUND, PROFILE_UNREADABLE,
   * PROFILE_INVALID, PROFILE_NEWER
   */
  read(name: string, onWarning?: (message: string) => void): KeptProfile;
  has(name: string): boolean;
  /** All of them by name, the broken ones too. */
  list(): Promise<Listed[]>;
  /**
   * Keeps a profile. The first one becomes the default, as does one that asks for it.
   *
   * @returns whether it is the default now
   */
  keep(name: string, profile: KeptProfile, options?: { isDefault?: boolean }): Promise<boolean>;
  /**
   * Removes it, broken or not, with the key that was kept in it.
   *
   * @returns whether it was the default; then there is none
   */
  remove(name: string): Promise<boolean>;
  /** @throws CommandLineError PROFILE_INVALID, PROFILE_NEWER, PROFILE_UNREADABLE */
  defaultName(): string | undefined;
  setDefault(name: string): Promise<void>;
}

const defaultVersion = 1;

/** @param home the home of sfjwt; nothing is made there before something is kept */
export function profileStore(home: string): ProfileStore {
  const folder = join(home, 'profiles');
  const defaultFile = join(home, 'default-profile.json');
  const fileOf = (name: string): string => join(folder, `${requireProfileName(name)}.json`);

  function has(name: string): boolean {
    return statSync(fileOf(name), { throwIfNoEntry: false }) !== undefined;
  }

  function read(name: string, onWarning?: (message: string) => void): KeptProfile {
    const file = fileOf(name);
    const text = readText(file);
    if (text === undefined) throw notFound(name);
    if (isOpenToOthers(file)) onWarning?.(`${file} can be read by others: chmod 600 ${file}`);
    return parseProfile(text, file);
  }

  function defaultName(): string | undefined {
    const text = readText(defaultFile);
    return text === undefined ? undefined : parseDefault(text, defaultFile);
  }

  async function names(): Promise<string[]> {
    const found = await readdir(folder).catch((cause: unknown) => {
      if (codeOf(cause) === 'ENOENT') return [];
      throw unreadable(folder, cause);
    });
    return found
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length))
      .filter(isName)
      .toSorted((one, other) => one.localeCompare(other, 'en'));
  }

  async function changed<T>(change: () => Promise<T>): Promise<T> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return await withLock(join(home, 'profiles.lock'), change);
    } catch (cause) {
      if (cause instanceof CommandLineError) throw cause;
      throw notWritten(folder, cause);
    }
  }

  /** On a file system that takes Acme and acme for one name, on any of them. */
  async function refuseTwin(name: string): Promise<void> {
    const letters = name.toLowerCase();
    const twin = (await names()).find((other) => other.toLowerCase() === letters && other !== name);
    if (twin === undefined) return;
    throw new CommandLineError(
      'PROFILE_NAME_INVALID',
      `There is a profile ${twin} already, and ${name} differs from it in capital letters alone`,
      { hints: [`Give --alias ${twin} to replace it, or choose another name.`] },
    );
  }

  return {
    fileOf,
    read,
    has,
    defaultName,
    list: async () =>
      (await names()).map((name) => {
        const file = fileOf(name);
        try {
          return { name, file, profile: read(name) };
        } catch (fault) {
          if (fault instanceof CommandLineError) return { name, file, fault };
          throw fault;
        }
      }),
    keep: (name, profile, { isDefault = false } = {}) =>
      changed(async () => {
        await refuseTwin(name);
        await writePrivateFile(fileOf(name), formatProfile(profile));
        const present = usableDefault(defaultName, has);
        if (isDefault || present === undefined) {
          await writePrivateFile(defaultFile, formatDefault(name));
          return true;
        }
        return present === name;
      }),
    remove: (name) =>
      changed(async () => {
        if (!has(name)) throw notFound(name);
        await rm(fileOf(name));
        if (usableDefault(defaultName, () => true) !== name) return false;
        await rm(defaultFile, { force: true });
        return true;
      }),
    setDefault: (name) =>
      changed(async () => {
        read(name);
        await writePrivateFile(defaultFile, formatDefault(name));
      }),
  };
}

/** The default, unless it is broken or leads nowhere: then the next one takes its place. */
function usableDefault(
  defaultName: () => string | undefined,
  has: (name: string) => boolean,
): string | undefined {
  try {
    const name = defaultName();
    return name !== undefined && has(name) ? name : undefined;
  } catch (error) {
    // What a newer sfjwt has chosen is left as it is.
    if (error instanceof CommandLineError && error.code === 'PROFILE_NEWER') return '';
    return undefined;
  }
}

function formatDefault(name: string): string {
  return `${JSON.stringify({ version: defaultVersion, profile: name }, null, 2)}\n`;
}

function parseDefault(text: string, file: string): string {
  let fields: Record<string, unknown> = {};
  try {
    fields = Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    // Told below.
  }
  const { version, profile } = fields;
  if (typeof version === 'number' && version > defaultVersion) {
    throw new CommandLineError('PROFILE_NEWER', `${file} was written by a newer sfjwt`, {
      hints: ['Install the newer sfjwt, or choose a profile with --profile NAME.'],
    });
  }
  if (version === defaultVersion && typeof profile === 'string' && isName(profile)) return profile;
  throw new CommandLineError('PROFILE_INVALID', `${file} does not name a profile`, {
    hints: ['Choose the default anew: sfjwt profiles default NAME'],
  });
}

function isName(text: string): boolean {
  try {
    return requireProfileName(text) === text;
  } catch {
    return false;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw unreadable(file, cause);
  }
}

/** Windows has no such bits, and shows them as set. */
function isOpenToOthers(file: string): boolean {
  return process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0;
}

/** @throws CommandLineError PROFILE_NOT_FOUND when there is no default */
export function requireDefault(profiles: ProfileStore): string {
  const name = profiles.defaultName();
  if (name !== undefined) return name;
  throw new CommandLineError('PROFILE_NOT_FOUND', 'There is no default profile', {
    hints: [
      'Name one, as sfjwt profiles lists them.',
      'Or make one the default: sfjwt profiles default NAME',
    ],
  });
}

function notFound(name: string): CommandLineError {
  return new CommandLineError('PROFILE_NOT_FOUND', `There is no profile ${name}`, {
    hints: ['See which there are: sfjwt profiles', `Or make it: sfjwt login --alias ${name}`],
  });
}

function unreadable(path: string, cause: unknown): CommandLineError {
  return new CommandLineError(
    'PROFILE_UNREADABLE',
    `${path} cannot be read: ${codeOf(cause) || 'the read failed'}`,
    { cause, hints: ['Check that this user may read it.'] },
  );
}

function notWritten(folder: string, cause: unknown): CommandLineError {
  return new CommandLineError(
    'PROFILE_NOT_WRITTEN',
    `Nothing could be kept in ${folder}: ${codeOf(cause) || 'the write failed'}`,
    {
      cause,
      hints: ['Let this user write there, or choose another folder with SFJWT_HOME.'],
    },
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
