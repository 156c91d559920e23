import type { KeyStoreContents, ReadKeyStoreOptions } from '@sfjwt/setup';
import type { DeclaredCommand } from '../declared-command.ts';
import { writeResult } from '../envelope.ts';
import { addPasswordFlags, askPassword, givenPasswords } from '../password.ts';
import type { PasswordFlags } from '../password.ts';
import { writeWarnings } from '../settings.ts';
import { printable } from '../table.ts';
import { canAsk, writeNote } from '../terminal.ts';

interface KeyImportFlags extends PasswordFlags {
  entry?: string;
  directory: string;
  name: string;
  force?: boolean;
  json?: boolean;
}

export function declare(command: DeclaredCommand): void {
  command
    .argument('<file>', 'PKCS#12 file (.p12, .pfx) or Java keystore (.jks)')
    .example(
      'What Salesforce exports; the password is asked for',
      'sfjwt key import salesforce.jks',
    )
    .example(
      'In a pipeline, one key of several',
      'sfjwt key import keys.p12 --entry "Nightly Sync" --password-file password.txt',
    )
    .prints('nothing', 'privateKeyFile certificateFile format alias bits fingerprint256 notAfter')
    .option('--entry <alias>', 'which key, where there are several: its alias, or its number')
    .option('-d, --directory <path>', 'where to write them', '.')
    .option('-n, --name <name>', 'writes NAME.key and NAME.crt', 'salesforce')
    .option('--force', 'replace files that are there already')
    .action(keyImport);
  addPasswordFlags(command);
}

async function keyImport(file: string, flags: KeyImportFlags): Promise<void> {
  const { writeKeyFiles } = await import('@sfjwt/setup');
  const { entry, directory, name, force = false, json = false } = flags;
  const given = await givenPasswords(flags);
  const read = await open(file, { ...given, ...(entry === undefined ? {} : { entry }) }, { json });
  const { pem, fingerprint256, notAfter, warnings } = await certificateOf(read);
  const { privateKeyFile, certificateFile } = await writeKeyFiles({
    directory,
    name,
    privateKeyPem: read.privateKeyPem,
    certificatePem: pem,
    force,
  });
  const { format, alias = null, privateKey } = read;
  if (json) {
    const { bits } = privateKey;
    writeResult({
      result: { privateKeyFile, certificateFile, format, alias, bits, fingerprint256, notAfter },
      warnings,
    });
    return;
  }
  writeWarnings(warnings);
  if (alias !== null) writeNote(`taken from the file: ${printable(alias)}`);
  writeNote(`${privateKeyFile}  private key, RSA ${privateKey.bits} bits: signs, and stays here`);
  writeNote(`${certificateFile}  certificate: upload it to the app in Salesforce`);
  writeNote(`valid until ${notAfter.toISOString().slice(0, 10)}`);
  writeNote(`SHA-256 fingerprint ${fingerprint256}`);
}

/** Asks where something is missing and somebody is there to answer. */
async function open(
  file: string,
  options: ReadKeyStoreOptions,
  { json }: { json: boolean },
): Promise<KeyStoreContents> {
  const { readKeyStoreFile, SetupError } = await import('@sfjwt/setup');
  try {
    return await readKeyStoreFile(file, options);
  } catch (error) {
    if (!(error instanceof SetupError) || json || !canAsk()) throw error;
    const { password, keyPassword } = options;
    if (error.code === 'PASSWORD_MISSING' && password === undefined) {
      const answer = await askPassword(`Password of ${printable(file)}: `);
      return open(file, { ...options, password: answer }, { json });
    }
    if (error.code === 'KEY_PASSWORD_WRONG' && keyPassword === undefined) {
      const answer = await askPassword('Password of the private key in it: ');
      return open(file, { ...options, keyPassword: answer }, { json });
    }
    throw error;
  }
}

/** That of the file, or a self-signed one where the file has none. */
async function certificateOf({
  certificatePem,
  certificate,
  privateKeyPem,
  warnings,
}: KeyStoreContents) {
  if (certificatePem !== undefined && certificate !== undefined) {
    const { fingerprint256, notAfter } = certificate;
    return { pem: certificatePem, fingerprint256, notAfter, warnings };
  }
  const [{ createCertificate }, { createPrivateKey }] = await Promise.all([
    import('@sfjwt/setup'),
    import('node:crypto'),
  ]);
  const made = await createCertificate({ privateKey: createPrivateKey(privateKeyPem) });
  return { ...made, warnings: [...warnings, 'A self-signed certificate was made around the key.'] };
}
