/** `query`, `queryAll` and their next batches; `tooling/query` is the same over other objects. */

import type { Catalogue } from './catalogue.ts';
import { describeColumns } from './column-metadata.ts';
import { batchSizeOf } from './query-locator.ts';
import { runQuery } from './query.ts';
import type { QueryContext } from './query.ts';
import { methodOf, ok, requireEnd } from './rest-call.ts';
import type { RestAnswer, RestCall, RestContext } from './rest-call.ts';
import { RestError } from './rest-error.ts';
import { malformedQuery } from './soql-error.ts';

/** Far above any SOQL that Salesforce takes (100,000 characters). */
const longestQuery = 100_000;

export interface QueryResourceOptions {
  catalogue: Catalogue;
  includeDeleted: boolean;
  /** Where the next batches are. */
  queryUrl: string;
  /** What follows the name of the resource in the path. */
  rest: readonly string[];
}

export function queryResource(
  call: RestCall,
  context: RestContext,
  { catalogue, includeDeleted, queryUrl, rest }: QueryResourceOptions,
): RestAnswer {
  methodOf(call, 'GET');
  const [locator] = rest;
  requireEnd(rest, 1);
  const { userId } = call;
  if (locator !== undefined) return ok(context.locators.nextBatch(locator, { userId, queryUrl }));
  if (call.query.has('explain')) {
    throw new RestError(404, 'NOT_FOUND', 'Query plans are not supported by this local org');
  }
  const soql = call.query.get('q') ?? '';
  if (soql.trim() === '') throw malformedQuery('SOQL statement cannot be empty or null');
  if (soql.length > longestQuery) throw malformedQuery('SOQL statement is too long');
  const queryContext: QueryContext = {
    database: context.database,
    catalogue,
    parse: context.parse,
    now: context.now,
    apiVersion: call.version,
    sessionId: call.sessionId,
    includeDeleted,
  };
  if (call.query.get('columns') === 'true') return ok(describeColumns(soql, queryContext));
  const batchSize = batchSizeOf(call.headers.get('sforce-query-options'));
  const result = runQuery(soql, queryContext);
  return ok(context.locators.firstBatch(result, { userId, queryUrl, batchSize }));
}
