/** A result of more than one batch: the rest is fetched by locator. */

import type { QueryResult } from './query.ts';
import { RestError } from './rest-error.ts';

/** Salesforce's default batch. */
const batchSize = 2000;
/** The oldest is forgotten first, as Salesforce forgets cursors. */
const maximumLocators = 10;

interface Held {
  userId: string;
  result: QueryResult;
}

export class QueryLocators {
  readonly #held = new Map<string, Held>();
  #counter = 0;

  /** The first batch, and a way to the next one when there is more. */
  firstBatch(result: QueryResult, userId: string, apiVersion: string): QueryResult {
    if (result.records.length <= batchSize) return result;
    this.#counter += 1;
    const locator = `01gLOCAL${String(this.#counter).padStart(10, '0')}`;
    const [oldest] = this.#held.keys();
    if (this.#held.size >= maximumLocators && oldest !== undefined) this.#held.delete(oldest);
    this.#held.set(locator, { userId, result });
    return this.#batch(locator, 0, result, apiVersion);
  }

  /** @throws RestError INVALID_QUERY_LOCATOR, also for the locator of another user */
  nextBatch(reference: string, userId: string, apiVersion: string): QueryResult {
    const [, locator = '', start = ''] = /^(\w+)-(\d{1,6})$/.exec(reference) ?? [];
    const held = this.#held.get(locator);
    if (held === undefined || held.userId !== userId) {
      throw new RestError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
    }
    return this.#batch(locator, Number(start), held.result, apiVersion);
  }

  #batch(locator: string, start: number, result: QueryResult, apiVersion: string): QueryResult {
    const end = start + batchSize;
    const records = result.records.slice(start, end);
    const { totalSize } = result;
    if (end >= totalSize) return { totalSize, done: true, records };
    const nextRecordsUrl = `/services/data/v${apiVersion}/query/${locator}-${end}`;
    return { totalSize, done: false, nextRecordsUrl, records };
  }
}
