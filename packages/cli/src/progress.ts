/** A word to who waits: after half a second, on a terminal, on standard error, and gone afterwards. */

import { painterFor } from './terminal.ts';

const patienceMilliseconds = 500;

export interface Progress {
  /** What is waited for now. */
  tell(words: string): void;
  /** Takes the line away. */
  end(): void;
}

/** @param words what is waited for, such as `Waiting for Salesforce` */
export function startProgress(words: string, { silent = false } = {}): Progress {
  const stream = process.stderr;
  if (silent || !stream.isTTY) return { tell: () => {}, end: () => {} };
  const paint = painterFor(stream);
  let current = words;
  let isShown = false;
  function show(): void {
    isShown = true;
    // A line that wraps could not be taken away again.
    const room = Math.max(10, stream.columns - 2);
    stream.write(`\r\u001B[K${paint('dim', `${current.slice(0, room - 1)}…`)}`);
  }
  const timer = setTimeout(show, patienceMilliseconds);
  // Who waits is kept by what is waited for, not by the telling.
  timer.unref();
  return {
    tell(next) {
      current = next;
      if (isShown) show();
    },
    end() {
      clearTimeout(timer);
      if (isShown) stream.write('\r\u001B[K');
      isShown = false;
    },
  };
}
