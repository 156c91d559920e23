import { choice, wholeNumber } from '../declared-command.ts';
import type { DeclaredCommand } from '../declared-command.ts';
import { writeResult } from '../envelope.ts';
import { writeNote } from '../terminal.ts';

interface KeyNewFlags {
  directory: string;
  name: string;
  bits: '2048' | '3072' | '4096';
  days: number;
  subject?: string;
  force?: boolean;
  json?: boolean;
}

const sizes = { '2048': 2048, '3072': 3072, '4096': 4096 } as const;

export function declare(command: DeclaredCommand): void {
  command
    .example('salesforce.key and salesforce.crt in this folder', 'sfjwt key new')
    .example(
      'Named after what they are for, valid for two years',
      'sfjwt key new --name nightly-sync --subject "CN=Nightly Sync,O=Acme" --days 730',
    )
    .prints('nothing', 'privateKeyFile certificateFile bits fingerprint256 notAfter')
    .option('-d, --directory <path>', 'where to write them', '.')
    .option('-n, --name <name>', 'writes NAME.key and NAME.crt', 'salesforce')
    .addOption(choice('--bits <number>', 'size of the RSA key', Object.keys(sizes)).default('2048'))
    .option('--days <number>', 'validity of the certificate', wholeNumber, 36500)
    .option('--subject <name>', 'subject of the certificate, such as "CN=Nightly Sync"')
    .option('--force', 'replace files that are there already')
    .action(keyNew);
}

async function keyNew(flags: KeyNewFlags): Promise<void> {
  const { createCertificate, createKeyPair, writeKeyFiles } = await import('@sfjwt/setup');
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
