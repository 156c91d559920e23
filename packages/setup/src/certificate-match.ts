/** Certificates as an org keeps them, and how to tell that two are the same. */

import { createHash, X509Certificate } from 'node:crypto';

export interface KnownCertificate {
  /** SHA-256 of the DER, upper-case hex pairs with colons. */
  fingerprint256: string;
  subject: string;
  notAfter: Date;
  /** Of the RSA modulus. */
  bits: number;
  /** SHA-256 of its public key, in hex: the same in every certificate of one key. */
  keyFingerprint256: string;
  pem: string;
}

/**
 * A certificate in whichever form a retrieval gives it: PEM, or the base64 between its lines.
 * Undefined when there is none, or none that can be read.
 */
export function readKnownCertificate(text: string): KnownCertificate | undefined {
  const base64 = text.replaceAll(/-----(?:BEGIN|END) CERTIFICATE-----/g, '').replaceAll(/\s+/g, '');
  if (base64 === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  try {
    const certificate = new X509Certificate(Buffer.from(base64, 'base64'));
    const key = certificate.publicKey;
    const spki = key.export({ type: 'spki', format: 'der' });
    return {
      fingerprint256: certificate.fingerprint256,
      subject: certificate.subject.replaceAll('\n', ', '),
      notAfter: new Date(certificate.validTo),
      bits: key.asymmetricKeyDetails?.modulusLength ?? 0,
      keyFingerprint256: createHash('sha256').update(spki).digest('hex'),
      pem: certificate.toString(),
    };
  } catch {
    return undefined;
  }
}
