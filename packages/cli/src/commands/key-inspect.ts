import type { FileInspection, Inspection, keyMatchesCertificate } from '@sfjwt/setup';
import type { DeclaredCommand } from '../declared-command.ts';
import { writeResult } from '../envelope.ts';
import { exitCodes } from '../exit-code.ts';
import { printable } from '../table.ts';
import { painterFor, writeData, writeNote } from '../terminal.ts';

export function declare(command: DeclaredCommand): void {
  command
    .argument('<files...>', 'private key, certificate, in any order')
    .example(
      'Do they belong together? The exit code tells: 0, or 5',
      'sfjwt key inspect salesforce.key salesforce.crt',
    )
    .prints(
      'one block per thing found',
      'files, and keyMatchesCertificate when there is one of each',
    )
    .action(keyInspect);
}

async function keyInspect(
  files: readonly string[],
  { json = false }: { json?: boolean },
): Promise<void> {
  const { inspectFile, keyMatchesCertificate } = await import('@sfjwt/setup');
  const inspections: FileInspection[] = [];
  for (const file of files) inspections.push(await inspectFile(file));
  const pair = keyAndCertificate(inspections.flatMap(({ entries }) => entries));
  const match = pair && keyMatchesCertificate(...pair);
  // Two halves that do not fit are the mistake people look for: a script has to notice.
  if (match === false) process.exitCode = exitCodes.unusable;
  if (json) {
    const result = {
      files: inspections.map(({ file, entries }) => ({ file, entries })),
      ...(match === undefined ? {} : { keyMatchesCertificate: match }),
    };
    writeResult({ result, warnings: inspections.flatMap(({ warnings }) => warnings) });
    return;
  }
  for (const { file, entries, warnings } of inspections) {
    for (const entry of entries) writeEntry(file, entry);
    for (const warning of warnings) writeNote(`sfjwt: warning: ${warning}`);
  }
  const paint = painterFor(process.stdout);
  if (match === true) writeData(`${paint('green', 'Key and certificate belong together')}\n`);
  if (match === false) {
    writeData(`${paint('red', 'Key and certificate do NOT belong together')}\n`);
    writeNote('  hint: Salesforce would answer: invalid_grant, invalid assertion');
  }
}

/** Known only where there is one private key and one certificate. */
function keyAndCertificate(
  entries: readonly Inspection[],
): Parameters<typeof keyMatchesCertificate> | undefined {
  const [key, ...moreKeys] = entries.filter(({ kind }) => kind === 'privateKey');
  const [certificate, ...moreCertificates] = entries.filter(({ kind }) => kind === 'certificate');
  if (key === undefined || certificate === undefined) return undefined;
  if (moreKeys.length > 0 || moreCertificates.length > 0) return undefined;
  // An encrypted key shows no public half to compare.
  if (!('publicKeyFingerprint' in key) || key.publicKeyFingerprint === undefined) return undefined;
  return [key, certificate];
}

const titles: Readonly<Record<Inspection['kind'], string>> = {
  privateKey: 'private key',
  certificate: 'certificate',
  publicKey: 'public key',
  pkcs12: 'PKCS#12 file',
  javaKeystore: 'Java keystore',
  certificateRequest: 'certificate signing request',
  pkcs7: 'PKCS#7 file',
  otherBlock: 'something else',
  damagedBlock: 'damaged',
};

function writeEntry(file: string, entry: Inspection): void {
  const paint = painterFor(process.stdout);
  writeData(`${paint('bold', printable(file))}: ${titles[entry.kind]}\n`);
  for (const [name, value] of facts(entry)) {
    writeData(`  ${paint('dim', name.padEnd(12))} ${printable(value)}\n`);
  }
  for (const hint of entry.hints) writeData(`  ${paint('cyan', 'hint:')} ${hint}\n`);
}

function facts(entry: Inspection): (readonly [string, string])[] {
  switch (entry.kind) {
    case 'privateKey':
      return [
        ['key', keyText(entry)],
        ['format', entry.encrypted ? `${entry.format}, encrypted` : entry.format],
        ...fingerprint(entry.publicKeyFingerprint),
      ];
    case 'publicKey':
      return [['key', keyText(entry)], ...fingerprint(entry.publicKeyFingerprint)];
    case 'certificate':
      return [
        ['subject', entry.subject],
        ['issuer', entry.selfSigned ? 'itself (self-signed)' : entry.issuer],
        ['valid', `${day(entry.notBefore)} to ${day(entry.notAfter)}, ${entry.daysLeft} days left`],
        ['key', keyText(entry)],
        ['SHA-256', entry.fingerprint256],
        ...fingerprint(entry.publicKeyFingerprint),
      ];
    case 'otherBlock':
    case 'damagedBlock':
      return [['label', entry.label]];
    default:
      return [];
  }
}

function fingerprint(value: string | undefined): (readonly [string, string])[] {
  return value === undefined ? [] : [['public key', value]];
}

function keyText({
  algorithm,
  bits,
}: {
  algorithm: string | undefined;
  bits: number | undefined;
}): string {
  const size = bits === undefined ? '' : `, ${bits} bits`;
  return `${algorithm ?? 'hidden by encryption'}${size}`;
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
