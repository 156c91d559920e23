/**
 * A private key and its certificate out of a file that keeps both locked up: PKCS#12 (.p12, .pfx), or
 * the Java keystore that Salesforce's Certificate and Key Management exports.
 */

import { createPrivateKey, sign, verify, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { systemClock } from '@sfjwt/client';
import type { Clock } from '@sfjwt/client';
import { readBounded, refuseOversize } from './bounded-file.ts';
import { maximumCertificateBytes } from './certificate.ts';
import { SetupError } from './errors.ts';
import { describeCertificate, describePrivateKey } from './file-entry.ts';
import type { CertificateInspection, PrivateKeyInspection } from './file-entry.ts';
import type { KeyStorePasswords, OpenKeyStore, StoredKey } from './open-key-store.ts';

export interface ReadKeyStoreOptions extends KeyStorePasswords {
  /** Which key, where there are several: its alias (friendly name), or its number, from 1 on. */
  entry?: string | undefined;
  /** When "now" is. */
  clock?: Clock;
}

/** The key that was asked for, with all that the file says of it. */
export interface KeyStoreContents {
  format: KeyStoreFormat;
  /** Alias, or friendly name; undefined where the file gives none. */
  alias: string | undefined;
  /** A secret: PKCS#8 (RFC 5208), not encrypted. */
  privateKeyPem: string;
  privateKey: PrivateKeyInspection;
  /** The certificate of this very key; undefined where the file has none. */
  certificatePem: string | undefined;
  certificate: CertificateInspection | undefined;
  /** Who vouches for the certificate, up to the root as far as the file has them, as PEM. */
  chainPem: readonly string[];
  /** What stands in the way of using it with Salesforce, in words for a person. */
  warnings: readonly string[];
}

export type KeyStoreFormat = 'pkcs12' | 'javaKeystore';

/**
 * Opens a key store file and takes one private key and its certificate out. Integrity is checked
 * before anything is believed, and that the key really signs for the certificate.
 *
 * @throws SetupError FILE_UNREADABLE, FILE_TOO_LARGE (1 MB), and what {@link readKeyStore} throws
 */
export async function readKeyStoreFile(
  file: string,
  options: ReadKeyStoreOptions = {},
): Promise<KeyStoreContents> {
  const { contents } = await readBounded(file);
  return readKeyStore(contents, options);
}

/**
 * The same, of contents that are at hand: the bytes of the file, or their base64.
 *
 * @throws SetupError FILE_NOT_RECOGNISED, PASSWORD_MISSING, PASSWORD_WRONG, KEY_PASSWORD_WRONG,
 *   KEYSTORE_DAMAGED, KEYSTORE_UNSUPPORTED, KEYSTORE_WITHOUT_KEY, ENTRY_NOT_FOUND, ENTRY_AMBIGUOUS, KEY_NOT_RSA,
 *   FILE_TOO_LARGE (1 MB)
 */
export async function readKeyStore(
  contents: Uint8Array | string,
  options: ReadKeyStoreOptions = {},
): Promise<KeyStoreContents> {
  const { entry, clock = systemClock } = options;
  const given = Buffer.from(contents as Uint8Array);
  refuseOversize(given, 'The file');
  const bytes = withoutBase64(given);
  const format = formatOf(bytes);
  const store = await openAs(format, bytes, options);
  const stored = chooseKey(store, entry);
  const key = readKey(await stored.open());
  const certificates = [...stored.chain, ...store.certificates].map(readCertificate);
  const certificate = certificates.find((candidate) => candidate?.checkPrivateKey(key) === true);
  if (certificate !== undefined) proveSignature(key, certificate);
  const privateKey = describePrivateKey(key, 'PKCS#8');
  return {
    format,
    alias: stored.alias,
    privateKeyPem: String(key.export({ type: 'pkcs8', format: 'pem' })),
    privateKey,
    certificatePem: certificate?.toString(),
    certificate: certificate && describeCertificate(certificate, clock.now()),
    chainPem: issuersOf(certificate, certificates).map(String),
    warnings: [...store.warnings, ...privateKey.hints, ...warningsOf(certificate, clock.now())],
  };
}

/** Continuous integration keeps files as base64, with or without line breaks. */
function withoutBase64(bytes: Buffer): Buffer {
  const start = bytes.toString('latin1', 0, 4);
  // A DER sequence, and the two magic numbers of Java keystores.
  if (!/^(?:MI|\/u3\+|zs7O)/.test(start)) return bytes;
  const text = bytes.toString('latin1').replaceAll(/\s+/g, '');
  return /^[\w+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : bytes;
}

type Format = KeyStoreFormat | 'jceks';

function formatOf(bytes: Buffer): KeyStoreFormat {
  const magic = bytes.toString('hex', 0, 4);
  const format: Format | undefined =
    magic === 'feedfeed'
      ? 'javaKeystore'
      : magic === 'cececece'
        ? 'jceks'
        : bytes[0] === 0x30
          ? 'pkcs12'
          : undefined;
  if (format === 'jceks') {
    throw new SetupError(
      'KEYSTORE_UNSUPPORTED',
      'This is a JCEKS keystore, which is not read here',
      {
        hints: [
          'Convert it: keytool -importkeystore -srcstoretype JCEKS -srckeystore FILE -destkeystore FILE.p12 -deststoretype PKCS12',
          'Then: sfjwt key import FILE.p12',
        ],
      },
    );
  }
  if (format !== undefined) return format;
  const start = bytes.toString('latin1', 0, 64).trimStart();
  const what = /^-----BEGIN |^Bag Attributes/.test(start)
    ? 'a PEM file: key and certificate are in it as they are'
    : start === ''
      ? 'an empty file'
      : 'something else';
  throw new SetupError(
    'FILE_NOT_RECOGNISED',
    `This is neither PKCS#12 (.p12, .pfx) nor a Java keystore (.jks), but ${what}`,
    { hints: ['See what is in it: sfjwt key inspect FILE'] },
  );
}

async function openAs(
  format: KeyStoreFormat,
  bytes: Buffer,
  passwords: KeyStorePasswords,
): Promise<OpenKeyStore> {
  if (format === 'javaKeystore') {
    const { openJavaKeystore } = await import('./java-keystore.ts');
    return openJavaKeystore(bytes, passwords);
  }
  // Loads an ASN.1 library: only who has such a file pays for it.
  const { openPkcs12 } = await import('./pkcs12.ts');
  return openPkcs12(bytes, passwords);
}

function chooseKey({ keys, certificates }: OpenKeyStore, entry: string | undefined): StoredKey {
  const names = keys.map(({ alias }, index) => alias ?? String(index + 1));
  const [only, ...more] = keys;
  if (only === undefined) {
    const many =
      certificates.length === 1 ? 'one certificate' : `${certificates.length} certificates`;
    throw new SetupError('KEYSTORE_WITHOUT_KEY', `The file holds ${many} and no private key`, {
      hints: [
        'Export it again together with the private key, where the key was made.',
        'Or make a new key and certificate with: sfjwt key new',
      ],
    });
  }
  const list = names.map((name) => JSON.stringify(name)).join(', ');
  if (entry === undefined) {
    if (more.length === 0) return only;
    throw new SetupError('ENTRY_AMBIGUOUS', `The file holds ${keys.length} private keys: ${list}`, {
      hints: ['Give one of them as entry: its alias, or its number in this list.'],
    });
  }
  const matches =
    [
      keys.filter(({ alias }) => alias === entry),
      // Java's own stores do not tell upper case from lower.
      keys.filter(({ alias }) => alias?.toLowerCase() === entry.toLowerCase()),
      keys.filter((_key, index) => String(index + 1) === entry),
    ].find(({ length }) => length > 0) ?? [];
  const [match, ...others] = matches;
  if (match === undefined) {
    throw new SetupError('ENTRY_NOT_FOUND', 'The file holds no private key of this name', {
      hints: [`Choose one of them as entry: ${list}`],
    });
  }
  if (others.length > 0) {
    throw new SetupError(
      'ENTRY_AMBIGUOUS',
      `${matches.length} private keys have this name: ${list}`,
      {
        hints: [`Give its number as entry, from 1 to ${keys.length}.`],
      },
    );
  }
  return match;
}

function readKey(der: Buffer): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch (cause) {
    throw new SetupError('KEYSTORE_DAMAGED', 'The private key in the file cannot be read', {
      cause,
      hints: ['Export the file again.'],
    });
  } finally {
    // This copy of the secret is ours, and nobody needs it any more.
    der.fill(0);
  }
  if (key.asymmetricKeyType === 'rsa') return key;
  const { algorithm } = describePrivateKey(key, 'PKCS#8');
  throw new SetupError(
    'KEY_NOT_RSA',
    `The private key is of type ${algorithm ?? 'unknown'}; Salesforce accepts RSA keys only`,
    {
      hints: ['Or make a key and certificate that fit with: sfjwt key new'],
    },
  );
}

/** A certificate that Node cannot read is none of an RSA key. */
function readCertificate(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

/** The halves may fit while a number inside the key is broken: then every signature is wrong. */
function proveSignature(key: KeyObject, certificate: X509Certificate): void {
  const data = Buffer.from('sfjwt');
  let proven = false;
  try {
    proven = verify('sha256', data, certificate.publicKey, sign('sha256', data, key));
  } catch {
    // A number so wrong that the arithmetic fails.
  }
  if (proven) return;
  throw new SetupError('KEYSTORE_DAMAGED', 'The private key in the file makes wrong signatures', {
    hints: ['Export the file again: a number inside the key is broken.'],
  });
}

/** From the certificate upwards, as far as the file goes; a loop ends where it began. */
function issuersOf(
  certificate: X509Certificate | undefined,
  certificates: readonly (X509Certificate | undefined)[],
): X509Certificate[] {
  const chain: X509Certificate[] = [];
  const seen = new Set([certificate?.fingerprint256]);
  let child = certificate;
  while (child !== undefined) {
    const subject = child;
    child = certificates.find(
      (one) => one !== undefined && !seen.has(one.fingerprint256) && subject.checkIssued(one),
    );
    if (child === undefined) break;
    seen.add(child.fingerprint256);
    chain.push(child);
  }
  return chain;
}

/** @param now in milliseconds since 1970 */
function warningsOf(certificate: X509Certificate | undefined, now: number): string[] {
  if (certificate === undefined) return ['The file holds no certificate for this key.'];
  const warnings: string[] = [];
  const { length } = certificate.toString();
  if (length > maximumCertificateBytes) {
    warnings.push(
      `The certificate has ${length} bytes; Salesforce takes ${maximumCertificateBytes}.`,
    );
  }
  const end = new Date(certificate.validTo);
  if (end.getTime() < now) {
    warnings.push(`The certificate expired on ${end.toISOString().slice(0, 10)}.`);
  }
  return warnings;
}
