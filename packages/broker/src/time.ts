/**
 * Durations, by a clock that nobody sets. What a lease decides by must not follow the time of day:
 * that one jumps, and differs between machines.
 */

export interface Time {
  /** Milliseconds since any fixed instant; never goes back. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** Runs an action again and again until the answer is called. */
  every(milliseconds: number, action: () => void): () => void;
  /** A number from 0 to 1. */
  random(): number;
}

export const machineTime: Time = {
  now: () => performance.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  every(milliseconds, action) {
    const timer = setInterval(action, milliseconds);
    return () => clearInterval(timer);
  },
  random: () => Math.random(),
};

/** What is asked may never answer: a network file system or a server that is gone. */
export async function within<T>(
  time: Time,
  milliseconds: number,
  what: string,
  asked: Promise<T>,
): Promise<T> {
  let stop = (): void => {};
  const late = new Promise<never>((_resolve, reject) => {
    const giveUp = (): void => reject(new Error(`${what}: no answer within ${milliseconds} ms`));
    stop = time.every(milliseconds, giveUp);
  });
  return Promise.race([asked, late]).finally(stop);
}
