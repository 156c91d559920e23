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
  'LOGIN_BUDGET_EXCEEDED',
  // The broker cannot be started, or cannot take a new configuration.
  'CONFIGURATION_UNREADABLE',
  'CONFIGURATION_INVALID',
  'DOOR_UNAVAILABLE',
  'HOST_NOT_ALLOWED',
  'SECRET_MISSING',
  'SECRET_INVALID',
  'AUDIT_LOG_UNAVAILABLE',
  'TRACING_UNAVAILABLE',
] as const;

export type BrokerErrorCode = (typeof brokerErrorCodes)[number];

/** Thrown by `@sfjwt/broker`; `code` is one of {@link brokerErrorCodes}. */
export class BrokerError extends SfjwtError<BrokerErrorCode> {
  override readonly name = 'BrokerError';
}
