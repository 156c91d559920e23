/** What a running broker says of itself: JSON lines, without a secret in any of them. */

import type { ClientEvent } from '@sfjwt/client';
import { SfjwtError } from '@sfjwt/client';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface Log {
  readonly info: (fields: object, words: string) => void;
  readonly warn: (fields: object, words: string) => void;
  readonly error: (fields: object, words: string) => void;
  /** What the client of a profile did, at the level that it deserves. */
  readonly clientEvent: (profile: string, event: ClientEvent) => void;
  readonly fault: (error: unknown) => void;
}

/** Where tokens and secrets would be, should one ever get that far. */
const secretPaths = ['authorization', 'access_token', 'accessToken', 'assertion', 'client_secret'];

const levels: Readonly<Record<ClientEvent['type'], LogLevel>> = {
  tokenRequested: 'debug',
  tokenReceived: 'info',
  tokenRequestFailed: 'warn',
  tokenRetry: 'warn',
  tokenReused: 'debug',
  tokenRefresh: 'debug',
  tokenRefused: 'info',
  refusalRepeated: 'warn',
  clockSkew: 'warn',
  warning: 'warn',
};

/** @param write takes one line at a time, its end included */
export async function createLog(write: (line: string) => void, level: LogLevel): Promise<Log> {
  const { pino } = await import('pino');
  const redact = secretPaths.flatMap((path) => [path, `*.${path}`, `*.*.${path}`]);
  const logger = pino(
    {
      level,
      base: null,
      redact,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );
  return {
    info: (fields, words) => logger.info(fields, words),
    warn: (fields, words) => logger.warn(fields, words),
    error: (fields, words) => logger.error(fields, words),
    clientEvent: (profile, event) => logger[levels[event.type]]({ profile, ...event }, event.type),
    fault: (error) => logger.error(told(error), 'a failure of the broker'),
  };
}

/** Not the whole error: a cause may hold what was sent. */
function told(error: unknown): object {
  if (error instanceof SfjwtError) {
    const { code, message, hints } = error;
    return { code, message, hints };
  }
  if (!(error instanceof Error)) return { message: String(error) };
  return { message: error.message, stack: error.stack };
}
