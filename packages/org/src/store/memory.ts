import type { Database } from './database.ts';

/** Above it nothing is kept: names come from strangers too. */
const mostEntries = 1000;

/** What was read of the tables that seldom change, until one of them does. */
export class Memory {
  readonly #database: Database;
  readonly #entries = new Map<string, unknown>();
  #revision = -1;

  constructor(database: Database) {
    this.#database = database;
  }

  /** What `read` gave the last time under this key; `undefined` is asked for again. */
  recall<T>(key: string, read: () => T): T {
    if (this.#revision !== this.#database.revision || this.#entries.size >= mostEntries) {
      this.#entries.clear();
      this.#revision = this.#database.revision;
    }
    const known = this.#entries.get(key) as T | undefined;
    if (known !== undefined) return known;
    const value = read();
    if (value !== undefined) this.#entries.set(key, value);
    return value;
  }
}
