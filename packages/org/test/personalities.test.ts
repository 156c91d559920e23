/** One org, called by several names: what each takes as audience, and whom it knows. */

import { expect, test } from 'vitest';
import type { ClientAppKind, OrgKind } from '../src/index.ts';
import { assertion } from './assertion.ts';
import { jwtBearer, orgSetting } from './org-setting.ts';

const login = 'https://login.salesforce.com';
const sandbox = 'https://test.salesforce.com';
const port = ':7523';
const local = `http://127.0.0.1${port}`;

const audience = 'audience is invalid';
const stranger = "user hasn't approved this consumer";
const notInstalled = 'External client app is not installed in this org';

type Case = readonly [
  app: ClientAppKind,
  org: OrgKind,
  called: string,
  audience: string,
  answer: string,
];

const cases: readonly Case[] = [
  ['connectedApp', 'production', `http://login.localhost${port}`, login, 'granted'],
  ['connectedApp', 'production', login, login, 'granted'],
  ['connectedApp', 'production', `http://login.localhost${port}`, sandbox, audience],
  ['connectedApp', 'production', `http://test.localhost${port}`, login, audience],
  ['connectedApp', 'production', `http://test.localhost${port}`, sandbox, stranger],
  ['connectedApp', 'production', `http://login.localhost${port}`, local, audience],
  ['connectedApp', 'sandbox', `http://test.localhost${port}`, sandbox, 'granted'],
  ['connectedApp', 'sandbox', `http://login.localhost${port}`, login, stranger],
  ['externalClientApp', 'production', `http://login.localhost${port}`, login, notInstalled],
  ['externalClientApp', 'production', `http://acme.my.localhost${port}`, login, 'granted'],
  ['externalClientApp', 'production', `http://acme.my.localhost${port}`, sandbox, audience],
  [
    'externalClientApp',
    'production',
    `http://acme.my.localhost${port}`,
    `http://acme.my.localhost${port}/`,
    'granted',
  ],
  ['externalClientApp', 'production', `http://acme.my.localhost${port}`, local, 'granted'],
  [
    'externalClientApp',
    'production',
    `http://localhost${port}`,
    `http://localhost${port}`,
    'granted',
  ],
  ['externalClientApp', 'production', 'http://localhost:1', 'http://localhost:1', audience],
  [
    'externalClientApp',
    'production',
    `http://evil.example${port}`,
    `http://evil.example${port}`,
    audience,
  ],
  [
    'externalClientApp',
    'sandbox',
    'https://acme--dev.sandbox.my.salesforce.com',
    'https://acme--dev.sandbox.my.salesforce.com',
    'granted',
  ],
];

test.each(cases)(
  'a %s of a %s org, asked for at %s with audience %s: %s',
  async (kind, orgKind, called, aud, answer) => {
    const { org, claims } = await orgSetting({ kind: orgKind }, { kind });
    const response = await org.fetch(
      new Request(`${called}/services/oauth2/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: jwtBearer,
          assertion: await assertion(claims({ aud })),
        }),
      }),
    );
    const body = (await response.json()) as Record<string, string>;
    expect(body['error_description'] ?? 'granted').toBe(answer);
    // Whatever name was called, the API is at the one that every client can resolve.
    if (answer === 'granted') expect(body['instance_url']).toBe(local);
  },
);

test('an Experience Cloud site has a token endpoint and an audience of its own', async () => {
  const { org, claims } = await orgSetting({ seed: { sites: [{ path: 'portal' }] } });
  const ask = async (path: string, aud: string): Promise<number> => {
    const body = new URLSearchParams({
      grant_type: jwtBearer,
      assertion: await assertion(claims({ aud })),
    });
    const url = `${org.url}${path}/services/oauth2/token`;
    return (await org.fetch(new Request(url, { method: 'POST', body }))).status;
  };
  expect(await ask('/portal', `${org.url}/portal`)).toBe(200);
  expect(await ask('/portal', `${org.url}/portal/`)).toBe(200);
  expect(await ask('/portal', org.url)).toBe(400);
  expect(await ask('/portal', login)).toBe(400);
  expect(await ask('', `${org.url}/portal`)).toBe(400);
  expect(await ask('/elsewhere', `${org.url}/elsewhere`)).toBe(404);
});

test.each(['services', 'a/b', '', '.well-known'])('"%s" is no path of a site', async (path) => {
  const { org } = await orgSetting();
  expect(() => org.sites.create({ path })).toThrow('cannot be the path of a site');
});
