import type { ClientApp } from '../directory/client-app.ts';

/** Session Settings of a new org: two hours without activity. */
const defaultMinutes = 120;

/** Seconds without activity after which a session of this app ends. */
export function sessionTimeoutSeconds(app: ClientApp): number {
  return (app.sessionTimeoutMinutes ?? defaultMinutes) * 60;
}
