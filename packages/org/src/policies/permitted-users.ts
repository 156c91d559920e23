import type { Approvals } from '../directory/approval.ts';
import { permittedUsersLabels } from '../directory/client-app.ts';
import type { ClientApp, PermittedUsers } from '../directory/client-app.ts';
import type { User } from '../directory/user.ts';
import type { RefusalFields } from '../oauth/oauth-error.ts';
import type { Database } from '../store/database.ts';
import { isRefreshScope } from './scopes.ts';

export type Permission =
  | { allowed: true; scopes: readonly string[]; found: string }
  | { allowed: false; refusal: RefusalFields; expected: string; found: string };

export const notAdminApproved: RefusalFields = {
  error: 'invalid_app_access',
  description: 'user is not admin approved to access this app',
  loginStatus: 'Failed: Not approved for access',
};

/** Also said of a username that is not known. */
export const notApproved: RefusalFields = {
  error: 'invalid_grant',
  description: "user hasn't approved this consumer",
  loginStatus: 'Failed: Not approved for access',
};

/** OAuth policies > Permitted Users: may this user sign in through this app, and with which scopes. */
export function permittedUsers(
  app: ClientApp,
  user: User,
  { database, approvals }: { database: Database; approvals: Approvals },
): Permission {
  return policyOf(app) === 'adminApproved'
    ? preAuthorized(app, user, database)
    : selfAuthorized(app, user, approvals);
}

/**
 * Salesforce Help, Manage Current OAuth Connected App Sessions: an app has to be installed before
 * its policies can be managed.
 */
export function policyOf({ isInstalled, permittedUsers: policy }: ClientApp): PermittedUsers {
  return isInstalled ? policy : 'selfAuthorize';
}

/** By profile or by permission set: both are permission sets underneath. */
function preAuthorized(app: ClientApp, user: User, database: Database): Permission {
  const policy = permittedUsersLabels.adminApproved;
  const access = database
    .prepare(
      `SELECT "PermissionSet"."Label", "Profile"."Name" AS profile
       FROM "SetupEntityAccess"
       JOIN "PermissionSetAssignment"
         ON "PermissionSetAssignment"."PermissionSetId" = "SetupEntityAccess"."ParentId"
       JOIN "PermissionSet" ON "PermissionSet"."Id" = "SetupEntityAccess"."ParentId"
       LEFT JOIN "Profile" ON "Profile"."Id" = "PermissionSet"."ProfileId"
       WHERE "SetupEntityAccess"."SetupEntityId" = ? AND "PermissionSetAssignment"."AssigneeId" = ?
       LIMIT 1`,
    )
    .get(app.id, user.id);
  if (access !== undefined) {
    const way =
      access['profile'] === null
        ? `permission set "${access['Label']}"`
        : `profile "${access['profile']}"`;
    return { allowed: true, scopes: app.scopes, found: `${policy}; the user has the ${way}` };
  }
  return {
    allowed: false,
    refusal: notAdminApproved,
    expected: 'a profile or permission set of the user that is assigned to the app',
    found: `${policy}; none of the profiles and permission sets of the user is assigned`,
  };
}

/** A user for whom a server could sign in: pre-authorized, active, and no administrator if there is one. */
export function preAuthorizedUsername(app: ClientApp, database: Database): string | undefined {
  if (policyOf(app) !== 'adminApproved') return undefined;
  const row = database
    .prepare(
      `SELECT "User"."Username"
       FROM "SetupEntityAccess"
       JOIN "PermissionSetAssignment"
         ON "PermissionSetAssignment"."PermissionSetId" = "SetupEntityAccess"."ParentId"
       JOIN "User" ON "User"."Id" = "PermissionSetAssignment"."AssigneeId"
       JOIN "Profile" ON "Profile"."Id" = "User"."ProfileId"
       WHERE "SetupEntityAccess"."SetupEntityId" = ? AND "User"."IsActive" = 1
       ORDER BY "Profile"."Name" = 'System Administrator', "User"."Id"
       LIMIT 1`,
    )
    .get(app.id);
  return row === undefined ? undefined : String(row['Username']);
}

/** Only an approval that held a refresh token outlives the browser: the classic trap. */
function selfAuthorized(app: ClientApp, user: User, approvals: Approvals): Permission {
  const policy = app.isInstalled
    ? permittedUsersLabels.selfAuthorize
    : 'the app is not installed, its policies do not count';
  const approved = approvals.scopes(user, app);
  if (approved.some(isRefreshScope)) {
    return { allowed: true, scopes: approved, found: `${policy}; the user has approved the app` };
  }
  return {
    allowed: false,
    refusal: notApproved,
    expected: 'an approval by the user that included refresh_token',
    found:
      approved.length === 0
        ? `${policy}; the user never approved the app`
        : `${policy}; the user approved ${approved.join(' ')} only`,
  };
}
