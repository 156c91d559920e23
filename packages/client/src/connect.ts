import type { AccessToken } from './access-token.ts';
import { authorizedFetch } from './authorized-fetch.ts';
import type { AuthorizedFetch } from './authorized-fetch.ts';
import { cachedSource } from './cached-source.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { environmentNames, readEnvironment } from './environment.ts';
import type { EnvironmentSettings } from './environment.ts';
import { ClientError } from './errors.ts';
import type { EventListener } from './event.ts';
import { jwtBearerSource } from './jwt-bearer-source.ts';
import { resolveLoginUrl } from './login-url.ts';
import { parsePrivateKey, readPrivateKeyFile } from './private-key.ts';
import type { PrivateKeyInput } from './private-key.ts';
import { fetchUserinfo, introspectToken, revokeToken } from './session.ts';
import type { Introspection, Userinfo } from './session.ts';
import { localSigner } from './signer.ts';
import type { Signer } from './signer.ts';
import type { TokenOptions, TokenSource } from './token-source.ts';
import type { TokenStore } from './token-store.ts';
import { fetchTransport } from './transport/fetch.ts';
import type { Fetch } from './transport/fetch.ts';
import { nodeTransport } from './transport/node.ts';
import type { Transport } from './transport/transport.ts';

export interface ConnectOptions {
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
  /** Carries token requests; `node:https` when left out. */
  transport?: Transport;
  /** Carries API requests, and token requests too unless a transport is given. */
  fetch?: Fetch;
  /** Limit for each token request, in milliseconds; 10,000 when left out. */
  timeoutMilliseconds?: number;
  /** How long a token is taken to live, in seconds; 900 when left out. */
  tokenLifetimeSeconds?: number;
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
  /** State and end of life of the token; needs `clientSecret`. */
  introspect(): Promise<Introspection>;
  /** Ends the session of the present token, if there is one; the next use signs in anew. */
  revoke(): Promise<void>;
  /** Lets go of idle network connections. The session in Salesforce stays. */
  close(): void;
}

/**
 * Puts the stack together: key, signer, assertion, token request, cache, authorized fetch.
 * Called with nothing it reads the environment; options win over variables.
 *
 * @throws ClientError SETTING_MISSING, SETTING_INVALID, LOGIN_URL_INVALID, INSECURE_URL
 */
export function connect(options: ConnectOptions = {}): Connection {
  const settings = resolveSettings(options);
  const { clientId, username, tokenEndpoint, audience } = settings;
  const { onEvent, clock = systemClock, store, clientSecret } = options;
  const timeoutMilliseconds = positive(
    options.timeoutMilliseconds ?? 10_000,
    'timeoutMilliseconds',
  );
  const lifetimeSeconds = positive(options.tokenLifetimeSeconds ?? 900, 'tokenLifetimeSeconds');
  const ownFetch = options.fetch;
  const transport =
    options.transport ?? (ownFetch === undefined ? nodeTransport() : fetchTransport(ownFetch));
  for (const message of settings.warnings) onEvent?.({ type: 'warning', message });

  const source = cachedSource(
    jwtBearerSource({
      tokenEndpoint,
      audience,
      clientId,
      username,
      signer: settings.signer,
      transport,
      clock,
      timeoutMilliseconds,
      onEvent,
    }),
    {
      clock,
      lifetimeSeconds,
      refusalLifetimeSeconds: 60,
      store,
      storeKey: JSON.stringify([tokenEndpoint, clientId, username, audience]),
      onEvent,
    },
  );
  const fetch = authorizedFetch({
    source,
    fetch: ownFetch ?? ((request) => globalThis.fetch(request)),
    onEvent,
  });

  return {
    token: (tokenOptions) => source.token(tokenOptions),
    fetch,
    headers: async (tokenOptions) => ({
      authorization: `Bearer ${(await source.token(tokenOptions)).value}`,
    }),
    userinfo: () => fetchUserinfo(fetch),
    introspect: async () => {
      if (clientSecret === undefined) throw missing('clientSecret', 'introspect() needs it');
      const token = await source.token();
      return introspectToken({ transport, token, timeoutMilliseconds, clientId, clientSecret });
    },
    revoke: async () => {
      const token = source.current();
      if (token === undefined) return;
      await revokeToken({ transport, token, timeoutMilliseconds });
      await source.forget(token);
    },
    close: () => transport.close(),
  };
}

interface Settings {
  clientId: string;
  username: string;
  signer: Signer | (() => Promise<Signer>);
  tokenEndpoint: string;
  audience: string;
  warnings: readonly string[];
}

function resolveSettings(options: ConnectOptions): Settings {
  const environment = readEnvironment(process.env);
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
    signer: resolveSigner(options, environment),
    tokenEndpoint,
    audience,
    warnings,
  };
}

/** A key is parsed when the first assertion is signed, and never again. */
function resolveSigner(
  { signer, privateKey, privateKeyFile, passphrase }: ConnectOptions,
  environment: EnvironmentSettings,
): Signer | (() => Promise<Signer>) {
  const given = [signer, privateKey, privateKeyFile].filter((option) => option !== undefined);
  if (given.length > 1) {
    throw new ClientError('SETTING_INVALID', 'More than one private key was given', {
      hints: ['Give one of signer, privateKey and privateKeyFile.'],
    });
  }
  if (signer !== undefined) return signer;
  const text = privateKey ?? (privateKeyFile === undefined ? environment.privateKey : undefined);
  const file = privateKeyFile ?? environment.privateKeyFile;
  if (text === undefined && file === undefined) throw missing('privateKey');
  let parsed: Promise<Signer> | undefined;
  const parse = async (): Promise<Signer> =>
    localSigner(
      text === undefined
        ? await readPrivateKeyFile(present(file, 'privateKeyFile'), passphrase)
        : parsePrivateKey(text, passphrase),
    );
  // A failure is not kept: the file may be mended while the process lives.
  return () =>
    (parsed ??= parse().catch((error: unknown) => {
      parsed = undefined;
      throw error;
    }));
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

function positive(value: number, option: string): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new ClientError('SETTING_INVALID', `${option} must be a number above zero, not ${value}`);
}
