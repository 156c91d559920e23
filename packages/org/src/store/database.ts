/** SQLite behind one small interface: `node:sqlite` where the runtime has it, `libsql` on Node 20. */

import { OrgError } from '../org-error.ts';
import { changesWhatLasts } from './revision.ts';

export type SqlValue = string | number | null;
export type Row = Record<string, SqlValue>;

export interface Statement {
  run(...parameters: SqlValue[]): { changes: number };
  get(...parameters: SqlValue[]): Row | undefined;
  all(...parameters: SqlValue[]): Row[];
}

export interface Database {
  /** The prepared statement of this text; prepared once. */
  prepare(sql: string): Statement;
  exec(sql: string): void;
  /** Counts changes of everything but sessions and histories, which every login makes. */
  readonly revision: number;
  /** All or nothing. May be nested: the inner one is part of the outer one. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** What both libraries have in common. */
interface Connection {
  prepare(sql: string): {
    run(...parameters: SqlValue[]): { changes: number | bigint };
    get(...parameters: SqlValue[]): unknown;
    all(...parameters: SqlValue[]): unknown[];
  };
  exec(sql: string): unknown;
  close(): unknown;
}

/**
 * Opens a database; in memory when no file is given. A file belongs to one process at a time: the
 * lock is the operating system's, so it ends with the process however that ends.
 *
 * @throws OrgError DATABASE_UNAVAILABLE, DATA_FILE_IN_USE, DATA_FILE_INVALID
 */
export async function openDatabase({ file }: { file?: string } = {}): Promise<Database> {
  const open = (await nodeSqlite()) ?? (await libsql());
  if (open === undefined) {
    throw new OrgError('DATABASE_UNAVAILABLE', 'This runtime has no SQLite', {
      hints: ['Use Node 22.13 or later, or install the optional package libsql.'],
    });
  }
  let connection: Connection | undefined;
  try {
    connection = open(file ?? ':memory:');
    connection.exec('PRAGMA foreign_keys = ON');
    if (file !== undefined) {
      // The write-ahead log survives kill -9; the empty transaction takes the lock for good.
      connection.exec(
        `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
         BEGIN IMMEDIATE; COMMIT`,
      );
      requireIntact(connection);
    }
    return wrap(connection);
  } catch (cause) {
    connection?.close();
    throw unusable(file ?? 'memory', cause);
  }
}

function requireIntact(connection: Connection): void {
  const [finding] = connection.prepare('PRAGMA quick_check(1)').all() as Row[];
  const verdict = String(Object.values(finding ?? {})[0]);
  if (verdict !== 'ok') throw Object.assign(new Error(verdict), { code: 'SQLITE_CORRUPT' });
}

function unusable(file: string, cause: unknown): OrgError {
  switch (sqliteCode(cause)) {
    case sqlite.busy:
      return new OrgError('DATA_FILE_IN_USE', `Another process keeps its org in ${file}`, {
        cause,
        hints: ['Stop that process, or give this org a file of its own.'],
      });
    case sqlite.corrupt:
    case sqlite.notADatabase:
      return new OrgError('DATA_FILE_INVALID', `${file} is damaged, or is no data of an org`, {
        cause,
        hints: ['Choose another file: one that is not there yet becomes a new org.'],
      });
    default:
      return new OrgError('DATABASE_UNAVAILABLE', `The org cannot be kept in ${file}`, {
        cause,
        hints: ['Check that its folder is there and that both can be written.'],
      });
  }
}

/** Result codes of SQLite: https://www.sqlite.org/rescode.html */
const sqlite = { busy: 5, corrupt: 11, notADatabase: 26 } as const;

/** `node:sqlite` gives the number, `libsql` its name. */
function sqliteCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode & 0xff;
  const text = 'code' in error ? String(error.code) : '';
  if (text.startsWith('SQLITE_BUSY')) return sqlite.busy;
  if (text.startsWith('SQLITE_CORRUPT')) return sqlite.corrupt;
  if (text.startsWith('SQLITE_NOTADB')) return sqlite.notADatabase;
  return undefined;
}

function wrap(connection: Connection): Database {
  const statements = new Map<string, Statement>();
  const begin = connection.prepare('BEGIN IMMEDIATE');
  const commit = connection.prepare('COMMIT');
  const rollback = connection.prepare('ROLLBACK');
  let depth = 0;
  let revision = 0;
  return {
    prepare(sql) {
      let statement = statements.get(sql);
      if (statement === undefined) {
        const prepared = connection.prepare(sql);
        const weight = changesWhatLasts(sql) ? 1 : 0;
        statement = {
          run: (...parameters) => {
            revision += weight;
            return { changes: Number(prepared.run(...parameters).changes) };
          },
          get: (...parameters) => {
            revision += weight;
            return prepared.get(...parameters) as Row | undefined;
          },
          all: (...parameters) => {
            revision += weight;
            return prepared.all(...parameters) as Row[];
          },
        };
        // Texts come from queries of users too: their number has to be bounded.
        if (statements.size >= 1000) statements.clear();
        statements.set(sql, statement);
      }
      return statement;
    },
    exec: (sql) => {
      revision += 1;
      connection.exec(sql);
    },
    get revision() {
      return revision;
    },
    transaction(work) {
      if (depth > 0) return work();
      depth += 1;
      begin.run();
      try {
        const result = work();
        commit.run();
        return result;
      } catch (error) {
        // What was read meanwhile was never so.
        revision += 1;
        rollback.run();
        throw error;
      } finally {
        depth -= 1;
      }
    },
    close: () => {
      // libsql closes for good when its statements are collected; the lock must not wait for that.
      connection.exec(
        'PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; BEGIN IMMEDIATE; COMMIT',
      );
      connection.close();
    },
  };
}

type Open = (location: string) => Connection;

async function nodeSqlite(): Promise<Open | undefined> {
  // Not a static import: Node 20 has no such module, and its types know none.
  const builtin = 'node:sqlite';
  const restore = muteExperimentalWarning();
  try {
    const { DatabaseSync } = (await import(builtin)) as {
      DatabaseSync: new (location: string) => Connection;
    };
    return (location) => new DatabaseSync(location);
  } catch {
    return undefined;
  } finally {
    restore();
  }
}

async function libsql(): Promise<Open | undefined> {
  try {
    const { default: Database } = await import('libsql');
    return (location) => {
      const database = new Database(location);
      return {
        // A lone null among spread parameters is taken for an object of named ones.
        prepare(sql) {
          const statement = database.prepare(sql);
          return {
            run: (...parameters) => statement.run(parameters),
            get: (...parameters) => statement.get(parameters),
            all: (...parameters) => statement.all(parameters),
          };
        },
        exec: (sql) => database.exec(sql),
        close: () => database.close(),
      };
    };
  } catch {
    return undefined;
  }
}

/** Node 22 calls its SQLite experimental at every start; a user of a local org need not know. */
function muteExperimentalWarning(): () => void {
  const original = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  const emit = process.emitWarning.bind(process) as (...words: unknown[]) => void;
  process.emitWarning = (...words: unknown[]): void => {
    if (!String(words[0]).startsWith('SQLite is an experimental feature')) emit(...words);
  };
  return () => {
    if (original === undefined) Reflect.deleteProperty(process, 'emitWarning');
    else Object.defineProperty(process, 'emitWarning', original);
  };
}
