/**
 * Tokens in Redis or Valkey, shared by a fleet: sealed, one login for all members, counted by user.
 * Without Redis each member goes on by itself.
 */

import { createHash, randomUUID } from 'node:crypto';
import { AccessToken, milliseconds, systemClock } from '@sfjwt/client';
import type { Clock, Renewal, TokenStore } from '@sfjwt/client';
import { BrokerError } from './errors.ts';
import { localLogins } from './local-logins.ts';
import { redisConnection } from './redis-client.ts';
import type { RedisClientLike } from './redis-client.ts';
import {
  countScript,
  extendScript,
  publishScript,
  readScript,
  releaseScript,
  removeScript,
  setScript,
  takeScript,
} from './redis-scripts.ts';
import { createSeal } from './seal.ts';
import type { Refusal } from './refusal.ts';
import type { SealOptions } from './seal.ts';
import { LeaseHeldTooLong, renewTogether, StoreFailure } from './single-flight.ts';
import type { Contender, Found, Lease, LeaseBoard } from './single-flight.ts';
import { machineTime, within } from './time.ts';
import type { Time } from './time.ts';
import { readTokenEntry, writeTokenEntry } from './token-entry.ts';

export type { IoredisLike, NodeRedisLike, RedisClientLike } from './redis-client.ts';

/** What a store did, for logs and metrics. No event holds a secret. */
export type RedisStoreEvent =
  /** A member of the fleet may sign in: it has the lease, and the login is counted. */
  | { type: 'loginCounted'; logins: number; limit: number }
  /** None may for a while: Salesforce would refuse it soon, and lock the user out for an hour. */
  | { type: 'loginBudgetExceeded'; logins: number; limit: number; retryAfterSeconds: number }
  /** Redis failed: this process goes on by itself, and asks again after a pause. */
  | { type: 'storeLost'; reason: string }
  | { type: 'storeBack' };

export interface RedisTokenStoreOptions extends SealOptions {
  /** A client of @redis/client, ioredis or iovalkey; yours to connect and to close. */
  client: RedisClientLike;
  /** Comes before all keys; "sfjwt" when left out. */
  prefix?: string;
  /**
   * Logins of one user within an hour, over all that share this Redis; 3,000 when left out.
   * Salesforce refuses more than 3,600, and counts those of other programs too.
   */
  loginsPerHour?: number;
  /** The same for this process alone, while Redis is out of reach; 60 when left out. */
  loginsPerHourAlone?: number;
  /** How long a plain refusal is told to all without asking Salesforce again, in seconds; 60. */
  refusalLifetimeSeconds?: number;
  /** How long an answer of Redis is waited for, in milliseconds; 1,000 when left out. */
  timeoutMilliseconds?: number;
  /**
   * After so long without a sign of life the one that signs in is taken for gone, in milliseconds;
   * 10,000 when left out.
   */
  leaseMilliseconds?: number;
  /** How long one that is alive is waited for, in milliseconds; 30,000 when left out. */
  patienceMilliseconds?: number;
  /** How long Redis is left alone after a failure, in milliseconds; 5,000 when left out. */
  pauseMilliseconds?: number;
  onEvent?: (event: RedisStoreEvent) => void;
  clock?: Clock;
  time?: Time;
}

/** Longer than any session of Salesforce lives without being used, in milliseconds. */
const tokenLifetime = 24 * 3_600_000;

/** @throws BrokerError STORE_KEY_INVALID */
export function redisTokenStore(options: RedisTokenStoreOptions): TokenStore {
  const { prefix = 'sfjwt', loginsPerHour = 3000, loginsPerHourAlone = 60 } = options;
  const { refusalLifetimeSeconds = 60, timeoutMilliseconds = 1000 } = options;
  const { leaseMilliseconds = 10_000, patienceMilliseconds = 30_000 } = options;
  const { pauseMilliseconds = 5000, clock = systemClock, time = machineTime } = options;
  const connection = redisConnection(options.client);
  const seal = createSeal(options);
  const refusalLifetime = Math.max(1, Math.round(refusalLifetimeSeconds * 1000));
  /** Tokens of this process, for as long as Redis is out of reach. */
  const own = new Map<string, AccessToken>();
  const alone = localLogins(loginsPerHourAlone, time);
  let lostSince: number | undefined;

  function tell(event: RedisStoreEvent): void {
    try {
      options.onEvent?.(event);
    } catch {
      // Whose fault it is, is the listener's own to report.
    }
  }

  function lost(reason: string): void {
    if (lostSince === undefined) tell({ type: 'storeLost', reason });
    lostSince = time.now();
  }

  function back(): void {
    if (lostSince !== undefined) tell({ type: 'storeBack' });
    lostSince = undefined;
  }

  /** Keys of one identity, on one node of a cluster. Its user is not named. */
  function keysOf(key: string): Record<'token' | 'refusal' | 'lease' | 'fence', string> {
    const start = `${prefix}:{${hashOf(key)}}`;
    return {
      token: `${start}:token`,
      refusal: `${start}:refusal`,
      lease: `${start}:lease`,
      fence: `${start}:fence`,
    };
  }

  /** A client that has no connection would keep the command, and send it when nobody waits for it. */
  async function connected(): Promise<void> {
    const end = time.now() + timeoutMilliseconds;
    while (!connection.isReady()) {
      if (time.now() >= end) throw new Error('not connected to Redis');
      await time.sleep(20);
    }
  }

  async function evaluate(
    script: string,
    keys: readonly string[],
    words: readonly (string | number)[] = [],
  ): Promise<unknown> {
    await connected();
    return connection.send('EVAL', script, String(keys.length), ...keys, ...words.map(String));
  }

  async function lookUp(key: string): Promise<{ found: Found; raw: string }> {
    const { token, refusal } = keysOf(key);
    const reply = (await evaluate(readScript, [token, refusal])) as unknown[];
    const [kept = '', no = '', now = ''] = reply.map(String);
    const [fence, at, sealed] = split(kept, 2);
    const [refusalFence, , sealedRefusal] = split(no, 1);
    const found: Found = { fence: Math.max(fence, refusalFence) };
    if (refusalFence > fence) {
      found.refusal = openRefusal(sealedRefusal, key);
      found.refusalStands = true;
    }
    if (kept !== '') {
      const entry = readTokenEntry(seal.open(sealed, key));
      if (entry.token !== undefined) found.token = aged(entry.token, Number(now) - at);
    }
    return { found, raw: kept };
  }

  /** One that cannot be opened is in nobody's way: the next login tells. */
  function openRefusal(sealed: string, key: string): Refusal | undefined {
    try {
      return readTokenEntry(seal.open(sealed, `refusal ${key}`)).refusal;
    } catch {
      return undefined;
    }
  }

  /** In whole milliseconds: an age is the same for all, an instant by the clock of its finder is not. */
  const ageOf = (token: AccessToken): number => Math.round(clock.now() - token.receivedAt);

  /** The same token by our clock, however far the one of its finder is from it. */
  function aged(token: AccessToken, age: number): AccessToken {
    const { value, instanceUrl, scopes, organizationId, userId, identityUrl } = token;
    const receivedAt = milliseconds(clock.now() - age);
    const life = token.expiresAt === undefined ? undefined : token.expiresAt - token.receivedAt;
    return new AccessToken({
      value,
      instanceUrl,
      scopes,
      organizationId,
      userId,
      identityUrl,
      receivedAt,
      expiresAt: life === undefined ? undefined : milliseconds(receivedAt + life),
    });
  }

  /** Counts the login to come, over the fleet. */
  async function count(key: string): Promise<void> {
    const user = `${prefix}:{${hashOf(userOf(key))}}:logins`;
    const reply = (await evaluate(countScript, [user], [loginsPerHour])) as unknown[];
    const [logins = 0, retryAfterSeconds = 0] = reply.map(Number);
    if (retryAfterSeconds === 0) {
      tell({ type: 'loginCounted', logins, limit: loginsPerHour });
      return;
    }
    tell({ type: 'loginBudgetExceeded', logins, limit: loginsPerHour, retryAfterSeconds });
    throw budgetExceeded(logins, retryAfterSeconds);
  }

  function contender(key: string): Contender {
    const keys = keysOf(key);
    const run = randomUUID();

    function leaseOf(fence: number): Lease {
      const mine = `${fence} ${run}`;
      return {
        async extend() {
          await evaluate(extendScript, [keys.lease], [mine, leaseMilliseconds]);
        },
        async release() {
          await evaluate(releaseScript, [keys.lease], [mine]);
        },
        async publish({ token, refusal }) {
          const places = [keys.token, keys.refusal, keys.lease, keys.fence];
          const words =
            token === undefined || refusal !== undefined
              ? [seal.seal(writeTokenEntry({ refusal }), `refusal ${key}`), refusalLifetime]
              : [seal.seal(writeTokenEntry({ token }), key), tokenLifetime, ageOf(token)];
          return Number(await evaluate(publishScript, places, [fence, run, ...words])) === 1;
        },
      };
    }

    return {
      async take() {
        const words = [run, leaseMilliseconds];
        const fence = Number(
          await evaluate(takeScript, [keys.token, keys.lease, keys.fence], words),
        );
        return fence === 0 ? undefined : leaseOf(fence);
      },
    };
  }

  const board: LeaseBoard = {
    read: async (key) => (await lookUp(key)).found,
    contender,
  };

  function timed<T>(what: string, asked: Promise<T>): Promise<T> {
    return within(time, timeoutMilliseconds, what, asked);
  }

  /** Without Redis: what this process has, or a login of its own, as long as these are few. */
  function renewAlone(key: string, { accepts, signIn }: Renewal): Promise<AccessToken> {
    const token = own.get(key);
    if (token !== undefined && accepts(token)) return Promise.resolve(token);
    if (!alone.count(userOf(key))) {
      const retryAfterSeconds = 3600;
      tell({
        type: 'loginBudgetExceeded',
        logins: loginsPerHourAlone,
        limit: loginsPerHourAlone,
        retryAfterSeconds,
      });
      return Promise.reject(budgetExceeded(loginsPerHourAlone, retryAfterSeconds));
    }
    return signIn();
  }

  async function renew(key: string, renewal: Renewal): Promise<AccessToken> {
    if (lostSince !== undefined && time.now() - lostSince < pauseMilliseconds) {
      return renewAlone(key, renewal);
    }
    try {
      const token = await renewTogether(board, key, renewal, {
        time,
        leaseMilliseconds,
        patienceMilliseconds,
        answerMilliseconds: timeoutMilliseconds,
        sharesOutages: false,
        beforeLogin: () => timed('counting the login', count(key)),
      });
      back();
      return token;
    } catch (error) {
      const isLost = error instanceof StoreFailure && !(error instanceof LeaseHeldTooLong);
      if (isLost) lost(error.message);
      else back();
      if (!(error instanceof StoreFailure)) throw error;
      renewal.warn(error.message);
      return renewAlone(key, renewal);
    }
  }

  return {
    get: async (key) => (await timed('reading', lookUp(key))).found.token,
    async set(key, token) {
      const { token: place, refusal, fence } = keysOf(key);
      const sealed = seal.seal(writeTokenEntry({ token }), key);
      const words = [sealed, tokenLifetime, ageOf(token)];
      await timed('keeping', evaluate(setScript, [place, refusal, fence], words));
    },
    async remove(key, token) {
      own.delete(key);
      const { found, raw } = await timed('reading', lookUp(key)).catch((error: unknown) => {
        // One that cannot be opened is not the one that is meant.
        if (error instanceof BrokerError) return { found: undefined, raw: '' };
        throw error;
      });
      if (found?.token?.equals(token) !== true) return;
      await timed('removing', evaluate(removeScript, [keysOf(key).token], [raw]));
    },
    async renew(key, renewal) {
      const token = await renew(key, renewal);
      own.set(key, token);
      return token;
    },
  };
}

/** Words divided by spaces, the first ones numbers, the last one anything. */
function split(text: string, numbers: 1 | 2): [number, number, string] {
  const pattern = numbers === 1 ? /^(\d+) ()(.*)$/s : /^(\d+) (-?\d+) (.*)$/s;
  const [, fence, at, rest] = pattern.exec(text) ?? [];
  return [Number(fence ?? 0), Number(at ?? 0), rest ?? text];
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** Salesforce counts by user, whichever app signs in; the key of an identity names it third. */
function userOf(key: string): string {
  try {
    const [, , username] = JSON.parse(key) as unknown[];
    if (typeof username === 'string') return username.toLowerCase();
  } catch {
    // A key of somebody's own.
  }
  return key;
}

function budgetExceeded(logins: number, retryAfterSeconds: number): BrokerError {
  return new BrokerError(
    'LOGIN_BUDGET_EXCEEDED',
    `This user has signed in ${logins} times within an hour: no further login is tried`,
    {
      transient: true,
      retryAfterSeconds,
      hints: [
        'Something signs in again and again, or gives its tokens up: look at its events and at Login History.',
        'Salesforce locks a user out for an hour after 3,600; the limit is the option loginsPerHour.',
      ],
    },
  );
}
