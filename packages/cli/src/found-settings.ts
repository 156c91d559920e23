/**
 * Which org, which app, which user and which key: from flags, then from the environment, then from
 * a profile, each setting on its own. Nothing is opened here, and no secret is read.
 */

import { resolve } from 'node:path';
import { environmentNames } from '@sfjwt/client';
import type { EnvironmentSettings } from '@sfjwt/client';
import type { ProfileStore } from './profile-store.ts';
import type { KeptProfile } from './profile.ts';

/** What is typed; `addSettingFlags` declares it. */
export interface SettingFlags {
  username?: string;
  jwtKeyFile?: string;
  clientId?: string;
  instanceUrl?: string;
  audience?: string;
  profile?: string;
  /** False: nothing that was kept is used, and nothing is kept. */
  cache?: boolean;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** A setting and where it was found, for those who have to tell. */
export interface Found<Value = string> {
  readonly value: Value;
  readonly source: 'flag' | 'environment' | 'profile' | 'default' | 'answer';
  /** The flag, the variable or the profile by name; the question that was answered. */
  readonly from: string;
}

/** Where a private key is. */
export type KeyPlace =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'variable'; readonly variable: string }
  /** Standard input. */
  | { readonly kind: 'input' }
  | KeptKey;

/** A private key that is kept, sealed, in the file of a profile. */
export interface KeptKey {
  readonly kind: 'kept';
  readonly sealed: string;
  /** Consumer key of the app that it is for: it opens for no other. */
  readonly clientId: string;
  readonly file: string;
}

export interface FoundProfile {
  readonly name: string;
  readonly file: string;
  readonly kept: KeptProfile;
}

export interface FoundSettings {
  readonly loginUrl?: Found;
  readonly clientId?: Found;
  readonly username?: Found;
  readonly audience?: Found;
  readonly key?: Found<KeyPlace>;
  /** The variable that holds the passphrase of the profile's key. */
  readonly passphraseVariable?: string;
  readonly clientSecretVariable?: string;
  /** The profile that was asked for; the default one where something was missing. */
  readonly profile?: FoundProfile;
  readonly warnings: readonly string[];
}

export interface FindOptions {
  variables: Variables;
  profiles: ProfileStore;
  /** Whether the default profile stands in where something is missing; true when left out. */
  useDefault?: boolean;
}

/** Where those sign in who do not say where, as with `sf org login jwt`. */
const defaultLoginUrl = 'https://login.salesforce.com';

type Identity = Pick<FoundSettings, 'loginUrl' | 'clientId' | 'username' | 'audience' | 'key'>;

/**
 * Finds the settings. The default profile is read only where something is missing, so that a broken
 * one stands in the way of nobody who does without.
 *
 * @throws CommandLineError PROFILE_NOT_FOUND, and what else reading a profile throws
 */
export function findSettings(
  flags: SettingFlags,
  { variables, profiles, useDefault = true }: FindOptions,
): FoundSettings {
  const given = { ...fromEnvironment(variables), ...fromFlags(flags) };
  const asked = flags.profile ?? (variables['SFJWT_PROFILE'] || undefined);
  const name = asked ?? (useDefault && !isComplete(given) ? profiles.defaultName() : undefined);
  if (name === undefined) return withLoginUrl(given);

  const warnings: string[] = [];
  const kept = profiles.read(name, (message) => warnings.push(message));
  const file = profiles.fileOf(name);
  const own = fromProfile({ name, file, kept });
  const { audience, ...merged } = { ...own, ...given };
  const keeps = (setting: keyof typeof merged): boolean =>
    isSame(merged[setting]?.value, own[setting]?.value);
  return {
    ...merged,
    // An audience belongs to its login URL, as a passphrase belongs to its key.
    ...(audience === own.audience && !keeps('loginUrl') ? {} : present({ audience })),
    ...present({
      passphraseVariable: keeps('key') ? kept.settings.passphrase?.environment : undefined,
      clientSecretVariable: keeps('clientId') ? kept.settings.clientSecret?.environment : undefined,
    }),
    profile: { name, file, kept },
    warnings,
  };
}

function fromFlags({
  instanceUrl,
  clientId,
  username,
  audience,
  jwtKeyFile,
}: SettingFlags): Identity {
  const found = (value: string | undefined, flag: string): Found | undefined =>
    value === undefined ? undefined : { value, source: 'flag', from: flag };
  const file = found(jwtKeyFile, '--jwt-key-file');
  return present({
    loginUrl: found(instanceUrl, '--instance-url'),
    clientId: found(clientId, '--client-id'),
    username: found(username, '--username'),
    audience: found(audience, '--audience'),
    key: file && { ...file, value: placeOfFile(file.value) },
  });
}

function placeOfFile(file: string): KeyPlace {
  return file === '-' ? { kind: 'input' } : { kind: 'file', file };
}

function fromEnvironment(variables: Variables): Identity {
  const found = (setting: keyof EnvironmentSettings): Found | undefined => {
    const name = environmentNames[setting].find((one) => (variables[one] ?? '').trim() !== '');
    if (name === undefined) return undefined;
    return { value: variables[name] ?? '', source: 'environment', from: name };
  };
  const text = found('privateKey');
  const file = found('privateKeyFile');
  return present({
    loginUrl: found('loginUrl'),
    clientId: found('clientId'),
    username: found('username'),
    audience: found('audience'),
    // The text first, as the client has it.
    key: text
      ? { ...text, value: { kind: 'variable' as const, variable: text.from } }
      : file && { ...file, value: { kind: 'file' as const, file: file.value } },
  });
}

function fromProfile(profile: FoundProfile): Identity {
  const found = <Value>(value: Value | undefined): Found<Value> | undefined =>
    value === undefined ? undefined : { value, source: 'profile', from: profile.name };
  const { loginUrl, clientId, username, audience } = profile.kept.settings;
  return present({
    loginUrl: found(loginUrl),
    clientId: found(clientId),
    username: found(username),
    audience: found(audience),
    key: found(keyPlaceOf(profile)),
  });
}

export function keyPlaceOf({
  file,
  kept: { settings, keptKey },
}: FoundProfile): KeyPlace | undefined {
  const { clientId, privateKey, privateKeyFile } = settings;
  if (keptKey !== undefined) return { kind: 'kept', sealed: keptKey, clientId, file };
  if (privateKey !== undefined) return { kind: 'variable', variable: privateKey.environment };
  return privateKeyFile === undefined ? undefined : { kind: 'file', file: privateKeyFile };
}

function isComplete({ loginUrl, clientId, username, key }: Identity): boolean {
  return [loginUrl, clientId, username, key].every((setting) => setting !== undefined);
}

/** Whoever gives all the rest means the usual place. */
function withLoginUrl(given: Identity): FoundSettings {
  const loginUrl: Found = { value: defaultLoginUrl, source: 'default', from: 'sf org login jwt' };
  if (given.loginUrl !== undefined || !isComplete({ ...given, loginUrl })) {
    return { ...given, warnings: [] };
  }
  const told = `no --instance-url: signing in at ${defaultLoginUrl}; the My Domain of the org is better`;
  return { ...given, loginUrl, warnings: [told] };
}

/** What a person calls each setting. */
export const settingWords: Readonly<Record<string, string>> = {
  loginUrl: 'login URL',
  clientId: 'consumer key',
  username: 'username',
  key: 'private key',
};

/** The environment goes before a profile, and whoever named the profile may not think of it. */
export function intrusions(found: FoundSettings): string[] {
  if (found.profile === undefined) return [];
  const { name } = found.profile;
  const own = fromProfile(found.profile);
  return Object.entries(settingWords).flatMap(([setting, word]) => {
    const { [setting as keyof Identity]: one } = found;
    const { [setting as keyof Identity]: ofProfile } = own;
    if (one?.source !== 'environment' || isSame(one.value, ofProfile?.value)) return [];
    return [`${one.from} in the environment takes the place of the ${word} of profile ${name}`];
  });
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one, inFull) === JSON.stringify(other, inFull);
}

/** One file may be named from here or from the root. */
function inFull(name: string, value: unknown): unknown {
  return name === 'file' && typeof value === 'string' ? resolve(value) : value;
}

type Present<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

function present<Fields extends object>(fields: Fields): Present<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Present<Fields>;
}
