/** `/_org` steers the org: for programs on this machine, and for no page of a browser. */

import { status } from '../attack.ts';
import type { Expected } from '../attack.ts';
import { httpRequest } from '../connection.ts';
import { requestFamily } from '../family.ts';
import type { RequestRow } from '../family.ts';

const crossSite = 'a page of another site that steers the org (CSRF)';
const simpleRequest = 'Fetch: a type that a form can send without asking first';
const input = 'input that nobody meant';

/** Everything that changes the org or tells of it. */
const operations: readonly [method: string, path: string, body: string][] = [
  ['POST', '/_org/reset', '{}'],
  ['POST', '/_org/clock', '{"advance":{"days":1}}'],
  ['POST', '/_org/faults', '{"target":"any","fault":{"status":503}}'],
  ['DELETE', '/_org/faults', '{}'],
  ['POST', '/_org/seed', '{"users":[]}'],
  ['PUT', '/_org/snapshot', '{}'],
  ['POST', '/_org/sessions', '{}'],
  ['DELETE', '/_org/requests', '{}'],
  ['GET', '/_org/snapshot', ''],
  ['GET', '/_org/requests', ''],
  ['GET', '/_org/events', ''],
];

const json = { 'content-type': 'application/json' };

const row = (
  name: string,
  why: string,
  [method, path, body]: readonly [method: string, path: string, body: string],
  headers: Readonly<Record<string, string | undefined>>,
  expected: Expected,
): RequestRow => [name, why, () => httpRequest({ method, path, body, headers }), expected];

const changes = operations.filter(([method]) => method !== 'GET');

const bodies: readonly [path: string, body: string, expected?: Expected][] = [
  ['/_org/clock', ''],
  ['/_org/clock', '{'],
  ['/_org/clock', 'null'],
  ['/_org/clock', '[]'],
  ['/_org/clock', '1'],
  ['/_org/clock', '{"__proto__":{"advance":{"days":1}}}'],
  ['/_org/clock', '{"advance":{"days":1e300}}'],
  ['/_org/clock', '{"advance":{"days":1e400}}'],
  ['/_org/clock', '{"advance":{"days":3000000}}'],
  ['/_org/clock', '{"advance":{"days":-30000}}'],
  ['/_org/clock', '{"advance":{"days":"1"}}'],
  ['/_org/clock', '{"set":"never"}'],
  ['/_org/clock', '{"set":"+275760-09-13T00:00:00Z"}'],
  ['/_org/clock', '{"freeze":"0000-00-00"}'],
  ['/_org/clock', '['.repeat(20_000) + ']'.repeat(20_000)],
  ['/_org/clock', `{"a":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_001)}`],
  [
    '/_org/seed',
    '{"clientApps":[{"name":"X","contactEmail":"a@b.c","certificate":{"file":"/etc/passwd"}}]}',
  ],
  [
    '/_org/seed',
    '{"clientApps":[{"name":"X","contactEmail":"a@b.c","certificate":"/etc/passwd"}]}',
  ],
  ['/_org/seed', '{"records":{"_ClientApp":[{"_name":"x"}]}}'],
  ['/_org/seed', '{"records":{"_SigningKey":[{"_kid":"x","_privateKey":"x"}]}}'],
  ['/_org/seed', String.raw`{"records":{"User\"; DROP TABLE \"User":[{"a":1}]}}`],
  ['/_org/seed', String.raw`{"records":{"Account":[{"Name\" = 1; --":1}]}}`],
  ['/_org/seed', '{"records":{"User":[{"Username":"admin@local-org.example"}]}}'],
  // These names are left out of what is read: nothing is planted.
  ['/_org/seed', '{"records":{"__proto__":[{"a":1}],"constructor":[{"a":1}]}}', status(204)],
  ['/_org/seed', '{"users":[{"username":"x","profile":"y"}]}'],
  [
    '/_org/seed',
    '{"users":[{"username":"a@b.cd","profile":"System Administrator\' OR \'1"}]}',
    status(404),
  ],
  ['/_org/sessions', `{"username":"' OR '1'='1"}`, status(404)],
  ['/_org/sessions', '{"username":{"$ne":null}}'],
  ['/_org/sessions', '{"username":"%"}', status(404)],
  ['/_org/faults', '{"target":"/(a+)+$","fault":{"status":99999}}'],
  ['/_org/faults', '{"target":"nobody","fault":{"status":503}}'],
  ['/_org/reset', '{"x":1}'],
];

const paths: readonly [method: string, path: string, expected: Expected][] = [
  ['GET', '/_org', status(404)],
  ['GET', '/_org/', status(404)],
  ['GET', '/_org/../../etc/passwd', status(404)],
  ['GET', '/_org/%2e%2e/%2e%2e/etc/passwd', status(404)],
  ['GET', '/_org/__proto__', status(404)],
  ['GET', '/_org/constructor', status(404)],
  ['GET', '/_ORG/snapshot', status(404)],
  ['GET', '//_org/snapshot', status(404)],
  ['GET', '/_org/reset', status(405)],
  ['TRACE', '/_org/clock', status(415)],
  ['GET', '/_org/requests?__proto__=x', status(400)],
  ['GET', '/_org/requests?limit=-1', status(400)],
  ['GET', `/_org/requests?status=${'9'.repeat(400)}x`, status(400)],
  ['GET', '/_org/requests/wait?path=%2Fa&timeout=1e99', status(400)],
];

const rows: readonly RequestRow[] = [
  ...operations.flatMap((operation) => {
    const [method, path] = operation;
    return [
      row(
        `${method} ${path}, Origin evil.example`,
        crossSite,
        operation,
        { ...json, origin: 'https://evil.example' },
        status(403),
      ),
      row(
        `${method} ${path}, Origin null`,
        crossSite,
        operation,
        { ...json, origin: 'null' },
        status(403),
      ),
      row(
        `${method} ${path}, from another site`,
        crossSite,
        operation,
        { ...json, 'sec-fetch-site': 'cross-site' },
        status(403),
      ),
      row(
        `${method} ${path}, from the same site`,
        'another port of this machine is another origin',
        operation,
        { ...json, 'sec-fetch-site': 'same-site' },
        status(403),
      ),
    ];
  }),
  ...changes.flatMap((operation) =>
    [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/json2',
      undefined,
    ].map((type) =>
      row(
        `${operation[0]} ${operation[1]}, type ${String(type)}`,
        simpleRequest,
        operation,
        { 'content-type': type },
        status(415),
      ),
    ),
  ),
  ...bodies.map(([path, body, expected = status(400)], index) =>
    row(
      `POST ${path}, body ${index}: ${body.slice(0, 60)}`,
      input,
      ['POST', path, body],
      json,
      expected,
    ),
  ),
  ...paths.map(([method, path, expected]) =>
    row(
      `${method} ${path.slice(0, 60)}`,
      'a path that is read twice',
      [method, path, ''],
      {},
      expected,
    ),
  ),
  row('DELETE /_org/faults/x', input, ['DELETE', '/_org/faults/x', ''], json, status(400)),
  row('DELETE /_org/faults/%00', input, ['DELETE', '/_org/faults/%00', ''], json, status(400)),
  row(
    'POST /_org/reset for another host',
    'DNS rebinding',
    ['POST', '/_org/reset', '{}'],
    { ...json, host: 'evil.example' },
    status(421),
  ),
];

export const control = requestFamily('control', rows);
