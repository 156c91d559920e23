/** Runs a SOQL query and shapes its answer as the REST API does. */

import type { parseQuery, Query } from '@jetstreamapp/soql-parser-js';
import type { Database, Row, SqlValue } from '../store/database.ts';
import type { Catalogue } from './catalogue.ts';
import { toJson } from './field-value.ts';
import type { SObject } from './sobject.ts';
import { compileQuery } from './soql-compiler.ts';
import type { CompiledQuery, OutputColumn, ParentRow } from './soql-compiler.ts';
import { malformedQuery, tooComplicated, unexpectedToken } from './soql-error.ts';

export type SoqlParser = typeof parseQuery;

/** It takes a fifth of a second to load: only who asks a query waits for it. */
export async function loadSoqlParser(): Promise<SoqlParser> {
  const parser = await import('@jetstreamapp/soql-parser-js');
  return parser.parseQuery;
}

export interface QueryContext {
  database: Database;
  catalogue: Catalogue;
  parse: SoqlParser;
  /** Such as `67.0`. */
  apiVersion: string;
  /** Milliseconds since 1970. */
  now: () => number;
  /** The session of who asks. */
  sessionId: string;
  /** `queryAll`: with what is in the recycle bin. */
  includeDeleted?: boolean;
}

export interface QueryRecord {
  attributes: { type: string; url?: string };
  [field: string]: unknown;
}

export interface QueryResult {
  totalSize: number;
  done: boolean;
  nextRecordsUrl?: string;
  records: QueryRecord[];
}

/** @throws RestError MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE */
export function runQuery(soql: string, context: QueryContext): QueryResult {
  const compiled = compile(soql, context);
  const rows = runSql(compiled, compiled.parameters, context);
  if (compiled.kind === 'count') {
    return { totalSize: Number(rows[0]?.['c0'] ?? 0), done: true, records: [] };
  }
  const records = rows.map((row) => toRecord(row, compiled, context));
  return { totalSize: records.length, done: true, records };
}

/** The tree of a query, checked and ready for SQL. */
export function compile(
  soql: string,
  { catalogue, parse, now, sessionId, includeDeleted = false }: QueryContext,
): CompiledQuery {
  const allRows = /\sALL\s+ROWS\s*$/i.exec(soql);
  if (allRows !== null && !includeDeleted) {
    throw malformedQuery('ALL ROWS not allowed in this context');
  }
  // The parser does not know the end of it.
  const text = allRows === null ? soql : soql.slice(0, allRows.index);
  try {
    const query = parseOrRefuse(text, parse);
    return compileQuery(query, { catalogue, soql, now: now(), includeDeleted, sessionId });
  } catch (error) {
    // Nested too deep for the stack.
    if (error instanceof RangeError) throw tooComplicated();
    throw error;
  }
}

/** @throws RestError MALFORMED_QUERY */
function parseOrRefuse(soql: string, parse: SoqlParser): Query {
  try {
    return parse(soql);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    const message = error instanceof Error ? error.message : '';
    if (/[=(<>,]\s*:\s*\w/.test(soql) || /\bIN\s*:\s*\w/i.test(soql)) {
      throw malformedQuery('Bind variables only allowed in Apex code');
    }
    // It lists all it would have taken; Salesforce names what was there.
    const found = /but found(?: -->)?:? *'?([^'\s]*)'?/.exec(message)?.[1];
    throw unexpectedToken(/->(.)<-/.exec(message)?.[1] ?? found, soql);
  }
}

const limitsOfSqlite =
  /too large|too many|too complex|too long|too big|too deep|stack overflow|at most \d+ tables/i;

function runSql(
  { sql }: CompiledQuery,
  parameters: readonly SqlValue[],
  { database }: QueryContext,
): Row[] {
  try {
    return database.prepare(sql).all(...parameters);
  } catch (error) {
    if (error instanceof Error && limitsOfSqlite.test(error.message)) throw tooComplicated();
    throw error;
  }
}

function toRecord(row: Row, compiled: CompiledQuery, context: QueryContext): QueryRecord {
  if (compiled.kind === 'aggregate') {
    const record: QueryRecord = { attributes: { type: 'AggregateResult' } };
    for (const { name, type, column } of compiled.outputs) {
      record[name] = toJson(row[column] ?? null, type);
    }
    return record;
  }
  const id = String(row['c0']);
  const record = emptyRecord(compiled.sobject.name, id, context);
  for (const output of compiled.outputs) place(record, output, row, context);
  for (const { relationshipName, cases } of compiled.typeOfs) {
    const match = cases.find(({ parent }) => typeof row[parent.idColumn] === 'string');
    record[relationshipName] = null;
    if (match === undefined) continue;
    const parent = parentRecord(match.parent, row, context);
    for (const output of match.outputs) place(parent, output, row, context);
    record[relationshipName] = parent;
  }
  for (const { relationshipName, compiled: child } of compiled.children) {
    const parameters = [...child.parameters];
    parameters[child.parentParameter] = id;
    const records = runSql(child, parameters, context).map((childRow) =>
      toRecord(childRow, child, context),
    );
    record[relationshipName] =
      records.length === 0 ? null : { totalSize: records.length, done: true, records };
  }
  return record;
}

/** Puts a value at the end of its path; a parent that is not there is null. */
function place(
  record: QueryRecord,
  { name, parents, type, column }: OutputColumn,
  row: Row,
  context: QueryContext,
): void {
  let target = record;
  for (const parent of parents) {
    if (typeof row[parent.idColumn] !== 'string') {
      target[parent.relationshipName] = null;
      return;
    }
    target[parent.relationshipName] ??= parentRecord(parent, row, context);
    target = target[parent.relationshipName] as QueryRecord;
  }
  target[name] = toJson(row[column] ?? null, type);
}

function parentRecord(
  { sobject, idColumn, typeColumn }: ParentRow,
  row: Row,
  context: QueryContext,
): QueryRecord {
  const type = typeColumn === undefined ? sobject.name : String(row[typeColumn]);
  return emptyRecord(type, String(row[idColumn]), context);
}

export function emptyRecord(
  type: SObject['name'],
  id: string,
  { apiVersion }: Pick<QueryContext, 'apiVersion'>,
): QueryRecord {
  return { attributes: { type, url: `/services/data/v${apiVersion}/sobjects/${type}/${id}` } };
}
