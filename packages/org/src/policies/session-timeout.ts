import type { ClientApp } from '../directory/client-app.ts';
import type { ProfilePolicies } from '../directory/profile.ts';

/** Session Settings of a new org: two hours without activity. */
export const defaultSessionTimeoutMinutes = 120;

/** Session Settings > Timeout Value goes from 15 minutes to 24 hours. */
export const sessionTimeoutLimits = { minimum: 15, maximum: 24 * 60 } as const;

/** Lives that Setup offers for JWT-based access tokens, in minutes. */
export const jwtTimeoutChoices = [1, 5, 10, 15, 30] as const;

/**
 * Seconds without activity after which a session ends: what the app says, else the profile of the
 * user, else the org.
 */
export function sessionTimeoutSeconds(
  app: Pick<ClientApp, 'sessionTimeoutMinutes'> | undefined,
  profile: Pick<ProfilePolicies, 'sessionTimeoutMinutes'>,
  org: { sessionTimeoutMinutes: number },
): number {
  const minutes =
    app?.sessionTimeoutMinutes ?? profile.sessionTimeoutMinutes ?? org.sessionTimeoutMinutes;
  return minutes * 60;
}

/** Life of a JWT-based access token, which use does not prolong. */
export function jwtTimeoutSeconds(
  { jwtTimeoutMinutes }: Pick<ClientApp, 'jwtTimeoutMinutes'>,
  sessionSeconds: number,
): number {
  return jwtTimeoutMinutes === undefined ? sessionSeconds : jwtTimeoutMinutes * 60;
}
