/** The REST API at the door: who asks, for which version, and how it is counted. */

import { Hono } from 'hono';
import type { Context } from 'hono';
import type { Database } from '../store/database.ts';
import type { Records } from '../store/records.ts';
import { withOneSlash } from '../request-target.ts';
import type { ApiUsage } from './api-usage.ts';
import type { Catalogue } from './catalogue.ts';
import { readJson } from './json-body.ts';
import { loadSoqlParser } from './query.ts';
import { QueryLocators } from './query-locator.ts';
import { answerCall } from './resources.ts';
import type { RestCall } from './rest-call.ts';
import { RestError, notFound, restResponse } from './rest-error.ts';
import { locateIn } from './sobject-resources.ts';
import { Ambiguous } from './sobject-rows.ts';
import { requireVersion, versions } from './versions.ts';
import type { ApiVersion } from './versions.ts';

/** Whose session a request belongs to. */
interface Caller {
  userId: string;
  sessionId: string;
}

export interface DataContext {
  database: Database;
  catalogue: Catalogue;
  records: Records;
  usage: ApiUsage;
  /** Milliseconds since 1970. */
  now: () => number;
  /** @throws RestError 401, 403 */
  authenticate: (request: Request) => Caller;
  identityUrl: (userId: string) => string;
}

export function dataRoutes(context: DataContext): Hono {
  const routes = new Hono();
  const locators = new QueryLocators();

  // Open to all and not counted: a client learns from it which version to speak.
  routes.get('/services/data', () => restResponse(versions));
  routes.get('/services/data/', () => restResponse(versions));

  routes.all('/services/data/:version/*', (c) => answer(c, context, locators));
  return routes;
}

async function answer(
  c: Context,
  context: DataContext,
  locators: QueryLocators,
): Promise<Response> {
  const headers: Record<string, string> = {};
  let call: RestCall | undefined;
  try {
    const caller = context.authenticate(c.req.raw);
    const version = requireVersion(c.req.param('version') ?? '');
    headers['sforce-limit-info'] = context.usage.count();
    call = await readCall(c.req.raw, version, caller);
    // Loaded ahead, so that a call is one step from here on: nothing gets in between its writes.
    const parse = await loadParserFor(call);
    const { status, body, headers: more } = answerCall(call, { ...context, locators, parse });
    return restResponse(c.req.method === 'HEAD' ? undefined : body, status, {
      ...headers,
      ...more,
    });
  } catch (error) {
    const located = call === undefined ? error : locateIn(call, error);
    if (located instanceof Ambiguous) return restResponse(located.urls, 300, headers);
    if (located instanceof RestError) return restResponse([located], located.status, headers);
    throw located;
  }
}

const unused = (): never => {
  throw new Error('no query was expected');
};

function loadParserFor({ path }: RestCall): ReturnType<typeof loadSoqlParser> {
  const [name = ''] = path;
  const mayQuery = ['query', 'queryAll', 'tooling', 'composite'].includes(name);
  return mayQuery ? loadSoqlParser() : Promise.resolve(unused);
}

async function readCall(request: Request, version: ApiVersion, caller: Caller): Promise<RestCall> {
  const { pathname, searchParams } = new URL(request.url);
  const accept = request.headers.get('accept') ?? '';
  if (/xml/i.test(accept) && !/json|\*\/\*/i.test(accept)) {
    throw new RestError(406, 'NOT_ACCEPTABLE', 'XML is not supported by this local org');
  }
  // For clients that know GET and POST alone.
  const method = (
    request.method === 'POST' ? (searchParams.get('_HttpMethod') ?? 'POST') : request.method
  ).toUpperCase();
  const hasBody = method === 'POST' || method === 'PATCH' || method === 'PUT';
  return {
    method,
    path: withOneSlash(pathname).split('/').slice(4).filter(Boolean).map(decode),
    query: searchParams,
    headers: request.headers,
    body: hasBody ? await readJson(request) : undefined,
    version: version.version,
    versionUrl: version.url,
    ...caller,
  };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw notFound();
  }
}
