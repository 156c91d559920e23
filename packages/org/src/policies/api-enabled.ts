import type { User } from '../directory/user.ts';
import type { Database } from '../store/database.ts';

/**
 * The permission "API Enabled", by profile or permission set. Without it a user is given a token
 * all the same, and the REST API then refuses it.
 */
export function isApiEnabled(user: User, database: Database): boolean {
  const row = database
    .prepare(
      `SELECT 1 FROM "PermissionSetAssignment"
       JOIN "PermissionSet" ON "PermissionSet"."Id" = "PermissionSetAssignment"."PermissionSetId"
       WHERE "PermissionSetAssignment"."AssigneeId" = ? AND "PermissionSet"."PermissionsApiEnabled" = 1
       LIMIT 1`,
    )
    .get(user.id);
  return row !== undefined;
}
