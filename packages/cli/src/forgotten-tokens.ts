import { resolveLoginUrl } from '@sfjwt/client';
import type { Profile } from '@sfjwt/client';
import { machineTokenStore } from '@sfjwt/broker/machine';

/** Forgets the token that the processes of this machine share for these settings. */
export async function forgetTokens(settings: Profile, warnings: string[]): Promise<void> {
  const { loginUrl, clientId, username } = settings;
  try {
    const { tokenEndpoint, audience } = resolveLoginUrl(loginUrl, settings.audience);
    const store = machineTokenStore({ onWarning: (told) => warnings.push(told) });
    // As `TokenStore` has it.
    const key = JSON.stringify([tokenEndpoint, clientId, username, audience]);
    const token = await store.get(key);
    if (token !== undefined) await store.remove(key, token);
  } catch (error) {
    // One that cannot be read is of no use to anybody.
    const why = error instanceof Error ? error.message : String(error);
    warnings.push(`A token may be left on this machine: ${why}`);
  }
}
