/** Every way in which signing in can fail. A contract: codes never change their meaning. */
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
  'PERMISSION_DENIED',
  'HOST_NOT_FOUND',
  'HOST_UNREACHABLE',
  'CONNECTION_REFUSED',
  'CONNECTION_LOST',
  'TLS_FAILED',
  'TLS_INTERCEPTED',
  'PROXY_REFUSED',
  'PROXY_UNREACHABLE',
  // Answers that are not an answer of Salesforce's token endpoint.
  'RESPONSE_TOO_LARGE',
  'REDIRECTED',
  'SERVER_ERROR',
  'PROXY_PAGE',
  'RESPONSE_EMPTY',
  'RESPONSE_HTML',
  'RESPONSE_NOT_JSON',
  'RESPONSE_TRUNCATED',
  'RESPONSE_WRONG_TYPE',
  'RESPONSE_INVALID',
  // Refusals, named by Salesforce's own words: see refusals.ts.
  'USER_NOT_APPROVED',
  'USER_NOT_ADMIN_APPROVED',
  'ASSERTION_INVALID',
  'AUDIENCE_INVALID',
  'ASSERTION_EXPIRED',
  'CLIENT_ID_UNKNOWN',
  'CLIENT_APP_NOT_FOUND',
  'CLIENT_APP_FOREIGN',
  'CLIENT_APP_BLOCKED',
  'IP_RESTRICTED',
  'LOGIN_HOURS_RESTRICTED',
  'LOGIN_RATE_EXCEEDED',
  'SCOPES_MISSING',
  'SCOPE_NOT_SUPPORTED',
  'GRANT_TYPE_UNSUPPORTED',
  'USER_INACTIVE',
  'ORG_INACTIVE',
  'CLIENT_SECRET_WRONG',
  'REQUEST_INVALID',
  'DOMAIN_NOT_SUPPORTED',
  'SALESFORCE_BUSY',
  'REFUSED',
  // The REST API refused a request: see api-error.ts.
  'SESSION_INVALID',
  'SESSION_NOT_FOR_API',
  'API_DISABLED',
  'API_LIMIT_EXCEEDED',
  'API_REFUSED',
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
  /** How long to wait before trying again, in seconds, where that is known. */
  retryAfterSeconds?: number | undefined;
  /** What Salesforce was asked, when it was asked. */
  sent?: SentAssertion | undefined;
}

/** What went out with a token request. Nothing of it is secret. */
export interface SentAssertion {
  readonly tokenEndpoint: string;
  /** The issuer (`iss`): consumer key of the client app. */
  readonly clientId: string;
  /** The subject (`sub`). */
  readonly username: string;
  /** The audience (`aud`). */
  readonly audience: string;
  /** How far the host's clock is ahead of ours, in seconds, by the `Date` of its answer. */
  readonly clockOffsetSeconds?: number | undefined;
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
  readonly retryAfterSeconds: number | undefined;
  readonly sent: SentAssertion | undefined;

  constructor(code: Code, message: string, options: SfjwtErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hints = options.hints ?? [];
    this.error = options.error;
    this.errorDescription = options.errorDescription;
    this.status = options.status;
    this.transient = options.transient ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.sent = options.sent;
  }
}

/** Thrown by `@sfjwt/client`; `code` is one of {@link clientErrorCodes}. */
export class ClientError extends SfjwtError<ClientErrorCode> {
  override readonly name = 'ClientError';
}
