/** Requests of the REST API in the last 24 hours, against the daily limit of the org. */

import type { Database } from '../store/database.ts';
import { RestError } from './rest-error.ts';

/** What Salesforce gives a Developer Edition org. */
const defaultDailyApiRequests = 15_000;

const hour = 3_600_000;

export class ApiUsage {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /** Most requests in 24 hours. */
  get dailyLimit(): number {
    const row = this.#database
      .prepare('SELECT "_dailyApiRequests" FROM "Organization" LIMIT 1')
      .get();
    const limit = row?.['_dailyApiRequests'];
    return typeof limit === 'number' ? limit : defaultDailyApiRequests;
  }

  set dailyLimit(requests: number) {
    this.#database.prepare('UPDATE "Organization" SET "_dailyApiRequests" = ?').run(requests);
  }

  /** Requests in the last 24 hours. */
  get used(): number {
    const row = this.#database
      .prepare('SELECT sum("_requests") AS "n" FROM "_ApiUsage" WHERE "_hour" > ?')
      .get(this.#hour() - 24);
    return Number(row?.['n'] ?? 0);
  }

  /**
   * Counts one request.
   *
   * @returns the value of `Sforce-Limit-Info` (REST API Developer Guide, Limit Info Header)
   * @throws RestError 403 REQUEST_LIMIT_EXCEEDED when the limit is used up
   */
  count(): string {
    const { used, dailyLimit } = this;
    if (used >= dailyLimit) {
      throw new RestError(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
    }
    const now = this.#hour();
    const { changes } = this.#database
      .prepare('UPDATE "_ApiUsage" SET "_requests" = "_requests" + 1 WHERE "_hour" = ?')
      .run(now);
    if (changes === 0) {
      // A new hour: those of a day ago do not count any more.
      this.#database.prepare('DELETE FROM "_ApiUsage" WHERE "_hour" <= ?').run(now - 24);
      this.#database.prepare('INSERT INTO "_ApiUsage" VALUES (?, 1)').run(now);
    }
    return `api-usage=${used + 1}/${dailyLimit}`;
  }

  #hour(): number {
    return Math.floor(this.#now() / hour);
  }
}
