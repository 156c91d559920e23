import type { Check } from './examination.ts';
import { fault, ok } from './finding.ts';

/** May the token be used at the APIs? The app decides the scopes, not the request. */
export const grantedScopes: Check = {
  ground: 'session',
  name: 'scopes',
  run({ token }) {
    if (token === undefined) return Promise.resolve([]);
    const { scopes } = token;
    // Without a word of scopes, nothing can be said of them.
    if (scopes.length === 0 || scopes.includes('api') || scopes.includes('full')) {
      return Promise.resolve([ok(`Scopes ${scopes.join(' ')}`)]);
    }
    return Promise.resolve([
      fault({
        code: 'SCOPE_API_MISSING',
        says: 'The app does not give the scope api: the REST API will turn the token away',
        evidence: [{ label: 'scopes of the token', value: scopes.join(' ') }],
        cure: {
          advice:
            'Add "Manage user data via APIs (api)" to the Selected OAuth Scopes of the app: App Manager > the app > Edit; of an external client app: Settings > OAuth Settings.',
        },
      }),
    ]);
  },
};
