import type { Time } from '../src/time.ts';

export interface HandTime extends Time {
  advance(milliseconds: number): void;
}

/**
 * Durations without waiting: whoever sleeps moves time on by that much, and lets others work in
 * between. What happens at intervals happens while time moves.
 */
export function handTime(): HandTime {
  let now = 0;
  const intervals = new Set<{ milliseconds: number; next: number; action: () => void }>();
  function advance(milliseconds: number): void {
    now += milliseconds;
    for (const interval of intervals) {
      while (interval.next <= now) {
        interval.next += interval.milliseconds;
        interval.action();
      }
    }
  }
  return {
    now: () => now,
    advance,
    async sleep(milliseconds) {
      advance(milliseconds);
      await new Promise((resolve) => setImmediate(resolve));
    },
    every(milliseconds, action) {
      const interval = { milliseconds, next: now + milliseconds, action };
      intervals.add(interval);
      return () => intervals.delete(interval);
    },
    random: () => 0.5,
  };
}
