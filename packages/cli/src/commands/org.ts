import { writeFile } from 'node:fs/promises';
import type { Org, OrgKind } from '@sfjwt/org';
import { choice, portNumber } from '../declared-command.ts';
import type { DeclaredCommand } from '../declared-command.ts';
import { writeResult } from '../envelope.ts';
import { stopSignal } from '../stop-signal.ts';
import { painterFor, writeNote } from '../terminal.ts';

interface OrgFlags {
  port: number;
  host: string;
  kind?: OrgKind;
  data?: string;
  seed?: string;
  myDomain?: string;
  adminPassword?: string;
  tls?: boolean;
  tlsCa?: string;
  json?: boolean;
}

export function declare(command: DeclaredCommand): void {
  command
    .example('An org in memory, until Ctrl-C', 'sfjwt org')
    .example(
      'One with users and apps of your own, kept in a file',
      'sfjwt org --seed org.yaml --data org.db',
    )
    .prints(
      'nothing',
      'url orgId kind admin{ username password accessToken } setupUrl (a link that signs the administrator in, once), with https certificateAuthority too; printed when the org is ready',
    )
    .option('--port <number>', 'port to listen on; 0 takes any free one', portNumber, 7523)
    .option('--host <address>', 'loopback address to listen on', '127.0.0.1')
    .addOption(choice('--kind <kind>', 'which login host it stands for', ['production', 'sandbox']))
    .option('--data <file>', 'keep the org in this file; in memory when left out')
    .option('--seed <file>', 'users, apps and records to begin with, JSON or YAML')
    .option('--my-domain <name>', 'name of the My Domain it stands in for, such as acme')
    .option('--admin-password <text>', 'of the administrator, for the login page')
    .option('--tls', 'serve https, with a certificate that is made at start')
    .option('--tls-ca <file>', 'write the certificate to trust to this file; means --tls')
    .option('--json', 'print one line of JSON when it is ready')
    .action(org);
}

async function org(flags: OrgFlags): Promise<void> {
  const { createOrg, readSeedFile } = await import('@sfjwt/org');
  const { port, host, kind, data, seed, myDomain, adminPassword, tlsCa, json } = flags;
  const local = await createOrg({
    ...(kind === undefined ? {} : { kind }),
    ...(data === undefined ? {} : { file: data }),
    ...(seed === undefined ? {} : { seed: await readSeedFile(seed) }),
    ...(myDomain === undefined ? {} : { myDomain }),
    ...(adminPassword === undefined ? {} : { administratorPassword: adminPassword }),
  });
  try {
    await local.listen({ port, host, tls: flags.tls === true || tlsCa !== undefined });
    if (tlsCa !== undefined) await writeCertificate(tlsCa, local.certificateAuthority ?? '');
    if (json === true) tellPrograms(local);
    else tellPeople(local, tlsCa);
    await stopSignal();
  } finally {
    await local.close();
  }
}

async function writeCertificate(file: string, pem: string): Promise<void> {
  try {
    await writeFile(file, pem);
  } catch (cause) {
    const { OrgError } = await import('@sfjwt/org');
    throw new OrgError('FIELD_INVALID', `--tls-ca: ${file} cannot be written`, {
      cause,
      hints: ['Check that its folder is there and can be written.'],
    });
  }
}

function tellPrograms(local: Org): void {
  const { administrator, administratorPassword, certificateAuthority, organization } = local;
  writeResult({
    result: {
      url: local.url,
      orgId: organization.id,
      kind: organization.kind,
      admin: {
        username: administrator.username,
        password: administratorPassword,
        accessToken: local.openSession(administrator),
      },
      setupUrl: local.setupUrl,
      ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
    },
  });
}

function tellPeople(local: Org, tlsCa: string | undefined): void {
  const { url, organization, administrator } = local;
  const paint = painterFor(process.stderr);
  writeNote(`Local ${organization.kind} org ${organization.id} at ${paint('bold', url)}`);
  writeNote(`  sign in there with  --instance-url ${url}`);
  for (const app of local.clientApps.list()) {
    writeNote(`  app "${app.name}"  --client-id ${app.consumerKey}`);
  }
  writeNote(`  as a person at  ${local.setupUrl}`);
  writeNote(
    `    or at  ${url}  as ${administrator.username}, password ${local.administratorPassword}`,
  );
  if (tlsCa !== undefined) writeNote(`  trust it with  NODE_EXTRA_CA_CERTS=${tlsCa}`);
  else if (local.certificateAuthority !== undefined) {
    writeNote(`  the certificate to trust is at  ${url}/_org/certificate-authority`);
  }
  if (local.clientApps.list().length === 0) tellHowToBegin(local);
  writeNote(paint('dim', 'It is a stand-in, not Salesforce. Stop it with Ctrl-C.'));
}

/** There is no app yet, and nobody can sign in from a program. */
function tellHowToBegin({ url, administrator }: Org): void {
  const setup = (how: string): string => `sfjwt setup --instance-url ${url} ${how}`;
  const app = `--name "Nightly Sync" --contact-email ops@acme.example --username ${administrator.username}`;
  writeNote('There is no app yet. Make one, with key and profile, in another terminal:');
  writeNote(`  ${setup('--web')} ${app}`);
  writeNote('In a script, sfjwt org --json tells the access token of the administrator:');
  writeNote(`  ${setup('--admin-token-stdin --yes')} ${app}`);
}
