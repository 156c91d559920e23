/**
 * `apps/oauth/credentials`: consumer key and secret of external client apps, and their staged
 * rotation (Connect REST API, OAuth Credentials; 60.0, staged 65.0).
 */

import type { ClientApp } from '../directory/client-app.ts';
import { orgSettings } from '../directory/organization.ts';
import { permissionsOf } from '../directory/user-permission.ts';
import { methodNotAllowed, notFound, RestError } from '../data/rest-error.ts';
import { consumerIdOf } from '../metadata/consumer-id.ts';
import { to15, to18 } from '../store/record-id.ts';
import type { ConnectCall } from './connect-call.ts';
import {
  deleteStagedCredentials,
  rotateCredentials,
  stageCredentials,
  stagedCredentialsOf,
} from './staged-credentials.ts';
import type { StagedCredentials } from './staged-credentials.ts';

interface ConnectAnswer {
  status: number;
  body?: object;
}

/** @throws RestError */
export async function oauthCredentials(call: ConnectCall): Promise<ConnectAnswer> {
  const { path, context, rootUrl, version } = call;
  const [appId = '', consumerId, staged, stagedId, ...more] = path;
  if (version < 60 || more.length > 0) throw notFound();
  requireAccess(call);
  const app = requireApp(appId, context);
  const appUrl = `${rootUrl}/credentials/${to15(app.id)}`;
  const consumerUrl = `${appUrl}/${to15(consumerIdOf(app.id))}`;
  const consumer = {
    id: to15(consumerIdOf(app.id)),
    key: app.consumerKey,
    name: app.name,
    stagedCredentialsUrl: `${consumerUrl}/staged`,
    url: consumerUrl,
  };
  if (consumerId === undefined) {
    requireMethod(call, 'GET');
    return {
      status: 200,
      body: { consumers: [consumer], currentPageUrl: appUrl, nextPageUrl: null },
    };
  }
  if (to18(consumerId) !== consumerIdOf(app.id)) throw noSuch('OAuth consumer');
  if (staged === undefined) {
    requireMethod(call, 'GET');
    return { status: 200, body: credentials(call, app, consumer) };
  }
  if (staged !== 'staged' || version < 65) throw notFound();
  return stagedAnswer(call, app, { stagedId, consumerUrl });
}

/** The switch of the org comes first, then the permissions of the user. */
function requireAccess({ context, userId }: ConnectCall): void {
  const { enableClientSecretInRestApiAccess } = orgSettings(context.database).externalClientApps;
  if (!enableClientSecretInRestApiAccess) {
    throw new RestError(
      403,
      'FUNCTIONALITY_NOT_ENABLED',
      'This feature is not currently enabled for this user.',
    );
  }
  const permissions = permissionsOf(userId, context.database);
  // Salesforce Help, Stage, Rotate, and Delete OAuth Credentials: these two, for changes as well.
  if (permissions.has('ExternalClientAppDeveloper') && permissions.has('ViewClientSecret')) return;
  throw new RestError(403, 'INSUFFICIENT_ACCESS', 'You do not have access to this resource.');
}

function requireApp(id: string, { clientApps }: ConnectCall['context']): ClientApp {
  const app = clientApps.findById(id);
  if (app?.kind !== 'externalClientApp' || !app.isOauthEnabled) throw noSuch('external client app');
  return app;
}

function noSuch(what: string): RestError {
  return new RestError(404, 'NOT_FOUND', `The requested ${what} does not exist`);
}

function requireMethod<const Method extends string>(
  { request }: ConnectCall,
  ...allowed: readonly Method[]
): Method {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const found = allowed.find((one) => one === method);
  if (found !== undefined) return found;
  throw methodNotAllowed(request.method, allowed);
}

/** Without `part` the key alone is told. */
function credentials({ query }: ConnectCall, app: ClientApp, consumer: object): object {
  const part = query.get('part') ?? 'key';
  const { key, ...rest } = consumer as { key: string };
  switch (part.toLowerCase()) {
    case 'key':
      return { ...rest, key, secret: null };
    case 'secret':
      return { ...rest, key: null, secret: app.consumerSecret };
    case 'keyandsecret':
      return { ...rest, key, secret: app.consumerSecret };
    default:
      throw new RestError(
        400,
        'ILLEGAL_QUERY_PARAMETER_VALUE',
        `Illegal value for part: ${part.slice(0, 40)}`,
      );
  }
}

interface StagedPath {
  stagedId: string | undefined;
  consumerUrl: string;
}

async function stagedAnswer(
  call: ConnectCall,
  app: ClientApp,
  { stagedId, consumerUrl }: StagedPath,
): Promise<ConnectAnswer> {
  const { context, userId, request } = call;
  const url = `${consumerUrl}/staged`;
  const tell = (staged: StagedCredentials): object => ({
    createdBy: context.users.findById(staged.createdById)?.name ?? '',
    createdDate: new Date(staged.created).toISOString(),
    expirationDate: new Date(staged.expires).toISOString(),
    id: staged.id,
    key: staged.consumerKey,
    secret: staged.consumerSecret,
    stagedCredentialsUrl: `${url}/${staged.id}`,
    state: staged.state,
    url: consumerUrl,
  });
  const collection = (): object => {
    const staged = stagedCredentialsOf(app, context);
    return { stagedCredentials: staged === undefined ? [] : [tell(staged)], url };
  };
  if (stagedId === undefined) {
    if (requireMethod(call, 'GET', 'POST') === 'GET') return { status: 200, body: collection() };
    const present = stagedCredentialsOf(app, context);
    if (present !== undefined && present.state !== 'Expired') {
      throw new RestError(
        400,
        'INVALID_OPERATION',
        'Staged credentials already exist for this OAuth consumer. Rotate or delete them first.',
      );
    }
    stageCredentials(app, userId, context);
    return { status: 201, body: collection() };
  }
  const method = requireMethod(call, 'GET', 'PATCH', 'DELETE');
  const staged = stagedCredentialsOf(app, context);
  if (staged?.id !== to18(stagedId)) throw noSuch('staged credentials');
  if (method === 'DELETE') {
    deleteStagedCredentials(staged, userId, context);
    return { status: 204 };
  }
  if (method === 'PATCH') {
    await requireRotate(request);
    if (staged.state !== 'Active') {
      throw new RestError(
        400,
        'INVALID_OPERATION',
        `Staged credentials that are ${staged.state.toLowerCase()} cannot be rotated`,
      );
    }
    rotateCredentials(app, staged, userId, context);
  }
  const now = stagedCredentialsOf(app, context);
  return { status: 200, ...(now === undefined ? {} : { body: tell(now) }) };
}

/** @throws RestError */
async function requireRotate(request: Request): Promise<void> {
  const { readJson } = await import('../data/json-body.ts');
  const value = (await readJson(request))?.value;
  const command =
    typeof value === 'object' && value !== null && 'command' in value ? value.command : undefined;
  if (command === 'rotate') return;
  throw new RestError(400, 'INVALID_INPUT', 'The command of staged credentials is rotate');
}
