/** One request of the REST API, taken apart; and its answer before it becomes a response. */

import type { Database } from '../store/database.ts';
import type { Records } from '../store/records.ts';
import type { ApiUsage } from './api-usage.ts';
import type { Catalogue } from './catalogue.ts';
import { parserError } from './json-body.ts';
import type { JsonBody } from './json-body.ts';
import type { SoqlParser } from './query.ts';
import type { QueryLocators } from './query-locator.ts';
import { methodNotAllowed, notFound } from './rest-error.ts';
import { SObjectRows } from './sobject-rows.ts';

/** What every endpoint works with. */
export interface RestContext {
  database: Database;
  catalogue: Catalogue;
  records: Records;
  usage: ApiUsage;
  locators: QueryLocators;
  parse: SoqlParser;
  /** Milliseconds since 1970. */
  now: () => number;
  identityUrl: (userId: string) => string;
}

export interface RestCall {
  method: string;
  /** Behind the version: `['sobjects', 'Account']`. */
  path: readonly string[];
  query: URLSearchParams;
  headers: Headers;
  body: JsonBody | undefined;
  /** Such as `67.0`. */
  version: string;
  /** `/services/data/v67.0` */
  versionUrl: string;
  userId: string;
  sessionId: string;
}

export interface RestAnswer {
  status: number;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** Answers a call; composite requests are made of several. */
export type Answerer = (call: RestCall, context: RestContext) => RestAnswer;

export const ok = (body: unknown): RestAnswer => ({ status: 200, body });
export const noContent: RestAnswer = { status: 204 };

/** The method of an endpoint. @throws RestError 405 METHOD_NOT_ALLOWED */
export function methodOf<const Method extends string>(
  { method }: RestCall,
  ...allowed: readonly Method[]
): Method {
  const asked = method === 'HEAD' ? 'GET' : method;
  const found = allowed.find((one) => one === asked);
  if (found !== undefined) return found;
  throw methodNotAllowed(method, [
    ...(allowed.some((one) => one === 'GET') ? ['HEAD'] : []),
    ...allowed,
  ]);
}

/** @throws RestError 404 when there is more of a path than an endpoint has */
export function requireEnd(path: readonly string[], length: number): void {
  if (path.length > length) throw notFound();
}

/** @throws RestError JSON_PARSER_ERROR when there is none */
export function bodyOf({ body }: RestCall): JsonBody {
  if (body === undefined) {
    throw parserError('The HTTP entity body is required, but this request has no entity body.');
  }
  return body;
}

/** The records of the org, written by the user who asks. */
export function rowsOf(call: RestCall, context: RestContext): SObjectRows {
  const { database, catalogue, records } = context;
  return new SObjectRows({
    database,
    catalogue,
    records: records.as(call.userId),
    apiVersion: call.version,
    sessionId: call.sessionId,
    userId: call.userId,
  });
}
