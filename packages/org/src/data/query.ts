/** Runs a SOQL query and shapes its answer as the REST API does. */

import type { Query } from '@jetstreamapp/soql-parser-js';
import type { Database, Row, SqlValue } from '../store/database.ts';
import { compileQuery } from './soql-compiler.ts';
import type { CompiledQuery, OutputColumn } from './soql-compiler.ts';
import { malformedQuery } from './soql-error.ts';
import type { FieldType, SObject } from './sobject.ts';

export interface QueryContext {
  database: Database;
  /** Such as `67.0`. */
  apiVersion: string;
  /** Milliseconds since 1970. */
  now: () => number;
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
export async function runQuery(soql: string, context: QueryContext): Promise<QueryResult> {
  const compiled = await compile(soql, context);
  const rows = runSql(compiled, compiled.parameters, context);
  if (compiled.kind === 'count') {
    return { totalSize: Number(rows[0]?.['c0'] ?? 0), done: true, records: [] };
  }
  const records = rows.map((row) => toRecord(row, compiled, context));
  return { totalSize: records.length, done: true, records };
}

/** What `columns=true` answers: the shape of the result in place of the result. */
export async function describeColumns(soql: string, context: QueryContext): Promise<object> {
  const { outputs, sobject, kind } = await compile(soql, context);
  const named = outputs.filter(({ hidden }) => !hidden);
  return {
    columnMetadata: named.map(({ path, type }) => ({
      aggregate: kind !== 'records',
      apexType: apexType(type),
      booleanType: type === 'boolean',
      columnName: path.join('.'),
      custom: false,
      displayName: path.join('.'),
      foreignKeyName: path.length > 1 ? (path[0] ?? null) : null,
      insertable: false,
      joinColumns: [],
      numberType: type === 'int' || type === 'currency',
      textType: type !== 'boolean' && type !== 'int' && type !== 'currency',
      updatable: false,
    })),
    entityName: sobject.name,
    groupBy: kind === 'aggregate',
    idSelected: named.some(({ path }) => path.length === 1 && path[0] === 'Id'),
    keyPrefix: sobject.keyPrefix,
  };
}

async function compile(soql: string, { now }: QueryContext): Promise<CompiledQuery> {
  // The parser takes a fifth of a second to load: only who asks a query waits for it.
  const { parseQuery } = await import('@jetstreamapp/soql-parser-js');
  let query: Query;
  try {
    query = parseQuery(soql);
  } catch (error) {
    throw malformedQuery(parserMessage(error, soql));
  }
  return compileQuery(query, { soql, now: now() });
}

/** The parser lists all it would have taken; Salesforce names what was there. */
function parserMessage(error: unknown, soql: string): string {
  const message = error instanceof Error ? error.message : '';
  const found = /but found(?: -->)?:? *'([^']*)'/.exec(message)?.[1];
  const token = found === undefined || found === '' ? '<EOF>' : found;
  const at = token === '<EOF>' ? soql.length : Math.max(0, soql.indexOf(token));
  const excerpt = soql.slice(Math.max(0, at - 35), at + 35);
  return `\n${excerpt}\n${' '.repeat(Math.min(at, 35))}^\nERROR at Row:1:Column:${at + 1}\nunexpected token: '${token}'`;
}

function runSql(
  { sql }: CompiledQuery,
  parameters: readonly SqlValue[],
  { database }: QueryContext,
): Row[] {
  return database.prepare(sql).all(...parameters);
}

function toRecord(row: Row, compiled: CompiledQuery, context: QueryContext): QueryRecord {
  if (compiled.kind === 'aggregate') {
    const record: QueryRecord = { attributes: { type: 'AggregateResult' } };
    for (const { path, type, column } of compiled.outputs) {
      record[path[0] ?? column] = toJson(row[column] ?? null, type);
    }
    return record;
  }
  const id = String(row['c0']);
  const record = emptyRecord(compiled.sobject, id, context);
  for (const output of compiled.outputs) {
    if (!output.hidden) place(record, output, row, compiled, context);
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
  { path, parents, type, column }: OutputColumn,
  row: Row,
  { outputs }: CompiledQuery,
  context: QueryContext,
): void {
  let target = record;
  for (const [depth, parent] of parents.entries()) {
    const way = path.slice(0, depth + 1);
    const name = path[depth] ?? '';
    const idColumn = outputs.find(
      (output) =>
        output.hidden &&
        output.path.length === depth + 2 &&
        output.path.at(-1) === 'Id' &&
        way.every((word, index) => output.path[index] === word),
    );
    const parentId = row[idColumn?.column ?? ''];
    if (typeof parentId !== 'string') {
      target[name] = null;
      return;
    }
    target[name] ??= emptyRecord(parent, parentId, context);
    target = target[name] as QueryRecord;
  }
  target[path.at(-1) ?? column] = toJson(row[column] ?? null, type);
}

function emptyRecord({ name }: SObject, id: string, { apiVersion }: QueryContext): QueryRecord {
  return {
    attributes: { type: name, url: `/services/data/v${apiVersion}/sobjects/${name}/${id}` },
  };
}

function toJson(value: SqlValue, type: FieldType): unknown {
  if (value === null) return null;
  if (type === 'boolean') return value === 1;
  if (type === 'datetime') return formatDatetime(Number(value));
  return value;
}

/** Salesforce writes the zone as `+0000`. */
function formatDatetime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '+0000');
}

function apexType(type: FieldType): string {
  switch (type) {
    case 'id':
    case 'reference':
      return 'Id';
    case 'boolean':
      return 'Boolean';
    case 'int':
      return 'Integer';
    case 'currency':
      return 'Double';
    case 'datetime':
      return 'Datetime';
    default:
      return 'String';
  }
}
