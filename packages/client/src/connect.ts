import type { AccessToken } from './access-token.ts';
import { authorizedFetch } from './authorized-fetch.ts';
import type { AuthorizedFetch } from './authorized-fetch.ts';
import { cachedSource } from './cached-source.ts';
import { milliseconds, systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { environmentNames, readEnvironment } from './environment.ts';
import type { EnvironmentSettings } from './environment.ts';
import { ClientError } from './errors.ts';
import { guarded } from './event.ts';
import type { EventListener } from './event.ts';
import { jwtBearerSource } from './jwt-bearer-source.ts';
import { resolveLoginUrl } from './login-url.ts';
import { readPrivateKeyFile } from './private-key-file.ts';
import type { PrivateKey, PrivateKeyInput } from './private-key.ts';
import { retryingSource } from './retrying-source.ts';
import type { NetworkOptions, Runtime } from './runtime/runtime.ts';
import type { Identity, Introspection, Userinfo } from './session.ts';
import { localSigner } from './signer.ts';
import type { Signer } from './signer.ts';
import type { TokenOptions, TokenSource } from './token-source.ts';
import type { TokenStore } from './token-store.ts';
import { fetchTransport } from './transport/fetch.ts';
import type { Fetch } from './transport/fetch.ts';
import type { Transport } from './transport/transport.ts';

export interface ConnectOptions extends NetworkOptions {
  /** Consumer key of the client app. Alias: `iss`. */
  clientId?: string;
  /** Username of the user to act as. Alias: `sub`. */
  username?: string;
  /** The private key itself. */
  privateKey?: PrivateKeyInput;
  /** Path of the private key, read when the first token is needed. */
  privateKeyFile?: string;
  /** Opens an encrypted private key. */
  passphrase?: string;
  /** Signs in place of a private key. */
  signer?: Signer;
  /** Where to sign in: best the My Domain of the org. */
  loginUrl?: string;
  /** Overrides the audience that follows from the login URL. Alias: `aud`. */
  audience?: string;
  /** Consumer secret. Needed for `introspect()` alone, never for signing in. */
  clientSecret?: string;
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
  /** Limit for each token request, in milliseconds; 10,000 when left out. */
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

/** A connection to one org as one user. Nothing happens before the first use. */
export interface Connection extends TokenSource {
  /** The present access token; a new one when there is none that can be used. */
  token(options?: TokenOptions): Promise<AccessToken>;
  /** `fetch` with the token; paths are resolved against the instance URL. */
  fetch: AuthorizedFetch;
  /** Headers for an HTTP client of your own. Valid as long as the token is. */
  headers(options?: TokenOptions): Promise<{ authorization: string }>;
  userinfo(): Promise<Userinfo>;
  identity(): Promise<Identity>;
  /**
   * State and end of life of the token; needs `clientSecret`. What it tells of the end of life is
   * used from then on.
   */
  introspect(): Promise<Introspection>;
  /** Ends the session of the present token, if there is one; the next use signs in anew. */
  revoke(): Promise<void>;
  /** Lets go of idle network connections. The session in Salesforce stays. */
  close(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a program may ask of its session, loaded when it asks. */
const session = (): Promise<typeof import('./session.ts')> => import('./session.ts');

export type Connect = (options?: ConnectOptions) => Connection;

/** `connect` for a runtime. */
export function connectOn(runtime: Runtime): Connect {
  return (options = {}) => {
    requireKnown(options);
    const settings = resolveSettings(options, runtime);
    const { clientId, username, tokenEndpoint, audience } = settings;
    const { clock = systemClock, store, clientSecret } = options;
    const onEvent = guarded(options.onEvent);
    const timeoutMilliseconds = positive(options, 'timeoutMilliseconds', 10_000);
    const network = runtime.network({ proxy: options.proxy, ca: options.ca });
    const ownFetch = options.fetch;
    const transport =
      options.transport ?? (ownFetch === undefined ? network.transport : fetchTransport(ownFetch));
    for (const message of settings.warnings) onEvent?.({ type: 'warning', message });

    const exchange = jwtBearerSource({
      tokenEndpoint,
      audience,
      clientId,
      username,
      signer: signerOnce(settings.key, runtime, onEvent),
      transport,
      clock,
      timeoutMilliseconds,
      onEvent,
    });
    const patient = retryingSource(exchange, {
      clock,
      maximumTries: positive(options, 'maximumTries', 3),
      onEvent,
    });
    const source = cachedSource(options.introspectTokens === true ? withExpiry(patient) : patient, {
      clock,
      lifetimeSeconds: positive(options, 'tokenLifetimeSeconds', 900),
      refreshAheadSeconds:
        options.refreshAheadSeconds === undefined
          ? undefined
          : positive(options, 'refreshAheadSeconds', 0),
      refusalLifetimeSeconds: positive(options, 'refusalLifetimeSeconds', 60),
      store,
      storeKey: JSON.stringify([tokenEndpoint, clientId, username, audience]),
      onEvent,
    });
    const fetch = authorizedFetch({ source, fetch: ownFetch ?? network.fetch, onEvent });

    async function introspect(token: AccessToken): Promise<Introspection> {
      if (clientSecret === undefined) throw missing('clientSecret', 'introspection needs it');
      const { introspectToken } = await session();
      return introspectToken({ transport, token, timeoutMilliseconds, clientId, clientSecret });
    }

    function withExpiry(inner: TokenSource): TokenSource {
      return {
        async token(tokenOptions) {
          const token = await inner.token(tokenOptions);
          const { exp } = await introspect(token);
          return exp === undefined ? token : token.withExpiry(milliseconds(exp * 1000));
        },
      };
    }

    function close(): void {
      transport.close();
      network.transport.close();
    }

    return {
      token: (tokenOptions) => source.token(tokenOptions),
      fetch,
      headers: async (tokenOptions) => ({
        authorization: `Bearer ${(await source.token(tokenOptions)).value}`,
      }),
      userinfo: async () => (await session()).fetchUserinfo(fetch),
      identity: async () => (await session()).fetchIdentity(fetch, await source.token()),
      introspect: async () => {
        const token = await source.token();
        const answer = await introspect(token);
        if (answer.exp !== undefined) await source.learn(token, milliseconds(answer.exp * 1000));
        return answer;
      },
      revoke: async () => {
        const token = source.current();
        if (token === undefined) return;
        const { revokeToken } = await session();
        await revokeToken({ transport, token, timeoutMilliseconds });
        await source.forget(token);
      },
      close,
      [Symbol.asyncDispose]: () => Promise.resolve(close()),
    };
  };
}

interface Settings {
  clientId: string;
  username: string;
  key: KeySetting;
  tokenEndpoint: string;
  audience: string;
  warnings: readonly string[];
}

function resolveSettings(options: ConnectOptions, runtime: Runtime): Settings {
  const environment = readEnvironment(runtime.environment());
  const clientId = options.clientId ?? options.iss ?? environment.clientId;
  const username = options.username ?? options.sub ?? environment.username;
  const typedLoginUrl = options.loginUrl ?? environment.loginUrl;
  const typedAudience = options.audience ?? options.aud ?? environment.audience;
  const { tokenEndpoint, audience, warnings } = resolveLoginUrl(
    present(typedLoginUrl, 'loginUrl'),
    typedAudience,
  );
  return {
    clientId: present(clientId, 'clientId'),
    username: present(username, 'username'),
    key: resolveKey(options, environment),
    tokenEndpoint,
    audience,
    warnings,
  };
}

type KeySetting =
  | { signer: Signer }
  | { privateKey: PrivateKeyInput; passphrase: string | undefined }
  | { privateKeyFile: string; passphrase: string | undefined };

function resolveKey(options: ConnectOptions, environment: EnvironmentSettings): KeySetting {
  const { signer, privateKey, privateKeyFile } = options;
  const given = [signer, privateKey, privateKeyFile].filter((option) => option !== undefined);
  if (given.length > 1) {
    throw new ClientError('SETTING_INVALID', 'More than one private key was given', {
      hints: ['Give one of signer, privateKey and privateKeyFile.'],
    });
  }
  if (signer !== undefined) return { signer };
  const passphrase = options.passphrase ?? environment.passphrase;
  const text = privateKey ?? (privateKeyFile === undefined ? environment.privateKey : undefined);
  if (text !== undefined) return { privateKey: text, passphrase };
  const file = privateKeyFile ?? environment.privateKeyFile;
  if (file === undefined) throw missing('privateKey');
  return { privateKeyFile: present(file, 'privateKeyFile'), passphrase };
}

/** A key is parsed when the first assertion is signed, and never again. */
function signerOnce(
  key: KeySetting,
  runtime: Runtime,
  onEvent: EventListener | undefined,
): Signer | (() => Promise<Signer>) {
  if ('signer' in key) return key.signer;
  async function parse(): Promise<Signer> {
    const { passphrase } = key as { passphrase: string | undefined };
    const parsed: PrivateKey =
      'privateKey' in key
        ? await runtime.parsePrivateKey(key.privateKey, passphrase)
        : await readPrivateKeyFile(
            runtime,
            (key as { privateKeyFile: string }).privateKeyFile,
            passphrase,
          );
    if (parsed.mended.length > 0) {
      const message = `The private key was mended: ${parsed.mended.join(', ')}`;
      onEvent?.({ type: 'warning', message });
    }
    return localSigner(parsed);
  }
  let parsed: Promise<Signer> | undefined;
  // A failure is not kept: the file may be mended while the process lives.
  return () =>
    (parsed ??= parse().catch((error: unknown) => {
      parsed = undefined;
      throw error;
    }));
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

function present(value: string | undefined, setting: keyof EnvironmentSettings): string {
  if (value === undefined || value.trim() === '') throw missing(setting);
  return value.trim();
}

function missing(setting: keyof EnvironmentSettings | 'clientSecret', why?: string): ClientError {
  const variable = setting === 'clientSecret' ? undefined : environmentNames[setting][0];
  const reason = why ?? 'it is needed to sign in';
  return new ClientError('SETTING_MISSING', `${setting} is missing: ${reason}`, {
    hints: [
      variable === undefined
        ? `Give it as option ${setting}.`
        : `Give it as option ${setting}, or in the environment as ${variable}.`,
    ],
  });
}

function positive(
  options: ConnectOptions,
  name: {
    [Name in keyof ConnectOptions]-?: number extends ConnectOptions[Name] ? Name : never;
  }[keyof ConnectOptions],
  otherwise: number,
): number {
  const value = options[name] ?? otherwise;
  if (Number.isFinite(value) && value > 0) return value;
  throw new ClientError('SETTING_INVALID', `${name} must be a number above zero, not ${value}`);
}
