import type { Clock } from './clock.ts';
import { environmentNames, readEnvironment } from './environment.ts';
import type { EnvironmentSettings } from './environment.ts';
import { ClientError } from './errors.ts';
import type { EventListener } from './event.ts';
import { resolveLoginUrl } from './login-url.ts';
import type { PrivateKeyInput } from './private-key.ts';
import type { NetworkOptions } from './runtime/runtime.ts';
import type { Signer } from './signer.ts';
import type { TokenStore } from './token-store.ts';
import type { Fetch } from './transport/fetch.ts';
import type { Transport } from './transport/transport.ts';

/** Stands for a secret where settings are kept: the name of the variable that holds it. */
export interface EnvironmentVariable {
  readonly environment: string;
}

/**
 * Settings as they are kept in a file: plain JSON that holds no secret, only where each one is.
 * `connect` takes it as it is.
 */
export interface Profile {
  loginUrl: string;
  clientId: string;
  username: string;
  audience?: string;
  /** One of the two tells where the key is. */
  privateKeyFile?: string;
  privateKey?: EnvironmentVariable;
  passphrase?: EnvironmentVariable;
  clientSecret?: EnvironmentVariable;
}

export interface ConnectOptions extends NetworkOptions {
  /** Consumer key of the client app. Alias: `iss`. */
  clientId?: string;
  /** Username of the user to act as. Alias: `sub`. */
  username?: string;
  /** The private key itself, or the variable that holds it. */
  privateKey?: PrivateKeyInput | EnvironmentVariable;
  /** Path of the private key, read when the first token is needed. */
  privateKeyFile?: string;
  /** Opens an encrypted private key. */
  passphrase?: string | EnvironmentVariable;
  /** Signs in place of a private key. */
  signer?: Signer;
  /** Where to sign in: best the My Domain of the org. */
  loginUrl?: string;
  /** Overrides the audience that follows from the login URL. Alias: `aud`. */
  audience?: string;
  /** Consumer secret. Needed for `introspect()` alone, never for signing in. */
  clientSecret?: string | EnvironmentVariable;
  iss?: string;
  sub?: string;
  aud?: string;
  /** Shares tokens between connections. */
  store?: TokenStore;
  clock?: Clock;
  /** Carries token requests; on Node `node:https` when left out. */
  transport?: Transport;
  /** Carries API requests, and token requests too unless a transport is given. */
  fetch?: Fetch;
  /** Limit for each token request and each call of the store, in milliseconds; 10,000 when left out. */
  timeoutMilliseconds?: number;
  /** How long a token is taken to live, in seconds; 900 when left out. */
  tokenLifetimeSeconds?: number;
  /** How long before its end a token is renewed in the background, in seconds. */
  refreshAheadSeconds?: number;
  /** Asks for the true end of life of each new token; needs `clientSecret`. */
  introspectTokens?: boolean;
  /** How long a permanent refusal is answered without asking again, in seconds; 60 when left out. */
  refusalLifetimeSeconds?: number;
  /** How often a token is asked for where trying again can help; 3 when left out. */
  maximumTries?: number;
  /** Told what happens; never given a secret. */
  onEvent?: EventListener;
}

/** The options with what the environment adds, checked: what `connect` works with. */
export interface Settings {
  readonly clientId: string;
  readonly username: string;
  readonly clientSecret: string | undefined;
  readonly key: KeySetting;
  readonly tokenEndpoint: string;
  readonly audience: string;
  readonly warnings: readonly string[];
  readonly timeoutMilliseconds: number;
  readonly tokenLifetimeSeconds: number;
  readonly refreshAheadSeconds: number | undefined;
  readonly refusalLifetimeSeconds: number;
  readonly maximumTries: number;
}

export type KeySetting =
  | { readonly signer: Signer }
  | { readonly privateKey: PrivateKeyInput; readonly passphrase: string | undefined }
  | { readonly privateKeyFile: string; readonly passphrase: string | undefined };

const filePassedOver =
  'The environment names a private key and a private key file: the key is used, the file is not';

type Variables = Readonly<Record<string, string | undefined>>;

/** @throws ClientError SETTING_MISSING, SETTING_INVALID, LOGIN_URL_INVALID, INSECURE_URL */
export function resolveSettings(options: ConnectOptions, variables: Variables): Settings {
  requireKnown(options);
  requireShapes(options);
  const environment = readEnvironment(variables);
  const typedAudience = either(options, 'audience', 'aud') ?? environment.audience;
  const { tokenEndpoint, audience, warnings } = resolveLoginUrl(
    present(options.loginUrl ?? environment.loginUrl, 'loginUrl'),
    (typedAudience ?? '') === '' ? undefined : present(typedAudience, 'audience'),
  );
  const clientSecret = secretOf(options.clientSecret, 'clientSecret', variables);
  if (options.introspectTokens === true && clientSecret === undefined) {
    throw missing('clientSecret', 'introspectTokens needs it');
  }
  const clientId = present(either(options, 'clientId', 'iss') ?? environment.clientId, 'clientId');
  const username = present(either(options, 'username', 'sub') ?? environment.username, 'username');
  const key = resolveKey(options, environment, variables);
  const isFilePassedOver =
    environment.privateKeyFile !== undefined &&
    'privateKey' in key &&
    key.privateKey === environment.privateKey;
  return {
    clientId,
    username,
    clientSecret,
    key,
    tokenEndpoint,
    audience,
    warnings: isFilePassedOver ? [...warnings, filePassedOver] : warnings,
    timeoutMilliseconds: positive(options, 'timeoutMilliseconds') ?? 10_000,
    tokenLifetimeSeconds: positive(options, 'tokenLifetimeSeconds') ?? 900,
    refreshAheadSeconds: positive(options, 'refreshAheadSeconds'),
    refusalLifetimeSeconds: positive(options, 'refusalLifetimeSeconds') ?? 60,
    maximumTries: positive(options, 'maximumTries') ?? 3,
  };
}

function resolveKey(
  options: ConnectOptions,
  environment: EnvironmentSettings,
  variables: Variables,
): KeySetting {
  const { signer, privateKey, privateKeyFile } = options;
  const given = [signer, privateKey, privateKeyFile].filter((option) => option !== undefined);
  if (given.length > 1) {
    throw new ClientError('SETTING_INVALID', 'More than one private key was given', {
      hints: ['Give one of signer, privateKey and privateKeyFile.'],
    });
  }
  if (signer !== undefined) return { signer };
  const passphrase =
    secretOf(options.passphrase, 'passphrase', variables) ?? environment.passphrase;
  if (privateKey !== undefined) {
    return { privateKey: secretOf(privateKey, 'privateKey', variables), passphrase };
  }
  if (privateKeyFile === undefined && environment.privateKey !== undefined) {
    return { privateKey: environment.privateKey, passphrase };
  }
  const file = privateKeyFile ?? environment.privateKeyFile;
  if (file === undefined) throw missing('privateKey');
  return { privateKeyFile: present(file, 'privateKeyFile'), passphrase };
}

/** What is meant: the secret itself, or what stands in the variable that was named in its place. */
function secretOf<Secret>(
  value: Secret | EnvironmentVariable,
  setting: SettingName,
  variables: Variables,
): Secret | string {
  if (!isVariable(value)) return value;
  const found = variables[value.environment] ?? '';
  if (found.trim() !== '') return found;
  throw new ClientError(
    'SETTING_MISSING',
    `${setting} is missing: the variable ${value.environment} is not set`,
    { hints: [`Set ${value.environment} in the environment of this process.`] },
  );
}

function isVariable(value: unknown): value is EnvironmentVariable {
  return (
    typeof value === 'object' &&
    value !== null &&
    'environment' in value &&
    typeof value.environment === 'string'
  );
}

/** Every option, so that a misspelt one is told and not passed over. */
const optionNames: Readonly<Record<keyof Required<ConnectOptions>, true>> = {
  clientId: true,
  username: true,
  privateKey: true,
  privateKeyFile: true,
  passphrase: true,
  signer: true,
  loginUrl: true,
  audience: true,
  clientSecret: true,
  iss: true,
  sub: true,
  aud: true,
  store: true,
  clock: true,
  transport: true,
  fetch: true,
  timeoutMilliseconds: true,
  tokenLifetimeSeconds: true,
  refreshAheadSeconds: true,
  introspectTokens: true,
  refusalLifetimeSeconds: true,
  maximumTries: true,
  proxy: true,
  ca: true,
  onEvent: true,
};

function requireKnown(options: ConnectOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new ClientError('SETTING_INVALID', 'The options of connect are not an object', {
      hints: ['Give an object such as { loginUrl, clientId, username, privateKeyFile }.'],
    });
  }
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(optionNames, name));
  if (unknown === undefined) return;
  const letters = (name: string): string => name.toLowerCase().replaceAll(/[^a-z]/g, '');
  const meant = Object.keys(optionNames).find((name) => letters(name) === letters(unknown));
  throw new ClientError('SETTING_INVALID', `There is no option ${unknown}`, {
    hints: [
      meant === undefined
        ? `The options are ${Object.keys(optionNames).join(', ')}.`
        : `Write it as ${meant}.`,
    ],
  });
}

/** Options that are functions, and the methods of those that are objects. */
const shapes = {
  onEvent: [],
  fetch: [],
  store: ['get', 'set', 'remove'],
  signer: ['sign'],
  transport: ['send', 'close'],
  clock: ['now'],
} as const satisfies Partial<Record<keyof ConnectOptions, readonly string[]>>;

function requireShapes(options: ConnectOptions): void {
  for (const [name, methods] of Object.entries(shapes)) {
    const value: unknown = options[name as keyof typeof shapes];
    if (value === undefined) continue;
    const members = Object(value) as Record<string, unknown>;
    const parts = methods.length === 0 ? [value] : methods.map((method) => members[method]);
    if (parts.every((part) => typeof part === 'function')) continue;
    const wanted = methods.length === 0 ? 'a function' : `an object with ${methods.join(', ')}`;
    throw new ClientError('SETTING_INVALID', `${name} is not ${wanted}`, {
      hints: [`Leave ${name} out, or give ${wanted}.`],
    });
  }
}

/** A setting by either of its names. Both are one value: which is meant, nobody could tell. */
function either(
  options: ConnectOptions,
  name: 'clientId' | 'username' | 'audience',
  alias: 'iss' | 'sub' | 'aud',
): string | undefined {
  const { [name]: value, [alias]: other } = options;
  if (value === undefined || other === undefined || value === other) return value ?? other;
  throw new ClientError('SETTING_INVALID', `${name} and ${alias} are one setting, and differ`, {
    hints: [`Give ${name} alone.`],
  });
}

type SettingName = keyof EnvironmentSettings | 'clientSecret';

function present(value: string | undefined, setting: SettingName): string {
  if (value === undefined || value === null) throw missing(setting);
  // Settings come from JSON as well, which no compiler has seen.
  if (typeof value !== 'string') {
    throw new ClientError('SETTING_INVALID', `${setting} must be text, not ${typeof value}`, {
      hints: [`Put ${setting} in quotes.`],
    });
  }
  const text = value.trim();
  if (text === '') throw missing(setting);
  if (/^(["']).*\1$/.test(text)) {
    throw new ClientError('SETTING_INVALID', `${setting} begins and ends with a quotation mark`, {
      hints: ['Take the quotes off: the env files of Docker, for one, keep them in the value.'],
    });
  }
  return text;
}

export function missing(setting: SettingName, why = 'it is needed to sign in'): ClientError {
  if (setting === 'privateKey') return keyMissing(why);
  const variable = setting === 'clientSecret' ? undefined : environmentNames[setting][0];
  return new ClientError('SETTING_MISSING', `${setting} is missing: ${why}`, {
    hints: [
      variable === undefined
        ? `Give it as option ${setting}.`
        : `Give it as option ${setting}, or in the environment as ${variable}.`,
    ],
  });
}

/** The one setting with two ways to give it. */
function keyMissing(why: string): ClientError {
  const [text] = environmentNames.privateKey;
  const [file] = environmentNames.privateKeyFile;
  return new ClientError('SETTING_MISSING', `privateKey is missing: ${why}`, {
    hints: [
      `Give the path of its file as option privateKeyFile, or in the environment as ${file}.`,
      `Or the key itself: as privateKey, or in the environment as ${text}.`,
    ],
  });
}

/** What a timer can count: beyond it, `setTimeout` fires at once. */
const maximumNumber = 2 ** 31 - 1;

function positive(
  options: ConnectOptions,
  name: {
    [Name in keyof ConnectOptions]-?: number extends ConnectOptions[Name] ? Name : never;
  }[keyof ConnectOptions],
): number | undefined {
  const value = options[name];
  if (value === undefined) return undefined;
  if (Number.isFinite(value) && value > 0 && value <= maximumNumber) return value;
  throw new ClientError('SETTING_INVALID', `${name} must be a number above zero, not ${value}`, {
    hints: [`Leave ${name} out, or give a number from 1 to ${maximumNumber}.`],
  });
}
