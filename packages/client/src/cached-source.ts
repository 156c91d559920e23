import type { AccessToken } from './access-token.ts';
import type { Clock, Milliseconds } from './clock.ts';
import { ClientError, SfjwtError } from './errors.ts';
import type { EventListener } from './event.ts';
import { redacted } from './redaction.ts';
import type { TokenOptions, TokenSource } from './token-source.ts';
import { memoryTokenStore } from './token-store.ts';
import type { TokenStore } from './token-store.ts';
import { aborted } from './transport/network-error.ts';

export interface CachedSourceOptions {
  clock: Clock;
  /**
   * How long a token is taken to live, in seconds. Salesforce sends no `expires_in`: the true life
   * is the session time-out of the org, 15 minutes at the shortest.
   */
  lifetimeSeconds: number;
  /** How long before its end a token is renewed in the background, in seconds. */
  refreshAheadSeconds?: number | undefined;
  /** How long a permanent refusal is answered without asking again, in seconds. */
  refusalLifetimeSeconds: number;
  /** Shares tokens with other sources; a memory of its own when left out. */
  store?: TokenStore | undefined;
  /** How long an answer of the store is waited for, in milliseconds; 10,000 when left out. */
  storeTimeoutMilliseconds?: number;
  /** Tells identities apart in the store. */
  storeKey: string;
  onEvent?: EventListener | undefined;
}

export interface CachedSource extends TokenSource {
  /** The token that the next caller would be given without a token request, if there is one. */
  current(): AccessToken | undefined;
  /** Never answers with this token again, for one whose session was ended on purpose. */
  forget(token: AccessToken): Promise<void>;
  /** Takes over what was learnt of a token's end of life. */
  learn(token: AccessToken, expiresAt: Milliseconds): Promise<void>;
}

/** A token refused sooner than this after it was received says that all of them will be. */
const freshMilliseconds = 60_000;
const maximumFreshRefusals = 3;

/** After a failed renewal in the background, callers go on with the old token for this long. */
const refreshPauseMilliseconds = 30_000;

/** Renewals under way, by store and key: sources that share a store share them as well. */
const renewals = new WeakMap<TokenStore, Map<string, Promise<AccessToken>>>();

/**
 * Decorates a source with reuse: one token for all callers, renewed ahead of its end in the
 * background; one token request at a time however many callers wait; never a token that a caller
 * saw refused; and no second question where Salesforce has said a plain no.
 */
export function cachedSource(source: TokenSource, options: CachedSourceOptions): CachedSource {
  const { clock, lifetimeSeconds, storeKey, onEvent, store = memoryTokenStore() } = options;
  const lifetime = lifetimeSeconds * 1000;
  // Those who share a token do not all come to renew it at the same instant.
  const spread = store.renew === undefined ? 1 : 1 - Math.random() / 2;
  const ahead = (options.refreshAheadSeconds ?? Math.min(120, lifetimeSeconds / 5)) * 1000 * spread;
  let current: AccessToken | undefined;
  let refusal: { error: ClientError; at: number } | undefined;
  let freshRefusals = 0;
  let lastRefresh = Number.NEGATIVE_INFINITY;

  const endOf = (token: AccessToken): number => token.expiresAt ?? token.receivedAt + lifetime;

  /** Whether less time than this has passed. A clock that was set back has lost count: then not. */
  function isWithin(duration: number, since: number): boolean {
    const passed = clock.now() - since;
    return passed >= 0 && passed < duration;
  }

  function usable(token: AccessToken | undefined, refused?: AccessToken): token is AccessToken {
    return (
      token !== undefined &&
      clock.now() < endOf(token) &&
      // Received far in the future: the clock was set back, and how old it is, nobody knows.
      clock.now() > token.receivedAt - lifetime &&
      (refused === undefined || !token.equals(refused))
    );
  }

  function isDue(token: AccessToken): boolean {
    return clock.now() >= endOf(token) - ahead;
  }

  function remember(error: ClientError): void {
    refusal = { error, at: clock.now() };
  }

  /** A store that is out of order costs a login, and is no reason not to sign in. */
  async function kept<T>(action: string, act: () => Promise<T>): Promise<T | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const limit = options.storeTimeoutMilliseconds ?? 10_000;
      timer = setTimeout(() => reject(new Error(`no answer within ${limit} ms`)), limit);
    });
    try {
      return await Promise.race([act(), late]);
    } catch (error) {
      complain(action, error);
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  function complain(action: string, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    warn(`The token store failed to ${action}: ${why}`);
  }

  /** Stores are known to put what they were given into what they complain of. */
  function warn(message: string): void {
    onEvent?.({ type: 'warning', message: redacted(message) });
  }

  async function renew(refused: AccessToken | undefined): Promise<AccessToken> {
    const accepts = (token: AccessToken): boolean => usable(token, refused) && !isDue(token);
    if (store.renew === undefined) {
      if (refused !== undefined) await kept('remove', () => store.remove(storeKey, refused));
      const stored = await kept('get', () => store.get(storeKey));
      // Another process may have renewed it already.
      if (stored !== undefined && accepts(stored)) return stored;
      const token = await signIn(refused);
      await kept('set', () => store.set(storeKey, token));
      return token;
    }
    let login: Promise<AccessToken> | undefined;
    const once = (): Promise<AccessToken> => (login ??= signIn(refused));
    try {
      return await store.renew(storeKey, { accepts, signIn: once, warn });
    } catch (error) {
      if (error instanceof SfjwtError) throw error;
      complain('renew', error);
      return once();
    }
  }

  async function signIn(refused: AccessToken | undefined): Promise<AccessToken> {
    if (refusal !== undefined && isWithin(options.refusalLifetimeSeconds * 1000, refusal.at)) {
      onEvent?.({ type: 'refusalRepeated', code: refusal.error.code });
      throw refusal.error;
    }
    try {
      const token = await source.token({ refused });
      refusal = undefined;
      return token;
    } catch (error) {
      if (error instanceof ClientError && isPlainNo(error)) remember(error);
      throw error;
    }
  }

  /** Single flight: whoever comes while a renewal runs waits for that one. */
  async function shared(refused?: AccessToken): Promise<AccessToken> {
    let flights = renewals.get(store);
    if (flights === undefined) renewals.set(store, (flights = new Map()));
    const underWay = flights.get(storeKey);
    if (underWay !== undefined) {
      const token = await underWay;
      // One that began before the refusal may have found the refused token in the store.
      return refused?.equals(token) === true ? shared(refused) : (current = token);
    }
    const flight = renew(refused).finally(() => flights.delete(storeKey));
    flights.set(storeKey, flight);
    return (current = await flight);
  }

  function refreshAhead(): void {
    if (isWithin(refreshPauseMilliseconds, lastRefresh)) return;
    lastRefresh = clock.now();
    onEvent?.({ type: 'tokenRefresh' });
    // A failure has been told by its own event, and the old token is still good.
    shared().catch(() => {});
  }

  /** New tokens that are all refused at once would cost a login for every call. */
  function countRefusal(refused: AccessToken): void {
    if (current?.equals(refused) !== true) return;
    const fresh = isWithin(freshMilliseconds, current.receivedAt);
    freshRefusals = fresh ? freshRefusals + 1 : 0;
    current = undefined;
    if (freshRefusals >= maximumFreshRefusals) {
      freshRefusals = 0;
      remember(refusedAfresh());
    }
  }

  return {
    current: () => (usable(current) ? current : undefined),
    forget: async (token) => {
      if (current?.equals(token) === true) current = undefined;
      await kept('remove', () => store.remove(storeKey, token));
    },
    learn: async (token, expiresAt) => {
      if (current?.equals(token) !== true) return;
      const learnt = token.withExpiry(expiresAt);
      current = learnt;
      const stored = await kept('get', () => store.get(storeKey));
      // Another process may have signed in since: then this is not the token to keep.
      if (stored?.equals(token) !== false) await kept('set', () => store.set(storeKey, learnt));
    },
    async token({ signal, refused }: TokenOptions = {}) {
      if (signal?.aborted === true) throw aborted(signal);
      if (usable(current, refused)) {
        if (isDue(current)) refreshAhead();
        onEvent?.({ type: 'tokenReused' });
        return current;
      }
      if (refused !== undefined) countRefusal(refused);
      return signal === undefined ? shared(refused) : waitFor(shared(refused), signal);
    },
  };
}

/**
 * Only Salesforce's own word is remembered, and only what will not pass in a moment; a network
 * failure says nothing of the settings.
 */
function isPlainNo({ error, transient, retryAfterSeconds }: ClientError): boolean {
  return error !== undefined && (!transient || retryAfterSeconds !== undefined);
}

function refusedAfresh(): ClientError {
  return new ClientError(
    'SESSION_INVALID',
    `Salesforce refused ${maximumFreshRefusals} tokens in a row right after it had given them`,
    {
      hints: [
        'Something ends the sessions at once: look at Setup > Session Management and Login History.',
        'Check the session policies of the app and its IP relaxation.',
      ],
    },
  );
}

/** Ends the wait when the signal says so; what is waited for goes on for the others. */
function waitFor<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(aborted(signal));
    signal.addEventListener('abort', giveUp, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
