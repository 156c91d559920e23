/** Connected Apps OAuth Usage: who uses which app, and taking it away from them. */

import type { ClientApp } from '../directory/client-app.ts';
import type { OrgContext } from '../org-context.ts';

type Context = Pick<OrgContext, 'database' | 'records' | 'sessions'>;

/** Id of an app -> ids of those who have a living session, a refresh token or an approval. */
export function usersOfApps({ sessions, records }: Context): Map<string, Set<string>> {
  const users = new Map<string, Set<string>>();
  const add = (app: string, user: string): void => {
    const known = users.get(app) ?? new Set();
    users.set(app, known.add(user));
  };
  for (const { clientAppId, userId } of sessions.list()) {
    if (clientAppId !== undefined) add(clientAppId, userId);
  }
  for (const row of [...records.list('_Approval'), ...records.list('_RefreshToken')]) {
    add(String(row['_clientAppId']), String(row['_userId']));
  }
  return users;
}

export interface AppUser {
  userId: string;
  /** Logins through the app that Login History still has. */
  useCount: number;
  /** Milliseconds since 1970; not set for an approval that was never used. */
  firstUsed: number | undefined;
  lastUsed: number | undefined;
}

/** Those who use the app, the latest first. */
export function usersOfApp(app: ClientApp, context: Context): AppUser[] {
  const uses = new Map(
    context.database
      .prepare(
        `SELECT "UserId", COUNT(*) AS uses, MIN("LoginTime") AS first, MAX("LoginTime") AS last
         FROM "LoginHistory"
         WHERE "_consumerKey" = ? AND "Status" = 'Success' GROUP BY "UserId"`,
      )
      .all(app.consumerKey)
      .map((row) => [String(row['UserId']), row]),
  );
  const time = (value: unknown): number | undefined =>
    typeof value === 'number' ? value : undefined;
  return [...(usersOfApps(context).get(app.id) ?? [])]
    .map((userId) => {
      const row = uses.get(userId);
      return {
        userId,
        useCount: Number(row?.['uses'] ?? 0),
        firstUsed: time(row?.['first']),
        lastUsed: time(row?.['last']),
      };
    })
    .toSorted((a, b) => (b.lastUsed ?? 0) - (a.lastUsed ?? 0));
}

/**
 * Revoke: ends the sessions through the app and takes the refresh tokens and the approval away, of
 * one user, or of all. Whoever is pre-authorized may sign in again.
 */
export function revokeAccess(
  { id }: ClientApp,
  { database, records, sessions }: Context,
  userId?: string,
): void {
  database.transaction(() => {
    for (const session of sessions.list()) {
      if (session.clientAppId !== id) continue;
      if (userId === undefined || session.userId === userId) sessions.remove(session.id);
    }
    const which = { _clientAppId: id, ...(userId === undefined ? {} : { _userId: userId }) };
    for (const table of ['_RefreshToken', '_Approval']) {
      for (const row of records.list(table, which)) records.delete(table, String(row['Id']));
    }
  });
}

/** Block: nobody gets a token any more, and the sessions end. What was approved stays for Unblock. */
export function setBlocked(
  app: ClientApp,
  { clientApps, database, sessions }: Pick<OrgContext, 'clientApps' | 'database' | 'sessions'>,
  isBlocked: boolean,
): void {
  database.transaction(() => {
    clientApps.setPolicies(app, { isBlocked });
    if (!isBlocked) return;
    for (const { id, clientAppId } of sessions.list()) {
      if (clientAppId === app.id) sessions.remove(id);
    }
  });
}
