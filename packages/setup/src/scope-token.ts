/** OAuth scopes have two names: one on the wire (`api`), one in metadata (`Api`). */

/** On the wire -> in metadata (`@salesforce/types` 1.9.0, ConnectedAppOauthAccessScope). */
export const scopeTokens: Readonly<Record<string, string>> = {
  api: 'Api',
  refresh_token: 'RefreshToken',
  offline_access: 'OfflineAccess',
  full: 'Full',
  web: 'Web',
  id: 'Basic',
  profile: 'Profile',
  email: 'Email',
  address: 'Address',
  phone: 'Phone',
  openid: 'OpenID',
  custom_permissions: 'CustomPermissions',
  visualforce: 'CustomApplications',
  lightning: 'Lightning',
  content: 'Content',
  chatter_api: 'Chatter',
  wave_api: 'Wave',
  eclair_api: 'Eclair',
  pardot_api: 'Pardot',
  cdp_api: 'CDP',
  cdp_ingest_api: 'CDPIngest',
  cdp_profile_api: 'CDPProfile',
  cdp_query_api: 'CDPQuery',
  cdp_segment_api: 'CDPSegment',
  cdp_identityresolution_api: 'CDPIdentityResolution',
  cdp_calculated_insight_api: 'CDPCalculatedInsight',
  chatbot_api: 'Chatbot',
  sfap_api: 'SFAP',
  interaction_api: 'Interaction',
  einstein_gpt_api: 'EinsteinGPT',
  forgot_password: 'ForgotPassword',
  user_registration_api: 'UserRegistration',
  pwdless_login_api: 'PwdlessLogin',
  mcp_api: 'MCP',
  scrt_api: 'SCRT',
};

/** Salesforce's validator of external client apps names this one otherwise. */
const otherTokens: Readonly<Record<string, string>> = { SFApiPlatform: 'sfap_api' };

const scopeOfToken: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(scopeTokens).map(([scope, token]) => [token, scope])),
  ...otherTokens,
};

export function tokenOfScope(scope: string): string {
  return scopeTokens[scope] ?? scope;
}

/** A token that is not known stays as it is: what it means, the org knows. */
export function scopeOf(token: string): string {
  return scopeOfToken[token] ?? token;
}

/** Whether two lists mean the same. `offline_access` is another word for `refresh_token`. */
export function sameScopes(some: readonly string[], others: readonly string[]): boolean {
  const words = (scopes: readonly string[]): string =>
    [...new Set(scopes.map(plain))].toSorted().join(' ');
  return words(some) === words(others);
}

function plain(scope: string): string {
  return scope === 'offline_access' ? 'refresh_token' : scope;
}
