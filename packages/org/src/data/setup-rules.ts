/** What else holds when rows of Setup are written through REST. */

import type { Row } from '../store/database.ts';
import type { Records, Values } from '../store/records.ts';
import { RestError } from './rest-error.ts';
import type { SObject } from './sobject.ts';

/**
 * @param given new values; undefined for a deletion
 * @param row the record before; undefined for a new one
 * @throws RestError
 */
export function checkSetupRules(
  { name }: SObject,
  given: Values | undefined,
  row: Row | undefined,
  records: Records,
): void {
  if (name === 'User' && typeof given?.['Username'] === 'string') {
    const username = given['Username'];
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(username)) {
      throw new RestError(
        400,
        'INVALID_EMAIL_ADDRESS',
        'Username: invalid email address: ' + username,
        ['Username'],
      );
    }
    const other = records.find('User', { Username: username });
    if (other !== undefined && other['Id'] !== row?.['Id']) {
      throw new RestError(
        400,
        'DUPLICATE_USERNAME',
        "Duplicate Username.  The username already exists in this or another Salesforce organization. Usernames must be unique across all Salesforce organizations. To resolve, use a different username (it doesn't need to match the user's email address).",
        ['Username'],
      );
    }
  }
  if (name === 'PermissionSet') {
    if (row?.['IsOwnedByProfile'] === 1) {
      throw new RestError(
        400,
        'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
        'You can’t edit or delete a permission set that is owned by a profile',
        [],
      );
    }
    const own = given?.['Name'];
    if (typeof own === 'string' && !/^[A-Za-z](?:_?[A-Za-z0-9])*$/.test(own)) {
      throw new RestError(
        400,
        'INVALID_FIELD',
        'The Permission Set Name can only contain underscores and alphanumeric characters. It must be unique, begin with a letter, not include spaces, not end with an underscore, and not contain two consecutive underscores.',
        ['Name'],
      );
    }
    const taken =
      given?.['Name'] === undefined
        ? undefined
        : records.find('PermissionSet', { Name: given['Name'] });
    if (taken !== undefined && taken['Id'] !== row?.['Id']) {
      throw duplicate('Name', taken);
    }
  }
  if (given !== undefined && (name === 'PermissionSetAssignment' || name === 'SetupEntityAccess')) {
    const pair =
      name === 'PermissionSetAssignment'
        ? {
            AssigneeId: given['AssigneeId'] ?? null,
            PermissionSetId: given['PermissionSetId'] ?? null,
          }
        : { SetupEntityId: given['SetupEntityId'] ?? null, ParentId: given['ParentId'] ?? null };
    const taken = records.find(name, pair);
    if (taken !== undefined) throw duplicate(Object.keys(pair).join(', '), taken);
  }
}

/** A user carries the permission set of the profile. */
export function followSetupRules(
  { name }: SObject,
  id: string,
  given: Values,
  records: Records,
): void {
  if (name !== 'User' || given['ProfileId'] === undefined) return;
  const owned = records.list('PermissionSet', { IsOwnedByProfile: true });
  const ids = new Set(owned.map((row) => row['Id']));
  for (const assignment of records.list('PermissionSetAssignment', { AssigneeId: id })) {
    if (ids.has(assignment['PermissionSetId'] ?? null)) {
      records.delete('PermissionSetAssignment', String(assignment['Id']));
    }
  }
  const own = owned.find((row) => row['ProfileId'] === given['ProfileId']);
  if (own === undefined) return;
  records.insert('PermissionSetAssignment', {
    AssigneeId: id,
    PermissionSetId: own['Id'] ?? null,
  });
}

function duplicate(fields: string, row: Row): RestError {
  return new RestError(
    400,
    'DUPLICATE_VALUE',
    `duplicate value found: ${fields} duplicates value on record with id: ${String(row['Id']).slice(0, 15)}`,
    [],
  );
}
