/**
 * What can be done over `/_org`: each operation with its path, what it takes and what it answers.
 * The router serves this list, and the OpenAPI description is written from it.
 */

import * as v from 'valibot';
import { durationSchema, faultSchema } from '../faults.ts';
import type { Faults } from '../faults.ts';
import type { OrgClock } from '../clock.ts';
import type { Organization } from '../directory/organization.ts';
import { seedSchema } from '../directory/seed.ts';
import type { Seed } from '../directory/seed.ts';
import type { User, Users } from '../directory/user.ts';
import type { RequestFilter, RequestJournal } from '../journal.ts';
import { OrgError } from '../org-error.ts';
import { namedTargets } from '../request-target.ts';
import type { RequestTarget } from '../request-target.ts';
import type { Snapshot } from '../store/snapshot.ts';
import { snapshotSchema } from '../store/snapshot.ts';
import { ControlError } from './control-error.ts';
import { eventStream } from './event-stream.ts';

/** What of an org is steered. */
export interface ControlledOrg {
  readonly url: string;
  readonly organization: Organization;
  readonly administrator: User;
  readonly users: Users;
  readonly clock: OrgClock;
  readonly faults: Faults;
  readonly requests: RequestJournal;
  readonly certificateAuthority: string | undefined;
  openSession(user: User): string;
  seed(seed: Seed): void;
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
  reset(): void;
}

export interface Call {
  org: ControlledOrg;
  /** Parameters of path and query. */
  parameters: Readonly<Record<string, string>>;
  /** As the schema of the operation left it. */
  body: unknown;
  request: Request;
}

export interface Operation {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/_org`, in the spelling of OpenAPI. */
  path: string;
  name: string;
  summary: string;
  /** Parameters of the query -> what they mean. */
  query?: Readonly<Record<string, string>>;
  takes?: v.GenericSchema;
  /** What the answer holds; an answer of another type says so itself. */
  answers: v.GenericSchema | 'text/event-stream' | 'application/x-pem-file' | 'nothing';
  /** Data becomes JSON. */
  handle: (call: Call) => unknown;
}

const instant = v.pipe(v.string(), v.isoTimestamp());
const milliseconds = v.number();

const clockState = v.object({ now: instant, frozen: v.boolean() });

const plannedFault = v.object({
  id: v.number(),
  target: v.string(),
  fault: faultSchema,
  every: v.number(),
  remaining: v.optional(v.number()),
  happened: v.number(),
});

const anyObject = v.record(v.string(), v.unknown());
const texts = v.record(v.string(), v.string());

const journalEntry = v.object({
  number: v.number(),
  time: milliseconds,
  method: v.string(),
  path: v.string(),
  query: texts,
  headers: texts,
  sourceIp: v.optional(v.string()),
  username: v.optional(v.string()),
  status: v.optional(v.number()),
  fault: v.optional(v.number()),
  tokenRequest: v.optional(
    v.object({
      parameters: texts,
      assertion: v.optional(v.object({ header: anyObject, claims: anyObject })),
      outcome: v.string(),
      trace: v.array(
        v.object({
          rule: v.string(),
          passed: v.boolean(),
          found: v.string(),
          expected: v.optional(v.string()),
        }),
      ),
      explanation: v.optional(v.string()),
    }),
  ),
});

const session = v.object({ username: v.string(), accessToken: v.string() });

const orgState = v.object({
  url: v.string(),
  orgId: v.string(),
  kind: v.picklist(['production', 'sandbox']),
  admin: session,
});

const filter = {
  path: `a word (${namedTargets.join(', ')}), or a path in which * stands for anything`,
  method: 'HTTP method',
  status: 'HTTP status of the answer',
  after: 'number of an entry: later ones only',
} as const;

/** One change of time. */
const clockChange = v.union([
  v.strictObject({ advance: durationSchema }),
  v.strictObject({ set: instant }),
  v.strictObject({ freeze: v.union([v.literal(true), instant]) }),
  v.strictObject({ resume: v.literal(true) }),
  v.strictObject({ reset: v.literal(true) }),
]);

const faultPlan = v.strictObject({
  target: v.string(),
  fault: faultSchema,
  every: v.optional(v.number()),
  times: v.optional(v.number()),
});

function operation<Body>(
  fields: Omit<Operation, 'takes' | 'handle'> & {
    takes?: v.GenericSchema<unknown, Body>;
    handle: (call: Omit<Call, 'body'> & { body: Body }) => unknown;
  },
): Operation {
  return fields as Operation;
}

export const operations: readonly Operation[] = [
  operation({
    method: 'GET',
    path: '/clock',
    name: 'readClock',
    summary: 'What time it is in the org',
    answers: clockState,
    handle: ({ org }) => clockOf(org),
  }),
  operation({
    method: 'POST',
    path: '/clock',
    name: 'changeClock',
    summary: 'Advances, sets, freezes, resumes or resets the time of the org',
    takes: clockChange,
    answers: clockState,
    handle: ({ org, body }) => {
      if ('advance' in body) org.clock.advance(body.advance);
      else if ('set' in body) org.clock.set(new Date(body.set));
      else if ('freeze' in body) {
        org.clock.freeze(body.freeze === true ? undefined : new Date(body.freeze));
      } else if ('resume' in body) org.clock.resume();
      else org.clock.reset();
      return clockOf(org);
    },
  }),
  operation({
    method: 'GET',
    path: '/faults',
    name: 'listFaults',
    summary: 'The faults that may still happen',
    answers: v.array(plannedFault),
    handle: ({ org }) => org.faults.list(),
  }),
  operation({
    method: 'POST',
    path: '/faults',
    name: 'planFault',
    summary: 'Plans a fault: for the next request, the next few, or every nth',
    takes: faultPlan,
    answers: plannedFault,
    handle: ({ org, body: { target, fault, every, times } }) => {
      const options = times === undefined ? {} : { times };
      return every === undefined
        ? org.faults.next(target as RequestTarget, fault, options)
        : org.faults.every(every, target as RequestTarget, fault, options);
    },
  }),
  operation({
    method: 'DELETE',
    path: '/faults',
    name: 'clearFaults',
    summary: 'Removes all faults',
    answers: 'nothing',
    handle: ({ org }) => org.faults.clear(),
  }),
  operation({
    method: 'DELETE',
    path: '/faults/{id}',
    name: 'removeFault',
    summary: 'Removes one fault',
    answers: 'nothing',
    handle: ({ org, parameters }) => {
      const id = wholeNumber(parameters, 'id');
      if (id !== undefined && org.faults.remove(id)) return;
      throw new OrgError('NOT_FOUND', 'There is no fault with this id');
    },
  }),
  operation({
    method: 'POST',
    path: '/reset',
    name: 'reset',
    summary:
      'Takes the org back to what was configured; all sessions end but a new one of its admin',
    takes: v.strictObject({}),
    answers: orgState,
    handle: ({ org }) => {
      org.reset();
      const { url, organization, administrator } = org;
      const admin = sessionOf(org, administrator);
      return { url, orgId: organization.id, kind: organization.kind, admin };
    },
  }),
  operation({
    method: 'POST',
    path: '/seed',
    name: 'seed',
    summary: 'Adds users, apps, records and whatever else a seed names',
    takes: seedSchema,
    answers: 'nothing',
    handle: ({ org, body }) => org.seed(body),
  }),
  operation({
    method: 'GET',
    path: '/snapshot',
    name: 'takeSnapshot',
    summary: 'Everything the org holds',
    answers: snapshotSchema,
    handle: ({ org }) => org.snapshot(),
  }),
  operation({
    method: 'PUT',
    path: '/snapshot',
    name: 'restoreSnapshot',
    summary: 'Puts a snapshot in the place of everything the org holds',
    takes: snapshotSchema,
    answers: 'nothing',
    handle: ({ org, body }) => org.restore(body),
  }),
  operation({
    method: 'GET',
    path: '/requests',
    name: 'listRequests',
    summary: 'What clients did, oldest first: the last thousand requests',
    query: filter,
    answers: v.array(journalEntry),
    handle: ({ org, parameters }) => org.requests.list(filterOf(parameters)),
  }),
  operation({
    method: 'DELETE',
    path: '/requests',
    name: 'clearRequests',
    summary: 'Empties the journal',
    answers: 'nothing',
    handle: ({ org }) => org.requests.clear(),
  }),
  operation({
    method: 'GET',
    path: '/requests/wait',
    name: 'waitForRequest',
    summary: 'The first request that fits, or the next one that does; 404 after the time-out',
    query: { ...filter, timeoutMilliseconds: 'real time; 5000 when left out, 60000 at most' },
    answers: journalEntry,
    handle: ({ org, parameters, request }) => {
      const { timeoutMilliseconds = '5000', ...rest } = parameters;
      const time = wholeNumber({ timeoutMilliseconds }, 'timeoutMilliseconds') ?? 0;
      return org.requests.waitFor(filterOf(rest), {
        timeoutMilliseconds: Math.min(time, 60_000),
        signal: request.signal,
      });
    },
  }),
  operation({
    method: 'GET',
    path: '/events',
    name: 'followRequests',
    summary: 'The journal as it grows, as server-sent events; Last-Event-ID is honoured',
    answers: 'text/event-stream',
    handle: ({ org, request }) => {
      const after = request.headers.get('last-event-id');
      return eventStream(org.requests, { after: after === null ? undefined : Number(after) });
    },
  }),
  operation({
    method: 'POST',
    path: '/sessions',
    name: 'openSession',
    summary: 'Signs a user in without any flow: the administrator when no username is given',
    takes: v.strictObject({ username: v.optional(v.string()) }),
    answers: session,
    handle: ({ org, body: { username } }) => {
      return sessionOf(org, username === undefined ? org.administrator : org.users.get(username));
    },
  }),
  operation({
    method: 'GET',
    path: '/certificate-authority',
    name: 'readCertificateAuthority',
    summary: 'PEM of the certificate that clients of an https org have to trust',
    answers: 'application/x-pem-file',
    handle: ({ org }) => {
      if (org.certificateAuthority === undefined) {
        throw new OrgError('NOT_FOUND', 'This org is not reached over https');
      }
      const headers = { 'content-type': 'application/x-pem-file' };
      return new Response(org.certificateAuthority, { headers });
    },
  }),
];

function clockOf({ clock }: ControlledOrg): v.InferOutput<typeof clockState> {
  return { now: new Date(clock.now()).toISOString(), frozen: clock.frozen };
}

function sessionOf(org: ControlledOrg, user: User): v.InferOutput<typeof session> {
  return { username: user.username, accessToken: org.openSession(user) };
}

function filterOf({ path, method, ...numbers }: Call['parameters']): RequestFilter {
  const status = wholeNumber(numbers, 'status');
  const after = wholeNumber(numbers, 'after');
  return {
    ...(path === undefined ? {} : { path: path as RequestTarget }),
    ...(method === undefined ? {} : { method }),
    ...(status === undefined ? {} : { status }),
    ...(after === undefined ? {} : { after }),
  };
}

/** @throws ControlError PARAMETER_INVALID */
function wholeNumber(parameters: Call['parameters'], name: string): number | undefined {
  const text = parameters[name];
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ControlError(400, 'PARAMETER_INVALID', `${name} is not a whole number`);
}
