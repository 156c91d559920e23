import type { ServerResponse } from 'node:http';
import { SfjwtError } from '@sfjwt/client';
import { BrokerRefusal } from '../broker-refusal.ts';

/** JSON in one piece, never to be stored on the way. */
export function answerJson(
  outgoing: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  answerText(outgoing, status, `${JSON.stringify(body)}\n`, 'application/json', headers);
}

export function answerText(
  outgoing: ServerResponse,
  status: number,
  text: string,
  type: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  outgoing.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  outgoing.end(text);
}

export interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly hints: readonly string[];
  /** Seconds, where it is known when to come again. */
  readonly retryAfter?: number | undefined;
}

/** Any error as an answer. What is not an error of ours is told without its words. */
export function failureOf(error: unknown): Failure {
  if (error instanceof BrokerRefusal) {
    const { status, code, message, hints } = error;
    return { status, code, message, hints };
  }
  if (error instanceof SfjwtError) {
    const { code, message, hints, retryAfterSeconds } = error;
    return { status: statusOf(error), code, message, hints, retryAfter: retryAfterSeconds };
  }
  return {
    status: 500,
    code: 'UNEXPECTED',
    message: 'Unexpected failure of the broker; its log says more',
    hints: [],
  };
}

export function answerFailure(
  outgoing: ServerResponse,
  { status, code, message, hints, retryAfter }: Failure,
): void {
  const headers = {
    ...(status === 401 ? { 'www-authenticate': 'Bearer realm="sfjwt broker"' } : {}),
    ...(retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfter)) }),
  };
  answerJson(outgoing, status, { code, message, hints }, headers);
}

/** The caller is not at fault: the gateway codes of RFC 9110 section 15.6. */
function statusOf({ code, transient, status }: SfjwtError): number {
  if (code === 'TIMED_OUT') return 504;
  if (code === 'LOGIN_RATE_EXCEEDED' || code === 'SALESFORCE_BUSY') return 503;
  return transient && status === undefined ? 503 : 502;
}
