/** A result of more than one batch: the rest is fetched by locator. */

import type { QueryResult } from './query.ts';
import { RestError } from './rest-error.ts';

/** Most and fewest records of a batch (Query Options header of the REST API). */
const largestBatch = 2000;
const smallestBatch = 200;
/** The oldest is forgotten first, as Salesforce forgets cursors. */
const maximumLocators = 10;

interface Held {
  userId: string;
  batchSize: number;
  result: QueryResult;
}

export class QueryLocators {
  readonly #held = new Map<string, Held>();
  #counter = 0;

  /** The first batch, and a way to the next one when there is more. */
  firstBatch(
    result: QueryResult,
    { userId, queryUrl, batchSize }: { userId: string; queryUrl: string; batchSize: number },
  ): QueryResult {
    if (result.records.length <= batchSize) return result;
    this.#counter += 1;
    const locator = `01gLOCAL${String(this.#counter).padStart(10, '0')}`;
    const [oldest] = this.#held.keys();
    if (this.#held.size >= maximumLocators && oldest !== undefined) this.#held.delete(oldest);
    this.#held.set(locator, { userId, batchSize, result });
    return batch(locator, 0, { userId, batchSize, result }, queryUrl);
  }

  /** @throws RestError INVALID_QUERY_LOCATOR, also for the locator of another user */
  nextBatch(
    reference: string,
    { userId, queryUrl }: { userId: string; queryUrl: string },
  ): QueryResult {
    const [, locator = '', start = ''] = /^(\w+)-(\d{1,9})$/.exec(reference) ?? [];
    const held = this.#held.get(locator);
    if (held === undefined || held.userId !== userId) {
      throw new RestError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
    }
    return batch(locator, Number(start), held, queryUrl);
  }
}

function batch(locator: string, start: number, held: Held, queryUrl: string): QueryResult {
  const { batchSize, result } = held;
  const end = start + batchSize;
  const records = result.records.slice(start, end);
  const { totalSize } = result;
  if (end >= totalSize) return { totalSize, done: true, records };
  return { totalSize, done: false, nextRecordsUrl: `${queryUrl}/${locator}-${end}`, records };
}

/**
 * Records of a batch as the request wishes: `Sforce-Query-Options: batchSize=500`.
 *
 * @throws RestError 400 for a value that is no number
 */
export function batchSizeOf(header: string | null): number {
  const wish = /batchSize\s*=\s*([^,;\s]*)/i.exec(header ?? '')?.[1];
  if (wish === undefined) return largestBatch;
  const size = Number(wish);
  if (!Number.isInteger(size) || size < 1) {
    throw new RestError(400, 'INVALID_QUERY_OPTIONS', `Invalid batchSize: ${wish}`);
  }
  return Math.min(largestBatch, Math.max(smallestBatch, size));
}
