/** Fields that no column holds: they depend on who asks, or on what is the org's own. */

import type { Row, SqlValue } from '../store/database.ts';
import type { SObject } from './sobject.ts';

/**
 * As an expression of SQL; undefined for a field that is a column.
 *
 * @param alias of the table
 * @param sessionId of who asks: an id of ours, and as such part of the SQL
 */
export function computedSql(
  { name }: SObject,
  field: string,
  alias: string,
  sessionId: string,
): string | undefined {
  if (name === 'UserPermissionAccess') return permissionSql(field, sessionId);
  if (name !== 'AuthSession') return undefined;
  if (field === 'IsCurrent') return `("${alias}"."Id" = '${sessionId}')`;
  if (field === 'IsAssociatedWithJwtAccessToken') return `("${alias}"."_expires" IS NOT NULL)`;
  return undefined;
}

/** What the user of the session may do, by profile and permission sets together. */
function permissionSql(field: string, sessionId: string): string | undefined {
  if (!field.startsWith('Permissions')) return undefined;
  return `(SELECT coalesce(max("PermissionSet"."${field}"), 0) FROM "PermissionSetAssignment"
    JOIN "PermissionSet" ON "PermissionSet"."Id" = "PermissionSetAssignment"."PermissionSetId"
    WHERE "PermissionSetAssignment"."AssigneeId" =
      (SELECT "UsersId" FROM "AuthSession" WHERE "Id" = '${sessionId}'))`;
}

/** The same of a row at hand; undefined for a field that is a column. */
export function computedValue(
  { name }: SObject,
  field: string,
  row: Row,
  sessionId: string,
): SqlValue | undefined {
  if (name !== 'AuthSession') return undefined;
  if (field === 'IsCurrent') return Number(row['Id'] === sessionId);
  if (field === 'IsAssociatedWithJwtAccessToken') return Number(row['_expires'] !== null);
  return undefined;
}
