import type { ClientApp } from '../directory/client-app.ts';
import { permittedUsers } from '../policies/permitted-users.ts';
import type { MetadataCall } from './component-store.ts';

/**
 * Ends the sessions of users whom the app admits no more: the one that makes the deployment too, if
 * it came through this very app. Seen in public code: such a deployment succeeds, and asking for its
 * state is refused.
 */
export function endSessionsOfStrangers({ id }: ClientApp, call: MetadataCall): void {
  const { context } = call;
  const app = context.clientApps.findById(id);
  if (app === undefined) return;
  for (const session of context.sessions.list()) {
    if (session.clientAppId !== id) continue;
    const user = context.users.findById(session.userId);
    if (user !== undefined && !permittedUsers(app, user, context).allowed) {
      context.sessions.remove(session.id);
    }
  }
}
