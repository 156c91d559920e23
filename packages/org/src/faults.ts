/** What goes wrong on purpose: planned by a test, met by the next requests that fit. */

import * as v from 'valibot';
import type { Duration } from './clock.ts';
import { OrgError } from './org-error.ts';
import { pathMatcher } from './request-target.ts';
import type { RequestTarget } from './request-target.ts';

/**
 * One fault. With `status`, `body` or `refusal` the request is answered by the fault and the org
 * never sees it; without them the org does its work, and the fault befalls its answer.
 */
export interface Fault {
  /** HTTP status of the answer; 200 when only a body is given. */
  status?: number | undefined;
  /** Added to those of the answer, or put in their place. */
  headers?: Record<string, string> | undefined;
  /** Text as it is, anything else as JSON. */
  body?: unknown;
  /** Salesforce's own words for a refusal, from {@link refusals}. */
  refusal?: RefusalName | undefined;
  /** Time that passes before the answer. Without a socket it passes on the clock of the org. */
  delay?: Duration | undefined;
  /** The connection breaks: before the org does its work, or after, when nobody hears of it. */
  reset?: 'before' | 'after' | undefined;
  /** The connection ends after this many bytes of the body, though more were announced. */
  truncate?: number | undefined;
  /** The body comes in pieces of so many bytes, with so much time between them. */
  drip?: { bytes: number; every: Duration } | undefined;
  /** How far the `Date` header is off the clock of the org; negative is behind. */
  dateSkew?: Duration | undefined;
  /**
   * Ends a session between two calls: the one that this request uses, before it is looked at; or
   * the one that it used or was given, right after the answer.
   */
  endSession?: 'before' | 'after' | undefined;
}

/** The refusals of Salesforce that pass, or come unasked for. Sentences are verbatim. */
const oauthRefusals = {
  unknown_error: 'retry your request',
  'login rate exceeded': 'login rate exceeded',
  "user hasn't approved this consumer": "user hasn't approved this consumer",
  invalid_app_access: 'user is not admin approved to access this app',
  'invalid assertion': 'invalid assertion',
  'audience is invalid': 'audience is invalid',
  'expired authorization code': 'expired authorization code',
  'ip restricted': 'ip restricted',
  invalid_client_id: 'client identifier invalid',
  app_not_found: 'External client app is not installed in this org',
  inactive_user: 'user is inactive',
  inactive_org: 'organization is locked, closed, or suspended',
} as const;

const restRefusals = {
  INVALID_SESSION_ID: [401, 'Session expired or invalid'],
  REQUEST_LIMIT_EXCEEDED: [403, 'TotalRequests Limit exceeded.'],
  API_DISABLED_FOR_ORG: [403, 'The REST API is not enabled for this Organization.'],
  UNABLE_TO_LOCK_ROW: [400, 'unable to obtain exclusive access to this record'],
  QUERY_TIMEOUT: [400, 'Your query request was running for too long.'],
  SERVER_UNAVAILABLE: [503, 'Server is temporarily unavailable'],
} as const;

export type RefusalName = keyof typeof oauthRefusals | keyof typeof restRefusals;

/** Names of the refusals that a fault can give: of the token endpoint, and of the REST API. */
export const refusals: readonly RefusalName[] = [
  ...(Object.keys(oauthRefusals) as (keyof typeof oauthRefusals)[]),
  ...(Object.keys(restRefusals) as (keyof typeof restRefusals)[]),
];

const amount = v.optional(v.pipe(v.number(), v.finite()));
export const durationSchema = v.strictObject({
  days: amount,
  hours: amount,
  minutes: amount,
  seconds: amount,
  milliseconds: amount,
});
const wholeNumber = (least: number): v.GenericSchema<number> =>
  v.pipe(v.number(), v.integer(), v.minValue(least));

export const faultSchema = v.strictObject({
  status: v.optional(v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599))),
  headers: v.optional(v.record(v.string(), v.string())),
  body: v.optional(v.unknown()),
  refusal: v.optional(v.picklist(refusals)),
  delay: v.optional(durationSchema),
  reset: v.optional(v.picklist(['before', 'after'])),
  truncate: v.optional(wholeNumber(0)),
  drip: v.optional(v.strictObject({ bytes: wholeNumber(1), every: durationSchema })),
  dateSkew: v.optional(durationSchema),
  endSession: v.optional(v.picklist(['before', 'after'])),
});

/** Which requests: a word, a path with `*`, or a function that looks at the request. */
export type FaultTarget = RequestTarget | ((request: Request) => boolean);

/** A fault that waits for its request. */
export interface PlannedFault {
  readonly id: number;
  readonly target: string;
  readonly fault: Fault;
  /** Every so many requests; 1 is each. */
  readonly every: number;
  /** How often it is still to happen; not set when there is no end. */
  readonly remaining: number | undefined;
  /** How often it has happened. */
  readonly happened: number;
}

export interface PlanOptions {
  /** How often; without an end when it is `Infinity`. */
  times?: number;
}

interface Plan {
  id: number;
  target: string;
  matches: (request: Request, path: string) => boolean;
  fault: Fault;
  every: number;
  remaining: number;
  happened: number;
  seen: number;
}

export class Faults {
  #plans: Plan[] = [];
  #lastId = 0;

  /**
   * The next request that fits meets this fault, or the next `times` of them.
   *
   * @throws OrgError FAULT_INVALID, TARGET_UNKNOWN
   */
  next(target: FaultTarget, fault: Fault, { times = 1 }: PlanOptions = {}): PlannedFault {
    return this.#plan(target, fault, 1, times);
  }

  /**
   * Every nth request that fits meets this fault, until it is removed; 1 is each of them.
   *
   * @throws OrgError FAULT_INVALID, TARGET_UNKNOWN
   */
  every(
    count: number,
    target: FaultTarget,
    fault: Fault,
    { times = Number.POSITIVE_INFINITY }: PlanOptions = {},
  ): PlannedFault {
    return this.#plan(target, fault, count, times);
  }

  /** Those that may still happen, in the order in which they were planned. */
  list(): PlannedFault[] {
    return this.#plans.map(toPlannedFault);
  }

  /** Whether there was one with this id. */
  remove(id: number): boolean {
    const before = this.#plans.length;
    this.#plans = this.#plans.filter((plan) => plan.id !== id);
    return this.#plans.length < before;
  }

  clear(): void {
    this.#plans = [];
  }

  /** The fault that this request meets. The first plan wins; those that count go on counting. */
  take(request: Request, path: string): { id: number; fault: Fault } | undefined {
    let due: Plan | undefined;
    for (const plan of this.#plans) {
      if (!plan.matches(request, path)) continue;
      plan.seen += 1;
      if (plan.seen % plan.every === 0) due ??= plan;
    }
    if (due === undefined) return undefined;
    due.happened += 1;
    due.remaining -= 1;
    if (due.remaining === 0) this.remove(due.id);
    return due;
  }

  #plan(target: FaultTarget, fault: Fault, every: number, times: number): PlannedFault {
    requireFault(fault);
    if (!Number.isInteger(every) || every < 1) throw invalid('every: a whole number from 1 on');
    if (!(times >= 1)) throw invalid('times: a number from 1 on');
    const matches =
      typeof target === 'function'
        ? (request: Request) => target(request)
        : matchPath(pathMatcher(target));
    this.#lastId += 1;
    const plan: Plan = {
      id: this.#lastId,
      target: typeof target === 'function' ? 'function' : target,
      matches,
      fault,
      every,
      remaining: times,
      happened: 0,
      seen: 0,
    };
    this.#plans.push(plan);
    return toPlannedFault(plan);
  }
}

/** The answer that a fault gives in place of the org; undefined when it leaves that to the org. */
export function faultResponse({ refusal, status, body }: Fault): Response | undefined {
  if (refusal !== undefined) return refuse(refusal, status);
  if (status === undefined && body === undefined) return undefined;
  const isText = typeof body === 'string';
  const content = body === undefined || isText ? (body ?? '') : JSON.stringify(body);
  const type = isText || body === undefined ? 'text/html' : 'application/json';
  // Answers with these have no body: RFC 9110 section 15.
  return new Response(status === 204 || status === 205 || status === 304 ? null : content, {
    status: status ?? 200,
    headers: { 'content-type': `${type};charset=UTF-8` },
  });
}

function refuse(name: RefusalName, status: number | undefined): Response {
  if (name in restRefusals) {
    const [usual, message] = restRefusals[name as keyof typeof restRefusals];
    return Response.json([{ message, errorCode: name }], { status: status ?? usual });
  }
  const description = oauthRefusals[name as keyof typeof oauthRefusals];
  const error = /^[a-z_]+$/.test(name) ? name : 'invalid_grant';
  return Response.json({ error, error_description: description }, { status: status ?? 400 });
}

function matchPath(matches: (path: string) => boolean) {
  return (_request: Request, path: string): boolean => matches(path);
}

function requireFault(fault: Fault): void {
  const result = v.safeParse(faultSchema, fault);
  if (!result.success) {
    const issues = result.issues.map((issue) => `${v.getDotPath(issue) ?? ''}: ${issue.message}`);
    throw invalid(issues.join('; '));
  }
  if (Object.values(fault).every((value) => value === undefined)) throw invalid('nothing in it');
}

function invalid(reason: string): OrgError {
  return new OrgError('FAULT_INVALID', `The fault is not valid: ${reason}`, {
    hints: ['The fields of a fault are described in docs/local-org.md.'],
  });
}

function toPlannedFault({ id, target, fault, every, remaining, happened }: Plan): PlannedFault {
  const limited = Number.isFinite(remaining) ? remaining : undefined;
  return { id, target, fault, every, remaining: limited, happened };
}
