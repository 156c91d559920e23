/**
 * Permissions of users that decide something in this org, as Salesforce names them: in SOQL with
 * `Permissions` before the name, in Metadata under `userPermissions`.
 */

import type { Database, Row } from '../store/database.ts';

/** Name in the API -> label in Setup. */
export const userPermissionLabels = {
  ApiEnabled: 'API Enabled',
  ViewSetup: 'View Setup and Configuration',
  CustomizeApplication: 'Customize Application',
  ModifyMetadata: 'Modify Metadata Through Metadata API Functions',
  ModifyAllData: 'Modify All Data',
  ViewAllData: 'View All Data',
  ManageUsers: 'Manage Users',
  ManageInternalUsers: 'Manage Internal Users',
  AssignPermissionSets: 'Assign Permission Sets',
  ManageProfilesPermissionsets: 'Manage Profiles and Permission Sets',
  ManageRemoteAccess: 'Manage Connected Apps',
  ExternalClientAppDeveloper: 'Create, edit, and delete External Client Apps',
  ExternalClientAppAdmin:
    'View all External Client Apps, view their settings, and edit their policies',
  ExternalClientAppViewer: 'View all External Client Apps, their settings, and policies',
  ViewClientSecret: 'View Client Secret',
  ClientSecretRotation: 'Allow consumer key and secret rotation',
  CanApproveUninstalledApps: 'Approve Uninstalled Connected Apps',
  MonitorLoginHistory: 'Monitor Login History',
} as const;

export type UserPermission = keyof typeof userPermissionLabels;

export const userPermissions = Object.keys(userPermissionLabels) as readonly UserPermission[];

export function isUserPermission(name: string): name is UserPermission {
  return Object.hasOwn(userPermissionLabels, name);
}

/** The field of Profile and PermissionSet that a permission is kept in. */
export const permissionField = (permission: UserPermission): string => `Permissions${permission}`;

/**
 * What the System Administrator of a new org may do. The two permissions that open consumer secrets
 * are nobody's until somebody gives them.
 */
export const administratorPermissions: readonly UserPermission[] = userPermissions.filter(
  (permission) => permission !== 'ViewClientSecret' && permission !== 'ClientSecretRotation',
);

/** The columns of a profile or permission set that gives these permissions and no others. */
export function permissionColumns(
  permissions: readonly UserPermission[],
): Readonly<Record<string, boolean>> {
  return Object.fromEntries(
    userPermissions.map((name) => [permissionField(name), permissions.includes(name)]),
  );
}

/** Those that a row gives. */
export function permissionsIn(row: Row): UserPermission[] {
  return userPermissions.filter((name) => row[permissionField(name)] === 1);
}

/** What a user may do, by profile and permission sets together. */
export function permissionsOf(userId: string, database: Database): ReadonlySet<UserPermission> {
  const sums = userPermissions.map((permission) => `max("${permissionField(permission)}")`);
  const row = database
    .prepare(
      `SELECT ${sums.map((sum, index) => `${sum} AS "${userPermissions[index]}"`).join(', ')}
       FROM "PermissionSetAssignment"
       JOIN "PermissionSet" ON "PermissionSet"."Id" = "PermissionSetAssignment"."PermissionSetId"
       WHERE "PermissionSetAssignment"."AssigneeId" = ?`,
    )
    .get(userId);
  return new Set(userPermissions.filter((permission) => row?.[permission] === 1));
}
