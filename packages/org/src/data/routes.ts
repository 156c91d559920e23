/** The REST API: versions, resources, queries. */

import { Hono } from 'hono';
import type { Context } from 'hono';
import type { Database } from '../store/database.ts';
import { QueryLocators } from './query-locator.ts';
import { describeColumns, runQuery } from './query.ts';
import type { QueryContext } from './query.ts';
import { malformedQuery } from './soql-error.ts';
import { notFound, RestError, restResponse } from './rest-error.ts';
import { findVersion, versions } from './versions.ts';

export interface DataContext {
  database: Database;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Whose session the request belongs to. @throws RestError 401 */
  authenticate: (request: Request) => { userId: string };
  identityUrl: (userId: string) => string;
}

/** Far above any SOQL that Salesforce takes (100,000 characters). */
const longestQuery = 100_000;

export function dataRoutes(context: DataContext): Hono {
  const routes = new Hono();
  const locators = new QueryLocators();

  // Open to all: a client learns from it which version to speak.
  routes.get('/services/data', () => restResponse(versions));
  routes.get('/services/data/', () => restResponse(versions));

  routes.all('/services/data/:version/*', (c) =>
    answer(async () => {
      const { userId } = context.authenticate(c.req.raw);
      const version = requireVersion(c);
      const resource = new URL(c.req.url).pathname.split('/').slice(4).filter(Boolean);
      requireGet(c);
      const queryContext: QueryContext = {
        database: context.database,
        now: context.now,
        apiVersion: version.version,
      };
      const [name, locator, ...more] = resource;
      if (more.length > 0) throw notFound();
      if (name === undefined) {
        return restResponse({
          identity: context.identityUrl(userId),
          query: `${version.url}/query`,
        });
      }
      if (name !== 'query') throw notFound();
      if (locator !== undefined) {
        return restResponse(locators.nextBatch(locator, userId, version.version));
      }
      const soql = c.req.query('q') ?? '';
      if (soql.trim() === '') throw malformedQuery('SOQL statement cannot be empty or null');
      if (soql.length > longestQuery) throw malformedQuery('SOQL statement is too long');
      if (c.req.query('columns') === 'true') {
        return restResponse(await describeColumns(soql, queryContext));
      }
      const result = await runQuery(soql, queryContext);
      return restResponse(locators.firstBatch(result, userId, version.version));
    }),
  );
  return routes;
}

async function answer(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RestError) return error.toResponse();
    throw error;
  }
}

function requireVersion(c: Context): { version: string; url: string } {
  const version = findVersion(c.req.param('version') ?? '');
  if (version === undefined) throw notFound();
  return version;
}

function requireGet(c: Context): void {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return;
  throw new RestError(
    405,
    'METHOD_NOT_ALLOWED',
    `HTTP Method '${c.req.method}' not allowed. Allowed are HEAD,GET`,
  );
}
