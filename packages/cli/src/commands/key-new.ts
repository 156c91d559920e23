import { createCertificate, createKeyPair, writeKeyFiles } from '@sfjwt/setup';
import { writeResult } from '../envelope.ts';
import { writeNote } from '../terminal.ts';

export interface KeyNewFlags {
  directory: string;
  name: string;
  bits: '2048' | '3072' | '4096';
  days: number;
  subject?: string;
  force?: boolean;
  json?: boolean;
}

const sizes = { '2048': 2048, '3072': 3072, '4096': 4096 } as const;

export async function keyNew(flags: KeyNewFlags): Promise<void> {
  const { directory, name, bits, days, subject, force = false, json = false } = flags;
  const { privateKey, privateKeyPem } = await createKeyPair({ bits: sizes[bits] });
  const certificate = await createCertificate({
    privateKey,
    days,
    ...(subject === undefined ? {} : { subject }),
  });
  const { privateKeyFile, certificateFile } = await writeKeyFiles({
    directory,
    name,
    privateKeyPem,
    certificatePem: certificate.pem,
    force,
  });
  if (json) {
    const { fingerprint256, notAfter } = certificate;
    writeResult({
      result: { privateKeyFile, certificateFile, bits: sizes[bits], fingerprint256, notAfter },
    });
    return;
  }
  writeNote(`${privateKeyFile}  private key, RSA ${bits} bits: signs, and stays here`);
  writeNote(`${certificateFile}  certificate: upload it to the app in Salesforce`);
  writeNote(`valid until ${certificate.notAfter.toISOString().slice(0, 10)}`);
  writeNote(`SHA-256 fingerprint ${certificate.fingerprint256}`);
}
