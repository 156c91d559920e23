/** Who may write rows of Setup: the user permission that each object asks for. */

import { permissionsOf } from '../directory/user-permission.ts';
import type { UserPermission } from '../directory/user-permission.ts';
import type { Database } from '../store/database.ts';
import { RestError } from './rest-error.ts';
import type { SObject } from './sobject.ts';

/** Object -> permissions, any of which is enough. Object Reference, Special Access Rules. */
const writers: Readonly<Record<string, readonly UserPermission[]>> = {
  Organization: ['CustomizeApplication'],
  User: ['ManageUsers', 'ManageInternalUsers'],
  UserLogin: ['ManageUsers', 'ManageInternalUsers'],
  UserRole: ['ManageUsers', 'ManageInternalUsers'],
  Group: ['ManageUsers', 'ManageInternalUsers'],
  AuthSession: ['ManageUsers', 'ManageInternalUsers'],
  PermissionSet: ['ManageProfilesPermissionsets'],
  PermissionSetAssignment: ['AssignPermissionSets'],
  SetupEntityAccess: ['ManageProfilesPermissionsets'],
};

/** @throws RestError INSUFFICIENT_ACCESS_OR_READONLY */
export function requireSetupPermission(
  { name }: SObject,
  userId: string,
  database: Database,
): void {
  const needed = writers[name];
  if (needed === undefined) return;
  const held = permissionsOf(userId, database);
  if (needed.some((permission) => held.has(permission))) return;
  throw new RestError(
    400,
    'INSUFFICIENT_ACCESS_OR_READONLY',
    'insufficient access rights on object id',
    [],
  );
}
