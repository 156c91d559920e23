/** What every part of the broker shares. The stores are entries of their own: `@sfjwt/broker/file`. */

export { BrokerError, brokerErrorCodes } from './errors.ts';
export type { BrokerErrorCode } from './errors.ts';
export { createSeal } from './seal.ts';
export type { Seal, SealOptions, Secret } from './seal.ts';
