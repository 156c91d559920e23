/** An app as an inventory tells of it. */

import type { AppKind } from './specification-schema.ts';

export interface InventoriedOrg {
  id: string;
  name: string;
  instanceUrl: string;
  isSandbox: boolean;
}

export interface InventoriedApp {
  org: InventoriedOrg;
  kind: AppKind;
  /** API name. */
  name: string;
  label: string;
  contactEmail: string;
  /** Of an external client app, which can be switched off; undefined where that is not told. */
  isEnabled: boolean | undefined;
  /** Undefined where the JWT bearer flow is not enabled, or the certificate cannot be read. */
  certificate: InventoriedCertificate | undefined;
  /** On the wire: `api`, `refresh_token`. */
  scopes: readonly string[];
  permittedUsers: 'adminApproved' | 'selfAuthorized';
  /** ISO 8601; undefined where none is among the logins that were looked at. */
  lastLogin: string | undefined;
  lastModifiedBy: string;
  /** ISO 8601; empty where Salesforce does not tell. */
  lastModifiedDate: string;
  /** The gravest first. */
  findings: readonly InventoryFinding[];
}

export interface InventoriedCertificate {
  subject: string;
  /** SHA-256 of the DER, upper-case hex pairs with colons. */
  fingerprint256: string;
  /** SHA-256 of its public key, in hex: the same in every certificate of one key. */
  keyFingerprint256: string;
  notAfter: Date;
  /** Whole days from now to the end, rounded down: negative once it has expired. */
  daysLeft: number;
  bits: number;
}

/** Closed list: programs may compare them. */
export type InventoryFindingCode =
  | 'CERTIFICATE_EXPIRED'
  | 'CERTIFICATE_EXPIRES_SOON'
  | 'KEY_TOO_SHORT'
  | 'KEY_SHARED_BETWEEN_ORGS'
  | 'KEY_SHARED'
  | 'SCOPES_TOO_WIDE'
  | 'SELF_AUTHORIZED'
  | 'NO_LOGIN_SEEN';

export interface InventoryFinding {
  code: InventoryFindingCode;
  /** `info` is worth knowing, and nothing is wrong. */
  severity: 'critical' | 'warning' | 'info';
  message: string;
}
