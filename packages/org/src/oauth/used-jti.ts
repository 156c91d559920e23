import type { Database } from '../store/database.ts';

/** Seconds between two looks for those whose assertion has long expired. */
const purgeSeconds = 60;

/** The `jti` of every assertion that was accepted, each under its issuer: RFC 7519 section 4.1.7. */
export class UsedJtis {
  readonly #database: Database;
  #purged = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Takes a `jti`; false when it was used before.
   *
   * @param times in seconds since 1970: when it may be forgotten, and now
   */
  use(issuer: string, jti: string, { expires, now }: { expires: number; now: number }): boolean {
    if (Math.abs(now - this.#purged) >= purgeSeconds) {
      this.#purged = now;
      this.#database.prepare('DELETE FROM "_UsedJti" WHERE "_expires" < ?').run(now);
    }
    const { changes } = this.#database
      .prepare('INSERT OR IGNORE INTO "_UsedJti" ("_issuer", "_jti", "_expires") VALUES (?, ?, ?)')
      .run(issuer, jti, expires);
    return changes > 0;
  }
}
