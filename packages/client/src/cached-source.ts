import type { AccessToken } from './access-token.ts';
import type { Clock } from './clock.ts';
import { SfjwtError } from './errors.ts';
import type { EventListener } from './event.ts';
import { aborted } from './transport/network-error.ts';
import type { TokenOptions, TokenSource } from './token-source.ts';
import type { TokenStore } from './token-store.ts';

export interface CachedSourceOptions {
  clock: Clock;
  /**
   * How long a token is taken to live, in seconds. Salesforce sends no `expires_in`: the true life
   * is the session time-out of the org, 15 minutes at the shortest.
   */
  lifetimeSeconds: number;
  /** How long a permanent refusal is answered without asking again, in seconds. */
  refusalLifetimeSeconds: number;
  /** Shares tokens with other sources; `storeKey` has to tell identities apart. */
  store?: TokenStore | undefined;
  storeKey: string;
  onEvent?: EventListener | undefined;
}

export interface CachedSource extends TokenSource {
  /** The token that the next caller would be given without a token request, if there is one. */
  current(): AccessToken | undefined;
  /** Never answers with this token again, for one whose session was ended on purpose. */
  forget(token: AccessToken): Promise<void>;
}

/**
 * Decorates a source with reuse: one token for all callers, one token request at a time however
 * many callers wait, and never a token that a caller saw refused.
 */
export function cachedSource(source: TokenSource, options: CachedSourceOptions): CachedSource {
  const { clock, store, storeKey, onEvent } = options;
  const lifetime = options.lifetimeSeconds * 1000;
  let current: AccessToken | undefined;
  let renewal: Promise<AccessToken> | undefined;
  let refusal: { error: SfjwtError; until: number } | undefined;

  function usable(token: AccessToken | undefined, refused?: AccessToken): token is AccessToken {
    return (
      token !== undefined &&
      clock.now() - token.receivedAt < lifetime &&
      (refused === undefined || !token.equals(refused))
    );
  }

  async function renew(refused: AccessToken | undefined): Promise<AccessToken> {
    if (store !== undefined) {
      if (refused !== undefined) await store.remove(storeKey, refused);
      const stored = await store.get(storeKey);
      if (usable(stored, refused)) return stored;
    }
    if (refusal !== undefined && clock.now() < refusal.until) throw refusal.error;
    try {
      const token = await source.token({ refused });
      refusal = undefined;
      await store?.set(storeKey, token);
      return token;
    } catch (error) {
      // Only Salesforce's own word is remembered; a network failure says nothing of the settings.
      if (error instanceof SfjwtError && error.error !== undefined && !error.transient) {
        refusal = { error, until: clock.now() + options.refusalLifetimeSeconds * 1000 };
      }
      throw error;
    }
  }

  /** Single flight: whoever comes while a renewal runs waits for that one. */
  function shared(refused: AccessToken | undefined): Promise<AccessToken> {
    renewal ??= renew(refused)
      .then((token) => (current = token))
      .finally(() => (renewal = undefined));
    return renewal;
  }

  return {
    current: () => (usable(current) ? current : undefined),
    forget: async (token) => {
      if (current?.equals(token) === true) current = undefined;
      await store?.remove(storeKey, token);
    },
    async token({ signal, refused }: TokenOptions = {}) {
      if (usable(current, refused)) {
        onEvent?.({ type: 'tokenReused' });
        return current;
      }
      return signal === undefined ? shared(refused) : waitFor(shared(refused), signal);
    },
  };
}

/** Ends the wait when the signal says so; what is waited for goes on for the others. */
function waitFor<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(aborted(signal));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
