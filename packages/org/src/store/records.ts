import type { Catalogue } from '../data/catalogue.ts';
import { derivedValues, derivesValues } from '../data/derived-values.ts';
import type { SObject } from '../data/sobject.ts';
import { OrgError } from '../org-error.ts';
import type { Database, Row, SqlValue } from './database.ts';
import { recordId, to18 } from './record-id.ts';
import { columnNames, stampedColumns } from './schema.ts';
import type { StampedColumns } from './schema.ts';

export type Values = Readonly<Record<string, SqlValue | boolean>>;

export type ChangeKind = 'insert' | 'update' | 'delete';

export interface Change {
  table: string;
  kind: ChangeKind;
  /** The row before an update or delete, and after an insert or update. */
  before: Row | undefined;
  after: Row | undefined;
  /** Id of the user who did it; undefined for the org itself. */
  actor: string | undefined;
}

/** Rows of any table by plain equality: what the directory and the sessions are made of. */
export interface Records {
  /** Adds a row and returns its 18-character id; ids, stamps and defaults are filled in. */
  insert(table: string, values: Values): string;
  /** Changes columns and the stamp of the last modification. */
  update(table: string, id: string, values: Values): void;
  delete(table: string, id: string): void;
  /** The first row with all of these values. */
  find(table: string, where: Values): Row | undefined;
  list(table: string, where?: Values, options?: ListOptions): Row[];
  /** A new id that no record of this org ever had. */
  nextId(keyPrefix: string): string;
  /** The same rows, stamped with this user. Otherwise the org's first user stands for the org. */
  as(userId: string): Records;
  /** Tells of every change in one of these tables. Costs a look at the row, so not for hot ones. */
  watch(tables: Iterable<string>, listener: (change: Change) => void): void;
  /** The counters of ids have changed: none is taken from what was reserved before. */
  forgetReservations(): void;
}

export interface ListOptions {
  /** Column names, each with an optional DESC. */
  orderBy?: string;
  limit?: number;
}

/** What is known of a table once and used at every insert. */
interface Plan {
  sobject: SObject | undefined;
  stamped: StampedColumns;
  defaults: Values;
  /** Fields numbered by the org. */
  autoNumbers: readonly { name: string; format: string }[];
  derives: boolean;
  hasOwner: boolean;
}

const reservation = 1000;

/** @param now milliseconds since 1970 */
export function createRecords(
  database: Database,
  catalogue: Catalogue,
  now: () => number,
): Records {
  const reserved = new Map<string, { next: number; last: number }>();
  const known = new Map<string, ReadonlySet<string>>();
  const plans = new Map<string, Plan>();
  const watchers = new Map<string, ((change: Change) => void)[]>();

  /** Of an object as it is now: a seed may have added fields. */
  function planOf(table: string): Plan {
    const sobject = catalogue.find(table);
    let plan = plans.get(table);
    if (plan === undefined || plan.sobject !== sobject) {
      const fields = sobject?.fields ?? [];
      plan = {
        sobject,
        stamped: stampedColumns(table, catalogue),
        defaults: Object.fromEntries(
          fields.flatMap(({ name, defaultValue, calculated }) =>
            defaultValue === undefined || calculated ? [] : [[name, defaultValue]],
          ),
        ),
        autoNumbers: fields.flatMap(({ name, autoNumber }) =>
          autoNumber === undefined ? [] : [{ name, format: autoNumber }],
        ),
        derives: derivesValues(table),
        hasOwner: sobject?.field('OwnerId') !== undefined,
      };
      plans.set(table, plan);
    }
    return plan;
  }

  /** Identifiers cannot be parameters of SQL, so they have to be names of the table. */
  function requireColumns(table: string, names: Iterable<string>): void {
    let columns = known.get(table) ?? readColumns(table);
    for (const name of names) {
      if (columns.has(name)) continue;
      // A seed may have added it meanwhile.
      columns = readColumns(table);
      if (!columns.has(name)) {
        throw new OrgError('FIELD_INVALID', `${table} has no field "${name}"`);
      }
    }
  }

  function readColumns(table: string): ReadonlySet<string> {
    const columns = columnNames(database, table);
    if (columns.size === 0) throw new OrgError('FIELD_INVALID', `There is no object "${table}"`);
    known.set(table, columns);
    return columns;
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

  function nextNumber(name: string): number {
    const row = database
      .prepare(
        `INSERT INTO "_Counter" ("_keyPrefix", "_last") VALUES (?1, 1)
         ON CONFLICT DO UPDATE SET "_last" = "_last" + 1 RETURNING "_last"`,
      )
      .get(name);
    return Number(row?.['_last']);
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

  const byId = (table: string, id: string): Row | undefined =>
    database.prepare(`SELECT * FROM "${table}" WHERE "Id" = ?`).get(to18(id));

  function tell(change: Change): void {
    for (const listener of watchers.get(change.table) ?? []) listener(change);
  }

  /** Who did it, when nobody is named: the first user of the org. */
  const firstUser = (): string | null =>
    String(database.prepare('SELECT min("Id") AS "id" FROM "User"').get()?.['id'] ?? '') || null;

  const recordsOf = (actor: string | undefined): Records => ({
    insert(table, values) {
      const { sobject, stamped, defaults, autoNumbers, derives, hasOwner } = planOf(table);
      const id = to18(
        typeof values['Id'] === 'string' ? values['Id'] : nextId(sobject?.keyPrefix ?? ''),
      );
      const time = now();
      const user =
        stamped.createdBy || stamped.modifiedBy || hasOwner ? (actor ?? firstUser()) : null;
      const given: Values = {
        ...defaults,
        ...(hasOwner ? { OwnerId: user } : {}),
        ...Object.fromEntries(
          autoNumbers.map(({ name, format }) => [
            name,
            numbered(format, nextNumber(`${table}.${name}`)),
          ]),
        ),
        ...(stamped.created ? { CreatedDate: time } : {}),
        ...(stamped.modified ? { LastModifiedDate: time } : {}),
        ...(stamped.systemModstamp ? { SystemModstamp: time } : {}),
        ...(stamped.createdBy ? { CreatedById: user } : {}),
        ...(stamped.modifiedBy ? { LastModifiedById: user } : {}),
        ...values,
        Id: id,
      };
      const row = derives ? { ...given, ...derivedValues(table, given, values, time) } : given;
      const names = Object.keys(row);
      requireColumns(table, names);
      database
        .prepare(
          `INSERT INTO "${table}" (${names.map((name) => `"${name}"`).join(', ')})
           VALUES (${names.map(() => '?').join(', ')})`,
        )
        .run(...Object.entries(row).map(toParameter));
      if (watchers.has(table))
        tell({ table, kind: 'insert', before: undefined, after: byId(table, id), actor });
      return id;
    },
    update(table, id, values) {
      const { stamped, derives } = planOf(table);
      const time = now();
      const before = derives || watchers.has(table) ? byId(table, id) : undefined;
      const row: Values = {
        ...(stamped.modified ? { LastModifiedDate: time } : {}),
        ...(stamped.systemModstamp ? { SystemModstamp: time } : {}),
        ...(stamped.modifiedBy ? { LastModifiedById: actor ?? firstUser() } : {}),
        ...values,
        ...(derives ? derivedValues(table, { ...before, ...values }, values, time) : {}),
      };
      const names = Object.keys(row);
      requireColumns(table, names);
      database
        .prepare(
          `UPDATE "${table}" SET ${names.map((name) => `"${name}" = ?`).join(', ')} WHERE "Id" = ?`,
        )
        .run(...Object.entries(row).map(toParameter), to18(id));
      if (watchers.has(table))
        tell({ table, kind: 'update', before, after: byId(table, id), actor });
    },
    delete(table, id) {
      requireColumns(table, []);
      const before = watchers.has(table) ? byId(table, id) : undefined;
      database.prepare(`DELETE FROM "${table}" WHERE "Id" = ?`).run(to18(id));
      if (before !== undefined) tell({ table, kind: 'delete', before, after: undefined, actor });
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
    forgetReservations: () => reserved.clear(),
    as: (userId) => recordsOf(userId),
    watch(tables, listener) {
      for (const table of tables) {
        watchers.set(table, [...(watchers.get(table) ?? []), listener]);
      }
    },
  });
  return recordsOf(undefined);
}

/** `INV-{0000}` and 7 are INV-0007. */
function numbered(format: string, number: number): string {
  return format.replace(/\{(0+)\}/, (_, zeros: string) =>
    String(number).padStart(zeros.length, '0'),
  );
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
