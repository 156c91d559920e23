/** What a caller of `/_org` can do wrong, beside what {@link OrgError} says. */
export const controlErrorCodes = [
  'CROSS_SITE',
  'UNSUPPORTED_MEDIA_TYPE',
  'BODY_TOO_LARGE',
  'BODY_INVALID',
  'PARAMETER_INVALID',
  'NO_SUCH_PATH',
  'METHOD_NOT_ALLOWED',
] as const;

export type ControlErrorCode = (typeof controlErrorCodes)[number];

export class ControlError extends Error {
  override readonly name = 'ControlError';
  /** HTTP status. */
  readonly status: number;
  readonly code: ControlErrorCode;
  readonly hints: readonly string[];

  constructor(
    status: number,
    code: ControlErrorCode,
    message: string,
    hints: readonly string[] = [],
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.hints = hints;
  }
}
