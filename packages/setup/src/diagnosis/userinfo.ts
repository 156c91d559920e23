import { apiError, ClientError } from '@sfjwt/client';
import type { Check } from './examination.ts';
import { fault, ok, troubleOf, warning } from './finding.ts';
import { fieldOf, jsonOf, workerFetch } from './worker-session.ts';

/** Whose token is it? */
export const userinfo: Check = {
  ground: 'session',
  name: 'userinfo',
  async run(examination) {
    const fetch = workerFetch(examination);
    if (fetch === undefined) return [];
    try {
      const response = await fetch('/services/oauth2/userinfo', {
        headers: { accept: 'application/json' },
      });
      if (!response.ok) return [fault(troubleOf(await apiError(response)))];
      const answer = await jsonOf(response);
      const name = fieldOf(answer, 'preferred_username');
      const instance = new URL(examination.token?.instanceUrl ?? '').host;
      if (typeof name !== 'string') return [ok(`Signed in at ${instance}`)];
      const wanted = examination.settings.username?.trim().toLowerCase();
      if (name.toLowerCase() === wanted) return [ok(`Signed in as ${name} at ${instance}`)];
      return [
        warning({
          code: 'USERNAME_OF_OTHER_USER',
          says: `The token is that of ${name}`,
          cure: { advice: 'Check the username.' },
        }),
      ];
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      return [fault(troubleOf(error))];
    }
  },
};
