/** When the next deployment or retrieve is to be carried out: all that a request that is none needs. */

import type { Database } from '../store/database.ts';

/** Milliseconds since 1970; Infinity when nothing waits. */
export function nextDue(database: Database): number {
  const row = database.prepare('SELECT min("_due") AS "due" FROM "_MetadataRequest"').get();
  return typeof row?.['due'] === 'number' ? row['due'] : Infinity;
}
