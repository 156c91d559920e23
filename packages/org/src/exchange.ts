/** One request and its answer: what a fault does to it, the work of the org, the journal. */

import { hasDelivery } from './delivery.ts';
import type { Answer } from './delivery.ts';
import { doDueWork, isWorkDue } from './due-work.ts';
import { faultResponse } from './faults.ts';
import type { Fault, Faults } from './faults.ts';
import type { OrgContext } from './org-context.ts';
import { withOneSlash } from './request-target.ts';
import type { ConnectionInfo } from './router.ts';
import { bearerToken } from './sessions/bearer.ts';
import { toMilliseconds } from './clock.ts';

export type Exchange = (request: Request, connection: ConnectionInfo) => Promise<Answer>;

/** What answers when nothing goes wrong. */
type Work = (request: Request, connection: ConnectionInfo) => Response | Promise<Response>;

export function createExchange(context: OrgContext, faults: Faults, work: Work): Exchange {
  const { clock, requests } = context;
  let second = 0;
  let date = '';

  /** Clients learn from it how far their clock is off: it is that of the org, like all times. */
  function dateHeader(skew: Fault['dateSkew']): string {
    const now = clock.now() + (skew === undefined ? 0 : toMilliseconds(skew));
    if (Math.floor(now / 1000) !== second || date === '') {
      second = Math.floor(now / 1000);
      date = new Date(now).toUTCString();
    }
    return date;
  }

  return async (request, connection) => {
    const time = clock.now();
    const met = faults.take(request, withOneSlash(new URL(request.url).pathname));
    const { fault } = met ?? {};
    const record = (status: number | undefined): void =>
      requests.record(request, { time, sourceIp: connection.sourceIp, status, fault: met?.id });

    if (fault?.endSession === 'before') endSession(bearerToken(request), context);
    if (fault?.reset === 'before') {
      record(undefined);
      return { response: new Response(null), delivery: fault };
    }
    if (isWorkDue(context, time)) await doDueWork(context);
    const response = withHeaders(
      (fault && faultResponse(fault)) ?? (await work(request, connection)),
      { date: dateHeader(fault?.dateSkew), ...fault?.headers },
    );
    if (fault?.endSession === 'after') {
      endSession((await givenToken(response)) ?? bearerToken(request), context);
    }
    record(fault?.reset === 'after' ? undefined : response.status);
    return fault !== undefined && hasDelivery(fault) ? { response, delivery: fault } : { response };
  };
}

function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  try {
    for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    return response;
  } catch {
    // Those of a redirect made by Response.redirect() cannot be changed.
    return withHeaders(new Response(response.body, response), headers);
  }
}

function endSession(token: string | undefined, { sessions }: OrgContext): void {
  const session = token === undefined ? undefined : sessions.find(token);
  if (session !== undefined) sessions.remove(session.id);
}

/** The access token in an answer of the token endpoint. */
async function givenToken(response: Response): Promise<string | undefined> {
  if (response.headers.get('content-type')?.startsWith('application/json') !== true)
    return undefined;
  const body: unknown = await response.clone().json();
  if (typeof body !== 'object' || body === null || !('access_token' in body)) return undefined;
  return String(body.access_token);
}
