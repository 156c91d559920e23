export { openAdminSession } from './admin-session.ts';
export type {
  AdminSession,
  AdminSessionOptions,
  AuthorizedClient,
  QueryOptions,
} from './admin-session.ts';
export { createCertificate, maximumCertificateBytes } from './certificate.ts';
export type { CertificateOptions, SelfSignedCertificate } from './certificate.ts';
export { SetupError, setupErrorCodes } from './errors.ts';
export type { SetupErrorCode } from './errors.ts';
export type {
  BlockInspection,
  CertificateInspection,
  ContainerInspection,
  Inspection,
  PrivateKeyInspection,
  PublicKeyInspection,
} from './file-entry.ts';
export { inspect, inspectFile, keyMatchesCertificate } from './inspection.ts';
export type { FileInspection, InspectionOptions } from './inspection.ts';
export { readKeyStore, readKeyStoreFile } from './key-store.ts';
export type { KeyStoreContents, KeyStoreFormat, ReadKeyStoreOptions } from './key-store.ts';
export type { KeyStorePasswords } from './open-key-store.ts';
export { writeKeyFiles } from './key-files.ts';
export type { KeyFiles, KeyFilesOptions } from './key-files.ts';
export { createKeyPair } from './key-pair.ts';
export type { KeyPair, KeyPairOptions, KeySize } from './key-pair.ts';
export { soql, Soql } from './soql.ts';
export type { SoqlValue } from './soql.ts';
