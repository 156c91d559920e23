/** Logins of a user in the last hour: Salesforce allows 3,600, and every token request is one. */

import type { Database } from '../store/database.ts';

export const defaultLoginsPerHour = 3600;

/** Login History keeps no more, so a higher limit cannot be judged. */
export const highestLoginsPerHour = 20_000;

/** Whoever is refused for too many logins may come back: such a refusal is not one more login. */
export const rateExceeded = 'Login rate exceeded';

const minuteMilliseconds = 60_000;
const hourMilliseconds = 60 * minuteMilliseconds;

/** Counted from Login History once a minute, and in memory in between. */
export class LoginRate {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #counted = new Map<string, { minute: number; revision: number; logins: number }>();

  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /** Logins in the last hour, to the minute. */
  lastHour(userId: string): number {
    return this.#count(userId).logins;
  }

  /** One more login, which Login History has just recorded. */
  add(userId: string): void {
    const counted = this.#counted.get(userId);
    if (counted !== undefined) counted.logins += 1;
  }

  #count(userId: string): { logins: number } {
    const now = this.#now();
    const minute = Math.floor(now / minuteMilliseconds);
    const { revision } = this.#database;
    const known = this.#counted.get(userId);
    if (known?.minute === minute && known.revision === revision) return known;
    const row = this.#database
      .prepare(
        `SELECT COUNT(*) AS logins FROM "LoginHistory"
         WHERE "UserId" = ? AND "LoginTime" > ? AND "Status" <> ?`,
      )
      .get(userId, now - hourMilliseconds, rateExceeded);
    const counted = { minute, revision, logins: Number(row?.['logins'] ?? 0) };
    if (this.#counted.size >= 1000) this.#counted.clear();
    this.#counted.set(userId, counted);
    return counted;
  }
}
