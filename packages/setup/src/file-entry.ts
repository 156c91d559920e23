import { createHash, createPublicKey } from 'node:crypto';
import type { KeyObject, X509Certificate } from 'node:crypto';
import { formatDistinguishedName } from './distinguished-name.ts';

export interface PrivateKeyInspection {
  kind: 'privateKey';
  format: 'PKCS#8' | 'PKCS#1' | 'SEC 1' | 'OpenSSH';
  /** "RSA", "EC", "Ed25519", ...; undefined when encryption hides it. */
  algorithm: string | undefined;
  /** Size of the modulus; undefined when hidden or when the algorithm has none. */
  bits: number | undefined;
  encrypted: boolean;
  /** See {@link CertificateInspection.publicKeyFingerprint}; undefined when encryption hides it. */
  publicKeyFingerprint: string | undefined;
  /** What to do before it can be used with Salesforce; empty when nothing is in the way. */
  hints: readonly string[];
}

export interface CertificateInspection {
  kind: 'certificate';
  /** RFC 4514. */
  subject: string;
  /** RFC 4514. */
  issuer: string;
  /** Upper-case hex. */
  serialNumber: string;
  /** SHA-256 of the DER, upper-case hex pairs with colons, as openssl prints it. */
  fingerprint256: string;
  notBefore: Date;
  notAfter: Date;
  /** Whole days from now to the end, rounded down: negative once it has expired. */
  daysLeft: number;
  /** Of its key. */
  algorithm: string;
  /** Size of the modulus of its key; undefined when the algorithm has none. */
  bits: number | undefined;
  /** Whether its own key made its signature. */
  selfSigned: boolean;
  /** SHA-256 of the SubjectPublicKeyInfo (RFC 5280 section 4.1), in the form of fingerprint256. */
  publicKeyFingerprint: string;
  hints: readonly string[];
}

export interface PublicKeyInspection {
  kind: 'publicKey';
  algorithm: string;
  bits: number | undefined;
  publicKeyFingerprint: string;
  hints: readonly string[];
}

/** Something that holds keys or certificates but is not one of them as it stands. */
export interface ContainerInspection {
  kind: 'pkcs12' | 'javaKeystore' | 'certificateRequest' | 'pkcs7';
  hints: readonly string[];
}

/** A PEM block that is of no use here, or one whose contents are not what its label says. */
export interface BlockInspection {
  kind: 'otherBlock' | 'damagedBlock';
  /** What stands between "BEGIN" and the dashes. */
  label: string;
  hints: readonly string[];
}

export type Inspection =
  | PrivateKeyInspection
  | CertificateInspection
  | PublicKeyInspection
  | ContainerInspection
  | BlockInspection;

/** RFC 7518 section 3.3: what RS256 needs. */
const minimumBits = 2048;
const dayMilliseconds = 24 * 60 * 60 * 1000;

const makeNew = 'Make a key and certificate that fit with: sfjwt key new';
const remedies = {
  encrypted: 'Decrypt it with: openssl pkey -in FILE -out salesforce.key',
  openSsh: 'Turn a copy into PEM with: ssh-keygen -p -m PEM -f FILE',
  publicKey: 'Salesforce takes a certificate, not a bare public key.',
};

/** What keys of `node:crypto` are called by people. */
const algorithms: Readonly<Record<string, string>> = {
  rsa: 'RSA',
  'rsa-pss': 'RSA-PSS',
  dsa: 'DSA',
  dh: 'DH',
  ec: 'EC',
  ed25519: 'Ed25519',
  ed448: 'Ed448',
  x25519: 'X25519',
  x448: 'X448',
};

export function describePrivateKey(
  key: KeyObject,
  format: PrivateKeyInspection['format'],
): PrivateKeyInspection {
  const { hints, ...traits } = traitsOf(createPublicKey(key));
  return { kind: 'privateKey', format, encrypted: false, ...traits, hints };
}

/** A key of which encryption hides everything, save perhaps the algorithm. */
export function describeEncryptedKey(
  format: PrivateKeyInspection['format'],
  algorithm?: string,
): PrivateKeyInspection {
  return { ...hiddenKey(format, algorithm), encrypted: true, hints: [remedies.encrypted] };
}

/** A key in OpenSSH's own format, which Node does not read. */
export function describeOpenSshKey(
  algorithm: string | undefined,
  encrypted: boolean,
): PrivateKeyInspection {
  const hint = algorithm === 'RSA' ? remedies.openSsh : makeNew;
  return { ...hiddenKey('OpenSSH', algorithm), encrypted, hints: [hint] };
}

export function describePublicKey(key: KeyObject): PublicKeyInspection {
  const { hints, ...traits } = traitsOf(key);
  return { kind: 'publicKey', ...traits, hints: [remedies.publicKey, ...hints] };
}

/** @param now in milliseconds since 1970 */
export function describeCertificate(
  certificate: X509Certificate,
  now: number,
): CertificateInspection {
  const { hints, ...traits } = traitsOf(certificate.publicKey);
  const notBefore = new Date(certificate.validFrom);
  const notAfter = new Date(certificate.validTo);
  const timing: string[] = [];
  if (now > notAfter.getTime()) timing.push(`It has expired. ${makeNew}`);
  if (now < notBefore.getTime()) timing.push('It is not valid yet: check the clock, or wait.');
  return {
    kind: 'certificate',
    subject: formatDistinguishedName(certificate.subject),
    issuer: formatDistinguishedName(certificate.issuer),
    serialNumber: certificate.serialNumber,
    fingerprint256: certificate.fingerprint256,
    notBefore,
    notAfter,
    daysLeft: Math.floor((notAfter.getTime() - now) / dayMilliseconds),
    selfSigned: certificate.subject === certificate.issuer && isOwnSignature(certificate),
    ...traits,
    hints: [...timing, ...hints],
  };
}

export function describeContainer(kind: ContainerInspection['kind']): ContainerInspection {
  return { kind, hints: containerHints[kind] };
}

const takeOut = 'Take key and certificate out of it with: sfjwt key import FILE';

const containerHints: Readonly<Record<ContainerInspection['kind'], readonly string[]>> = {
  pkcs12: [takeOut],
  javaKeystore: [takeOut],
  certificateRequest: [
    'Salesforce takes the certificate that is made from it; a self-signed one will do.',
    'Make one with: openssl x509 -req -in FILE -signkey salesforce.key -out salesforce.crt',
  ],
  pkcs7: ['Take the certificates out: openssl pkcs7 -print_certs -in FILE -out certificates.pem'],
};

function hiddenKey(
  format: PrivateKeyInspection['format'],
  algorithm: string | undefined,
): Omit<PrivateKeyInspection, 'encrypted' | 'hints'> {
  const unknown = { bits: undefined, publicKeyFingerprint: undefined };
  return { kind: 'privateKey', format, algorithm, ...unknown };
}

function traitsOf(key: KeyObject): Omit<PublicKeyInspection, 'kind'> {
  const type = key.asymmetricKeyType ?? 'unknown';
  const bits = key.asymmetricKeyDetails?.modulusLength;
  const hints: string[] = [];
  if (type !== 'rsa') hints.push(`Salesforce accepts RSA keys only. ${makeNew}`);
  else if (bits === undefined || bits < minimumBits) {
    hints.push(`RS256 needs ${minimumBits} bits or more. ${makeNew}`);
  }
  return {
    algorithm: algorithms[type] ?? type,
    bits,
    publicKeyFingerprint: fingerprintOf(key),
    hints,
  };
}

function fingerprintOf(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  const hex = createHash('sha256').update(der).digest('hex').toUpperCase();
  return hex.match(/../g)?.join(':') ?? '';
}

function isOwnSignature(certificate: X509Certificate): boolean {
  try {
    return certificate.verify(certificate.publicKey);
  } catch {
    // A signature algorithm that this Node does not know: not one that we could vouch for.
    return false;
  }
}
