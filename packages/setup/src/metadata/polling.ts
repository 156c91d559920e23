/** Waiting for what Salesforce does in its own time. */

import type { Clock } from '@sfjwt/client';

export interface Patience {
  clock: Clock;
  /** Ends the wait. */
  signal?: AbortSignal | undefined;
}

/** Milliseconds before the next look: short at first, since small packages take a second. */
export function pauseBefore(look: number): number {
  return look === 0 ? 0 : Math.min(5000, 40 * 2 ** look);
}
