import type { ClientErrorCode } from './errors.ts';

/** What a client did, for logs and metrics. No event ever holds a secret. */
export type ClientEvent =
  | {
      type: 'tokenRequested';
      tokenEndpoint: string;
      clientId: string;
      username: string;
      audience: string;
    }
  | { type: 'tokenReceived'; instanceUrl: string; scopes: readonly string[]; milliseconds: number }
  | { type: 'tokenRequestFailed'; code: ClientErrorCode | 'UNKNOWN'; milliseconds: number }
  | { type: 'tokenReused' }
  | { type: 'tokenRefused'; status: number }
  | { type: 'warning'; message: string };

export type EventListener = (event: ClientEvent) => void;
