/** Everything an org holds, as plain data that JSON can carry, and the way back. */

import * as v from 'valibot';
import type { Catalogue } from '../data/catalogue.ts';
import { loadCustomObjects } from '../data/custom-object.ts';
import { OrgError } from '../org-error.ts';
import type { Database, Row } from './database.ts';
import type { Records } from './records.ts';
import { columnNames, dataTables, schemaVersion, shapeTables } from './schema.ts';

export interface Snapshot {
  /** Version of the tables; a snapshot goes back into tables of the same version only. */
  schema: number;
  organizationId: string;
  /**
   * Table -> rows. Consumer secrets are among them: keep it as you would keep the org. What proves
   * access tokens is not: they are good at the org alone that gave them.
   */
  tables: Record<string, Row[]>;
}

export const snapshotSchema: v.GenericSchema<unknown, Snapshot> = v.strictObject({
  schema: v.number(),
  organizationId: v.string(),
  tables: v.record(
    v.string(),
    v.array(v.record(v.string(), v.union([v.string(), v.number(), v.null()]))),
  ),
});

/** What a snapshot is taken of and goes back into. */
export interface Store {
  database: Database;
  records: Records;
  catalogue: Catalogue;
}

export function takeSnapshot({ database, catalogue }: Store): Snapshot {
  const tables: Record<string, Row[]> = {};
  for (const table of dataTables(catalogue)) {
    const rows = database.prepare(`SELECT * FROM "${table}"`).all();
    // What the libraries return are objects of kinds of their own.
    if (rows.length > 0) tables[table] = rows.map((row): Row => Object.assign({}, row));
  }
  const [organization] = tables['Organization'] ?? [];
  const organizationId = String(organization?.['Id']);
  delete organization?.['_secret'];
  return { schema: schemaVersion, organizationId, tables };
}

/**
 * Puts a snapshot in the place of everything that is there. Ids go on from where they are: one that
 * was given once is never given again, so no old access token can open a new session.
 *
 * @throws OrgError SNAPSHOT_INVALID, and then nothing has changed
 */
export function restoreSnapshot(value: unknown, store: Store): void {
  const { database, records, catalogue } = store;
  const result = v.safeParse(snapshotSchema, value);
  if (!result.success) {
    const [issue] = result.issues;
    throw invalid(`${v.getDotPath(issue) ?? 'snapshot'}: ${issue.message}`);
  }
  const { schema, tables } = result.output;
  if (schema !== schemaVersion) {
    throw invalid(`it is of schema version ${schema}, this org of ${schemaVersion}`);
  }
  const own = records.find('Organization', {});
  const [organization, ...more] = tables['Organization'] ?? [];
  if (organization === undefined || organization['Id'] !== own?.['Id'] || more.length > 0) {
    throw invalid('it is not that of an org with this id');
  }
  organization['_secret'] = own?.['_secret'] ?? null;
  try {
    database.transaction(() => {
      for (const table of dataTables(catalogue)) {
        if (table !== '_Counter') database.exec(`DELETE FROM "${table}"`);
      }
      // First the objects that were added: the tables for their records follow from them.
      for (const row of tables[customObjects] ?? []) insert(database, customObjects, row);
      readCatalogue(store);
      shapeTables(database, catalogue);
      const known = new Set(dataTables(catalogue));
      for (const [table, rows] of Object.entries(tables)) {
        if (!known.has(table)) throw invalid(`there is no table "${table}"`);
        if (table === customObjects) continue;
        for (const row of rows) insert(database, table, row);
      }
    });
  } catch (cause) {
    readCatalogue(store);
    if (cause instanceof OrgError && cause.code === 'SNAPSHOT_INVALID') throw cause;
    throw invalid(cause instanceof Error ? cause.message : String(cause), cause);
  } finally {
    records.forgetReservations();
  }
}

const customObjects = '_CustomObject';

function readCatalogue({ catalogue, database }: Store): void {
  catalogue.reset();
  loadCustomObjects({ catalogue, database });
}

function insert(database: Database, table: string, row: Row): void {
  const names = Object.keys(row);
  const columns = columnNames(database, table);
  const stranger = names.find((name) => !columns.has(name));
  if (stranger !== undefined) throw invalid(`${table} has no column "${stranger}"`);
  const list = names.map((name) => `"${name}"`).join(', ');
  const statement = `INSERT INTO "${table}" (${list}) VALUES (${names.map(() => '?').join(', ')})`;
  const higher =
    table === '_Counter'
      ? ' ON CONFLICT DO UPDATE SET "_last" = max("_last", excluded."_last")'
      : '';
  database.prepare(statement + higher).run(...Object.values(row));
}

function invalid(reason: string, cause?: unknown): OrgError {
  return new OrgError('SNAPSHOT_INVALID', `The snapshot cannot be restored: ${reason}`, {
    ...(cause === undefined ? {} : { cause }),
    hints: ['Take it with snapshot() of this version of the org, and leave it as it is.'],
  });
}
