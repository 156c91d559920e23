/**
 * One process signs in, the others wait and read, whatever the store keeps things in.
 *
 * A lease says who signs in. It lasts as long as its holder gives signs of life, and every lease has
 * a number higher than all before it, its fence: what is kept under a lease that was lost meanwhile
 * is not kept. So a holder that dies, hangs or wakes up late neither holds up the others for longer
 * than a lease, nor overwrites what is newer.
 */

import { ClientError } from '@sfjwt/client';
import type { AccessToken, Renewal } from '@sfjwt/client';
import { BrokerError } from './errors.ts';
import { isOutage, isPlainNo, refusalOf, refused } from './refusal.ts';
import { within } from './time.ts';
import type { Time } from './time.ts';
import type { TokenEntry } from './token-entry.ts';

export interface Found extends TokenEntry {
  /** The fence of the lease under which it was kept; 0 when nothing ever was. */
  fence: number;
  /** The refusal holds for all who ask while it is there, and not only for those who waited for it. */
  refusalStands?: boolean;
}

export interface Lease {
  /** A sign of life. */
  extend(): Promise<void>;
  /** Keeps the entry and ends the lease; false when the lease had been lost, and nothing was kept. */
  publish(entry: TokenEntry): Promise<boolean>;
  release(): Promise<void>;
}

export interface Contender {
  /** A lease when nobody else has one, or its holder is gone. */
  take(): Promise<Lease | undefined>;
}

export interface LeaseBoard {
  read(key: string): Promise<Found>;
  contender(key: string, warn: (message: string) => void): Contender;
}

export interface SingleFlightOptions {
  time: Time;
  /** After so long without a sign of life the holder of a lease is taken for gone. */
  leaseMilliseconds: number;
  /** How long a holder that lives is waited for, before signing in beside it. */
  patienceMilliseconds: number;
  /** How long an answer of the store is waited for. */
  answerMilliseconds: number;
  /** Asked, with the lease, before a login; rejects with a BrokerError where there is to be none. */
  beforeLogin?: () => Promise<void>;
  /** Whether all who wait are on one machine, and would fail to reach Salesforce all the same. */
  sharesOutages: boolean;
}

/** The store, and not Salesforce, has failed. */
export class StoreFailure extends Error {}

/** The store works, but who holds the lease does not come to an end. */
export class LeaseHeldTooLong extends StoreFailure {}

const firstPauseMilliseconds = 15;
const longestPauseMilliseconds = 200;

/**
 * A token that another process got, or one of our own login, which the others then get. Rejects with
 * a StoreFailure when the store is out of order: then each has to sign in for itself.
 */
export async function renewTogether(
  board: LeaseBoard,
  key: string,
  renewal: Renewal,
  options: SingleFlightOptions,
): Promise<AccessToken> {
  const { time } = options;
  const start = time.now();
  const contender = board.contender(key, renewal.warn);
  /** What was kept before we came: a refusal of then is none of ours. */
  let arrival: number | undefined;
  let complained = false;

  async function timed<T>(what: string, asked: Promise<T>): Promise<T> {
    try {
      return await within(time, options.answerMilliseconds, what, asked);
    } catch (cause) {
      throw storeFailure(cause);
    }
  }

  async function read(): Promise<Found> {
    try {
      return await timed('reading', board.read(key));
    } catch (error) {
      // A broken entry is as good as none; a store that does not answer is no store.
      if (!(error instanceof StoreFailure) || !isEntryFault(error.cause)) throw error;
      if (!complained) renewal.warn(messageOf(error.cause));
      complained = true;
      return { fence: 0 };
    }
  }

  function answerIn(found: Found): AccessToken | undefined {
    const { token, refusal, fence, refusalStands = false } = found;
    if (token !== undefined && renewal.accepts(token)) return token;
    arrival ??= fence;
    if (refusal !== undefined && (refusalStands || fence > arrival)) throw refused(refusal);
    return undefined;
  }

  /** A failure that would be the same for those who wait. */
  function isShared(error: unknown): error is ClientError {
    if (!(error instanceof ClientError)) return false;
    return isPlainNo(error) || (options.sharesOutages && isOutage(error));
  }

  /** The login is done: what becomes of it in the store is no reason to fail. */
  async function keep(lease: Lease, entry: TokenEntry): Promise<boolean> {
    try {
      return await timed('keeping', lease.publish(entry));
    } catch (error) {
      renewal.warn(messageOf(error));
      await lease.release().catch(() => {});
      return true;
    }
  }

  async function hold(lease: Lease): Promise<AccessToken> {
    const signs = time.every(options.leaseMilliseconds / 5, () => {
      lease.extend().catch(() => {});
    });
    let before: Found;
    let token: AccessToken;
    try {
      try {
        // Another one may have kept something between our look and our lease.
        before = await read();
        const kept = answerIn(before);
        if (kept !== undefined) {
          await lease.release();
          return kept;
        }
        await options.beforeLogin?.().catch((error: unknown) => {
          throw error instanceof BrokerError ? error : storeFailure(error);
        });
      } catch (error) {
        await lease.release().catch(() => {});
        throw error;
      }
      try {
        token = await renewal.signIn();
      } catch (error) {
        if (isShared(error)) await keep(lease, { token: before.token, refusal: refusalOf(error) });
        else await lease.release().catch(() => {});
        throw error;
      }
    } finally {
      signs();
    }
    if (await keep(lease, { token })) return token;
    // We were taken for gone, and somebody else has signed in: all go on with one token.
    const newer = await read().catch(() => undefined);
    return newer?.token !== undefined && renewal.accepts(newer.token) ? newer.token : token;
  }

  async function contend(): Promise<AccessToken> {
    for (let pause = firstPauseMilliseconds; ; pause *= 1.5) {
      const kept = answerIn(await read());
      if (kept !== undefined) return kept;
      const asked = contender.take();
      const lease = await timed('asking for the lease', asked).catch((error: unknown) => {
        // Granted after all, it would hold up the others for nothing.
        asked.then((late) => late?.release()).catch(() => {});
        throw error;
      });
      if (lease !== undefined) return hold(lease);
      if (time.now() - start > options.patienceMilliseconds) {
        throw new LeaseHeldTooLong('Another process has been signing in for too long');
      }
      await time.sleep(Math.min(pause, longestPauseMilliseconds) * (0.5 + time.random() / 2));
    }
  }

  return contend();
}

function storeFailure(cause: unknown): StoreFailure {
  return new StoreFailure(`The token store failed: ${messageOf(cause)}`, { cause });
}

function isEntryFault(error: unknown): boolean {
  return error instanceof BrokerError && error.code.startsWith('STORE_ENTRY_');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
