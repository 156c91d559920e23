/** User permissions: who may write rows of Setup, and how a program finds out beforehand. */

import { expect, test } from 'vitest';
import type { Org, User } from '../src/index.ts';
import { orgSetting, get } from './org-setting.ts';

async function query(org: Org, user: User, soql: string): Promise<Record<string, unknown>[]> {
  const path = `/services/data/v67.0/query?q=${encodeURIComponent(soql)}`;
  const response = await get(org, path, org.openSession(user));
  const { records } = (await response.json()) as { records: Record<string, unknown>[] };
  return records;
}

test('a user learns what the user may do, by profile and permission sets together', async () => {
  const { org, user } = await orgSetting();
  const soql =
    'SELECT PermissionsModifyMetadata, PermissionsViewClientSecret, PermissionsApiEnabled FROM UserPermissionAccess';
  const [admin] = await query(org, org.administrator, soql);
  expect(admin).toMatchObject({
    PermissionsModifyMetadata: true,
    PermissionsViewClientSecret: false,
    PermissionsApiEnabled: true,
  });
  expect(await query(org, user, soql)).toMatchObject([{ PermissionsModifyMetadata: false }]);
  const extra = org.permissionSets.create({ label: 'Extra', permissions: ['ViewClientSecret'] });
  org.permissionSets.assign(extra, user);
  expect(await query(org, user, soql)).toMatchObject([
    { PermissionsModifyMetadata: false, PermissionsViewClientSecret: true },
  ]);
});

test('permissions of profiles and permission sets are fields of theirs', async () => {
  const { org } = await orgSetting({
    seed: {
      profiles: [{ name: 'Deployers', permissions: ['ModifyMetadata', 'ViewSetup'] }],
      permissionSets: [{ label: 'Secrets', permissions: ['ViewClientSecret'] }],
    },
  });
  const name = (rows: Record<string, unknown>[]): unknown[] => rows.map(({ Name }) => Name);
  const profiles = 'SELECT Name FROM Profile WHERE PermissionsModifyMetadata = true ORDER BY Name';
  expect(name(await query(org, org.administrator, profiles))).toEqual([
    'Deployers',
    'System Administrator',
  ]);
  const sets =
    'SELECT Name FROM PermissionSet WHERE PermissionsViewClientSecret = true AND IsOwnedByProfile = false';
  expect(name(await query(org, org.administrator, sets))).toEqual(['Secrets']);
});

test.each([
  ['PermissionSet', { Name: 'Night', Label: 'Night' }],
  ['PermissionSetAssignment', {}],
  ['SetupEntityAccess', {}],
  ['User', {}],
])('a row of %s is not made without the permission for it', async (object, values) => {
  const { org, user } = await orgSetting();
  const response = await org.fetch(
    new Request(`${org.url}/services/data/v67.0/sobjects/${object}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${org.openSession(user)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(values),
    }),
  );
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual([
    {
      errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
      message: 'insufficient access rights on object id',
      fields: [],
    },
  ]);
});

test('a permission set has a name that Salesforce would take', async () => {
  const { org } = await orgSetting();
  for (const [Name, status] of [
    ['1_Night', 400],
    ['Night__Shift', 400],
    ['Night_Shift', 201],
  ] as const) {
    const response = await org.fetch(
      new Request(`${org.url}/services/data/v67.0/sobjects/PermissionSet`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${org.openSession(org.administrator)}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ Name, Label: Name }),
      }),
    );
    expect([Name, response.status]).toEqual([Name, status]);
  }
});
