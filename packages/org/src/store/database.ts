/** SQLite behind one small interface: `node:sqlite` where the runtime has it, `libsql` on Node 20. */

import { OrgError } from '../org-error.ts';

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
 * Opens a database; in memory when no file is given.
 *
 * @throws OrgError DATABASE_UNAVAILABLE
 */
export async function openDatabase({ file }: { file?: string } = {}): Promise<Database> {
  const open = (await nodeSqlite()) ?? (await libsql());
  if (open === undefined) {
    throw new OrgError('DATABASE_UNAVAILABLE', 'This runtime has no SQLite', {
      hints: ['Use Node 22.13 or later, or install the optional package libsql.'],
    });
  }
  let connection: Connection;
  try {
    connection = open(file ?? ':memory:');
    // Survives kill -9; in memory the journal mode has no meaning.
    if (file !== undefined)
      connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    connection.exec('PRAGMA foreign_keys = ON');
  } catch (cause) {
    throw new OrgError('DATABASE_UNAVAILABLE', `The org cannot be kept in ${file ?? 'memory'}`, {
      cause,
      hints: [
        'Check that the file is the data of a local org, and that its folder can be written.',
      ],
    });
  }
  return wrap(connection);
}

function wrap(connection: Connection): Database {
  const statements = new Map<string, Statement>();
  let depth = 0;
  return {
    prepare(sql) {
      let statement = statements.get(sql);
      if (statement === undefined) {
        const prepared = connection.prepare(sql);
        statement = {
          run: (...parameters) => ({ changes: Number(prepared.run(...parameters).changes) }),
          get: (...parameters) => prepared.get(...parameters) as Row | undefined,
          all: (...parameters) => prepared.all(...parameters) as Row[],
        };
        // Texts come from queries of users too: their number has to be bounded.
        if (statements.size >= 1000) statements.clear();
        statements.set(sql, statement);
      }
      return statement;
    },
    exec: (sql) => void connection.exec(sql),
    transaction(work) {
      if (depth > 0) return work();
      depth += 1;
      connection.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        connection.exec('COMMIT');
        return result;
      } catch (error) {
        connection.exec('ROLLBACK');
        throw error;
      } finally {
        depth -= 1;
      }
    },
    close: () => void connection.close(),
  };
}

type Open = (location: string) => Connection;

async function nodeSqlite(): Promise<Open | undefined> {
  // Not a static import: Node 20 has no such module, and its types know none.
  const name = 'node:sqlite';
  const restore = muteExperimentalWarning();
  try {
    const { DatabaseSync } = (await import(name)) as {
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
    return (location) => new Database(location);
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
