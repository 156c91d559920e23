import type { AccessToken } from './access-token.ts';
import { authorizedFetch } from './authorized-fetch.ts';
import type { AuthorizedFetch } from './authorized-fetch.ts';
import { cachedSource } from './cached-source.ts';
import { milliseconds, systemClock } from './clock.ts';
import type { Milliseconds } from './clock.ts';
import { missing, resolveSettings } from './connect-options.ts';
import type { ConnectOptions, KeySetting } from './connect-options.ts';
import { guarded } from './event.ts';
import type { EventListener } from './event.ts';
import { jwtBearerSource } from './jwt-bearer-source.ts';
import { readPrivateKeyFile } from './private-key-file.ts';
import type { PrivateKey } from './private-key.ts';
import { retryingSource } from './retrying-source.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { Identity, Introspection, Userinfo } from './session.ts';
import { localSigner } from './signer.ts';
import type { Signer } from './signer.ts';
import type { TokenOptions, TokenSource } from './token-source.ts';
import { fetchTransport } from './transport/fetch.ts';

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
    const settings = resolveSettings(options, runtime.environment());
    const { clientId, username, clientSecret, tokenEndpoint, audience } = settings;
    const { timeoutMilliseconds, tokenLifetimeSeconds, refusalLifetimeSeconds } = settings;
    const { clock = systemClock, store } = options;
    const onEvent = guarded(options.onEvent);
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
      otherSigners: otherKeys(settings.key, runtime),
      transport,
      clock,
      timeoutMilliseconds,
      onEvent,
    });
    const { maximumTries } = settings;
    const patient = retryingSource(exchange, { clock, maximumTries, onEvent });
    const source = cachedSource(options.introspectTokens === true ? withExpiry(patient) : patient, {
      clock,
      lifetimeSeconds: tokenLifetimeSeconds,
      refreshAheadSeconds: settings.refreshAheadSeconds,
      refusalLifetimeSeconds,
      store,
      storeTimeoutMilliseconds: timeoutMilliseconds,
      storeKey: JSON.stringify([tokenEndpoint, clientId, username, audience]),
      onEvent,
    });
    const fetch = authorizedFetch({ source, fetch: ownFetch ?? network.fetch, onEvent });

    async function introspect(token: AccessToken): Promise<Introspection> {
      if (clientSecret === undefined) throw missing('clientSecret', 'introspection needs it');
      const { introspectToken } = await session();
      return introspectToken({ transport, token, timeoutMilliseconds, clientId, clientSecret });
    }

    /** The end of life that an answer tells. One in the past would cost a login for every call. */
    function endOf({ exp }: Introspection): Milliseconds | undefined {
      if (typeof exp !== 'number') return undefined;
      const end = milliseconds(exp * 1000);
      if (end > clock.now()) return end;
      const message = 'The token ended before it was received: the clock of this machine is wrong';
      onEvent?.({ type: 'warning', message });
      return undefined;
    }

    function withExpiry(inner: TokenSource): TokenSource {
      return {
        async token(tokenOptions) {
          const token = await inner.token(tokenOptions);
          try {
            const end = endOf(await introspect(token));
            return end === undefined ? token : token.withExpiry(end);
          } catch (error) {
            // The login has been paid for, and the token is good: it lives as long as assumed.
            const why = error instanceof Error ? error.message : String(error);
            onEvent?.({ type: 'warning', message: `The end of the token is not known: ${why}` });
            return token;
          }
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
      userinfo: async () => {
        // The time-out is for the question, not for a login on the way to it.
        await source.token();
        return (await session()).fetchUserinfo(fetch, timeoutMilliseconds);
      },
      identity: async () => {
        const token = await source.token();
        return (await session()).fetchIdentity(fetch, token, timeoutMilliseconds);
      },
      introspect: async () => {
        const token = await source.token();
        const answer = await introspect(token);
        // The next caller signs in again instead of being turned away first.
        if (!answer.active) await source.forget(token);
        const end = endOf(answer);
        if (end !== undefined) await source.learn(token, end);
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

/**
 * What a rotation put beside the key or in its place. The file is read anew, so that a process that has
 * run for months finds out about it.
 */
function otherKeys(
  key: KeySetting,
  runtime: Runtime,
): ((refused: Signer) => Promise<readonly Signer[]>) | undefined {
  if ('signer' in key) return undefined;
  const { passphrase } = key;
  const text = async (): Promise<string> => {
    if ('privateKey' in key) return typeof key.privateKey === 'string' ? key.privateKey : '';
    return new TextDecoder().decode(await runtime.readFile(key.privateKeyFile));
  };
  return async (refused) => {
    const [{ otherSigners }, contents] = await Promise.all([
      import('./other-keys.ts'),
      // A file that is gone by now tells nothing of other keys.
      text().catch(() => ''),
    ]);
    return otherSigners(contents, refused, (pem) => runtime.parsePrivateKey(pem, passphrase));
  };
}
