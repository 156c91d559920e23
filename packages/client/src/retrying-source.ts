import { sleep } from './clock.ts';
import type { Clock } from './clock.ts';
import { ClientError } from './errors.ts';
import type { EventListener } from './event.ts';
import type { TokenSource } from './token-source.ts';
import { aborted } from './transport/network-error.ts';

export interface RetryingSourceOptions {
  clock: Clock;
  /** How often a token is asked for in all; 3 when left out. */
  maximumTries?: number | undefined;
  /** The longest wait between two tries, in milliseconds; 10,000 when left out. */
  maximumWaitMilliseconds?: number | undefined;
  /** A number from 0 to 1; `Math.random` when left out. */
  random?: (() => number) | undefined;
  onEvent?: EventListener | undefined;
}

const firstWaitMilliseconds = 300;

/**
 * Decorates a source with patience: what may pass by itself (network failures, 429, 5xx,
 * `retry your request`) is tried again, a few times, after a growing and jittered wait, or the one
 * that `Retry-After` asks for. A host that asks for more than the longest wait is not waited for.
 * This is the only backoff in the client.
 */
export function retryingSource(source: TokenSource, options: RetryingSourceOptions): TokenSource {
  const { clock, maximumTries = 3, maximumWaitMilliseconds = 10_000, onEvent } = options;
  const random = options.random ?? Math.random;

  /** Half of the wait is certain, half is chance: a fleet that fails together comes back apart. */
  function waitAfter(tries: number, { retryAfterSeconds }: ClientError): number {
    if (retryAfterSeconds !== undefined) return retryAfterSeconds * 1000;
    const full = firstWaitMilliseconds * 4 ** (tries - 1);
    return Math.min(full, maximumWaitMilliseconds) * (0.5 + random() / 2);
  }

  return {
    async token(tokenOptions = {}) {
      const { signal } = tokenOptions;
      for (let tries = 1; ; tries += 1) {
        try {
          return await source.token(tokenOptions);
        } catch (error) {
          if (!(error instanceof ClientError) || !error.transient || tries >= maximumTries) {
            throw error;
          }
          const waitMilliseconds = waitAfter(tries, error);
          if (waitMilliseconds > maximumWaitMilliseconds) throw error;
          const { code } = error;
          onEvent?.({ type: 'tokenRetry', code, attempt: tries + 1, waitMilliseconds });
          await sleep(clock, waitMilliseconds, signal).catch((reason: unknown) => {
            throw signal?.aborted === true ? aborted(signal) : reason;
          });
        }
      }
    },
  };
}
