/** `sobjects`: global describe, objects, records. */

import { describeBriefly, describeGlobal, describeObject } from './describe.ts';
import { formatDatetime } from './field-value.ts';
import { locate, requireObject } from './json-body.ts';
import { bodyOf, methodOf, noContent, ok, requireEnd, rowsOf } from './rest-call.ts';
import type { QueryRecord } from './query.ts';
import type { RestAnswer, RestCall, RestContext } from './rest-call.ts';
import { notFound, RestError } from './rest-error.ts';
import type { FieldValues, SObjectRows } from './sobject-rows.ts';
import type { SObject } from './sobject.ts';

export function sobjectResource(call: RestCall, context: RestContext): RestAnswer {
  const [, name, key, value] = call.path;
  const { catalogue } = context;
  if (name === undefined) {
    methodOf(call, 'GET');
    return ok(describeGlobal(catalogue, call.versionUrl));
  }
  const rows = rowsOf(call, context);
  const sobject = rows.object(name);
  if (key === undefined) return basicInformation(call, rows, sobject);
  switch (key) {
    case 'describe':
      requireEnd(call.path, 3);
      methodOf(call, 'GET');
      return ok(describeObject(sobject, catalogue, call.versionUrl));
    case 'updated':
    case 'deleted':
      requireEnd(call.path, 3);
      methodOf(call, 'GET');
      return ok(changes(key, sobject, call, context));
    default:
      requireEnd(call.path, 4);
      return value === undefined
        ? record(call, rows, sobject, key)
        : byExternalId(call, rows, sobject, key, value);
  }
}

/** GET /recent: of all business objects, newest first; `limit` as many of them */
export function recentRecords(call: RestCall, context: RestContext): QueryRecord[] {
  const rows = rowsOf(call, context);
  const most = Math.min(Number(call.query.get('limit') ?? mostRecent) || mostRecent, mostRecent);
  return context.catalogue
    .list()
    .filter(({ setup }) => !setup)
    .flatMap((sobject) => rows.recent(sobject, call.userId))
    .toSorted((a, b) => b.changed - a.changed)
    .slice(0, most)
    .map(({ record: item }) => item);
}

const mostRecent = 200;

/** GET and POST /sobjects/{object} */
function basicInformation(call: RestCall, rows: SObjectRows, sobject: SObject): RestAnswer {
  if (methodOf(call, 'GET', 'POST') === 'GET') {
    return ok({
      objectDescribe: describeBriefly(sobject, call.versionUrl),
      recentItems: rows.recent(sobject, call.userId).map(({ record: item }) => item),
    });
  }
  const id = rows.create(sobject, valuesOf(call));
  return {
    status: 201,
    body: { id, success: true, errors: [] },
    headers: { location: `${call.versionUrl}/sobjects/${sobject.name}/${id}` },
  };
}

/** GET, PATCH and DELETE /sobjects/{object}/{id} */
function record(call: RestCall, rows: SObjectRows, sobject: SObject, id: string): RestAnswer {
  switch (methodOf(call, 'GET', 'PATCH', 'DELETE')) {
    case 'GET':
      return ok(rows.get(sobject, id, fieldsOf(call)));
    case 'PATCH':
      rows.update(sobject, id, valuesOf(call));
      return noContent;
    case 'DELETE':
      rows.delete(sobject, id);
      return noContent;
  }
}

/** GET, PATCH (upsert) and DELETE /sobjects/{object}/{external id field}/{value} */
function byExternalId(
  call: RestCall,
  rows: SObjectRows,
  sobject: SObject,
  fieldName: string,
  value: string,
): RestAnswer {
  const field = rows.externalIdField(sobject, fieldName);
  switch (methodOf(call, 'GET', 'PATCH', 'DELETE')) {
    case 'GET':
      return ok(rows.getByExternalId(sobject, field, value, fieldsOf(call)));
    case 'PATCH': {
      const { id, created } = rows.upsert(sobject, field, value, valuesOf(call));
      const body = { id, success: true, errors: [], created };
      if (created) return { status: 201, body };
      // Before API version 46.0 an update by external id answered nothing.
      return Number(call.version) < 46 ? noContent : ok(body);
    }
    case 'DELETE':
      rows.delete(sobject, String(rows.getByExternalId(sobject, field, value)['Id']));
      return noContent;
  }
}

function valuesOf(call: RestCall): FieldValues {
  return requireObject(bodyOf(call).value, 'SObject');
}

/** `fields=Name,Industry` */
export function fieldsOf({ query }: RestCall): string[] | undefined {
  const wish = query.get('fields');
  if (wish === null || wish.trim() === '') return undefined;
  return wish.split(',').map((name) => name.trim());
}

/** GET /sobjects/{object}/updated and deleted: ids of a span of time */
function changes(
  what: 'updated' | 'deleted',
  sobject: SObject,
  { query }: RestCall,
  { database, now }: RestContext,
): object {
  if (!sobject.hasRecycleBin) throw notFound();
  const time = (name: string): number => {
    // A plus sign that was not encoded has become a space.
    const text = (query.get(name) ?? '').replace(/ (\d\d:?\d\d)$/, '+$1');
    const parsed = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
    if (Number.isNaN(parsed)) {
      throw new RestError(
        400,
        'INVALID_REPLICATION_DATE',
        `${name} is not a date and time: ${text}`,
      );
    }
    return parsed;
  };
  const [start, end] = [time('start'), time('end')];
  if (end <= start) {
    throw new RestError(400, 'INVALID_REPLICATION_DATE', 'startDate before endDate is required');
  }
  const rows = database
    .prepare(
      `SELECT "Id", "SystemModstamp" FROM "${sobject.name}"
       WHERE "SystemModstamp" >= ? AND "SystemModstamp" <= ? AND "IsDeleted" = ? ORDER BY "Id"`,
    )
    .all(start, end, what === 'deleted' ? 1 : 0);
  const latestDateCovered = formatDatetime(Math.min(end, now()));
  if (what === 'updated') return { ids: rows.map((row) => row['Id']), latestDateCovered };
  const oldest = database
    .prepare(`SELECT min("SystemModstamp") AS "t" FROM "${sobject.name}" WHERE "IsDeleted" = 1`)
    .get();
  return {
    deletedRecords: rows.map((row) => ({
      deletedDate: formatDatetime(Number(row['SystemModstamp'])),
      id: row['Id'],
    })),
    earliestDateAvailable: formatDatetime(Number(oldest?.['t'] ?? now())),
    latestDateCovered,
  };
}

/** Adds to an error about a value where in the body it stood. */
export function locateIn(call: RestCall, error: unknown): unknown {
  return call.body === undefined ? error : locate(error, call.body);
}
