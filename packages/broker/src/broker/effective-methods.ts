import type { IncomingHttpHeaders } from 'node:http';

/** Names that other servers than Salesforce's give the header. */
const overridingHeaders = ['x-http-method-override', 'x-http-method', 'x-method-override'];

/**
 * The method of a request, and each one that it asks to be taken for: Salesforce takes a POST with
 * `_HttpMethod=PATCH` in its query for a PATCH (REST API Developer Guide, Update a Record). A rule
 * on methods that looked at the first line alone would be no rule.
 *
 * @param query with its question mark, or empty
 */
export function effectiveMethods(
  method: string,
  query: string,
  headers: IncomingHttpHeaders,
): string[] {
  const asked = [...new URLSearchParams(query)]
    .filter(([name]) => name.toLowerCase() === '_httpmethod')
    .map(([, value]) => value);
  for (const name of overridingHeaders) {
    const value = headers[name];
    if (value !== undefined) asked.push(...[value].flat());
  }
  return [method, ...asked.map((one) => one.trim().toUpperCase())];
}
