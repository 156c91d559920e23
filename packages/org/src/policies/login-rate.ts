/** Logins of a user in the last hour: Salesforce allows 3,600, and every token request is one. */

import type { Database } from '../store/database.ts';

export const defaultLoginsPerHour = 3600;

const minuteMilliseconds = 60_000;
const windowMinutes = 60;

/** Counts by the minute, so that it costs the same however many logins there are. */
export class LoginRate {
  readonly #database: Database;
  readonly #now: () => number;

  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  count(userId: string): void {
    const minute = this.#minute();
    const { changes } = this.#database
      .prepare(
        'UPDATE "_LoginRate" SET "_count" = "_count" + 1 WHERE "_userId" = ? AND "_minute" = ?',
      )
      .run(userId, minute);
    if (changes > 0) return;
    // Once a minute at most: what has left the window goes.
    this.#database
      .prepare('DELETE FROM "_LoginRate" WHERE "_userId" = ? AND "_minute" <= ?')
      .run(userId, minute - windowMinutes);
    this.#database
      .prepare('INSERT INTO "_LoginRate" ("_userId", "_minute", "_count") VALUES (?, ?, 1)')
      .run(userId, minute);
  }

  /** Logins in the last hour, to the minute. */
  lastHour(userId: string): number {
    const row = this.#database
      .prepare(
        `SELECT SUM("_count") AS logins FROM "_LoginRate"
         WHERE "_userId" = ? AND "_minute" > ?`,
      )
      .get(userId, this.#minute() - windowMinutes);
    return Number(row?.['logins'] ?? 0);
  }

  #minute(): number {
    return Math.floor(this.#now() / minuteMilliseconds);
  }
}
