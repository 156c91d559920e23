/** What the broker itself says no to, by a code that is part of its contract (docs/broker.md). */
export const refusalCodes = [
  'CALLER_UNKNOWN',
  'CALLER_FORBIDDEN',
  'HOST_FORBIDDEN',
  'PROFILE_UNKNOWN',
  'PROFILE_NOT_NAMED',
  'PATH_FORBIDDEN',
  'ROUTE_UNKNOWN',
  'METHOD_UNKNOWN',
  'REQUEST_MALFORMED',
  'BODY_TOO_LARGE',
  'AUDIT_UNAVAILABLE',
  'DRAINING',
  'ORG_NOT_REACHED',
] as const;

export type RefusalCode = (typeof refusalCodes)[number];

/** An answer of the broker, not of Salesforce. */
export class BrokerRefusal extends Error {
  override readonly name = 'BrokerRefusal';
  readonly code: RefusalCode;
  /** HTTP status. */
  readonly status: number;
  readonly hints: readonly string[];

  constructor(
    code: RefusalCode,
    status: number,
    message: string,
    hints: readonly string[] = [],
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.hints = hints;
  }
}
