import type { PrivateKey } from './private-key.ts';

/**
 * Signs the assertion. A key that never leaves a KMS, an HSM or an agent is used by implementing
 * this interface.
 */
export interface Signer {
  /** RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3): the one algorithm Salesforce takes. */
  readonly algorithm: 'RS256';
  /** The signature over exactly these bytes, not over a hash of them. */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

/** The signer over a key held by this process, as `parsePrivateKey` returns it. */
export function localSigner(privateKey: PrivateKey): Signer {
  return { algorithm: 'RS256', sign: (data) => privateKey.sign(data) };
}
