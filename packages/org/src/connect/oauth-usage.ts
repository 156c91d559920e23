/** `apps/oauth/usage`: external client apps by their ids (Connect REST API, OAuth Usage; 59.0). */

import type { ClientApp } from '../directory/client-app.ts';
import { permissionsOf } from '../directory/user-permission.ts';
import { methodNotAllowed, notFound, RestError } from '../data/rest-error.ts';
import { to15 } from '../store/record-id.ts';
import type { ConnectCall } from './connect-call.ts';

/** @throws RestError */
export function oauthUsage({
  request,
  context,
  userId,
  path,
  query,
  rootUrl,
  version,
}: ConnectCall): object {
  if (path.length > 0 || version < 59) throw notFound();
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw methodNotAllowed(request.method, ['HEAD', 'GET']);
  }
  const permissions = permissionsOf(userId, context.database);
  const isSeeing = (
    ['ExternalClientAppViewer', 'ExternalClientAppAdmin', 'ExternalClientAppDeveloper'] as const
  ).some((permission) => permissions.has(permission));
  if (!isSeeing) {
    throw new RestError(403, 'INSUFFICIENT_ACCESS', 'You do not have access to this resource.');
  }
  const page = wholeNumber(query, 'page', 0);
  const pageSize = wholeNumber(query, 'pageSize', 100);
  const apps = context.clientApps
    .list()
    .filter(({ kind, isOauthEnabled }) => kind === 'externalClientApp' && isOauthEnabled);
  const pageUrl = (number: number): string =>
    `${rootUrl}/usage?page=${number}&pageSize=${pageSize}`;
  return {
    apps: apps.slice(page * pageSize, (page + 1) * pageSize).map((app) => describe(app, rootUrl)),
    currentPageUrl: pageUrl(page),
    nextPageUrl: pageUrl(page + 1),
  };
}

function describe({ id, apiName, name, description }: ClientApp, rootUrl: string): object {
  return {
    description,
    developerName: apiName,
    identifier: to15(id),
    label: name,
    usersUrl: `${rootUrl}/usage/${to15(id)}/users`,
  };
}

/** @throws RestError */
function wholeNumber(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new RestError(
    400,
    'ILLEGAL_QUERY_PARAMETER_VALUE',
    `Illegal value for ${name}: ${text.slice(0, 40)}`,
  );
}
