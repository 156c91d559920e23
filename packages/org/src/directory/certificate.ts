import { X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { OrgError } from '../org-error.ts';

/** The certificate of a client app, as uploaded under "Use digital signatures". */
export interface Certificate {
  pem: string;
  subject: string;
  /** SHA-256 of the DER, upper-case hex pairs with colons, as openssl prints it. */
  fingerprint256: string;
  notBefore: Date;
  notAfter: Date;
}

/** Salesforce: "The file size must be 4 KB or less" (Set Up a Connected App, digital signatures). */
const maximumBytes = 4096;
/** Not documented by Salesforce; what RS256 asks for, RFC 7518 section 3.3. */
const minimumBits = 2048;

/**
 * Reads an uploaded certificate, PEM or DER.
 *
 * @throws OrgError CERTIFICATE_INVALID
 */
export function readCertificate(upload: string | Uint8Array): Certificate {
  const bytes = Buffer.from(upload as Uint8Array);
  if (bytes.length === 0) throw invalid('The certificate file is empty');
  if (bytes.length > maximumBytes) {
    throw invalid(
      `The certificate file has ${bytes.length} bytes; at most ${maximumBytes} are taken`,
    );
  }
  const text = bytes.toString('latin1');
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    throw invalid('This is a private key: it must never leave the machine that signs', [
      'Upload the certificate (.crt) that was made with it.',
    ]);
  }
  if ((text.match(/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/g) ?? []).length > 1) {
    throw invalid('The file holds several certificates; an app has exactly one');
  }
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(bytes);
  } catch (cause) {
    throw invalid('This is not an X.509 certificate', ['Upload a .crt file, PEM or DER.'], cause);
  }
  if (!text.includes('-----BEGIN') && bytes.length !== certificate.raw.length) {
    throw invalid('The file goes on after its certificate; an app has exactly one');
  }
  const { publicKey } = certificate;
  if (publicKey.asymmetricKeyType !== 'rsa') {
    throw invalid(`The key of the certificate is ${publicKey.asymmetricKeyType}; RSA is needed`);
  }
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < minimumBits) {
    throw invalid(
      `The key of the certificate has ${bits} bits; at least ${minimumBits} are needed`,
    );
  }
  return {
    pem: certificate.toString(),
    subject: certificate.subject.split('\n').join(', '),
    fingerprint256: certificate.fingerprint256,
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
  };
}

const publicKeys = new Map<string, KeyObject>();

/** The key that verifies signatures. Parsing costs seven times a verification, so it is kept. */
export function publicKeyOf(pem: string): KeyObject {
  let key = publicKeys.get(pem);
  if (key === undefined) {
    key = new X509Certificate(pem).publicKey;
    // Many orgs can live in one process, each with apps that come and go.
    if (publicKeys.size >= 1000) publicKeys.clear();
    publicKeys.set(pem, key);
  }
  return key;
}

function invalid(message: string, hints: readonly string[] = [], cause?: unknown): OrgError {
  return new OrgError('CERTIFICATE_INVALID', message, { hints, cause });
}
