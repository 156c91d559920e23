import { OrgError } from '../org-error.ts';

/** Selected OAuth Scopes: value on the wire -> label in Setup. */
export const scopeLabels: Readonly<Record<string, string>> = {
  api: 'Manage user data via APIs (api)',
  refresh_token: 'Perform requests at any time (refresh_token, offline_access)',
  offline_access: 'Perform requests at any time (refresh_token, offline_access)',
  full: 'Full access (full)',
  web: 'Manage user data via Web browsers (web)',
  id: 'Access the identity URL service (id, profile, email, address, phone)',
  profile: 'Access the identity URL service (id, profile, email, address, phone)',
  email: 'Access the identity URL service (id, profile, email, address, phone)',
  address: 'Access the identity URL service (id, profile, email, address, phone)',
  phone: 'Access the identity URL service (id, profile, email, address, phone)',
  openid: 'Access unique user identifiers (openid)',
  custom_permissions: 'Access custom permissions (custom_permissions)',
  visualforce: 'Access Visualforce applications (visualforce)',
  lightning: 'Access Lightning applications (lightning)',
  content: 'Access content resources (content)',
  chatter_api: 'Access Connect REST API resources (chatter_api)',
  wave_api: 'Access Analytics REST API resources (wave_api)',
  eclair_api: 'Access Analytics REST API Charts Geodata resources (eclair_api)',
  pardot_api: 'Manage Pardot services (pardot_api)',
  cdp_ingest_api: 'Manage Data Cloud Ingestion API data (cdp_ingest_api)',
  cdp_profile_api: 'Manage Data Cloud profile data (cdp_profile_api)',
  cdp_query_api: 'Perform ANSI SQL queries on Data Cloud data (cdp_query_api)',
  chatbot_api: 'Access chatbot services (chatbot_api)',
  sfap_api: 'Access the Salesforce API Platform (sfap_api)',
  interaction_api: 'Access Interaction API resources (interaction_api)',
  einstein_gpt_api: 'Access Einstein GPT services (einstein_gpt_api)',
};

/** Labels of older versions of Setup, by which many instructions still call the scopes. */
const formerLabels: Readonly<Record<string, string>> = {
  api: 'Access and manage your data (api)',
  refresh_token: 'Perform requests on your behalf at any time (refresh_token, offline_access)',
};

export interface ScopeChoice {
  /** The first value is the name of the choice; an app that makes it has them all. */
  values: readonly [string, ...string[]];
  label: string;
  formerLabel: string | undefined;
}

/** What Available OAuth Scopes offers: scopes with one label are one choice. */
export const scopeChoices: readonly ScopeChoice[] = [
  ...new Set(Object.values(scopeLabels)),
].flatMap((label): ScopeChoice[] => {
  const [first, ...others] = Object.keys(scopeLabels).filter(
    (scope) => scopeLabels[scope] === label,
  );
  return first === undefined
    ? []
    : [{ values: [first, ...others], label, formerLabel: formerLabels[first] }];
});

/** @throws OrgError SCOPE_UNKNOWN */
export function requireKnownScopes(scopes: readonly string[]): void {
  const unknown = scopes.find((scope) => !Object.hasOwn(scopeLabels, scope));
  if (unknown === undefined) return;
  throw new OrgError('SCOPE_UNKNOWN', `"${unknown}" is not an OAuth scope of Salesforce`, {
    hints: [`Known scopes: ${Object.keys(scopeLabels).join(', ')}`],
  });
}

/** The two names of the one scope that makes a self-authorized approval lasting. */
export function isRefreshScope(scope: string): boolean {
  return scope === 'refresh_token' || scope === 'offline_access';
}

/** The scopes a token of this flow carries: never the refresh scope, as there is no refresh token. */
export function grantedScopes(scopes: readonly string[]): string[] {
  return scopes.filter((scope) => !isRefreshScope(scope));
}

/** `full` includes the others. */
export function allows(scopes: readonly string[], needed: string): boolean {
  return scopes.includes(needed) || scopes.includes('full');
}
