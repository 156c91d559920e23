/** From settings to a profile: they are proved by a real exchange, and what was proved is kept. */

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  ClientError,
  environmentNames,
  localSigner,
  parsePrivateKey,
  readPrivateKeyFile,
  systemClock,
} from '@sfjwt/client';
import type { AccessToken, PrivateKey, Profile, TokenStore } from '@sfjwt/client';
import { machineTokenStore } from '@sfjwt/broker/machine';
import type { FoundSettings, KeyPlace } from './found-settings.ts';
import { openKey, sealKey } from './kept-key.ts';
import type { KeyText } from './kept-key.ts';
import { referenceTo } from './key-place.ts';
import type { KeyReference } from './key-place.ts';
import type { ProfileStore } from './profile-store.ts';
import { connectWith } from './settings.ts';
import { readStandardInput } from './standard-input.ts';

/** Settings that Salesforce has taken, with what it gave. */
export interface ProvedSettings {
  readonly found: FoundSettings;
  readonly loginUrl: string;
  readonly clientId: string;
  readonly username: string;
  readonly place: KeyPlace;
  /** The key as it was read, where it was not left in its file. */
  readonly text: string | undefined;
  readonly passphrase: Passphrase | undefined;
  /** Whether other programs can read the key file as well as we do. */
  readonly isPlainFile: boolean;
  readonly token: AccessToken;
  /** Under which key a token store keeps the token. */
  readonly storeKey: string;
}

/** What opens the key: typed, or from a variable. */
interface Passphrase {
  readonly value: string;
  readonly variable?: string;
}

export interface ProveOptions {
  /** Told of what is not as it should be, and does not stop us. */
  warnings: string[];
  /** Whether a passphrase may be asked for. */
  asks: boolean;
}

/** @throws ClientError and all else that signing in throws; then nothing has been kept */
export async function proveSettings(
  found: FoundSettings,
  { warnings, asks }: ProveOptions,
): Promise<ProvedSettings> {
  let proved: { storeKey: string; token: AccessToken } | undefined;
  // A token from before would prove nothing, and one that is not kept must not be found later.
  const store: TokenStore = {
    get: () => Promise.resolve(undefined),
    set: (storeKey, token) => {
      proved = { storeKey, token };
      return Promise.resolve();
    },
    remove: () => Promise.resolve(),
  };
  // Missing settings are told before a key is asked for.
  connectWith(found, [], { store }).close();
  const { loginUrl, clientId, username, key } = found;
  const place = key?.value ?? { kind: 'input' };
  const read = await readKey(place, found, { warnings, asks });
  // A file is read again by the client, which knows what else one may hold; input is there once.
  const isFile = place.kind === 'file';
  const connection = connectWith(found, warnings, {
    store,
    signer: isFile ? undefined : localSigner(read.key),
    passphrase: isFile ? read.passphrase?.value : undefined,
  });
  try {
    const token = await connection.token();
    return {
      found,
      loginUrl: (loginUrl?.value ?? '').trim(),
      clientId: (clientId?.value ?? '').trim(),
      username: (username?.value ?? '').trim(),
      place,
      text: read.text,
      passphrase: read.passphrase,
      isPlainFile: read.isPlainFile,
      token,
      storeKey: proved?.storeKey ?? '',
    };
  } finally {
    connection.close();
  }
}

interface ReadKey {
  key: PrivateKey;
  text: string | undefined;
  passphrase: Passphrase | undefined;
  isPlainFile: boolean;
}

async function readKey(
  place: KeyPlace,
  found: FoundSettings,
  { warnings, asks }: ProveOptions,
): Promise<ReadKey> {
  const kept = await textIn(place, warnings);
  const parse = (passphrase: string | undefined): Promise<PrivateKey> =>
    place.kind === 'file'
      ? readPrivateKeyFile(place.file, passphrase)
      : parsePrivateKey(kept?.privateKey ?? '', passphrase);
  const around = passphraseAround(found) ?? (kept?.passphrase && { value: kept.passphrase });
  let passphrase: Passphrase | undefined = around || undefined;
  let key: PrivateKey;
  try {
    key = await parse(passphrase?.value);
  } catch (error) {
    if (!asks || !(error instanceof ClientError) || error.code !== 'KEY_ENCRYPTED') throw error;
    const { askPassword } = await import('./password.ts');
    passphrase = { value: await askPassword('Passphrase of the private key: ') };
    key = await parse(passphrase.value);
  }
  // Of a file the client tells it.
  if (key.mended.length > 0 && place.kind !== 'file') {
    warnings.push(`The private key was mended: ${key.mended.join(', ')}`);
  }
  const isPlainFile = place.kind === 'file' && (await isPlainPem(place.file));
  return { key, text: kept?.privateKey, passphrase, isPlainFile };
}

/** Of a key that is in a file, nothing: it stays there. */
async function textIn(place: KeyPlace, warnings: string[]): Promise<KeyText | undefined> {
  switch (place.kind) {
    case 'file':
      return undefined;
    case 'variable':
      return { privateKey: process.env[place.variable] ?? '' };
    case 'input':
      return { privateKey: await readStandardInput('the private key') };
    case 'kept':
      return openKey(place, (told) => warnings.push(told));
  }
}

function passphraseAround({ passphraseVariable }: FoundSettings): Passphrase | undefined {
  const names =
    passphraseVariable === undefined ? environmentNames.passphrase : [passphraseVariable];
  const variable = names.find((name) => (process.env[name] ?? '') !== '');
  return variable === undefined ? undefined : { value: process.env[variable] ?? '', variable };
}

/** PKCS#8 or PKCS#1 as openssl writes it, not encrypted: what every program reads. */
async function isPlainPem(file: string): Promise<boolean> {
  const text = await readFile(file, 'latin1');
  return /^-----BEGIN (?:RSA )?PRIVATE KEY-----\r?\n(?!Proc-Type)/.test(text);
}

export interface KeepOptions {
  name: string;
  profiles: ProfileStore;
  warnings: string[];
  keepKey: boolean;
  setDefault: boolean;
  /** Present when the Salesforce CLI is to be signed in as well. */
  salesforceCli: { setDefaultDevHub: boolean } | undefined;
}

/** What was kept: the contract of `login --json`, in the words of `sf org login jwt` where it has them. */
export interface KeptLogin {
  profile: string;
  isDefault: boolean;
  file: string;
  username: string;
  orgId: string | undefined;
  userId: string | undefined;
  instanceUrl: string;
  loginUrl: string;
  clientId: string;
  scopes: readonly string[];
  key: KeyReference;
  /** Whether the Salesforce CLI can sign in again when the session has ended. */
  salesforceCli?: { renews: boolean };
}

/**
 * @throws CommandLineError of profiles and of the Salesforce CLI; then nothing has been kept
 */
export async function keepLogin(proved: ProvedSettings, options: KeepOptions): Promise<KeptLogin> {
  const { name, profiles, warnings } = options;
  const { token, clientId, username, loginUrl } = proved;
  const key = await keyOfProfile(proved, options);
  const audience = proved.found.audience?.value;
  const salesforceCli =
    options.salesforceCli && (await handOnLogin(proved, options.salesforceCli, options));
  const isDefault = await profiles.keep(
    name,
    {
      settings: {
        loginUrl,
        clientId,
        username,
        ...(audience === undefined ? {} : { audience }),
        ...key.settings,
      },
      ...(key.sealed === undefined ? {} : { keptKey: key.sealed }),
      proof: {
        at: new Date(systemClock.now()).toISOString(),
        instanceUrl: token.instanceUrl,
        ...(token.organizationId === undefined ? {} : { organizationId: token.organizationId }),
        ...(token.userId === undefined ? {} : { userId: token.userId }),
      },
    },
    { isDefault: options.setDefault },
  );
  await shareToken(proved, warnings);
  return {
    profile: name,
    isDefault,
    file: profiles.fileOf(name),
    username,
    orgId: token.organizationId,
    userId: token.userId,
    instanceUrl: token.instanceUrl,
    loginUrl,
    clientId,
    scopes: token.scopes,
    key: key.reference,
    ...(salesforceCli === undefined ? {} : { salesforceCli }),
  };
}

interface KeyOfProfile {
  settings: Pick<Profile, 'privateKeyFile' | 'privateKey' | 'passphrase'>;
  sealed?: string;
  reference: KeyReference;
}

/** A profile refers to its key. It holds a copy, sealed, only of one that was asked to be kept. */
async function keyOfProfile(
  { place, text, passphrase, clientId, found }: ProvedSettings,
  { keepKey, warnings }: KeepOptions,
): Promise<KeyOfProfile> {
  if (keepKey || place.kind === 'kept' || place.kind === 'input') {
    const privateKey = place.kind === 'file' ? await textOfFile(place.file) : (text ?? '');
    const sealed = await sealKey(
      { privateKey, ...(passphrase === undefined ? {} : { passphrase: passphrase.value }) },
      clientId,
      (told) => warnings.push(told),
    );
    const file = found.profile?.file ?? '';
    return {
      settings: {},
      sealed,
      reference: referenceTo({ kind: 'kept', sealed, clientId, file }),
    };
  }
  if (passphrase !== undefined && passphrase.variable === undefined) {
    warnings.push(
      'The passphrase is not kept: set SFJWT_PASSPHRASE for the commands to come, or use --keep-key',
    );
  }
  const opened =
    passphrase?.variable === undefined ? {} : { passphrase: { environment: passphrase.variable } };
  switch (place.kind) {
    case 'file': {
      const file = resolve(place.file);
      return {
        settings: { privateKeyFile: file, ...opened },
        reference: referenceTo({ kind: 'file', file }),
      };
    }
    case 'variable':
      return {
        settings: { privateKey: { environment: place.variable }, ...opened },
        reference: referenceTo(place),
      };
  }
}

/** As text: what is in bytes is written as base64, which the client reads as well. */
async function textOfFile(file: string): Promise<string> {
  const bytes = await readFile(file);
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : bytes.toString('base64');
}

async function handOnLogin(
  { place, isPlainFile, passphrase, token, found, ...identity }: ProvedSettings,
  { setDefaultDevHub }: { setDefaultDevHub: boolean },
  { name, setDefault, warnings }: KeepOptions,
): Promise<{ renews: boolean }> {
  const { handOn } = await import('./salesforce-cli.ts');
  const { username, clientId, loginUrl } = identity;
  const keyFile =
    place.kind === 'file' && isPlainFile && passphrase === undefined
      ? resolve(place.file)
      : undefined;
  await handOn({
    username,
    clientId,
    loginUrl,
    audience: found.audience?.value,
    keyFile,
    token,
    alias: name === username ? undefined : name,
    setDefault,
    setDefaultDevHub,
  });
  if (keyFile === undefined) {
    warnings.push(
      'The Salesforce CLI has the token alone, since it reads keys from plain PEM files only: when the session ends, sign in again with --sf',
    );
  }
  return { renews: keyFile !== undefined };
}

/** The next command of any process finds the token, and needs no login of its own. */
async function shareToken({ token, storeKey }: ProvedSettings, warnings: string[]): Promise<void> {
  const store = machineTokenStore({ onWarning: (told) => warnings.push(told) });
  await store.set(storeKey, token).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    warnings.push(`The token is not shared: ${why}`);
  });
}
