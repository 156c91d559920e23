import { SfjwtError } from '@sfjwt/client';

/**
 * Every way in which keys, certificates and the set-up of an org can fail has a code from this
 * closed list. Codes are a contract: they never change their meaning.
 */
export const setupErrorCodes = [
  'KEY_SIZE_UNSUPPORTED',
  'KEY_NOT_FOR_CERTIFICATE',
  'CERTIFICATE_SUBJECT_INVALID',
  'CERTIFICATE_DAYS_INVALID',
  'CERTIFICATE_TOO_LARGE',
  'FILE_NAME_INVALID',
  'FILE_EXISTS',
  'FILE_NOT_WRITTEN',
  'FILE_UNREADABLE',
  'FILE_TOO_LARGE',
  'FILE_NOT_RECOGNISED',
  // Key stores: PKCS#12 and Java keystores.
  'PASSWORD_MISSING',
  'PASSWORD_WRONG',
  'KEY_PASSWORD_WRONG',
  'KEYSTORE_DAMAGED',
  'KEYSTORE_UNSUPPORTED',
  'KEYSTORE_WITHOUT_KEY',
  'ENTRY_NOT_FOUND',
  'ENTRY_AMBIGUOUS',
  'KEY_NOT_RSA',
  // The org, as an administrator.
  'ADMIN_SESSION_MISSING',
  'ADMIN_SESSION_INVALID',
  'ADMIN_PERMISSION_MISSING',
  'API_VERSION_UNSUPPORTED',
  'ORG_REFUSED',
  'ADMIN_CLI_FAILED',
  'BROWSER_SIGN_IN_FAILED',
  // The app.
  'SPECIFICATION_INVALID',
  'CERTIFICATE_UNREADABLE',
  'SETUP_OBSTRUCTED',
  'DEPLOYMENT_FAILED',
  'CONSUMER_KEY_UNREADABLE',
  'NOT_AS_DEPLOYED',
  'PROOF_FAILED',
  'NOT_YET_PROPAGATED',
  'APP_NOT_FOUND',
  // A rotation.
  'ROTATION_ROLLED_BACK',
  'ROTATION_CONFLICT',
  'ROTATION_UNDER_WAY',
  'ROTATION_JOURNAL_INVALID',
] as const;

export type SetupErrorCode = (typeof setupErrorCodes)[number];

/** Thrown by `@sfjwt/setup`; `code` is one of {@link setupErrorCodes}. */
export class SetupError extends SfjwtError<SetupErrorCode> {
  override readonly name = 'SetupError';
}
