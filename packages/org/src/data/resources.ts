/** What is behind `/services/data/vXX.0/`. */

import { batch, composite, tree } from './composite.ts';
import { limits, recordCounts } from './limits.ts';
import { queryResource } from './query-resources.ts';
import { methodOf, ok, requireEnd } from './rest-call.ts';
import type { RestAnswer, RestCall, RestContext } from './rest-call.ts';
import { notFound } from './rest-error.ts';
import { collections } from './sobject-collections.ts';
import { recentRecords, sobjectResource } from './sobject-resources.ts';
import { toolingObjects } from './tooling.ts';

/** @throws RestError, also for what is not served: 404 NOT_FOUND */
export function answerCall(call: RestCall, context: RestContext): RestAnswer {
  const [name, ...rest] = call.path;
  const { catalogue } = context;
  const query = (includeDeleted: boolean): RestAnswer =>
    queryResource(call, context, {
      catalogue,
      includeDeleted,
      queryUrl: `${call.versionUrl}/${name}`,
      rest,
    });
  switch (name) {
    case undefined:
      methodOf(call, 'GET');
      return ok(resources(call, context));
    case 'limits':
      methodOf(call, 'GET');
      if (rest.length === 0) return ok(limits(context.usage, context));
      if (rest.length === 1 && rest[0] === 'recordCount') return ok(recordCounts(call, context));
      throw notFound();
    case 'recent':
      requireEnd(rest, 0);
      methodOf(call, 'GET');
      return ok(recentRecords(call, context));
    case 'sobjects':
      return sobjectResource(call, context);
    case 'query':
      return query(false);
    case 'queryAll':
      return query(true);
    case 'composite':
      return compositeResource(call, context, rest);
    case 'tooling':
      return toolingResource(call, context, rest);
    default:
      throw notFound();
  }
}

function resources({ versionUrl, userId }: RestCall, { identityUrl }: RestContext): object {
  const names = ['composite', 'limits', 'query', 'queryAll', 'recent', 'sobjects', 'tooling'];
  return {
    ...Object.fromEntries(names.map((name) => [name, `${versionUrl}/${name}`])),
    identity: identityUrl(userId),
  };
}

function compositeResource(
  call: RestCall,
  context: RestContext,
  [name, ...rest]: readonly string[],
): RestAnswer {
  switch (name) {
    case undefined:
      if (call.method === 'GET') {
        const names = ['batch', 'sobjects', 'tree'];
        return ok(
          Object.fromEntries(names.map((one) => [one, `${call.versionUrl}/composite/${one}`])),
        );
      }
      return composite(call, context, answerCall);
    case 'batch':
      requireEnd(rest, 0);
      return batch(call, context, answerCall);
    case 'sobjects':
      return collections(call, context, rest);
    case 'tree':
      return tree(call, context, rest);
    default:
      throw notFound();
  }
}

function toolingResource(
  call: RestCall,
  context: RestContext,
  [name, ...rest]: readonly string[],
): RestAnswer {
  const toolingUrl = `${call.versionUrl}/tooling`;
  if (name === undefined) {
    methodOf(call, 'GET');
    return ok({ query: `${toolingUrl}/query` });
  }
  if (name !== 'query') throw notFound();
  return queryResource(call, context, {
    catalogue: toolingObjects(context.catalogue),
    includeDeleted: false,
    queryUrl: `${toolingUrl}/query`,
    rest,
  });
}
