/** What a caller of this package can do wrong. What goes over the wire is not here. */
export const orgErrorCodes = [
  'SEED_UNREADABLE',
  'SEED_INVALID',
  'NAME_TAKEN',
  'NOT_FOUND',
  'FIELD_INVALID',
  'CERTIFICATE_INVALID',
  'SCOPE_UNKNOWN',
  'CONNECTED_APPS_BLOCKED',
  'PORT_UNAVAILABLE',
  'HOST_NOT_LOOPBACK',
  'DATABASE_UNAVAILABLE',
  'DATA_FILE_IN_USE',
  'DATA_FILE_INVALID',
  'DATA_FILE_NEWER',
  'SNAPSHOT_INVALID',
  'FAULT_INVALID',
  'TARGET_UNKNOWN',
  'REQUEST_NOT_SEEN',
] as const;

export type OrgErrorCode = (typeof orgErrorCodes)[number];

export interface OrgErrorOptions {
  hints?: readonly string[];
  cause?: unknown;
  /** The field of a form or a call that is wrong. */
  field?: string;
}

export class OrgError extends Error {
  override readonly name = 'OrgError';
  /** Stable, from {@link orgErrorCodes}. */
  readonly code: OrgErrorCode;
  /** What to do next, most likely cure first. */
  readonly hints: readonly string[];
  /** The field that is wrong, where one is. */
  readonly field: string | undefined;

  constructor(code: OrgErrorCode, message: string, options: OrgErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hints = options.hints ?? [];
    this.field = options.field;
  }
}
