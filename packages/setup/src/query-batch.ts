/** Several queries in one request (REST API Developer Guide, Composite Batch). */

import type { AdminSession } from './admin-session.ts';
import { SetupError } from './errors.ts';
import { fieldOf, listField, textField } from './json-answer.ts';
import type { Soql } from './soql.ts';

export type Rows = readonly Readonly<Record<string, unknown>>[];

/** At most this many in one request. */
const mostInOne = 25;

/**
 * Asks several queries at once. One that names an object or field which the org, or this user, does
 * not have, is answered with undefined: orgs differ.
 *
 * @throws SetupError as `AdminSession.request`
 */
export async function queryTogether<Name extends string>(
  session: AdminSession,
  queries: Readonly<Record<Name, Soql>>,
): Promise<Record<Name, Rows | undefined>> {
  const names = Object.keys(queries) as Name[];
  const answers: [Name, Rows | undefined][] = [];
  for (let start = 0; start < names.length; start += mostInOne) {
    const some = names.slice(start, start + mostInOne);
    const batchRequests = some.map((name) => ({
      method: 'GET',
      url: `v${session.apiVersion}/query?q=${encodeURIComponent(queries[name].text)}`,
    }));
    const body = JSON.stringify({ haltOnError: false, batchRequests });
    const answer = await session.request('/composite/batch', { method: 'POST', body });
    for (const [at, name] of some.entries()) {
      const one = listField(answer, 'results')[at];
      answers.push([name, rowsOf(fieldOf(one, 'statusCode'), fieldOf(one, 'result'))]);
    }
  }
  return Object.fromEntries(answers) as Record<Name, Rows | undefined>;
}

function rowsOf(status: unknown, result: unknown): Rows | undefined {
  if (status === 200) return listField(result, 'records') as Rows;
  const refusal: unknown = Array.isArray(result) ? result[0] : undefined;
  const errorCode = textField(refusal, 'errorCode');
  if (/^(?:INVALID_TYPE|INVALID_FIELD|NOT_FOUND)$/.test(errorCode)) return undefined;
  const words = textField(refusal, 'message').slice(0, 300);
  const denied = /INSUFFICIENT_ACCESS|NO_ACCESS/.test(errorCode);
  throw new SetupError(
    denied ? 'ADMIN_PERMISSION_MISSING' : 'ORG_REFUSED',
    `A query was refused: ${errorCode}: ${words}`,
    { error: errorCode },
  );
}
