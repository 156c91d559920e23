/** Flags that say which org, which app and which user, and the connection that follows from them. */

import { ClientError, connect, memoryTokenStore, resolveLoginUrl } from '@sfjwt/client';
import type { Connection, ConnectOptions, Signer, TokenStore } from '@sfjwt/client';
import { machineTokenStore, sfjwtHome } from '@sfjwt/broker/machine';
import type { DeclaredCommand } from './declared-command.ts';
import { findSettings, intrusions } from './found-settings.ts';
import type { FoundSettings, SettingFlags, Variables } from './found-settings.ts';
import { openKey } from './kept-key.ts';
import type { KeyText } from './kept-key.ts';
import { lateSigner } from './late-signer.ts';
import { profileStore } from './profile-store.ts';
import type { ProfileStore } from './profile-store.ts';
import { readStandardInput } from './standard-input.ts';
import { printable } from './table.ts';
import { writeNote } from './terminal.ts';

export type { SettingFlags } from './found-settings.ts';

/** Adds the flags of a connection; they stand under a heading of their own in the help. */
export function addSettingFlags(command: DeclaredCommand): DeclaredCommand {
  return command
    .optionsGroup('Where to sign in, and as whom:')
    .option('--profile <name>', 'settings kept by `sfjwt login` (SFJWT_PROFILE)')
    .option('-o, --username <name>', 'user to act as (SFJWT_USERNAME)')
    .option(
      '-f, --jwt-key-file <file>',
      'private key, - for standard input (SFJWT_PRIVATE_KEY_FILE, SFJWT_PRIVATE_KEY)',
    )
    .option('-i, --client-id <key>', 'consumer key of the app (SFJWT_CLIENT_ID)')
    .option('-r, --instance-url <url>', 'where to sign in: My Domain (SFJWT_LOGIN_URL)')
    .option('--audience <url>', 'audience, if not the login URL (SFJWT_AUDIENCE)')
    .option('--no-cache', 'sign in anew, and keep no token');
}

/** The profiles of this user on this machine. */
export function ownProfiles(): ProfileStore {
  return profileStore(sfjwtHome());
}

/**
 * The connection that the flags, the environment and the profile ask for. Nothing is sent, no key is
 * read and standard input is left alone before a token has to be signed for.
 */
export function openConnection(flags: SettingFlags, warnings: string[] = []): Connection {
  const found = findSettings(flags, { variables: process.env, profiles: ownProfiles() });
  warnings.push(...found.warnings);
  if (flags.profile !== undefined) warnings.push(...intrusions(found));
  try {
    return connectWith(found, warnings, flags.cache === false ? { store: memoryTokenStore() } : {});
  } catch (error) {
    throw found.profile === undefined ? withWayOut(error, found) : error;
  }
}

/** The variables that hold what signs in, whatever their names: for those who start other programs. */
export function secretVariables(flags: SettingFlags): string[] {
  const { key, passphraseVariable, clientSecretVariable } = findSettings(flags, {
    variables: process.env,
    profiles: ownProfiles(),
  });
  const place = key?.value;
  return [
    'SFJWT_STORE_KEY',
    ...(place?.kind === 'variable' ? [place.variable] : []),
    ...[passphraseVariable, clientSecretVariable].filter((name) => name !== undefined),
  ];
}

export interface ConnectWith {
  /** {@link tokenStoreFor} when left out. */
  store?: TokenStore;
  /** Signs in place of the key that was found. */
  signer?: Signer | undefined;
  /** Opens the key, where neither a variable nor the profile does. */
  passphrase?: string | undefined;
}

/** @throws ClientError SETTING_MISSING, SETTING_INVALID, LOGIN_URL_INVALID, INSECURE_URL */
export function connectWith(
  found: FoundSettings,
  warnings: string[],
  { store = tokenStoreFor(found, warnings), signer, passphrase }: ConnectWith = {},
): Connection {
  return connect({
    ...optionsOf(found, warnings, signer),
    ...(passphrase === undefined ? {} : { passphrase }),
    store,
    onEvent: (event) => {
      if (event.type === 'warning') warnings.push(event.message);
    },
  });
}

/** What the environment gives, the client finds there itself, and knows what to say of it. */
function optionsOf(found: FoundSettings, warnings: string[], signer?: Signer): ConnectOptions {
  const { loginUrl, clientId, username, audience, clientSecretVariable } = found;
  const own = (setting: { value: string; source: string } | undefined): string | undefined =>
    setting?.source === 'environment' ? undefined : setting?.value;
  const options = {
    loginUrl: own(loginUrl),
    clientId: own(clientId),
    username: own(username),
    audience: own(audience),
    clientSecret: clientSecretVariable && { environment: clientSecretVariable },
    ...(signer === undefined ? keyOptions(found, warnings) : { signer }),
    passphrase: found.passphraseVariable && { environment: found.passphraseVariable },
  };
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined && value !== ''),
  );
}

/**
 * The options of a kept profile alone: who serves many of them must not mix what the environment
 * says into each. `text` is what is kept, to see whether it has changed.
 *
 * @throws CommandLineError PROFILE_NOT_FOUND, and what else reading a profile throws
 */
export function profileOptions(
  name: string,
  warnings: string[],
): { options: ConnectOptions; text: string } {
  const found = findSettings({ profile: name }, { variables: {}, profiles: ownProfiles() });
  warnings.push(...found.warnings);
  const { loginUrl, audience } = found;
  const options = optionsOf(found, warnings);
  return {
    options: {
      ...options,
      // Told in full, or the client would look for it in the environment.
      audience: audience?.value ?? resolveLoginUrl(loginUrl?.value ?? '').audience,
    },
    text: JSON.stringify(found.profile?.kept),
  };
}

function keyOptions({ key }: FoundSettings, warnings: string[]): ConnectOptions {
  if (key === undefined || key.source === 'environment') return {};
  const place = key.value;
  switch (place.kind) {
    case 'file':
      return { privateKeyFile: place.file };
    case 'variable':
      return { privateKey: { environment: place.variable } };
    case 'input':
      return {
        signer: lateSigner(
          async () => ({ privateKey: await readStandardInput('the private key') }),
          warnings,
        ),
      };
    case 'kept': {
      const open = (): Promise<KeyText> => openKey(place, (told) => warnings.push(told));
      return { signer: lateSigner(open, warnings) };
    }
  }
}

/**
 * Tokens are shared by all processes of this user on this machine. On a build machine nothing is
 * written unless somebody asked for it, by a login or by naming a folder.
 */
function tokenStoreFor(
  { profile }: FoundSettings,
  warnings: string[],
  variables: Variables = process.env,
): TokenStore {
  const isAskedFor = profile !== undefined || (variables['SFJWT_HOME'] ?? '') !== '';
  if (isBuildMachine(variables) && !isAskedFor) return memoryTokenStore();
  return machineTokenStore({ onWarning: (told) => warnings.push(told) });
}

/** What runs builds says so by `CI`, as do nearly all. */
function isBuildMachine({ CI = '' }: Variables): boolean {
  return CI !== '' && CI !== 'false' && CI !== '0';
}

/** Whoever has set nothing wants to be told how to begin, not which of four settings is first. */
function withWayOut(error: unknown, found: FoundSettings): unknown {
  if (!(error instanceof ClientError) || error.code !== 'SETTING_MISSING') return error;
  const isBare = [found.loginUrl, found.clientId, found.username, found.key].every(
    (setting) => setting === undefined,
  );
  const message = isBare ? 'Nothing says where to sign in, nor as whom' : error.message;
  const login = 'Keep the settings under a name, once: sfjwt login';
  return new ClientError('SETTING_MISSING', message, {
    hints: isBare
      ? [login, ...everySetting, keptElsewhere]
      : [...error.hints, `Or k${login.slice(1)}`],
  });
}

const keptElsewhere = 'Or choose what is kept already: --profile NAME; sfjwt profiles lists them.';

const everySetting = [
  'Or give --instance-url, --client-id, --username and --jwt-key-file.',
  'Or set SFJWT_LOGIN_URL, SFJWT_CLIENT_ID, SFJWT_USERNAME and SFJWT_PRIVATE_KEY_FILE.',
];

export function writeWarnings(warnings: readonly string[]): void {
  for (const warning of warnings) writeNote(`sfjwt: warning: ${printable(warning)}`);
}
