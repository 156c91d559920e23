import { sleep, systemClock } from '@sfjwt/client';
import type { RotationOptions, RotationOutcome, RotationPhase } from '@sfjwt/setup';
import { addAdminFlags, openAdmin } from '../admin-flags.ts';
import type { Administrator, AdminFlags } from '../admin-flags.ts';
import { choice, wholeNumber } from '../declared-command.ts';
import type { DeclaredCommand } from '../declared-command.ts';
import { writeResult } from '../envelope.ts';
import { findSettings } from '../found-settings.ts';
import { ownProfiles, writeWarnings } from '../settings.ts';
import { stoppable } from '../stoppable.ts';
import { writeNote } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface RotateFlags extends AdminFlags {
  alias: string;
  app: string;
  kind: 'externalClientApp' | 'connectedApp';
  bits: '2048' | '3072' | '4096';
  days: number;
  subject?: string;
  expectedFingerprint?: string;
  settleMinutes: number;
  wait?: boolean;
  rollBack?: boolean;
  consumerKey?: boolean;
  finish?: boolean;
  json?: boolean;
}

const sizes = { '2048': 2048, '3072': 3072, '4096': 4096 } as const;

export function declare(command: DeclaredCommand): void {
  command
    .example(
      'A new key and certificate, while everything goes on signing in',
      'sfjwt setup rotate --sf acme --alias nightly --app Nightly_Sync',
    )
    .example(
      'Back to the key of before, at any time until the old one is gone',
      'sfjwt setup rotate --sf acme --alias nightly --app Nightly_Sync --roll-back',
    )
    .example(
      'A new consumer key; for 30 days the old one works as well, or until --finish',
      'sfjwt setup rotate --sf acme --alias nightly --app Nightly_Sync --consumer-key',
    )
    .prints(
      'nothing',
      'state fingerprint256 notAfter finishAt; with --consumer-key: state consumerKey before beforeExpires',
    )
    .action(rotate);
  addAdminFlags(command)
    .optionsGroup('What to rotate:')
    .requiredOption('-a, --alias <name>', 'the profile whose key file it is')
    .requiredOption('--app <name>', 'API name of the app')
    .addOption(
      choice('--kind <kind>', 'what the app is', ['externalClientApp', 'connectedApp']).default(
        'externalClientApp',
      ),
    )
    .option('--expected-fingerprint <hex>', 'of the certificate that the app should have now')
    .optionsGroup('The new key:')
    .addOption(choice('--bits <number>', 'size of the RSA key', Object.keys(sizes)).default('2048'))
    .option('--days <number>', 'validity of the certificate', wholeNumber, 36500)
    .option('--subject <name>', 'subject of the certificate, such as "CN=Nightly Sync"')
    .optionsGroup('How:')
    .option('--settle-minutes <number>', 'how long both keys stay in the file', wholeNumber, 10)
    .option('--wait', 'wait for that, and take the old key out')
    .option('--roll-back', 'put everything back as it was')
    .optionsGroup('In place of key and certificate:')
    .option('--consumer-key', 'rotate the consumer key, and keep the new one in the profile')
    .option('--finish', 'then: take the old consumer key away');
}

async function rotate(flags: RotateFlags): Promise<void> {
  if (flags.finish === true && flags.consumerKey !== true) {
    throw new UsageError('--finish belongs to --consumer-key', [
      'A rotation of key and certificate is finished by the same command, once the time has come.',
    ]);
  }
  const setup = await import('@sfjwt/setup');
  const { json = false } = flags;
  await stoppable(async (signal) => {
    const warnings: string[] = [];
    const client = settingsOf(flags);
    const admin = await openAdmin(flags, { warnings, signal });
    try {
      if (admin.ownClientId === client.consumerKey) {
        throw new UsageError('The administrator signs in by the very key that is rotated', [
          'Use a session of another app, such as --sf ALIAS or --web.',
        ]);
      }
      if (flags.consumerKey === true) {
        await rotateConsumer(setup, { admin, client, flags, signal, warnings });
        return;
      }
      const options: RotationOptions = {
        ...client,
        session: admin.session,
        app: flags.app,
        kind: flags.kind,
        bits: sizes[flags.bits],
        days: flags.days,
        ...(flags.subject === undefined ? {} : { subject: flags.subject }),
        ...(flags.expectedFingerprint === undefined
          ? {}
          : { expectedFingerprint: flags.expectedFingerprint.toUpperCase() }),
        settleMilliseconds: flags.settleMinutes * 60_000,
        signal,
        onPhase: (phase, at) => {
          if (!json && at === 'end') writeNote(`  ${told[phase]}`);
        },
        onWait: ({ message }) => {
          if (!json) writeNote(`  the org has not settled yet: ${message}`);
        },
      };
      const outcome = await run(setup, options, flags);
      if (json) writeResult({ result: outcome, warnings });
      else {
        writeWarnings(warnings);
        writeNote(conclusion(outcome));
      }
    } finally {
      admin.close();
    }
  });
}

interface ConsumerRotation {
  admin: Administrator;
  client: ReturnType<typeof settingsOf>;
  flags: RotateFlags;
  signal: AbortSignal;
  warnings: string[];
}

/** Other machines have the old consumer key in their settings: it works until it is taken away. */
async function rotateConsumer(
  { rotateConsumerKey, soql }: Setup,
  { admin: { session }, client, flags, signal, warnings }: ConsumerRotation,
): Promise<void> {
  const { alias, app, finish = false, json = false } = flags;
  const [{ localSigner, readPrivateKeyFile }, { openingJournal }] = await Promise.all([
    import('@sfjwt/client'),
    import('../setup-files.ts'),
  ]);
  const [organization] = await session.query<{ Id: string }>(soql`SELECT Id FROM Organization`);
  const passphrase = process.env['SFJWT_PASSPHRASE'] || undefined;
  const key = await readPrivateKeyFile(client.privateKeyFile, passphrase);
  const outcome = await rotateConsumerKey({
    session,
    app,
    loginUrl: client.loginUrl,
    username: client.username,
    signer: localSigner(key),
    finish,
    journal: openingJournal(organization?.Id ?? ''),
    signal,
    onConsumerKey: async (clientId) => {
      const profiles = ownProfiles();
      const kept = profiles.read(alias);
      await profiles.keep(alias, { ...kept, settings: { ...kept.settings, clientId } });
    },
    onWait: ({ message }) => {
      if (!json) writeNote(`  the org has not settled yet: ${message}`);
    },
  });
  if (json) {
    const { before = null, beforeExpires = null } = outcome;
    writeResult({ result: { ...outcome, before, beforeExpires }, warnings });
    return;
  }
  writeWarnings(warnings);
  writeNote(`The profile ${alias} has the consumer key ${outcome.consumerKey}, which signs in.`);
  writeNote(
    outcome.before === undefined
      ? 'The one of before is gone.'
      : `${outcome.before} works until ${outcome.beforeExpires ?? ''}, or until: sfjwt setup rotate ... --consumer-key --finish`,
  );
}

type Setup = typeof import('@sfjwt/setup');

/** The clients of the key read its file: only there can they find the next one. */
function settingsOf({
  alias,
}: RotateFlags): Pick<RotationOptions, 'loginUrl' | 'consumerKey' | 'username' | 'privateKeyFile'> {
  const found = findSettings({ profile: alias }, { variables: {}, profiles: ownProfiles() });
  const place = found.key?.value;
  if (place?.kind !== 'file') {
    throw new UsageError(`The private key of the profile ${alias} is not in a file of its own`, [
      'Keep the profile with its key in a file: sfjwt login --alias NAME --jwt-key-file FILE',
      'A key in a variable or a secret store: put the next key below it, swap the certificate, then remove the old one.',
    ]);
  }
  return {
    loginUrl: found.loginUrl?.value ?? '',
    consumerKey: found.clientId?.value ?? '',
    username: found.username?.value ?? '',
    privateKeyFile: place.file,
  };
}

async function run(
  { rollBackRotation, rotateCertificate }: Setup,
  options: RotationOptions,
  { rollBack = false, wait = false }: RotateFlags,
): Promise<RotationOutcome> {
  if (rollBack) {
    const outcome = await rollBackRotation(options);
    if (outcome !== undefined) return outcome;
    throw new UsageError('There is no rotation of this key that could be rolled back');
  }
  const outcome = await rotateCertificate(options);
  if (!wait || outcome.state !== 'settling') return outcome;
  await sleep(systemClock, Math.max(0, outcome.finishAt - systemClock.now()), options.signal);
  return rotateCertificate(options);
}

const told: Readonly<Record<RotationPhase | 'finished', string>> = {
  prepared: 'the old key signs in, a new one is made, and the org would take its certificate',
  staged: 'both keys are in the key file',
  uploading: 'from here on the org may have either certificate',
  uploaded: 'the org has the new certificate',
  proved: 'the new key signs in',
  settling: 'the new key comes first in the key file',
  rollingBack: 'the old key comes first in the key file again',
  finished: 'one key is left in the key file',
};

function conclusion({ state, fingerprint256, finishAt }: RotationOutcome): string {
  switch (state) {
    case 'settling':
      return `The new key is in use. The old one stays beside it until ${new Date(finishAt).toISOString()}: then run the same command again.`;
    case 'finished':
      return `Done. SHA-256 fingerprint ${fingerprint256}`;
    case 'rolledBack':
      return `Everything is as it was. SHA-256 fingerprint ${fingerprint256}`;
  }
}
