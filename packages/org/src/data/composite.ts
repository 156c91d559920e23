/** Several calls in one request: `composite`, `composite/batch`, `composite/tree`. */

import { parserError, requireObject } from './json-body.ts';
import { plainText } from './plain-text.ts';
import { bodyOf, methodOf, requireEnd, rowsOf } from './rest-call.ts';
import type { Answerer, RestAnswer, RestCall, RestContext } from './rest-call.ts';
import { RestError, notFound } from './rest-error.ts';
import { saveError, typeOf } from './sobject-collections.ts';
import { Ambiguous } from './sobject-rows.ts';
import type { SObjectRows } from './sobject-rows.ts';
import type { SObject } from './sobject.ts';

const mostRequests = 25;
const mostOfTree = 200;

interface CompositeResult {
  body: unknown;
  httpHeaders: Readonly<Record<string, string>>;
  httpStatusCode: number;
  referenceId: string;
}

/** POST /composite: later requests may name results of earlier ones, `@{refAccount.id}`. */
export function composite(call: RestCall, context: RestContext, answer: Answerer): RestAnswer {
  methodOf(call, 'POST');
  const { allOrNone, compositeRequest } = requireObject(bodyOf(call).value, 'CompositeRequest');
  const requests = requestsOf(compositeRequest, 'compositeRequest');
  const results: CompositeResult[] = [];
  const runAll = (): void => {
    for (const request of requests) {
      const referenceId = plainText(request['referenceId']);
      const { status, body, headers } = attempt(() => {
        const resolved = resolveReferences(request, results) as Record<string, unknown>;
        return answer(subcall(resolved, call, 'body'), context);
      });
      results.push({
        body: body ?? null,
        httpHeaders: location(headers),
        httpStatusCode: status,
        referenceId,
      });
      if (allOrNone === true && status >= 400) throw new Halted(results.length - 1);
    }
  };
  if (allOrNone !== true) runAll();
  else {
    try {
      context.database.transaction(runAll);
    } catch (error) {
      if (!(error instanceof Halted)) throw error;
      return composed(halted(requests, results, error.at));
    }
  }
  return composed(results);
}

function composed(compositeResponse: readonly CompositeResult[]): RestAnswer {
  return { status: 200, body: { compositeResponse } };
}

class Halted extends Error {
  /** Which request it was that failed. */
  readonly at: number;

  constructor(at: number) {
    super('a request failed');
    this.at = at;
  }
}

/** All others share the fate of the one that failed. */
function halted(
  requests: readonly Record<string, unknown>[],
  results: readonly CompositeResult[],
  at: number,
): CompositeResult[] {
  return requests.map((request, index) => {
    const result = results[index];
    if (index === at && result !== undefined) return result;
    const error = new RestError(
      400,
      'PROCESSING_HALTED',
      'The transaction was rolled back since another operation in the same transaction failed.',
    );
    return {
      body: [error],
      httpHeaders: {},
      httpStatusCode: 400,
      referenceId: plainText(request['referenceId']),
    };
  });
}

/** POST /composite/batch: independent requests */
export function batch(call: RestCall, context: RestContext, answer: Answerer): RestAnswer {
  methodOf(call, 'POST');
  const { batchRequests, haltOnError } = requireObject(bodyOf(call).value, 'BatchRequest');
  let stopped = false;
  const results = requestsOf(batchRequests, 'batchRequests').map((request) => {
    const { status, body } = attempt(() => {
      if (stopped) {
        throw new RestError(
          412,
          'BATCH_PROCESSING_HALTED',
          'Batch processing halted per request in the haltOnError flag.',
        );
      }
      return answer(subcall(request, call, 'richInput'), context);
    });
    if (haltOnError === true && status >= 400) stopped = true;
    return { statusCode: status, result: body ?? null };
  });
  const hasErrors = results.some(({ statusCode }) => statusCode >= 400);
  return { status: 200, body: { hasErrors, results } };
}

function requestsOf(value: unknown, name: string): Record<string, unknown>[] {
  if (!Array.isArray(value)) throw parserError(`The ${name} of the request are missing`);
  if (value.length > mostRequests) {
    throw new RestError(
      400,
      'LIMIT_EXCEEDED',
      `Limit reached. Limit is: ${mostRequests}, Limit Type is: OPERATIONS`,
    );
  }
  return value.map((request) => requireObject(request, 'Subrequest'));
}

/** A request inside of another one; no composite in a composite. */
function subcall(
  request: Record<string, unknown>,
  call: RestCall,
  bodyName: 'body' | 'richInput',
): RestCall {
  const address = plainText(request['url']);
  const url = new URL(
    address.replace(/^\/?(?:services\/data\/)?/, '/services/data/'),
    'http://org',
  );
  const [, , , version = '', ...path] = url.pathname.split('/');
  if (version !== `v${call.version}`) {
    throw new RestError(
      400,
      'INVALID_API_VERSION',
      `The API version of a subrequest has to be that of the request: ${address}`,
    );
  }
  const segments = path.filter(Boolean).map(decodeSegment);
  if (segments[0] === 'composite' && segments[1] !== 'sobjects') throw notFound();
  const body = request[bodyName];
  return {
    ...call,
    method: (plainText(request['method']) || 'GET').toUpperCase(),
    path: segments,
    query: url.searchParams,
    headers: new Headers(),
    body:
      body === undefined || body === null ? undefined : { text: JSON.stringify(body), value: body },
  };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The answer of a call, whether it succeeds or not. */
function attempt(work: () => RestAnswer): RestAnswer {
  try {
    return work();
  } catch (error) {
    if (error instanceof RestError) return { status: error.status, body: [error] };
    if (error instanceof Ambiguous) return { status: 300, body: error.urls };
    throw error;
  }
}

function location(headers: RestAnswer['headers']): Record<string, string> {
  return headers?.['location'] === undefined ? {} : { Location: headers['location'] };
}

/** `@{refAccount.id}`, in URLs and bodies alike */
function resolveReferences(value: unknown, results: readonly CompositeResult[]): unknown {
  if (typeof value === 'string') {
    return value.replace(/@\{([^}]+)\}/g, (_, path: string) => resolve(path, results));
  }
  if (Array.isArray(value)) return value.map((one) => resolveReferences(one, results));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, resolveReferences(one, results)]),
  );
}

function resolve(path: string, results: readonly CompositeResult[]): string {
  const [referenceId = '', ...steps] = path.split(/\.|\[(\d+)\]\.?/).filter(Boolean);
  let value = results.find((result) => result.referenceId === referenceId)?.body;
  for (const step of steps) {
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    value = entries.find(([name]) => name.toLowerCase() === step.toLowerCase())?.[1];
  }
  const text = plainText(value);
  if (text !== '') return text;
  throw new RestError(
    400,
    'PROCESSING_HALTED',
    `Invalid reference specified. No value for ${path} found in ${referenceId}`,
  );
}

interface TreeError {
  referenceId: string;
  errors: object[];
}

/** POST /composite/tree/{object}: records with their children, all or none */
export function tree(call: RestCall, context: RestContext, rest: readonly string[]): RestAnswer {
  methodOf(call, 'POST');
  requireEnd(rest, 1);
  const rows = rowsOf(call, context);
  const sobject = rows.object(rest[0] ?? '');
  const { records } = requireObject(bodyOf(call).value, 'SObjectTree');
  const planter = new TreePlanter(rows, context);
  try {
    context.database.transaction(() => {
      planter.plant(records, sobject, {});
      if (planter.errors.length > 0) throw new Halted(0);
    });
  } catch (error) {
    if (!(error instanceof Halted)) throw error;
    return { status: 400, body: { hasErrors: true, results: planter.errors } };
  }
  return { status: 201, body: { hasErrors: false, results: planter.results } };
}

class TreePlanter {
  readonly results: { referenceId: string; id: string }[] = [];
  readonly errors: TreeError[] = [];
  readonly #rows: SObjectRows;
  readonly #context: RestContext;
  #count = 0;

  constructor(rows: SObjectRows, context: RestContext) {
    this.#rows = rows;
    this.#context = context;
  }

  plant(records: unknown, sobject: SObject, parent: Record<string, unknown>): void {
    if (!Array.isArray(records)) throw parserError('The records of the tree are missing');
    for (const one of records) this.#plantOne(requireObject(one, 'SObjectTree'), sobject, parent);
  }

  #plantOne(
    record: Record<string, unknown>,
    sobject: SObject,
    parent: Record<string, unknown>,
  ): void {
    this.#count += 1;
    if (this.#count > mostOfTree) {
      throw new RestError(
        400,
        'LIMIT_EXCEEDED',
        `Limit reached. Limit is: ${mostOfTree}, Limit Type is: RECORDS`,
      );
    }
    const { attributes } = record;
    const referenceId =
      typeof attributes === 'object' && attributes !== null && 'referenceId' in attributes
        ? String(attributes.referenceId)
        : '';
    try {
      if (this.#rows.object(typeOf(record)) !== sobject) {
        throw new RestError(400, 'INVALID_TYPE', `The record is no ${sobject.name}`, []);
      }
      const values: Record<string, unknown> = { ...parent };
      const children: [name: string, records: unknown][] = [];
      for (const [name, value] of Object.entries(record)) {
        if (typeof value === 'object' && value !== null && 'records' in value) {
          children.push([name, value.records]);
        } else values[name] = value;
      }
      const id = this.#rows.create(sobject, values);
      this.results.push({ referenceId, id });
      for (const [name, childRecords] of children) {
        const relation = this.#context.catalogue.findChildRelationship(sobject, name);
        if (relation === undefined) {
          throw new RestError(
            400,
            'INVALID_FIELD',
            `No such column '${name}' on sobject of type ${sobject.name}`,
          );
        }
        this.plant(childRecords, relation.child, { [relation.field.name]: id });
      }
    } catch (error) {
      this.errors.push({ referenceId, errors: [saveError(error)] });
    }
  }
}
