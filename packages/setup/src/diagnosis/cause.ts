import type { ClientErrorCode } from '@sfjwt/client';
import type { SetupErrorCode } from '../errors.ts';

/**
 * What a diagnosis can name beside the errors of the client and of this package. Codes are a
 * contract: they never change their meaning.
 */
export const causes = {
  KEY_MENDED: 'the private key was mangled on its way, and could be mended',
  KEY_READABLE_BY_OTHERS: 'other users of this machine can read the private key',
  CERTIFICATE_OF_OTHER_KEY: 'private key and certificate do not belong together',
  CERTIFICATE_EXPIRED: 'the certificate has expired',
  CERTIFICATE_NOT_YET_VALID: 'the certificate is not valid yet',
  CLIENT_ID_SHAPE: 'the client id is something other than a consumer key',
  USERNAME_SHAPE: 'the username is something other than a username',
  USERNAME_NOT_OF_SANDBOX: 'the username lacks the name of the sandbox',
  USERNAME_OF_SANDBOX: 'the username is that of a sandbox, and the host is production',
  LOGIN_URL_CORRECTED: 'the login URL is not one, and was corrected',
  LOGIN_URL_GENERIC: 'the login URL is login. or test., where no external client app is served',
  LOGIN_URL_FOREIGN: 'the login URL is no address of Salesforce',
  AUDIENCE_OF_OTHER_HOST: 'the audience is not the one of the login URL',
  TLS_INSPECTED: 'a proxy reads the TLS connection, with a certificate that is trusted here',
  CLOCK_WRONG: 'the clock of this machine differs from the clock of Salesforce',
  ENDPOINT_UNKNOWN: 'the host does not describe itself as Salesforce',
  CLIENT_APP_MISSING: 'no app of the org has this consumer key',
  CLIENT_APP_DISABLED: 'the app is switched off',
  APP_CERTIFICATE_MISSING: 'the app has no certificate',
  APP_CERTIFICATE_OF_OTHER_KEY: 'the certificate of the app was made with another key',
  USER_UNKNOWN: 'the org has no such user',
  USER_FROZEN: 'the user is frozen',
  APP_NOT_ASSIGNED: 'no profile and no permission set may use the app',
  USER_NOT_ASSIGNED: 'none of those that may use the app is assigned to the user',
  PERMITTED_USERS_SELF_AUTHORIZE: 'the user never approved the app, and no administrator did',
  ORG_UNREADABLE: 'the session of the administrator does not show the org',
  SCOPE_API_MISSING: 'the app does not give the scope api',
  USERNAME_OF_OTHER_USER: 'the token belongs to another user',
  ASSERTION_SHAPE: 'the assertion is not three parts of JSON, JSON and signature',
  ASSERTION_BASE64: 'the assertion is base64, and not base64url',
  ASSERTION_PADDED: 'the assertion is padded, which base64url of a JWS is not',
  ASSERTION_ALGORITHM: 'the assertion is not signed with RS256',
  ASSERTION_HEADER: 'the header of the assertion has what Salesforce does not look at',
  ISSUER_AND_SUBJECT_SWAPPED: 'iss holds the username, and sub the consumer key',
  ISSUER_MISSING: 'iss is missing or no text: it holds the consumer key',
  SUBJECT_MISSING: 'sub is missing or no text: it holds the username',
  SUBJECT_TWICE: 'prn and sub differ: Salesforce takes prn',
  AUDIENCE_MISSING: 'aud is missing',
  AUDIENCE_LIST: 'aud is a list: Salesforce takes text',
  EXPIRY_MISSING: 'exp is missing, or no number',
  EXPIRY_IN_MILLISECONDS: 'exp is in milliseconds: the assertion never expires',
  EXPIRY_FAR: 'exp is further away than an assertion has to live',
  NOT_YET_VALID: 'nbf or iat lies in the future',
  SIGNATURE_MISSING: 'the assertion has no signature',
  SIGNATURE_OF_OTHER_KEY: 'the assertion was not signed by the key of the certificate',
  TOKEN_REDACTED: 'the Salesforce CLI hid the token that a script wanted to read',
  ERROR_TEXT_UNKNOWN: 'the words are not in the catalogue',
  API_LIMIT_NEAR: 'the org has used nearly all its API requests of the day',
} as const satisfies Readonly<Record<string, string>>;

export type CauseCode = ClientErrorCode | SetupErrorCode | keyof typeof causes;
