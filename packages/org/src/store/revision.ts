/**
 * Tells writes that last from those that every login makes, so that what was read of an org can be
 * remembered from one login to the next.
 */

const writtenByLogins = new Set(['AuthSession', 'LoginHistory', '_Counter', '_UsedJti']);

/** Of a user only this changes at a login. */
export const lastLogin = 'UPDATE "User" SET "LastLoginDate" = ? WHERE "Id" = ?';

/** Whether a statement may change more than sessions and histories. */
export function changesWhatLasts(sql: string): boolean {
  if (/^\s*(?:SELECT|PRAGMA|BEGIN|COMMIT)\b/i.test(sql) || sql === lastLogin) return false;
  const [, table = ''] =
    /^\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "(\w+)"/i.exec(sql) ?? [];
  return !writtenByLogins.has(table);
}
