import { SfjwtError } from '@sfjwt/client';

/**
 * Every way in which sharing tokens can fail has a code from this closed list. Codes are a contract:
 * they never change their meaning.
 */
export const brokerErrorCodes = [
  'STORE_UNAVAILABLE',
  'STORE_ENTRY_UNREADABLE',
  'STORE_ENTRY_NEWER',
  'STORE_KEY_INVALID',
  'STORE_KEY_UNAVAILABLE',
] as const;

export type BrokerErrorCode = (typeof brokerErrorCodes)[number];

/** Thrown by `@sfjwt/broker`; `code` is one of {@link brokerErrorCodes}. */
export class BrokerError extends SfjwtError<BrokerErrorCode> {
  override readonly name = 'BrokerError';
}
