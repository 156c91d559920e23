import { createPublicKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { systemClock } from '@sfjwt/client';
import type { Clock } from '@sfjwt/client';
import { formatDistinguishedName, parseDistinguishedName } from './distinguished-name.ts';
import { SetupError } from './errors.ts';

/**
 * What Salesforce takes as the file of "Use digital signatures", PEM or DER: 4 KB. The certificate
 * of a 4096-bit key has about 1.8 KB as PEM.
 */
export const maximumCertificateBytes = 4096;

/** RFC 7518 section 3.3: what RS256 needs. */
const minimumBits = 2048;

/**
 * The certificate is valid from five minutes ago: this machine's clock may run ahead of Salesforce's,
 * and a certificate from the future is refused at upload.
 */
const backdatedMilliseconds = 5 * 60 * 1000;

/** RFC 5280 section 4.1.2.5: the last instant that a certificate can name. */
const lastInstant = Date.UTC(9999, 11, 31, 23, 59, 59);

export interface CertificateOptions {
  /** RSA, 2048 bits or more. */
  privateKey: KeyObject;
  /**
   * RFC 4514 ("CN=Nightly Sync,O=Acme") or as `openssl req -subj` takes it
   * ("/O=Acme/CN=Nightly Sync"); "CN=sfjwt" when left out. Salesforce does not look at it.
   */
  subject?: string;
  /** Whole days until it expires; 36500 when left out, as in the walk-through's openssl command. */
  days?: number;
  /** When "now" is. */
  clock?: Clock;
}

/** A self-signed certificate: public, made to be uploaded. */
export interface SelfSignedCertificate {
  /** With a line break at the end, at most {@link maximumCertificateBytes}. */
  pem: string;
  der: Uint8Array;
  /** SHA-256 of the DER, upper-case hex pairs with colons, as openssl prints it. */
  fingerprint256: string;
  /** SHA-1 of the DER, in the same form. */
  fingerprint1: string;
  /** RFC 4514. */
  subject: string;
  /** Five minutes before it was made, in whole seconds. */
  notBefore: Date;
  notAfter: Date;
  /** Upper-case hex; positive, 20 octets of which 158 bits are random. */
  serialNumber: string;
}

/**
 * Makes a self-signed X.509 v3 certificate (RFC 5280) around a key, with sha256WithRSAEncryption and
 * the extensions that `openssl req -x509` gives.
 *
 * @throws SetupError KEY_NOT_FOR_CERTIFICATE, CERTIFICATE_SUBJECT_INVALID,
 *   CERTIFICATE_DAYS_INVALID, CERTIFICATE_TOO_LARGE
 */
export async function createCertificate(
  options: CertificateOptions,
): Promise<SelfSignedCertificate> {
  const { privateKey, subject = 'CN=sfjwt', days = 36_500, clock = systemClock } = options;
  refuseKey(privateKey);
  const attributes = parseDistinguishedName(subject);
  const validity = validityOf(days, clock);

  // Together they take a tenth of a second to load: only who makes a certificate pays for it.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const name = new x509.Name(
    attributes.map(({ oid, encoding, value }) => ({ [oid]: [{ [encoding]: value }] })),
  );
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const issued = await x509.X509CertificateGenerator.create(
    {
      serialNumber: createSerialNumber(),
      subject: name,
      issuer: name,
      ...validity,
      publicKey,
      signingKey: await signingKeyOf(privateKey),
      extensions: [
        await x509.SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
        await x509.AuthorityKeyIdentifierExtension.create(publicKey, false, webcrypto),
        new x509.BasicConstraintsExtension(true, undefined, true),
      ],
    },
    webcrypto,
  );
  return describe(new Uint8Array(issued.rawData));
}

function describe(der: Uint8Array): SelfSignedCertificate {
  const certificate = new X509Certificate(der);
  const pem = certificate.toString();
  if (pem.length > maximumCertificateBytes) {
    throw new SetupError(
      'CERTIFICATE_TOO_LARGE',
      `The certificate has ${pem.length} bytes; Salesforce takes ${maximumCertificateBytes}`,
      { hints: ['Shorten the subject, or take a key of 2048 to 4096 bits.'] },
    );
  }
  return {
    pem,
    der,
    fingerprint256: certificate.fingerprint256,
    fingerprint1: certificate.fingerprint,
    subject: formatDistinguishedName(certificate.subject),
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
    serialNumber: certificate.serialNumber,
  };
}

function refuseKey(key: KeyObject): void {
  const hints = ['Make a key pair with: sfjwt key new'];
  const kind = `${key.asymmetricKeyType ?? ''} ${key.type}`.trim();
  if (key.type !== 'private' || key.asymmetricKeyType !== 'rsa') {
    throw new SetupError(
      'KEY_NOT_FOR_CERTIFICATE',
      `The certificate needs an RSA private key; a key of type "${kind}" was given`,
      { hints },
    );
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < minimumBits) {
    throw new SetupError(
      'KEY_NOT_FOR_CERTIFICATE',
      `The RSA key has ${bits} bits; at least ${minimumBits} are needed for RS256`,
      { hints },
    );
  }
}

function validityOf(days: number, clock: Clock): { notBefore: Date; notAfter: Date } {
  const now = clock.now();
  const end = now + days * 24 * 60 * 60 * 1000;
  if (!Number.isInteger(days) || days < 1 || end > lastInstant) {
    throw new SetupError(
      'CERTIFICATE_DAYS_INVALID',
      `A certificate cannot be valid for ${days} days`,
      { hints: ['Give a whole number of days from 1 on that ends before the year 10000.'] },
    );
  }
  return { notBefore: new Date(now - backdatedMilliseconds), notAfter: new Date(end) };
}

/** RFC 5280 section 4.1.2.2: positive, at most 20 octets, and impossible to foresee. */
function createSerialNumber(): string {
  const octets = randomBytes(20);
  // The first bit clear keeps the number positive, the second set keeps it 20 octets long.
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40;
  return octets.toString('hex');
}

async function signingKeyOf(privateKey: KeyObject): Promise<webcrypto.CryptoKey> {
  const der = privateKey.export({ type: 'pkcs8', format: 'der' });
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const key = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
  // This copy of the secret is ours, and nobody needs it any more.
  der.fill(0);
  return key;
}
