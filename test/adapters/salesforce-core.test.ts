/** `@salesforce/core`, unmodified: its Connection and AuthInfo, with no file and no key of its own. */

import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { createConnection } from '@sfjwt/client/salesforce-core';
import type { SalesforceCore } from '@sfjwt/client/salesforce-core';
import type { JsforceConnection } from '@sfjwt/client/jsforce';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { floor, installAdapted, scratchHome } from './adapted.ts';
import { openGateway, sessionEnded, username } from './gateway.ts';

const adapted = await installAdapted();

interface AuthInfo {
  getUsername(): string;
  getFields(decrypt?: boolean): Record<string, unknown>;
  isUsingAccessToken(): boolean;
}

interface CoreConnection extends JsforceConnection {
  query(soql: string): Promise<{ totalSize: number }>;
  identity(): Promise<{ username: string }>;
  singleRecordQuery(soql: string): Promise<{ Name: string }>;
  refreshAuth(): Promise<void>;
  getAuthInfo(): AuthInfo;
  getUsername(): string;
  getApiVersion(): string;
}

interface Core extends SalesforceCore<AuthInfo, CoreConnection> {
  Org: {
    create(options: { connection: CoreConnection }): Promise<{
      getUsername(): string;
      getOrgId(): string;
      getConnection(): CoreConnection;
    }>;
  };
}

beforeAll(() => mkdir(scratchHome, { recursive: true }));
afterAll(() => rm(scratchHome, { recursive: true, force: true }));

const missing = 'offline' in adapted || floor === 'node-20';

test.skipIf(missing)('a Connection of @salesforce/core signs in and renews itself', async () => {
  const gateway = await openGateway();
  if (!('value' in adapted)) return;
  const core = adapted.value.load('@salesforce/core') as Core;
  const connection = await createConnection(core, gateway.salesforce);

  expect(connection.getUsername()).toBe(username);
  expect(connection.getApiVersion()).toMatch(/^\d\d\.0$/);
  const soql = 'SELECT Name FROM Account ORDER BY Name LIMIT 1';
  expect(await connection.singleRecordQuery(soql)).toMatchObject({ Name: 'Acme' });
  expect(await connection.identity()).toMatchObject({ username });
  expect(gateway.logins()).toBe(1);

  gateway.endSessions();
  await connection.refreshAuth();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => connection.query('SELECT Name FROM Account')),
  );
  expect(answers.map(({ totalSize }) => totalSize)).toEqual(Array(20).fill(3));
  expect(gateway.logins()).toBe(2);
  expect(connection.getAuthInfo().getFields(true)['accessToken']).toBe(
    (await gateway.salesforce.token()).value,
  );

  const sent = gateway.requests.length;
  gateway.answer = () => sessionEnded;
  await expect(connection.query('SELECT Id FROM Account')).rejects.toMatchObject({
    code: 'SESSION_INVALID',
  });
  expect(gateway.requests).toHaveLength(sent + 2);
  gateway.answer = () => undefined;

  const org = await core.Org.create({ connection });
  expect(org.getUsername()).toBe(username);
  expect(org.getOrgId()).toBe(gateway.org.organization.id);
  expect((await org.getConnection().query('SELECT Name FROM Account')).totalSize).toBe(3);
});

test.skipIf(missing)('nothing is left in the home folder', () => {
  expect(existsSync(scratchHome)).toBe(true);
  expect(readdirSync(scratchHome, { recursive: true })).toEqual([]);
});
