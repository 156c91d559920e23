/** Where the key comes from that seals what sfjwt keeps on this machine. */

import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BrokerError } from './errors.ts';
import { keychainEntry } from './keychain.ts';
import type { SealOptions } from './seal.ts';

export interface MachineKeyOptions {
  home: string;
  environment: Readonly<Record<string, string | undefined>>;
  onWarning: ((message: string) => void) | undefined;
}

/** What `key.json` says: the key itself, or under which name the keychain has it. */
type KeyFile = { version: 1; secret: string } | { version: 1; keychain: string };

/**
 * The place of the key is chosen once and kept in `key.json`: a keychain that is locked today must
 * not lead to a second key.
 *
 * @throws BrokerError STORE_KEY_INVALID, STORE_KEY_UNAVAILABLE, STORE_ENTRY_NEWER
 */
export async function readMachineKey(options: MachineKeyOptions): Promise<SealOptions> {
  // Several, for as long as a key is being replaced: the first one seals, all of them open.
  const [secret, ...earlierSecrets] = (options.environment['SFJWT_STORE_KEY'] ?? '')
    .split(/[\s,]+/)
    .filter((text) => text !== '');
  if (secret !== undefined) return { secret, earlierSecrets };
  const path = join(options.home, 'key.json');
  const file = (await readKeyFile(path, options)) ?? (await createKeyFile(path, options));
  if ('secret' in file) return { secret: file.secret };
  const kept = await keychainEntry(file.keychain)
    .read()
    .catch((cause: unknown) => {
      throw unavailable('The keychain of this machine does not give the key', cause, [
        'Unlock the keychain, or sign in to the desktop.',
        'Where there is no keychain, give a key of your own in SFJWT_STORE_KEY.',
      ]);
    });
  if (kept !== undefined) return { secret: kept };
  throw unavailable(`The keychain of this machine has lost the key of ${path}`, undefined, [
    `Remove ${path}: a new key is made, and what was sealed with the old one is lost.`,
  ]);
}

async function readKeyFile(
  path: string,
  { onWarning }: MachineKeyOptions,
): Promise<KeyFile | undefined> {
  let text: string;
  try {
    const file = await open(path, 'r');
    try {
      const { mode } = await file.stat();
      // Windows has no such bits, and shows them as set.
      if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
        onWarning?.(`${path} can be read by others: chmod 600 ${path}`);
      }
      text = await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw unavailable(`The key file ${path} cannot be read`, cause, ['Check its permissions.']);
  }
  return parse(path, text);
}

function parse(path: string, text: string): KeyFile {
  let file: Record<string, unknown> = {};
  try {
    file = Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    // Told below; what JSON.parse complains of quotes the text.
  }
  const { version, secret, keychain } = file;
  if (typeof version === 'number' && version > 1) {
    throw new BrokerError('STORE_ENTRY_NEWER', `The key file ${path} has version ${version}`, {
      hints: ['A newer sfjwt wrote it: use that one.'],
    });
  }
  if (version === 1 && typeof secret === 'string') return { version, secret };
  if (version === 1 && typeof keychain === 'string') return { version, keychain };
  throw new BrokerError('STORE_KEY_INVALID', `The key file ${path} is damaged`, {
    hints: [
      'Bring it back from a backup.',
      'Or remove it: a new key is made, and what was sealed with the old one is lost.',
    ],
  });
}

async function createKeyFile(path: string, options: MachineKeyOptions): Promise<KeyFile> {
  const secret = randomBytes(32).toString('base64');
  const file = (await keepInKeychain(secret, options)) ?? { version: 1, secret };
  try {
    await mkdir(options.home, { recursive: true, mode: 0o700 });
    await publish(path, `${JSON.stringify(file)}\n`);
  } catch (cause) {
    throw unavailable(`No key could be kept in ${path}`, cause, [
      'Let this user write to the folder, or choose another one with SFJWT_HOME.',
      'Or give a key of your own in SFJWT_STORE_KEY.',
    ]);
  }
  // Another process may have been first: then its key is the one.
  const kept = await readKeyFile(path, options);
  if (kept === undefined) throw unavailable(`The key file ${path} went away`, undefined, []);
  return kept;
}

/** Undefined where there is no keychain that keeps it. */
async function keepInKeychain(
  secret: string,
  { environment }: MachineKeyOptions,
): Promise<KeyFile | undefined> {
  // A build machine has nobody who could unlock one; on Linux it is reached over the session bus.
  const { CI, DBUS_SESSION_BUS_ADDRESS: bus } = environment;
  if (CI !== undefined && CI !== '') return undefined;
  if (process.platform === 'linux' && (bus === undefined || bus === '')) return undefined;
  const name = `store key ${randomBytes(4).toString('hex')}`;
  try {
    const entry = keychainEntry(name);
    await entry.write(secret);
    return (await entry.read()) === secret ? { version: 1, keychain: name } : undefined;
  } catch {
    return undefined;
  }
}

/** Gives the file its name when it is complete, and leaves the one that is there already. */
async function publish(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(temporary, path).catch((error: unknown) => {
      if (codeOf(error) === 'EEXIST') return;
      // FAT and some network file systems have no hard links.
      return copyFile(temporary, path, constants.COPYFILE_EXCL).catch((failure: unknown) => {
        if (codeOf(failure) !== 'EEXIST') throw failure;
      });
    });
  } finally {
    await rm(temporary, { force: true });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function unavailable(message: string, cause: unknown, hints: readonly string[]): BrokerError {
  return new BrokerError('STORE_KEY_UNAVAILABLE', message, {
    hints,
    ...(cause === undefined ? {} : { cause }),
  });
}
