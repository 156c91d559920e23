/** Everything of ours is under `/_org`: time, faults, journal and content of the org. */

import * as v from 'valibot';
import { OrgError } from '../org-error.ts';
import { ControlError } from './control-error.ts';
import { readBody, refusePages } from './guard.ts';
import { operations } from './operations.ts';
import type { ControlledOrg, Operation } from './operations.ts';

const prefix = '/_org';
const description = `${prefix}/openapi.json`;

/** Whether a path is ours, and none of Salesforce's. */
export function isControlPath(path: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

/** Answers a request to `/_org`. */
export async function control(request: Request, org: ControlledOrg): Promise<Response> {
  try {
    refusePages(request);
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === description && request.method === 'GET') return await describe(org);
    const { operation, inPath } = find(request.method, pathname);
    const parameters = { ...knownParameters(operation, searchParams), ...inPath };
    const body =
      operation.takes === undefined ? undefined : parse(operation, await readBody(request));
    const result = await operation.handle({ org, parameters, body, request });
    if (result instanceof Response) return result;
    return result === undefined ? new Response(null, { status: 204 }) : json(result);
  } catch (error) {
    // Whoever waited for a request has gone: nobody reads this.
    if (request.signal.aborted) return new Response(null, { status: 408 });
    if (error instanceof ControlError) return refuse(error, error.status);
    if (error instanceof OrgError) return refuse(error, statuses[error.code] ?? 400);
    throw error;
  }
}

/** Of errors that are no mistake in the request. */
const statuses: Partial<Record<OrgError['code'], number>> = {
  NOT_FOUND: 404,
  REQUEST_NOT_SEEN: 404,
  NAME_TAKEN: 409,
};

async function describe({ url }: ControlledOrg): Promise<Response> {
  const { describeOperations } = await import('./openapi.ts');
  return json(describeOperations(operations, url));
}

function find(
  method: string,
  pathname: string,
): { operation: Operation; inPath: Record<string, string> } {
  const allowed: string[] = pathname === description ? ['GET'] : [];
  for (const operation of operations) {
    const inPath = match(operation.path, pathname.slice(prefix.length));
    if (inPath === undefined) continue;
    if (operation.method === method) return { operation, inPath };
    allowed.push(operation.method);
  }
  if (allowed.length === 0) {
    throw new ControlError(404, 'NO_SUCH_PATH', `There is nothing at ${pathname.slice(0, 200)}`, [
      `What there is: ${description}`,
    ]);
  }
  throw new ControlError(405, 'METHOD_NOT_ALLOWED', `Allowed are ${allowed.join(', ')}`);
}

function match(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return undefined;
  const found: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith('{')) found[part.slice(1, -1)] = value;
    else if (part !== value) return undefined;
  }
  return found;
}

/** @throws ControlError PARAMETER_INVALID: a misspelt filter must not let everything pass */
function knownParameters(
  { query = {} }: Operation,
  parameters: URLSearchParams,
): Record<string, string> {
  const stranger = [...parameters.keys()].find((name) => !Object.hasOwn(query, name));
  if (stranger !== undefined) {
    const known = Object.keys(query).join(', ') || 'none';
    throw new ControlError(400, 'PARAMETER_INVALID', `There is no parameter "${stranger}"`, [
      `Parameters of this path: ${known}.`,
    ]);
  }
  return Object.fromEntries(parameters);
}

function parse({ takes = v.unknown() }: Operation, body: unknown): unknown {
  const result = v.safeParse(takes, body);
  if (result.success) return result.output;
  const issues = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'body'}: ${issue.message}`);
  throw new ControlError(400, 'BODY_INVALID', issues.join('; '), [`See ${description}.`]);
}

function refuse({ code, message, hints }: OrgError | ControlError, status: number): Response {
  return json({ code, message, hints }, status);
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'content-type': 'application/json;charset=UTF-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  });
}
