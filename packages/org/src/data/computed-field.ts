/** Fields of a session that no column holds: they depend on who asks, or on what is the org's own. */

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
  if (name !== 'AuthSession') return undefined;
  if (field === 'IsCurrent') return `("${alias}"."Id" = '${sessionId}')`;
  if (field === 'IsAssociatedWithJwtAccessToken') return `("${alias}"."_expires" IS NOT NULL)`;
  return undefined;
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
