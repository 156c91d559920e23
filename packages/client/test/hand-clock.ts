import { milliseconds } from '../src/node.ts';
import type { Clock } from '../src/node.ts';

/** A clock that the test turns: sleeping turns it, and nothing waits. */
export interface HandClock extends Clock {
  advance(duration: number): void;
  /** How long was slept, each time. */
  readonly slept: number[];
}

export function handClock(): HandClock {
  let now = Date.UTC(2026, 10, 23);
  const slept: number[] = [];
  return {
    now: () => milliseconds(now),
    advance: (duration) => void (now += duration),
    slept,
    sleep: (duration, signal) => {
      signal?.throwIfAborted();
      slept.push(duration);
      now += duration;
      return Promise.resolve();
    },
  };
}
