import type { ClientErrorCode } from './errors.ts';

/** What a client did, for logs, metrics and traces. No event ever holds a secret. */
export type ClientEvent =
  /** A token request goes out: in Salesforce it counts as a login. */
  | {
      type: 'tokenRequested';
      tokenEndpoint: string;
      clientId: string;
      username: string;
      audience: string;
    }
  | { type: 'tokenReceived'; instanceUrl: string; scopes: readonly string[]; milliseconds: number }
  | { type: 'tokenRequestFailed'; code: ClientErrorCode | 'UNKNOWN'; milliseconds: number }
  /** It will be tried again after a wait; `attempt` is the number of the try to come. */
  | { type: 'tokenRetry'; code: ClientErrorCode; attempt: number; waitMilliseconds: number }
  /** A caller was given the token that is there already. */
  | { type: 'tokenReused' }
  /** The token is still good and is renewed in the background. */
  | { type: 'tokenRefresh' }
  /** Salesforce turned a token away; it is never used again. */
  | { type: 'tokenRefused'; status: number }
  /** A caller was given a refusal that Salesforce had given before. */
  | { type: 'refusalRepeated'; code: ClientErrorCode }
  /** The clock of this machine is wrong; assertions follow the host's from now on. */
  | { type: 'clockSkew'; offsetSeconds: number }
  | { type: 'warning'; message: string };

export type EventListener = (event: ClientEvent) => void;

/** A listener that fails must not fail the request it is told about. */
export function guarded(listener: EventListener | undefined): EventListener | undefined {
  if (listener === undefined) return undefined;
  return (event) => {
    try {
      // One that is declared to give nothing may be an async function all the same.
      const given: unknown = listener(event);
      if (given instanceof Promise) given.catch(() => {});
    } catch {
      // Whose fault it is, is the listener's own to report.
    }
  };
}
