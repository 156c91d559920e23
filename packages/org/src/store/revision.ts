/**
 * Tells writes that last from those that every login and every call makes, so that what was read of
 * an org can be remembered from one to the next.
 */

const writtenByTraffic = new Set([
  'AuthSession',
  'LoginHistory',
  '_ApiUsage',
  '_Counter',
  '_UsedJti',
]);

/** Of a user only this changes at a login. */
export const lastLogin = 'UPDATE "User" SET "LastLoginDate" = ? WHERE "Id" = ?';

/** Whether a statement may change more than sessions, histories and counters. */
export function changesWhatLasts(sql: string): boolean {
  if (/^\s*(?:SELECT|PRAGMA|BEGIN|COMMIT)\b/i.test(sql) || sql === lastLogin) return false;
  const [, table = ''] =
    /^\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "(\w+)"/i.exec(sql) ?? [];
  return !writtenByTraffic.has(table);
}
