import { inspect } from 'node:util';
import type { Connection } from '@sfjwt/client';
import { createOrg } from '@sfjwt/org';
import type { Org } from '@sfjwt/org';
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { openAdminSession, soql } from '../src/index.ts';
import type { AdminSession, AdminSessionOptions, AuthorizedClient } from '../src/index.ts';

let org: Org;
let admin: AdminSession;
let accessToken = '';
const open = (options: AdminSessionOptions = {}): Promise<AdminSession> =>
  openAdminSession({
    instanceUrl: org.url,
    accessToken,
    fetch: (request) => org.fetch(request),
    ...options,
  });

beforeAll(async () => {
  org = await createOrg();
  accessToken = org.openSession(org.administrator);
  admin = await open();
});

describe('a session', () => {
  test('takes the latest version of the API that the org has', () => {
    expect(admin.apiVersion).toBe('67.0');
    expect(admin.instanceUrl).toBe(new URL(org.url).origin);
  });

  test('queries, follows the batches, and leaves the attributes out', async () => {
    for (let number = 0; number < 210; number += 1) {
      await admin.request('/sobjects/Account', {
        method: 'POST',
        body: JSON.stringify({ Name: `Batch ${number}` }),
      });
    }
    const before = admin.requestCount;
    const rows = await admin.query<{ Name: string }>(
      soql`SELECT Name, Owner.Username FROM Account WHERE Name LIKE 'Batch %' ORDER BY Name`,
    );
    expect(rows).toHaveLength(210);
    expect(rows[0]).toEqual({ Name: 'Batch 0', Owner: { Username: 'admin@local-org.example' } });
    expect(admin.requestCount - before).toBeGreaterThanOrEqual(1);
  });

  test('asks the Tooling API when told to', async () => {
    expect(await admin.query(soql`SELECT Id FROM PermissionSet`, { tooling: true })).toEqual(
      expect.any(Array),
    );
  });

  test('comes from a client as well, which signs in by itself', async () => {
    const client = {
      token: () => Promise.resolve({ instanceUrl: new URL(org.url).origin, value: accessToken }),
      fetch: (path: string | URL | Request, init?: RequestInit) =>
        org.fetch(
          new Request(new URL(path instanceof Request ? path.url : path, org.url), {
            ...init,
            headers: { authorization: `Bearer ${accessToken}` },
          }),
        ),
    };
    const session = await openAdminSession({ client });
    expect(await session.query(soql`SELECT Id FROM Organization`)).toHaveLength(1);
    expectTypeOf<Connection>().toExtend<AuthorizedClient>();
  });
});

describe('values of a query stay values', () => {
  test.each([
    "O'Brien",
    String.raw`back\slash`,
    String.raw`\' OR Name != '`,
    "x' OR Username != 'y",
    'two\nlines\tand "quotes"',
    'Zoë \u{1f511}',
  ])('%j', async (name) => {
    const created = await admin.request('/sobjects/Account', {
      method: 'POST',
      body: JSON.stringify({ Name: name }),
    });
    const rows = await admin.query(soql`SELECT Id, Name FROM Account WHERE Name = ${name}`);
    expect(rows).toEqual([{ Id: (created as { id: string }).id, Name: name }]);
    expect(await admin.query(soql`SELECT Id FROM Account WHERE Name IN ${[name, 'none']}`)).toEqual(
      [{ Id: (created as { id: string }).id }],
    );
  });

  test('numbers, dates, truth, nothing, parts and lists', async () => {
    const part = soql`AnnualRevenue = ${null} AND IsDeleted = ${false}`;
    const query = soql`SELECT Id FROM Account WHERE ${part} AND CreatedDate > ${new Date(0)} AND NumberOfEmployees = ${120}`;
    expect(query.text).toBe(
      'SELECT Id FROM Account WHERE AnnualRevenue = null AND IsDeleted = false' +
        ' AND CreatedDate > 1970-01-01T00:00:00.000Z AND NumberOfEmployees = 120',
    );
    expect(await admin.query(query)).toHaveLength(1);
    // `IN ()` is no SOQL: who has nothing to look for does not ask.
    expect(() => soql`SELECT Id FROM Account WHERE Id IN ${[]}`).toThrow(RangeError);
  });
});

describe('refusals have a code', () => {
  test.each<[string, AdminSessionOptions, string]>([
    ['no token', { accessToken: ' ' }, 'ADMIN_SESSION_MISSING'],
    ['login host', { instanceUrl: 'login.salesforce.com' }, 'ADMIN_SESSION_MISSING'],
    ['two lines', { accessToken: 'a\nb' }, 'ADMIN_SESSION_INVALID'],
    [
      'redacted by the Salesforce CLI',
      { accessToken: "[REDACTED] Use 'sf org auth show-access-token' to view" },
      'ADMIN_SESSION_INVALID',
    ],
    ['plain http', { instanceUrl: 'http://acme.example' }, 'INSECURE_URL'],
    ['no URL', { instanceUrl: 'https://' }, 'LOGIN_URL_INVALID'],
    [
      'not an org',
      { fetch: () => Response.json([{ version: '31.0' }]) },
      'API_VERSION_UNSUPPORTED',
    ],
    ['a page', { fetch: () => new Response('<html>') }, 'RESPONSE_INVALID'],
    [
      'a redirect',
      { fetch: () => new Response(null, { status: 302, headers: { location: '/login' } }) },
      'REDIRECTED',
    ],
  ])('%s: %#', async (_name, options, code) => {
    await expect(open(options)).rejects.toMatchObject({
      code,
      hints: expect.arrayContaining([expect.any(String)]),
    });
  });

  test('a token that has ended, without trying it twice', async () => {
    const session = await open({ accessToken: '00D000000000001!ended' });
    const before = org.requests.list().length;
    await expect(session.query(soql`SELECT Id FROM User`)).rejects.toMatchObject({
      code: 'ADMIN_SESSION_INVALID',
      status: 401,
    });
    expect(org.requests.list().length - before).toBe(1);
  });

  test('what the org refuses, in its words', async () => {
    await expect(admin.query(soql`SELECT Id FROM Nothing__c`)).rejects.toMatchObject({
      code: 'ORG_REFUSED',
      error: 'INVALID_TYPE',
      message: expect.stringContaining('Nothing__c'),
    });
  });

  test('what this user may not do', async () => {
    const answer = [{ errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY', message: 'no rights' }];
    const session = await open({
      apiVersion: '67.0',
      fetch: () => Response.json(answer, { status: 400 }),
    });
    await expect(session.request('/sobjects/User')).rejects.toMatchObject({
      code: 'ADMIN_PERMISSION_MISSING',
      error: 'INSUFFICIENT_ACCESS_OR_READONLY',
    });
  });

  test('a broken server is told as one', async () => {
    const broken = open({ fetch: () => new Response('', { status: 503 }) });
    await expect(broken).rejects.toMatchObject({ code: 'SERVER_ERROR', transient: true });
  });

  test('another origin is never asked', async () => {
    await expect(admin.fetch('https://acme.example/')).rejects.toMatchObject({
      code: 'FOREIGN_ORIGIN',
    });
  });

  test('an org that does not answer', async () => {
    const never = (_request: Request, init?: { signal?: AbortSignal }): Promise<Response> =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      });
    await expect(open({ fetch: never, timeoutMilliseconds: 5 })).rejects.toMatchObject({
      code: 'TIMED_OUT',
    });
  });
});

test('the token is shown nowhere', async () => {
  const echo = (request: Request): Response =>
    Response.json([{ errorCode: 'X_Y', message: request.headers.get('authorization') }], {
      status: 400,
    });
  const session = await open({ fetch: echo, apiVersion: '67.0' });
  const error = await session.request('/limits').catch((thrown: unknown) => thrown);
  for (const shown of [session, error]) {
    expect(inspect(shown, { depth: 9, showHidden: true })).not.toContain(accessToken);
    expect(JSON.stringify(shown)).not.toContain(accessToken);
  }
});
