/**
 * Every way in which signing in can fail has a code from the closed list below. Codes are a
 * contract: they are compared by programs, so they never change their meaning. `docs/errors.md`
 * explains each; a test checks that page against this list in both directions.
 */

export const clientErrorCodes = [
  // Settings: nothing was sent.
  'SETTING_MISSING',
  'SETTING_INVALID',
  'KEY_MISSING',
  'KEY_FILE_UNREADABLE',
  'KEY_UNREADABLE',
  'KEY_WRONG_KIND',
  'KEY_TOO_SHORT',
  'KEY_ENCRYPTED',
  'SIGNER_FAILED',
  'LOGIN_URL_INVALID',
  'INSECURE_URL',
  'FOREIGN_ORIGIN',
  // Network: no answer to judge.
  'ABORTED',
  'TIMED_OUT',
  'HOST_NOT_FOUND',
  'CONNECTION_REFUSED',
  'CONNECTION_LOST',
  'TLS_FAILED',
  // Answers that are not an answer of Salesforce's token endpoint.
  'RESPONSE_TOO_LARGE',
  'REDIRECTED',
  'SERVER_ERROR',
  'RESPONSE_NOT_JSON',
  'RESPONSE_INVALID',
  // Refusals, named by Salesforce's own words: see refusals.ts.
  'USER_NOT_APPROVED',
  'USER_NOT_ADMIN_APPROVED',
  'ASSERTION_INVALID',
  'AUDIENCE_INVALID',
  'ASSERTION_EXPIRED',
  'CLIENT_ID_UNKNOWN',
  'CLIENT_APP_NOT_FOUND',
  'IP_RESTRICTED',
  'LOGIN_RATE_EXCEEDED',
  'SCOPES_MISSING',
  'SCOPE_NOT_SUPPORTED',
  'GRANT_TYPE_UNSUPPORTED',
  'USER_INACTIVE',
  'ORG_INACTIVE',
  'CLIENT_SECRET_WRONG',
  'SALESFORCE_BUSY',
  'REFUSED',
  // The REST API turned a token away.
  'SESSION_INVALID',
] as const;

export type ClientErrorCode = (typeof clientErrorCodes)[number];

export interface SfjwtErrorOptions {
  /** What to do next, most likely cure first. */
  hints?: readonly string[];
  /** The failure underneath, always kept. */
  cause?: unknown;
  /** OAuth `error` (RFC 6749 section 5.2), when Salesforce sent one. */
  error?: string | undefined;
  /** OAuth `error_description`: in Salesforce's answers the only text that tells causes apart. */
  errorDescription?: string | undefined;
  /** HTTP status of the answer, when there was one. */
  status?: number | undefined;
  /** Whether the same request may succeed later without anybody changing a setting. */
  transient?: boolean;
}

/**
 * The one base class of everything thrown by sfjwt. It never holds a private key, an assertion or
 * an access token.
 */
export class SfjwtError<Code extends string = string> extends Error {
  override readonly name: string = 'SfjwtError';
  /** Stable, from a closed list. */
  readonly code: Code;
  readonly hints: readonly string[];
  readonly error: string | undefined;
  readonly errorDescription: string | undefined;
  readonly status: number | undefined;
  readonly transient: boolean;

  constructor(code: Code, message: string, options: SfjwtErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hints = options.hints ?? [];
    this.error = options.error;
    this.errorDescription = options.errorDescription;
    this.status = options.status;
    this.transient = options.transient ?? false;
  }
}

/** Thrown by `@sfjwt/client`; `code` is one of {@link clientErrorCodes}. */
export class ClientError extends SfjwtError<ClientErrorCode> {
  override readonly name = 'ClientError';
}
