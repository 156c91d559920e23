/** `composite/sobjects`: up to 200 records in one request (SObject Collections). */

import { parserError, requireObject } from './json-body.ts';
import { plainText } from './plain-text.ts';
import { bodyOf, methodOf, ok, requireEnd, rowsOf } from './rest-call.ts';
import type { RestAnswer, RestCall, RestContext } from './rest-call.ts';
import { RestError } from './rest-error.ts';
import { fieldsOf } from './sobject-resources.ts';
import { Ambiguous } from './sobject-rows.ts';
import type { SObjectRows } from './sobject-rows.ts';

const mostRecords = 200;

interface SaveResult {
  id?: string;
  success: boolean;
  errors: object[];
  created?: boolean;
}

export function collections(
  call: RestCall,
  context: RestContext,
  rest: readonly string[],
): RestAnswer {
  const [name, fieldName] = rest;
  requireEnd(rest, 2);
  const rows = rowsOf(call, context);
  if (name === undefined) {
    const method = methodOf(call, 'POST', 'PATCH', 'DELETE');
    if (method === 'DELETE') return remove(call, context, rows);
    const { allOrNone, records } = collectionOf(call);
    return ok(
      saveAll(context, allOrNone, records, (record) =>
        method === 'POST' ? create(rows, record) : update(rows, record),
      ),
    );
  }
  const sobject = rows.object(name);
  if (fieldName !== undefined) {
    methodOf(call, 'PATCH');
    const field = rows.externalIdField(sobject, fieldName);
    const { allOrNone, records } = collectionOf(call);
    return ok(
      saveAll(context, allOrNone, records, (record) => {
        const { [field.name]: value, ...values } = record;
        const key = plainText(value);
        if (key === '') {
          throw new RestError(400, 'MISSING_ARGUMENT', `${field.name} not specified`, []);
        }
        return rows.upsert(sobject, field, key, values);
      }),
    );
  }
  const { ids, fields } = wanted(call);
  return ok(
    ids.map((id) => {
      try {
        return rows.get(sobject, id, fields);
      } catch (error) {
        // Salesforce leaves a gap where there is no such record.
        if (error instanceof RestError && error.status === 404) return null;
        throw error;
      }
    }),
  );
}

function create(rows: SObjectRows, record: Record<string, unknown>): { id: string } {
  return { id: rows.create(rows.object(typeOf(record)), record) };
}

function update(rows: SObjectRows, record: Record<string, unknown>): { id: string } {
  const key = Object.keys(record).find((name) => name.toLowerCase() === 'id') ?? 'id';
  const { [key]: id, ...values } = record;
  if (typeof id !== 'string') {
    throw new RestError(400, 'MISSING_ARGUMENT', 'Id not specified in an update call', []);
  }
  rows.update(rows.object(typeOf(record)), id, values);
  return { id };
}

/** DELETE composite/sobjects?ids=001...,001...&allOrNone=true */
function remove(call: RestCall, context: RestContext, rows: SObjectRows): RestAnswer {
  const ids = (call.query.get('ids') ?? '').split(',').filter(Boolean);
  requireFew(ids);
  const allOrNone = call.query.get('allOrNone') === 'true';
  return ok(
    saveAll(context, allOrNone, ids, (id) => {
      const sobject = context.catalogue.findById(id);
      if (sobject === undefined) {
        throw new RestError(400, 'MALFORMED_ID', `malformed id ${id}`, []);
      }
      rows.delete(sobject, id);
      return { id };
    }),
  );
}

/** One by one; or, when all or none are wanted, together. */
function saveAll<T>(
  { database }: RestContext,
  allOrNone: boolean,
  inputs: readonly T[],
  save: (input: T) => { id: string; created?: boolean },
): SaveResult[] {
  let results: SaveResult[] = [];
  const saveEach = (): void => {
    results = inputs.map((input) => {
      try {
        return { ...save(input), success: true, errors: [] };
      } catch (error) {
        return { success: false, errors: [saveError(error)] };
      }
    });
    if (allOrNone && results.some(({ success }) => !success)) throw new RolledBack();
  };
  if (!allOrNone) {
    saveEach();
    return results;
  }
  try {
    database.transaction(saveEach);
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
    return results.map((result) =>
      result.success ? { success: false, errors: [rolledBack] } : result,
    );
  }
  return results;
}

class RolledBack extends Error {}

const rolledBack = {
  statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK',
  message:
    'Record rolled back because not all records were valid and the request was using AllOrNone header',
  fields: [],
};

/** In collections the code of an error is called `statusCode`. */
export function saveError(error: unknown): object {
  if (error instanceof RestError) {
    return { statusCode: error.errorCode, message: error.message, fields: error.fields ?? [] };
  }
  if (error instanceof Ambiguous) {
    return { statusCode: 'DUPLICATE_EXTERNAL_ID', message: error.message, fields: [] };
  }
  throw error;
}

function collectionOf(call: RestCall): { allOrNone: boolean; records: Record<string, unknown>[] } {
  const { allOrNone, records } = requireObject(bodyOf(call).value, 'SObjectCollection');
  if (!Array.isArray(records)) throw parserError('The records of the request are missing');
  requireFew(records);
  return {
    allOrNone: allOrNone === true,
    records: records.map((record) => requireObject(record, 'SObject')),
  };
}

/** @throws RestError EXCEEDED_ID_LIMIT */
function requireFew(records: readonly unknown[]): void {
  if (records.length <= mostRecords) return;
  throw new RestError(
    400,
    'EXCEEDED_ID_LIMIT',
    `record limit reached. cannot submit more than ${mostRecords} records into this call`,
  );
}

/** `attributes: { type: 'Account' }` */
export function typeOf({ attributes }: Record<string, unknown>): string {
  const type =
    typeof attributes === 'object' && attributes !== null && 'type' in attributes
      ? attributes.type
      : undefined;
  if (typeof type === 'string') return type;
  throw new RestError(
    400,
    'INVALID_INPUT',
    'The type attribute is missing: give each record attributes with its type.',
    [],
  );
}

/** GET ?ids=...&fields=..., or POST with the two in the body */
function wanted(call: RestCall): { ids: string[]; fields: string[] | undefined } {
  if (methodOf(call, 'GET', 'POST') === 'GET') {
    const ids = (call.query.get('ids') ?? '').split(',').filter(Boolean);
    return { ids, fields: fieldsOf(call) };
  }
  const { ids, fields } = requireObject(bodyOf(call).value, 'SObjectCollectionRead');
  const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
  return { ids: texts(ids), fields: fields === undefined ? undefined : texts(fields) };
}
