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
export { planRemoval, removeApp } from './app-removal.ts';
export type { RemovalOptions, RemovalPlan } from './app-removal.ts';
export { readSpecificationFile, resolveSpecification } from './app-specification.ts';
export type { ResolvedApp } from './app-specification.ts';
export { signInWithBrowser } from './browser-sign-in.ts';
export type { BrowserSession, BrowserSignInOptions } from './browser-sign-in.ts';
export { readKnownCertificate } from './certificate-match.ts';
export type { KnownCertificate } from './certificate-match.ts';
export { chooseConsumerKey, readConsumerKey } from './consumer-key.ts';
export type { KeyReadingOptions } from './consumer-key.ts';
export { findDrift } from './drift.ts';
export type { AuditEntry, Drift, DriftOptions } from './drift.ts';
export { desiredComponents } from './metadata/client-app.ts';
export { listComponents } from './metadata/component-list.ts';
export { deploy, DeploymentError } from './metadata/deployment.ts';
export { newComponent } from './metadata/desired-component.ts';
export { packageFiles } from './metadata/package-archive.ts';
export { retrieveComponents } from './metadata/retrieval.ts';
export { readActivity, readConnectedApp } from './migration.ts';
export type { AppActivity, ConnectedAppFound, MigrationNames } from './migration.ts';
export { proveSignIn, usualSettlingMilliseconds } from './proof.ts';
export type { ProofOptions, ProofWait, SignInProof } from './proof.ts';
export { salesforceCliSession } from './salesforce-cli.ts';
export type { SalesforceCliOptions, SalesforceCliSession } from './salesforce-cli.ts';
export { openSetupKey } from './setup-key.ts';
export type { SetupKey, SetupKeyOptions } from './setup-key.ts';
export { planSetup } from './setup-plan.ts';
export type {
  Obstacle,
  PlannedChange,
  PlanOptions,
  SetupPlan,
  SetupPlanInDetail,
} from './setup-plan.ts';
export { applySetup, checkSetup } from './setup-run.ts';
export type { SetupOutcome, SetupRunOptions, SetupStep } from './setup-run.ts';
export { TemporaryAccess } from './temporary-access.ts';
export type {
  Opening,
  OpeningJournal,
  OrgSwitch,
  TemporaryAccessOptions,
} from './temporary-access.ts';
export type {
  AppKind,
  AppSpecification,
  CertificatePolicy,
  IpRelaxation,
  PermittedUsers,
} from './specification-schema.ts';
export type {
  InventoriedApp,
  InventoriedCertificate,
  InventoriedOrg,
  InventoryFinding,
  InventoryFindingCode,
} from './inventoried-app.ts';
export { takeInventory } from './inventory.ts';
export type { Inventory, InventoryOptions } from './inventory.ts';
export { inventoryPage } from './inventory-page.ts';
export { rollBackRotation, rotateCertificate } from './rotation.ts';
export type { RotationOptions, RotationOutcome } from './rotation.ts';
export { RotationJournal, rotationPhases } from './rotation-journal.ts';
export type { RotationPhase, RotationState } from './rotation-journal.ts';
export { rotateConsumerKey } from './consumer-key-rotation.ts';
export type {
  ConsumerKeyRotationOptions,
  ConsumerKeyRotationOutcome,
} from './consumer-key-rotation.ts';
