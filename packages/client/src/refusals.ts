/**
 * The catalogue of Salesforce refusals: cause and remedy for each. Salesforce puts most causes
 * under the one error `invalid_grant`, so the description is what tells them apart; it is matched
 * by part and without regard to case, as its wording has varied.
 */

import type { ClientErrorCode } from './errors.ts';

export interface Refusal {
  code: ClientErrorCode;
  /** OAuth `error`, where the description alone does not decide. */
  error?: string;
  /** Part of `error_description`, in lower case. */
  description?: string;
  /** What it means, in one sentence. */
  meaning: string;
  /** What to change and where, most likely cause first. */
  hints: readonly string[];
  /** Whether the same settings may be accepted in a moment. */
  transient?: true;
  /** Whether it is also said of an app that was saved minutes ago. */
  settling?: true;
  /** How long it lasts at least, in seconds, where that is known. */
  retryAfterSeconds?: number;
}

export const appSettling =
  'An app saved in the last ten minutes may not be known everywhere yet: wait and try again.';

export const refusals: readonly Refusal[] = [
  {
    code: 'USER_NOT_APPROVED',
    description: "user hasn't approved this consumer",
    meaning: 'The user is not approved for this app, or is not known at this host',
    hints: [
      'Setup > the app > Policies: set Permitted Users to "Admin approved users are pre-authorized".',
      'Then assign the profile or permission set of the user to the app (Manage Profiles, Manage Permission Sets; of an external client app: Policies > App Policies).',
      'Check the username, and that the login URL is the My Domain of its org: sandbox usernames end in the name of the sandbox.',
    ],
    settling: true,
  },
  {
    code: 'USER_NOT_ADMIN_APPROVED',
    error: 'invalid_app_access',
    meaning: 'The app admits pre-authorized users only, and this user is not one of them',
    hints: [
      'Assign the profile of the user to the app: App Manager > the app > Manage > Manage Profiles; of an external client app: External Client App Manager > the app > Policies > App Policies.',
      'Or assign a permission set to the app (Manage Permission Sets) and to the user.',
    ],
  },
  {
    code: 'ASSERTION_INVALID',
    description: 'invalid assertion',
    meaning:
      'The signature does not match the certificate of the app, or the assertion is malformed',
    hints: [
      'Check that key and certificate belong together: sfjwt key inspect salesforce.key salesforce.crt',
      'Upload the certificate that was made with this key: App Manager > the app > Edit > Use digital signatures; of an external client app: Settings > OAuth Settings > Enable JWT Bearer Flow.',
      'Check that the client id is the consumer key of that very app.',
    ],
    settling: true,
  },
  {
    code: 'AUDIENCE_INVALID',
    description: 'audience',
    meaning: 'This host does not accept the audience of the assertion',
    hints: [
      'Use the My Domain of the org as login URL and let the audience follow from it.',
      'Older orgs want https://login.salesforce.com (production) or https://test.salesforce.com (sandbox) as audience.',
    ],
  },
  {
    code: 'ASSERTION_EXPIRED',
    description: 'expired authorization code',
    meaning: 'The assertion had expired when Salesforce read it',
    hints: ['Set the clock of this machine (NTP): the assertion lives for three minutes.'],
  },
  {
    code: 'CLIENT_ID_UNKNOWN',
    error: 'invalid_client_id',
    meaning: 'No app with this consumer key is known at this host',
    hints: [
      'Copy the consumer key again: App Manager > the app > View; of an external client app: Settings > OAuth Settings.',
      'Check that the login URL belongs to the org that has the app.',
    ],
    settling: true,
  },
  {
    code: 'CLIENT_APP_NOT_FOUND',
    error: 'app_not_found',
    meaning: 'The external client app is not installed in the org that this host stands for',
    hints: [
      'Use the My Domain of the org as login URL and as audience: login. and test. do not serve external client apps.',
      'A sandbox does not inherit local external client apps: create the app there.',
    ],
    settling: true,
  },
  {
    code: 'CLIENT_APP_FOREIGN',
    description: 'cross-org oauth flows are not supported',
    meaning: 'The external client app belongs to another org and is not packaged',
    hints: [
      'Create the app in this org, or package it and install the package (Distribution State: Packaged).',
    ],
  },
  {
    code: 'CLIENT_APP_BLOCKED',
    description: 'app is blocked',
    meaning: 'An admin has blocked this app',
    hints: ['Setup > Connected Apps OAuth Usage > the app > Unblock.'],
  },
  {
    code: 'LOGIN_HOURS_RESTRICTED',
    description: 'invalid login hours',
    meaning: 'Logins of this user are not allowed from this IP address, or not at this hour',
    hints: [
      'Setup > Profiles > the profile > Login Hours and Login IP Ranges.',
      'Or relax IP restrictions in the policies of the app.',
    ],
  },
  {
    code: 'IP_RESTRICTED',
    description: 'ip restricted',
    meaning: 'Logins of this user are not allowed from this IP address',
    hints: [
      'Relax IP restrictions in the policies of the app, or add the address to the login IP ranges of the profile.',
    ],
  },
  {
    code: 'LOGIN_RATE_EXCEEDED',
    description: 'login rate exceeded',
    meaning: 'The user has used up the 3,600 logins that Salesforce allows in an hour',
    hints: [
      'Reuse access tokens: every token request counts as a login.',
      'Wait until the hour has passed.',
    ],
    transient: true,
    retryAfterSeconds: 600,
  },
  {
    code: 'LOGIN_RATE_EXCEEDED',
    error: 'rate_limit_exceeded',
    meaning: 'The user has used up the logins that Salesforce allows in an hour',
    hints: ['Reuse access tokens: every token request counts as a login.'],
    transient: true,
    retryAfterSeconds: 600,
  },
  {
    code: 'SCOPES_MISSING',
    description: 'no valid scopes',
    meaning: 'The app has no scope that a token could be given for',
    hints: ['Add "Manage user data via APIs (api)" to the selected OAuth scopes of the app.'],
  },
  {
    code: 'SCOPE_NOT_SUPPORTED',
    description: 'scope parameter not supported',
    meaning: 'Scopes cannot be asked for in this flow: the app decides them',
    hints: ['Leave the scope parameter out.'],
  },
  {
    code: 'DOMAIN_NOT_SUPPORTED',
    description: 'request not supported on this domain',
    meaning: 'This host does not serve such requests',
    hints: ['Use the My Domain of the org as login URL, instead of login. or test.'],
  },
  {
    code: 'REQUEST_INVALID',
    description: 'must use http post',
    meaning: 'Something between here and Salesforce changed the method of the request',
    hints: ['Look for a proxy or a redirect on the way.'],
  },
  {
    code: 'REQUEST_INVALID',
    description: 'https required',
    meaning: 'The request reached Salesforce without TLS',
    hints: ['Use https:// in the login URL; look for a proxy that takes TLS off.'],
  },
  {
    code: 'GRANT_TYPE_UNSUPPORTED',
    error: 'unsupported_grant_type',
    meaning: 'The host does not take the JWT bearer grant, or could not read the request body',
    hints: [
      'Check that the login URL is a Salesforce login host or My Domain, without extra path.',
    ],
  },
  {
    code: 'USER_INACTIVE',
    error: 'inactive_user',
    meaning: 'The user is deactivated',
    hints: ['Setup > Users > the user > Edit: check Active.'],
  },
  {
    code: 'ORG_INACTIVE',
    error: 'inactive_org',
    meaning: 'The org is locked, closed or suspended',
    hints: ['Ask the owner of the org, or Salesforce Support.'],
  },
  {
    code: 'CLIENT_SECRET_WRONG',
    error: 'invalid_client',
    meaning: 'The consumer secret that was sent is wrong',
    hints: ['The JWT bearer flow needs no consumer secret.'],
  },
  {
    code: 'SALESFORCE_BUSY',
    error: 'unknown_error',
    meaning: 'Salesforce could not answer just now',
    hints: ['Try again in a while.', 'If it stays, check that the login URL is right.'],
    transient: true,
  },
];

/** The first entry that the two fields fit, if any. */
export function findRefusal(error: string, description: string): Refusal | undefined {
  const lower = description.toLowerCase();
  return refusals.find(
    (refusal) =>
      (refusal.error === undefined || refusal.error === error) &&
      (refusal.description === undefined || lower.includes(refusal.description)),
  );
}

/** A refusal of an API, told by status and body. */
export interface ApiRefusal {
  readonly code: ClientErrorCode;
  readonly matches: RegExp;
  readonly meaning: string;
  readonly hints: readonly string[];
  /** Whether a new login can help. */
  readonly renewable?: true;
}

/**
 * The first row that fits decides. `INVALID_SESSION_ID` has two meanings, and only one of them is
 * worth a new login: a session that may not use the REST API never will, and would loop for ever.
 */
export const apiRefusals: readonly ApiRefusal[] = [
  {
    code: 'SESSION_NOT_FOR_API',
    matches: /session is not valid for use with the REST API|not attached to Agent/i,
    meaning: 'The session lives, but may not use this API',
    hints: [
      'Add "Manage user data via APIs (api)" to the selected OAuth scopes of the app.',
      'With API Access Control, allow-list the app: Setup > API Access Control.',
      'Check that profile and app do not ask for a high-assurance session.',
    ],
  },
  {
    code: 'SESSION_INVALID',
    matches:
      /INVALID_SESSION_ID|INVALID_AUTH_HEADER|INVALID_JWT_FORMAT|LOGIN_OAUTH_INVALID_TOKEN|^\s*Bad_OAuth_Token\s*$/,
    meaning: 'The session has ended or was ended, or the token belongs to another org',
    hints: [
      'Call the API at the instance URL of the token response, not at the login host.',
      'Setup > Session Management lists the sessions that live.',
    ],
    renewable: true,
  },
  {
    code: 'API_DISABLED',
    matches: /API_DISABLED_FOR_ORG|API_CURRENTLY_DISABLED/,
    meaning: 'The user, or the edition of the org, has no API access',
    hints: [
      'Give the user the permission "API Enabled", by profile or permission set.',
      'An app saved in the last ten minutes may need to settle: wait and try again.',
    ],
  },
  {
    code: 'API_LIMIT_EXCEEDED',
    matches: /REQUEST_LIMIT_EXCEEDED/,
    meaning: 'The org has used up its API requests for 24 hours',
    hints: ['Setup > Company Information shows the limit, Setup > API Usage who uses it up.'],
  },
];

/** What an answer with a status of 400 or more means, if it is in the catalogue. */
export function findApiRefusal(status: number, body: string): ApiRefusal | undefined {
  if (status !== 401 && status !== 403) return undefined;
  const found = apiRefusals.find(({ matches }) => matches.test(body));
  // userinfo and the identity URL say 403 for a dead token; the REST API says it of other things.
  if (status === 403 && found?.renewable === true && !body.includes('OAuth')) return undefined;
  return found;
}
