/** A failed login as plain JSON, so that it is told to everybody who would have failed likewise. */

import { ClientError, clientErrorCodes } from '@sfjwt/client';
import type { ClientErrorCode, SentAssertion } from '@sfjwt/client';

/** What is kept of a ClientError. None of it is secret; its cause stays with the process. */
export interface Refusal {
  code: ClientErrorCode;
  message: string;
  hints: readonly string[];
  error: string | undefined;
  errorDescription: string | undefined;
  status: number | undefined;
  transient: boolean;
  retryAfterSeconds: number | undefined;
  sent: SentAssertion | undefined;
}

export function refusalOf(failure: ClientError): Refusal {
  const { code, message, hints, error, errorDescription, status } = failure;
  const { transient, retryAfterSeconds, sent } = failure;
  return {
    code,
    message,
    hints,
    error,
    errorDescription,
    status,
    transient,
    retryAfterSeconds,
    sent,
  };
}

export function refused({ code, message, ...options }: Refusal): ClientError {
  return new ClientError(code, message, options);
}

/** Whether Salesforce has spoken, and will say the same to everybody for a while. */
export function isPlainNo({ error, transient, retryAfterSeconds }: ClientError): boolean {
  return error !== undefined && (!transient || retryAfterSeconds !== undefined);
}

/** Whether nobody was reached: what happens to all processes of a machine alike. */
export function isOutage(failure: ClientError): boolean {
  return failure.transient && failure.error === undefined;
}

/** Undefined for what is none, or has a code of a later version. */
export function readRefusal(value: unknown): Refusal | undefined {
  const fields = Object(value) as Partial<Refusal>;
  if (!clientErrorCodes.some((code) => code === fields.code)) return undefined;
  return fields as Refusal;
}
