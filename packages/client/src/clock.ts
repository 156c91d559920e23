/**
 * Time, in two units that cannot be mixed up. `exp` in milliseconds is the best-known mistake of
 * this flow, so the compiler keeps seconds (what a JWT carries, RFC 7519 section 2) and
 * milliseconds (what JavaScript counts) apart.
 */

declare const unit: unique symbol;

/** Whole or fractional seconds: a NumericDate when counted from 1970-01-01T00:00:00Z. */
export type Seconds = number & { readonly [unit]: 'seconds' };

/** Milliseconds: since 1970-01-01T00:00:00Z when they name an instant. */
export type Milliseconds = number & { readonly [unit]: 'milliseconds' };

/** Where the present instant comes from. Inject one to test expiry without waiting. */
export interface Clock {
  /** The present instant in milliseconds since 1970-01-01T00:00:00Z. */
  now(): Milliseconds;
  /** Lets time pass before a retry; `setTimeout` when left out. Rejects when the signal aborts. */
  sleep?(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The clock of this machine. */
export const systemClock: Clock = { now: () => Date.now() as Milliseconds };

/** Lets time pass by a clock. Rejects with the signal's reason when it aborts. */
export function sleep(clock: Clock, duration: number, signal?: AbortSignal): Promise<void> {
  if (clock.sleep !== undefined) return clock.sleep(duration, signal);
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', giveUp);
      resolve();
    }, duration);
    if (signal?.aborted === true) giveUp();
    else signal?.addEventListener('abort', giveUp, { once: true });
  });
}

/** Marks a number as seconds. */
export function seconds(value: number): Seconds {
  return value as Seconds;
}

/** Marks a number as milliseconds. */
export function milliseconds(value: number): Milliseconds {
  return value as Milliseconds;
}

/** Milliseconds as whole seconds, rounded down: an instant never moves into the future. */
export function toSeconds(value: Milliseconds): Seconds {
  return Math.floor(value / 1000) as Seconds;
}
