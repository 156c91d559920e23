/**
 * What is in a key or certificate file. People arrive with files that somebody once gave them, so
 * whatever it is gets its name and a way on. Nothing here holds private key material.
 */

import { systemClock } from '@sfjwt/client';
import type { Clock } from '@sfjwt/client';
import { describeBinary } from './binary-file.ts';
import { readBounded, refuseOversize } from './bounded-file.ts';
import { maximumCertificateBytes } from './certificate.ts';
import { SetupError } from './errors.ts';
import type { Inspection } from './file-entry.ts';
import { describePemBlock, readPemBlocks } from './pem-block.ts';

export interface InspectionOptions {
  /** When "now" is. */
  clock?: Clock;
}

export interface FileInspection {
  file: string;
  /** In the order of the file, at least one. */
  entries: readonly Inspection[];
  /** What is wrong with the file, whatever is in it. */
  warnings: readonly string[];
}

const newKey = 'Make a key and certificate that fit with: sfjwt key new';

/**
 * Describes what a file holds.
 *
 * @throws SetupError FILE_UNREADABLE, FILE_TOO_LARGE (1 MB), FILE_NOT_RECOGNISED
 */
export async function inspectFile(
  file: string,
  options: InspectionOptions = {},
): Promise<FileInspection> {
  const { contents, mode } = await readBounded(file);
  const entries = inspectNamed(contents, file, options);
  const holds = (kind: Inspection['kind']): boolean => entries.some((entry) => entry.kind === kind);
  const warnings: string[] = [];
  // Windows has no such mode bits: Node makes them up.
  if (holds('privateKey') && process.platform !== 'win32' && (mode & 0o044) !== 0) {
    const who = (mode & 0o004) === 0 ? 'its group' : 'every user of this machine';
    warnings.push(`The private key can be read by ${who}: chmod 600 ${file}`);
  }
  if (holds('privateKey') && holds('certificate')) {
    warnings.push('The file holds a private key beside the certificate: never upload it.');
  } else if (holds('certificate') && contents.length > maximumCertificateBytes) {
    warnings.push(
      `The file has ${contents.length} bytes; Salesforce takes ${maximumCertificateBytes}. ` +
        'Upload one certificate alone, or the smaller form: openssl x509 -outform DER',
    );
  }
  return { file, entries, warnings };
}

/**
 * Describes what is in these bytes or this text, PEM or DER: one entry per PEM block.
 *
 * @throws SetupError FILE_TOO_LARGE (1 MB), FILE_NOT_RECOGNISED
 */
export function inspect(
  contents: Uint8Array | string,
  options: InspectionOptions = {},
): Inspection[] {
  return inspectNamed(Buffer.from(contents as Uint8Array), 'This', options);
}

/** Whether a private key (or public key) and a certificate belong together. */
export function keyMatchesCertificate(a: Inspection, b: Inspection): boolean {
  const [first, second] = [a, b].map((entry) =>
    'publicKeyFingerprint' in entry ? entry.publicKeyFingerprint : undefined,
  );
  return first !== undefined && first === second;
}

function inspectNamed(contents: Buffer, name: string, options: InspectionOptions): Inspection[] {
  refuseOversize(contents, name);
  const { clock = systemClock } = options;
  const now = clock.now();
  const binary = describeBinary(contents, now);
  if (binary !== undefined) return [binary];
  const text = contents.toString('latin1');
  const entries = readPemBlocks(text).map((block) => describePemBlock(block, now));
  if (entries.length > 0) return entries;
  throw notRecognised(text, name);
}

function notRecognised(text: string, name: string): SetupError {
  const [reason, hint] = guess(text);
  return new SetupError('FILE_NOT_RECOGNISED', `${name} holds no key or certificate: ${reason}`, {
    hints: [hint, newKey],
  });
}

function guess(text: string): [reason: string, hint: string] {
  if (text.trim() === '') return ['it is empty', 'Check that what makes the file succeeded.'];
  if (/^(?:\xff\xfe|\xfe\xff)/.test(text)) {
    return ['it is UTF-16 text', 'Save it as ASCII or UTF-8; in PowerShell use -Encoding ascii.'];
  }
  if (/^\s*MI[A-Za-z0-9+/=\s]+$/.test(text)) {
    return ['it is base64 without its first and last line', 'Add the BEGIN and END lines again.'];
  }
  if (/^(?:ssh-|ecdsa-)/.test(text)) {
    return ['it is an SSH public key', 'Give the private key, or a certificate.'];
  }
  if (text.startsWith('PuTTY-User-Key-File')) {
    return ['it is a PuTTY key', 'Export it in PuTTYgen: Conversions > Export OpenSSH key.'];
  }
  return ['it is neither PEM nor a known binary format', 'Check that this is the right file.'];
}
