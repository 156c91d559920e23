import { findSObject } from '../data/sobject.ts';
import { OrgError } from '../org-error.ts';
import type { Database, Row, SqlValue } from './database.ts';
import { recordId, to18 } from './record-id.ts';
import { columnNames, stampedColumns } from './schema.ts';

export type Values = Readonly<Record<string, SqlValue | boolean>>;

/** Rows of any table by plain equality: what the directory and the sessions are made of. */
export interface Records {
  /** Adds a row and returns its 18-character id; ids and time stamps are filled in. */
  insert(table: string, values: Values): string;
  /** Changes columns and the stamp of the last modification. */
  update(table: string, id: string, values: Values): void;
  delete(table: string, id: string): void;
  /** The first row with all of these values. */
  find(table: string, where: Values): Row | undefined;
  list(table: string, where?: Values, options?: ListOptions): Row[];
  /** A new id that no record of this org ever had. */
  nextId(keyPrefix: string): string;
}

export interface ListOptions {
  /** Column names, each with an optional DESC. */
  orderBy?: string;
  limit?: number;
}

const reservation = 1000;

/** @param now milliseconds since 1970 */
export function createRecords(database: Database, now: () => number): Records {
  const reserved = new Map<string, { next: number; last: number }>();
  const known = new Map<string, ReadonlySet<string>>();

  /** Identifiers cannot be parameters of SQL, so they have to be names of the table. */
  function requireColumns(table: string, names: Iterable<string>): void {
    let columns = known.get(table);
    if (columns === undefined) {
      columns = columnNames(database, table);
      if (columns.size === 0) throw new OrgError('FIELD_INVALID', `There is no object "${table}"`);
      known.set(table, columns);
    }
    for (const name of names) {
      if (!columns.has(name)) {
        throw new OrgError('FIELD_INVALID', `${table} has no field "${name}"`);
      }
    }
  }

  /** Ids are reserved a thousand at a time: one write then, none for the others. */
  function nextId(keyPrefix: string): string {
    let range = reserved.get(keyPrefix);
    if (range === undefined || range.next > range.last) {
      const row = database
        .prepare(
          `INSERT INTO "_Counter" ("_keyPrefix", "_last") VALUES (?1, ?2)
           ON CONFLICT DO UPDATE SET "_last" = "_last" + ?2 RETURNING "_last"`,
        )
        .get(keyPrefix, reservation);
      const last = Number(row?.['_last']);
      range = { next: last - reservation + 1, last };
      reserved.set(keyPrefix, range);
    }
    range.next += 1;
    return recordId(keyPrefix, range.next - 1);
  }

  function where(table: string, values: Values): { clause: string; parameters: SqlValue[] } {
    const names = Object.keys(values);
    requireColumns(table, names);
    const conditions = names.map((name) => `"${name}" IS ?`);
    return {
      clause: conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`,
      parameters: Object.entries(values).map(toParameter),
    };
  }

  return {
    insert(table, values) {
      const sobject = findSObject(table);
      const id = typeof values['Id'] === 'string' ? values['Id'] : nextId(sobject?.keyPrefix ?? '');
      const stamped = stampedColumns(table);
      const time = now();
      const row: Values = {
        Id: id,
        ...composedName(table, values),
        ...(stamped.created ? { CreatedDate: time } : {}),
        ...(stamped.modified ? { LastModifiedDate: time } : {}),
        ...(stamped.systemModstamp ? { SystemModstamp: time } : {}),
        ...values,
      };
      const names = Object.keys(row);
      requireColumns(table, names);
      database
        .prepare(
          `INSERT INTO "${table}" (${names.map((name) => `"${name}"`).join(', ')})
           VALUES (${names.map(() => '?').join(', ')})`,
        )
        .run(...Object.entries(row).map(toParameter));
      return to18(id);
    },
    update(table, id, values) {
      const stamped = stampedColumns(table);
      const time = now();
      const row: Values = {
        ...values,
        ...(stamped.modified ? { LastModifiedDate: time } : {}),
        ...(stamped.systemModstamp ? { SystemModstamp: time } : {}),
      };
      const names = Object.keys(row);
      requireColumns(table, names);
      database
        .prepare(
          `UPDATE "${table}" SET ${names.map((name) => `"${name}" = ?`).join(', ')} WHERE "Id" = ?`,
        )
        .run(...Object.entries(row).map(toParameter), to18(id));
    },
    delete(table, id) {
      requireColumns(table, []);
      database.prepare(`DELETE FROM "${table}" WHERE "Id" = ?`).run(to18(id));
    },
    find(table, values) {
      const { clause, parameters } = where(table, values);
      return database.prepare(`SELECT * FROM "${table}"${clause} LIMIT 1`).get(...parameters);
    },
    list(table, values = {}, { orderBy, limit } = {}) {
      const { clause, parameters } = where(table, values);
      const order = orderBy === undefined ? '' : ` ORDER BY ${quoted(orderBy)}`;
      const most = limit === undefined ? '' : ` LIMIT ${Math.floor(limit)}`;
      return database
        .prepare(`SELECT * FROM "${table}"${clause}${order}${most}`)
        .all(...parameters);
    },
    nextId,
  };
}

/** Name is FirstName and LastName where an object has the three. */
function composedName(table: string, values: Values): Values {
  if (table !== 'User' && table !== 'Contact') return {};
  const parts = [values['FirstName'], values['LastName']].filter(
    (part) => typeof part === 'string' && part !== '',
  );
  return { Name: parts.join(' ') };
}

function quoted(orderBy: string): string {
  return orderBy
    .split(',')
    .map((term) => term.trim().replace(/^(\w+)( DESC)?$/, '"$1"$2'))
    .join(', ');
}

/** Ids are kept with 18 characters, whichever of their two spellings comes in. */
function toParameter([name, value]: [name: string, value: SqlValue | boolean]): SqlValue {
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' && /(?:^|[a-z])Id$/.test(name) ? to18(value) : value;
}
