import type { ClientErrorCode } from '@sfjwt/client';
import type { OrgErrorCode } from '@sfjwt/org';
import type { SetupErrorCode } from '@sfjwt/setup';

/** One exit code per kind of cause: a contract for scripts, see docs/cli.md. */
export const exitCodes = {
  done: 0,
  unexpected: 1,
  usage: 2,
  refused: 3,
  notReached: 4,
  unusable: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

type Cause = Exclude<keyof typeof exitCodes, 'done'>;

/** Every code that can be thrown. A new code does not compile before it has a line here. */
const causes: Readonly<Record<ClientErrorCode | OrgErrorCode | SetupErrorCode | 'USAGE', Cause>> = {
  SETTING_MISSING: 'usage',
  SETTING_INVALID: 'unusable',
  KEY_MISSING: 'unusable',
  KEY_FILE_UNREADABLE: 'unusable',
  KEY_UNREADABLE: 'unusable',
  KEY_WRONG_KIND: 'unusable',
  KEY_TOO_SHORT: 'unusable',
  KEY_ENCRYPTED: 'unusable',
  SIGNER_FAILED: 'unusable',
  LOGIN_URL_INVALID: 'unusable',
  INSECURE_URL: 'unusable',
  FOREIGN_ORIGIN: 'unusable',
  ABORTED: 'unexpected',
  TIMED_OUT: 'notReached',
  HOST_NOT_FOUND: 'notReached',
  CONNECTION_REFUSED: 'notReached',
  CONNECTION_LOST: 'notReached',
  TLS_FAILED: 'notReached',
  RESPONSE_TOO_LARGE: 'notReached',
  REDIRECTED: 'notReached',
  SERVER_ERROR: 'notReached',
  RESPONSE_NOT_JSON: 'notReached',
  RESPONSE_INVALID: 'notReached',
  SALESFORCE_BUSY: 'notReached',
  USER_NOT_APPROVED: 'refused',
  USER_NOT_ADMIN_APPROVED: 'refused',
  ASSERTION_INVALID: 'refused',
  AUDIENCE_INVALID: 'refused',
  ASSERTION_EXPIRED: 'refused',
  CLIENT_ID_UNKNOWN: 'refused',
  CLIENT_APP_NOT_FOUND: 'refused',
  IP_RESTRICTED: 'refused',
  LOGIN_RATE_EXCEEDED: 'refused',
  SCOPES_MISSING: 'refused',
  SCOPE_NOT_SUPPORTED: 'refused',
  GRANT_TYPE_UNSUPPORTED: 'refused',
  USER_INACTIVE: 'refused',
  ORG_INACTIVE: 'refused',
  CLIENT_SECRET_WRONG: 'refused',
  REFUSED: 'refused',
  SESSION_INVALID: 'refused',
  CERTIFICATE_SUBJECT_INVALID: 'unusable',
  CERTIFICATE_DAYS_INVALID: 'unusable',
  CERTIFICATE_TOO_LARGE: 'unusable',
  KEY_NOT_FOR_CERTIFICATE: 'unusable',
  KEY_SIZE_UNSUPPORTED: 'unusable',
  FILE_EXISTS: 'unusable',
  FILE_NAME_INVALID: 'unusable',
  FILE_NOT_WRITTEN: 'unusable',
  FILE_UNREADABLE: 'unusable',
  FILE_TOO_LARGE: 'unusable',
  FILE_NOT_RECOGNISED: 'unusable',
  SEED_UNREADABLE: 'unusable',
  SEED_INVALID: 'unusable',
  NAME_TAKEN: 'unusable',
  NOT_FOUND: 'unusable',
  FIELD_INVALID: 'unusable',
  CERTIFICATE_INVALID: 'unusable',
  SCOPE_UNKNOWN: 'unusable',
  PORT_UNAVAILABLE: 'unusable',
  HOST_NOT_LOOPBACK: 'unusable',
  DATABASE_UNAVAILABLE: 'unusable',
  USAGE: 'usage',
};

export function exitCodeOf(code: string): ExitCode {
  const cause = Object.hasOwn(causes, code) ? causes[code as keyof typeof causes] : 'unexpected';
  return exitCodes[cause];
}
