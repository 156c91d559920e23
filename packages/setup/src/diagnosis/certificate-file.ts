import { randomBytes, verify, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Signer } from '@sfjwt/client';
import { inspectFile } from '../inspection.ts';
import type { FileInspection } from '../inspection.ts';
import type { Check, Examination } from './examination.ts';
import { fault, ok, troubleOf, warning } from './finding.ts';
import type { Result } from './finding.ts';
import { quoted } from './shell-word.ts';

/** The certificate that somebody says was uploaded: is it one, is it valid, is it of this key? */
export const certificateFile: Check = {
  ground: 'key',
  name: 'certificate',
  async run(examination) {
    const { certificateFile: file } = examination.options;
    if (file === undefined) return [];
    let inspection: FileInspection;
    try {
      inspection = await inspectFile(file, { clock: examination.clock });
    } catch (error) {
      return [fault(troubleOf(error))];
    }
    const found = inspection.entries.find(({ kind }) => kind === 'certificate');
    if (found === undefined) {
      return [
        fault({
          code: 'FILE_NOT_RECOGNISED',
          says: `${file} holds no certificate`,
          cure: {
            advice: 'Give the certificate that was uploaded to the app.',
            command: `sfjwt key inspect ${quoted(file)}`,
          },
        }),
      ];
    }
    const certificate = await readCertificate(file);
    examination.certificate = certificate;
    return [await match(examination, certificate, file), ...validity(examination, certificate)];
  },
};

/** The first of the file, which {@link inspectFile} has seen to be one. */
async function readCertificate(file: string): Promise<X509Certificate> {
  return new X509Certificate(await readFile(file));
}

/** Whether the key signs what the certificate verifies. Works for a key that nobody can look at. */
export async function isOfKey(signer: Signer, publicKey: KeyObject): Promise<boolean> {
  if (publicKey.asymmetricKeyType !== 'rsa') return false;
  const nonce = randomBytes(32);
  return verify('sha256', nonce, publicKey, await signer.sign(nonce));
}

async function match(
  { signer }: Examination,
  certificate: X509Certificate,
  file: string,
): Promise<Result> {
  const evidence = [{ label: `${file}, SHA-256`, value: certificate.fingerprint256 }];
  if (signer === undefined) return ok(`${file} is a certificate`, undefined, evidence);
  if (await isOfKey(signer, certificate.publicKey)) {
    return ok(`Key and ${file} belong together`, undefined, evidence);
  }
  return fault({
    code: 'CERTIFICATE_OF_OTHER_KEY',
    says: `The certificate ${file} was made with another key`,
    evidence,
    cure: {
      advice: 'Find the key that it was made with, or make a pair and upload its certificate.',
      command: 'sfjwt key new --name salesforce-new',
    },
  });
}

/** Salesforce is not known to look at the dates; other programs are. */
export function validity(
  { clock }: Pick<Examination, 'clock'>,
  { validFrom, validTo }: X509Certificate,
): readonly Result[] {
  const now = clock.now();
  const cure = {
    advice: 'Make a new key and certificate, and upload the certificate.',
    command: 'sfjwt key new --name salesforce-new',
  };
  if (now > Date.parse(validTo)) {
    const says = `The certificate expired on ${day(validTo)}`;
    return [warning({ code: 'CERTIFICATE_EXPIRED', says, cure, explains: ['ASSERTION_INVALID'] })];
  }
  if (now < Date.parse(validFrom)) {
    return [
      warning({
        code: 'CERTIFICATE_NOT_YET_VALID',
        says: `The certificate is valid from ${day(validFrom)} only`,
        cure: { advice: 'Check the clock of the machine that made it, or make a new one.' },
        explains: ['ASSERTION_INVALID'],
      }),
    ];
  }
  return [ok(`Valid until ${day(validTo)}`)];
}

function day(date: string): string {
  return new Date(date).toISOString().slice(0, 10);
}
