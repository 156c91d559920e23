import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import {
  describeCertificate,
  describeContainer,
  describeEncryptedKey,
  describeOpenSshKey,
  describePrivateKey,
  describePublicKey,
} from './file-entry.ts';
import type { BlockInspection, Inspection } from './file-entry.ts';

/** A part of a file between a BEGIN and an END line (RFC 7468). */
export interface PemBlock {
  label: string;
  /** From BEGIN to END, both included; undefined when the END line is missing. */
  pem: string | undefined;
}

/** The blocks of a text in their order; anything between them does not count. */
export function readPemBlocks(text: string): PemBlock[] {
  // Split first: each piece is searched once, however many BEGIN lines lack an END.
  const pieces = text.split(/-----BEGIN (?=[A-Z0-9 #]{1,64}-----)/).slice(1);
  return pieces.map((piece) => {
    const label = piece.slice(0, piece.indexOf('-----'));
    const last = `-----END ${label}-----`;
    const end = piece.indexOf(last);
    return {
      label,
      pem: end === -1 ? undefined : `-----BEGIN ${piece.slice(0, end)}${last}\n`,
    };
  });
}

/**
 * What a block holds. It never throws: a block that cannot be read says so.
 *
 * @param now in milliseconds since 1970
 */
export function describePemBlock({ label, pem }: PemBlock, now: number): Inspection {
  if (pem === undefined) {
    return damaged(label, `Its last line is missing: -----END ${label}-----`);
  }
  try {
    return describeContents(label, pem, now);
  } catch {
    // The reason that OpenSSL gives ("asn1 encoding routines") helps nobody to mend a file.
    return damaged(
      label,
      pem.includes('\\n')
        ? 'It has the two characters \\n where line breaks belong: put line breaks there.'
        : 'Compare it with the original file: every line, line breaks included.',
    );
  }
}

function describeContents(label: string, pem: string, now: number): Inspection {
  switch (label) {
    case 'PRIVATE KEY':
      return describePrivateKey(createPrivateKey(pem), 'PKCS#8');
    case 'ENCRYPTED PRIVATE KEY':
      return describeEncryptedKey('PKCS#8');
    case 'RSA PRIVATE KEY':
      return isEncrypted(pem)
        ? describeEncryptedKey('PKCS#1', 'RSA')
        : describePrivateKey(createPrivateKey(pem), 'PKCS#1');
    case 'EC PRIVATE KEY':
      return isEncrypted(pem)
        ? describeEncryptedKey('SEC 1', 'EC')
        : describePrivateKey(createPrivateKey(pem), 'SEC 1');
    case 'OPENSSH PRIVATE KEY':
      return describeOpenSsh(pem);
    case 'PUBLIC KEY':
    case 'RSA PUBLIC KEY':
      return describePublicKey(createPublicKey(pem));
    case 'CERTIFICATE':
    case 'X509 CERTIFICATE':
    case 'TRUSTED CERTIFICATE':
      return describeCertificate(new X509Certificate(pem), now);
    case 'CERTIFICATE REQUEST':
    case 'NEW CERTIFICATE REQUEST':
      return describeContainer('certificateRequest');
    case 'PKCS7':
    case 'CMS':
      return describeContainer('pkcs7');
    default:
      return { kind: 'otherBlock', label, hints: [] };
  }
}

/** RFC 1421 section 4.6.1.1, as OpenSSL writes it around PKCS#1 and SEC 1. */
function isEncrypted(pem: string): boolean {
  return /^Proc-Type: *4, *ENCRYPTED/m.test(pem);
}

/** OpenSSH's PROTOCOL.key: a magic word, the cipher's name, then the public key in the clear. */
function describeOpenSsh(pem: string): Inspection {
  const base64 = pem.slice(pem.indexOf('\n'), pem.indexOf('-----END'));
  const body = Buffer.from(base64, 'base64').toString('latin1');
  const cipher = /^openssh-key-v1\0{4}.([ -~]+?)\0/s.exec(body)?.[1];
  if (cipher === undefined) throw new Error('Not the OpenSSH format');
  const type = /ssh-rsa|ssh-dss|ssh-ed25519|ecdsa-sha2/.exec(body)?.[0] ?? '';
  return describeOpenSshKey(openSshAlgorithms[type], cipher !== 'none');
}

const openSshAlgorithms: Readonly<Record<string, string>> = {
  'ssh-rsa': 'RSA',
  'ssh-dss': 'DSA',
  'ssh-ed25519': 'Ed25519',
  'ecdsa-sha2': 'EC',
};

function damaged(label: string, hint: string): BlockInspection {
  return { kind: 'damagedBlock', label, hints: [hint] };
}
