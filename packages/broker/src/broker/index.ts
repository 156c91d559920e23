/** The broker: tokens and authorized requests for processes in any language (docs/broker.md). */

export { fileAuditLog } from './audit-log.ts';
export type { AuditEntry, AuditLog } from './audit-log.ts';
export { createBroker } from './broker.ts';
export type { Broker, BrokerOptions, BrokerState } from './broker.ts';
export { digestOf } from './caller.ts';
export type { Caller, Permission, RequestRule } from './caller.ts';
export { emptyConfiguration, readConfiguration } from './configuration.ts';
export type { Configuration } from './configuration.ts';
export { openConfiguredStore } from './configured-store.ts';
export type { ConfiguredStore, StoreListeners } from './configured-store.ts';
export { watchedIdentity } from './identity.ts';
export type { Identity, IdentityState } from './identity.ts';
export { openDoor } from './listen.ts';
export type { OpenDoor, PortDoor, SocketDoor } from './listen.ts';
export { createLog } from './log.ts';
export type { Log, LogLevel } from './log.ts';
export { openApiDocument } from './openapi.ts';
export { BrokerRefusal, refusalCodes } from './broker-refusal.ts';
export type { RefusalCode } from './broker-refusal.ts';
export { profileToServe, runBroker } from './running-broker.ts';
export type {
  BrokerSettings,
  RunningBroker,
  RunningBrokerOptions,
  ServedProfile,
} from './running-broker.ts';
export type { Door } from './visit.ts';
export { keepTokenFile } from './token-file.ts';
export type { TokenFile, TokenFileFormat, TokenFileOptions } from './token-file.ts';
