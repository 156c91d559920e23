/**
 * Serves tokens and authorized requests to processes in any language. What may come in is decided
 * by the doors (listen.ts); here a request finds its caller, its rule, its profile and its face.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { NodeAgents, systemClock } from '@sfjwt/client';
import type { Clock, NetworkOptions } from '@sfjwt/client';
import type { AuditEntry, AuditLog } from './audit-log.ts';
import { callerWithSecret, maySend, mayUse } from './caller.ts';
import type { Caller } from './caller.ts';
import { effectiveMethods } from './effective-methods.ts';
import { answerFailure, answerJson, answerText, failureOf } from './faces/answer.ts';
import {
  answerOAuthRefusal,
  answerOAuthToken,
  OAuthRefusal,
  readClientCredentials,
} from './faces/oauth-token.ts';
import { proxy } from './faces/proxy.ts';
import { answerHeaders, answerToken } from './faces/token.ts';
import type { Identity } from './identity.ts';
import type { Metrics } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import { readProxiedPath } from './proxied-path.ts';
import { readinessOf } from './readiness.ts';
import { BrokerRefusal } from './broker-refusal.ts';
import type { Tracing } from './tracing.ts';
import type { Door, Visit } from './visit.ts';

/** What can be changed while the broker runs. */
export interface BrokerState {
  readonly identities: ReadonlyMap<string, Identity>;
  readonly callers: readonly Caller[];
}

export interface BrokerOptions extends BrokerState {
  readonly audit?: AuditLog | undefined;
  readonly metrics?: Metrics | undefined;
  readonly tracing?: Tracing | undefined;
  readonly network?: NetworkOptions | undefined;
  readonly clock?: Clock | undefined;
  /** How long Salesforce may keep silent on a proxied request, in milliseconds; 120,000 when left out. */
  readonly idleMilliseconds?: number | undefined;
  /** How long a token is taken to live, in seconds; 900 when left out. */
  readonly tokenLifetimeSeconds?: number | undefined;
  /** Told of failures that are the broker's own. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

export interface Broker {
  handle(incoming: IncomingMessage, outgoing: ServerResponse, door: Door): void;
  /** From the next request on. Requests under way end as they began. */
  change(state: BrokerState): void;
  /** New requests are turned away; resolves when those under way have ended. */
  drain(): Promise<void>;
  close(): void;
}

/** A token this young is not asked about: it was good a moment ago. */
const provenMilliseconds = 60_000;

export function createBroker(options: BrokerOptions): Broker {
  const { audit, metrics, tracing, clock = systemClock, onFault } = options;
  const { idleMilliseconds = 120_000, tokenLifetimeSeconds = 900 } = options;
  const agents = new NodeAgents(options.network ?? {});
  const underWay = new Set<Visit>();
  const proven = new WeakMap<Identity, number>();
  let state: BrokerState = options;
  let draining: (() => void) | undefined;
  let visits = 0;
  /** Whether the last line was written: readiness tells. */
  let auditable = true;

  function record(visit: Visit, event: AuditEntry['event'], more: Partial<AuditEntry> = {}): void {
    if (audit === undefined) return;
    const { told, door, number, incoming } = visit;
    try {
      audit.write({
        time: new Date(clock.now()).toISOString(),
        request: number,
        event,
        door: door.name,
        method: incoming.method,
        ...told,
        ...more,
      });
      auditable = true;
    } catch (cause) {
      if (auditable) onFault?.(cause);
      auditable = false;
      throw new BrokerRefusal(
        'AUDIT_UNAVAILABLE',
        503,
        'The audit log cannot be written, and what is not recorded is not granted',
        ['Look at the disk of the audit log.'],
        cause,
      );
    }
  }

  /** @throws BrokerRefusal CALLER_UNKNOWN */
  function callerOf(secret: string | undefined, { caller }: Door): Caller {
    if (caller !== undefined) return caller;
    const known = secret === undefined ? undefined : callerWithSecret(state.callers, secret);
    if (known !== undefined) return known;
    throw new BrokerRefusal('CALLER_UNKNOWN', 401, 'Show the secret of a caller', [
      'Send it as: Authorization: Bearer SECRET',
    ]);
  }

  /** One answer for a profile that is not there and one that is another's: names are not told. */
  function identityFor(caller: Caller, name: string): Identity {
    const identity = mayUse(caller, name) ? state.identities.get(name) : undefined;
    if (identity !== undefined) return identity;
    throw new BrokerRefusal('PROFILE_UNKNOWN', 404, `There is no profile ${name} for this caller`, [
      'GET /v1/profiles lists those that there are.',
    ]);
  }

  function profilesOf(caller: Caller): string[] {
    return [...state.identities.keys()].filter((name) => mayUse(caller, name));
  }

  function nameOrOnly(name: string, caller: Caller): string {
    if (name !== '') return name;
    const [only, ...others] = profilesOf(caller);
    if (only !== undefined && others.length === 0) return only;
    throw new BrokerRefusal('PROFILE_NOT_NAMED', 404, 'Name a profile in the path', [
      'GET /v1/profiles lists those that there are.',
    ]);
  }

  function giveToken(visit: Visit, kind: 'token' | 'headers', name: string): Promise<void> {
    const { incoming, outgoing, door, told } = visit;
    told.action = kind;
    requireMethod(incoming, 'GET');
    const caller = callerOf(bearerOf(incoming), door);
    told.caller = caller.name;
    told.profile = nameOrOnly(name, caller);
    const { source } = identityFor(caller, told.profile);
    requireTokenPermission(caller);
    record(visit, 'granted');
    const answer = kind === 'token' ? answerToken : answerHeaders;
    return answer(incoming, outgoing, source);
  }

  async function giveOAuthToken(visit: Visit): Promise<void> {
    const { incoming, outgoing, door, told } = visit;
    told.action = 'oauth';
    requireMethod(incoming, 'POST');
    const { clientId, clientSecret } = await readClientCredentials(incoming);
    let identity: Identity;
    try {
      const caller = callerOf(clientSecret, door);
      told.caller = caller.name;
      told.profile = clientId;
      identity = identityFor(caller, clientId);
      requireTokenPermission(caller);
    } catch (error) {
      if (!(error instanceof BrokerRefusal)) throw error;
      throw new OAuthRefusal(401, 'invalid_client', 'client id and client secret do not match');
    }
    record(visit, 'granted');
    let token = await identity.source.token();
    // Such a tool cannot say that its token was refused; all it can do is to ask for another.
    if (
      identity.check !== undefined &&
      clock.now() - provenAt(identity, token) >= provenMilliseconds
    ) {
      await identity.check().catch(() => {});
      token = await identity.source.token();
      proven.set(identity, clock.now());
    }
    const end = token.expiresAt ?? token.receivedAt + tokenLifetimeSeconds * 1000;
    answerOAuthToken(outgoing, token, (end - clock.now()) / 1000);
  }

  function provenAt(identity: Identity, { receivedAt }: { receivedAt: number }): number {
    return Math.max(receivedAt, proven.get(identity) ?? 0);
  }

  function proxyRequest(visit: Visit, name: string, target: string): Promise<void> {
    const { incoming, outgoing, door, told } = visit;
    told.action = 'proxy';
    const caller = callerOf(bearerOf(incoming), door);
    told.caller = caller.name;
    told.profile = name;
    const { source } = identityFor(caller, name);
    const { path, query } = readProxiedPath(target);
    told.path = path;
    const methods = (): string[] =>
      effectiveMethods(incoming.method ?? '', query, incoming.headers);
    if (!maySend(caller, methods, path)) {
      throw new BrokerRefusal(
        'CALLER_FORBIDDEN',
        403,
        'The rules of this caller do not allow that',
        ['See the requests of the caller in the configuration of the broker.'],
      );
    }
    record(visit, 'granted');
    const onRefused = (): void => metrics?.tokenRefused(name);
    const given = { source, agents, target: path + query, idleMilliseconds, onRefused };
    return proxy(incoming, outgoing, given).then((status) => {
      visit.passedOn = status;
    });
  }

  /** Answers at once or by a promise: each promise on the way is felt in a proxied request. */
  function route(visit: Visit): Promise<void> | void {
    const { incoming, outgoing, door, told } = visit;
    const { url = '/' } = incoming;
    const path = url.split('?', 1)[0] ?? url;
    const [, version, place, name = '', ...deeper] = path.split('/', 5);
    if (draining !== undefined && path !== '/health/live') {
      throw new BrokerRefusal('DRAINING', 503, 'The broker is stopping', ['Ask its successor.']);
    }
    if (version === 'v1' && place === 'proxy' && name !== '') {
      const target = url.slice(`/v1/proxy/${name}`.length);
      return proxyRequest(visit, decodedName(name), target);
    }
    if (version === 'v1' && (place === 'token' || place === 'headers')) {
      if (deeper.length === 0) return giveToken(visit, place, decodedName(name));
    }
    if (path === '/services/oauth2/token') return giveOAuthToken(visit);

    told.action = path.slice(1, 40);
    if (path === '/health/live') return answerJson(outgoing, 200, { status: 'live' });
    if (path === '/health/ready') {
      const readiness = readinessOf(state.identities, { auditable });
      return answerJson(outgoing, readiness.ready ? 200 : 503, readiness);
    }
    if (path === '/openapi.json') return answerJson(outgoing, 200, openApiDocument);
    if (path === '/v1/profiles' || (path === '/metrics' && metrics !== undefined)) {
      requireMethod(incoming, 'GET');
      const caller = callerOf(bearerOf(incoming), door);
      told.caller = caller.name;
      if (path === '/v1/profiles') {
        return answerJson(outgoing, 200, { profiles: profilesOf(caller) });
      }
      return metrics?.text(state.identities, clock.now()).then((text) => {
        answerText(outgoing, 200, text, metrics.contentType);
      });
    }
    throw new BrokerRefusal('ROUTE_UNKNOWN', 404, 'The broker has nothing there', [
      'GET /openapi.json describes what it has.',
    ]);
  }

  async function serve(visit: Visit): Promise<void> {
    const { outgoing, told } = visit;
    let code: string | undefined;
    try {
      await route(visit);
    } catch (error) {
      code = tellFailure(visit, error);
    } finally {
      const status = visit.passedOn ?? outgoing.statusCode;
      const milliseconds = clock.now() - visit.startedAt;
      metrics?.answered(told, status, milliseconds / 1000);
      if (told.action === 'proxy' || code !== undefined) {
        const event = code === undefined ? 'answered' : 'refused';
        try {
          record(visit, event, { status, milliseconds, ...(code === undefined ? {} : { code }) });
        } catch {
          // The answer is out already; the next grant will be refused.
        }
      }
    }
  }

  /** @returns its code, for the audit log */
  function tellFailure({ outgoing }: Visit, error: unknown): string {
    if (outgoing.destroyed) return 'CALLER_GONE';
    if (error instanceof OAuthRefusal) {
      answerOAuthRefusal(outgoing, error);
      return error.error;
    }
    const failure = failureOf(error);
    if (failure.code === 'UNEXPECTED') onFault?.(error);
    // Half an answer must not look like a whole one.
    if (outgoing.headersSent) outgoing.destroy();
    else answerFailure(outgoing, failure);
    return failure.code;
  }

  return {
    handle(incoming, outgoing, door) {
      visits += 1;
      const visit: Visit = {
        incoming,
        outgoing,
        door,
        number: visits,
        startedAt: clock.now(),
        told: { action: '' },
      };
      underWay.add(visit);
      const served =
        tracing === undefined ? serve(visit) : tracing.around(visit, () => serve(visit));
      void served.finally(() => {
        underWay.delete(visit);
        // What the caller still sends of a body that nobody reads would hold the connection.
        if (!incoming.readableEnded) incoming.resume();
        if (underWay.size === 0) draining?.();
      });
    },
    change(next) {
      state = next;
    },
    drain() {
      return new Promise((resolve) => {
        draining = resolve;
        if (underWay.size === 0) resolve();
      });
    },
    close: () => agents.close(),
  };
}

/** @throws BrokerRefusal METHOD_UNKNOWN */
function requireMethod({ method }: IncomingMessage, wanted: string): void {
  if (method === wanted) return;
  throw new BrokerRefusal('METHOD_UNKNOWN', 405, `Only ${wanted} is answered here`);
}

/** @throws BrokerRefusal CALLER_FORBIDDEN */
function requireTokenPermission({ permissions }: Caller): void {
  if (permissions.includes('token')) return;
  throw new BrokerRefusal('CALLER_FORBIDDEN', 403, 'This caller is given no token', [
    'It may send requests through /v1/proxy.',
  ]);
}

function bearerOf({ headers }: IncomingMessage): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** @throws BrokerRefusal REQUEST_MALFORMED */
function decodedName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw new BrokerRefusal('REQUEST_MALFORMED', 400, 'The name of the profile is badly encoded');
  }
}
