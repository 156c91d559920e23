import { addAdminFlags, openAdmin } from '../admin-flags.ts';
import type { AdminFlags, Administrator } from '../admin-flags.ts';
import { wholeNumber } from '../declared-command.ts';
import type { DeclaredCommand } from '../declared-command.ts';
import { writeResult } from '../envelope.ts';
import { startProgress } from '../progress.ts';
import { requireProfileName } from '../profile.ts';
import { findKey, keepProfile, openingJournal } from '../setup-files.ts';
import { planLines } from '../setup-plan-text.ts';
import { ownProfiles, writeWarnings } from '../settings.ts';
import { stoppable } from '../stoppable.ts';
import { canAsk, painterFor, writeData, writeNote } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface MigrateFlags extends AdminFlags {
  alias: string;
  name?: string;
  username?: string;
  jwtKeyFile?: string;
  wait: number;
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

export function declare(command: DeclaredCommand): void {
  command
    .argument('<api-name>', 'API name of the connected app')
    .example(
      'The profile nightly signs in through the new app from then on',
      'sfjwt setup migrate Nightly_Sync --sf acme --alias nightly',
    )
    .example(
      'Later: is the connected app silent?',
      'sfjwt setup migrate Nightly_Sync --sf acme --alias nightly --dry-run',
    )
    .prints(
      'the consumer key of the new app; with --dry-run the plan',
      'from to changes consumerKey profile proofBefore proof activity',
    );
  addAdminFlags(command)
    .optionsGroup('What moves:')
    .requiredOption('-a, --alias <name>', 'profile that signs in through the connected app')
    .option('-o, --username <name>', 'user who signs in; that of the profile when left out')
    .option('-f, --jwt-key-file <file>', 'its private key; that of the profile when left out')
    .option('--name <label>', 'label of the new app; that of the old one with ECA behind it')
    .optionsGroup('How:')
    .option('--dry-run', 'show the plan and who still uses the old app, change nothing')
    .option('--yes', 'ask nothing')
    .option('--wait <seconds>', 'for the org to act on it', wholeNumber, 600)
    .action(migrate);
}

async function migrate(apiName: string, flags: MigrateFlags): Promise<void> {
  await stoppable(async (signal) => {
    const warnings: string[] = [];
    const admin = await openAdmin(flags, { warnings, signal });
    try {
      await move(admin, apiName, flags, warnings, signal);
    } finally {
      admin.close();
    }
  });
}

async function move(
  { session }: Administrator,
  apiName: string,
  flags: MigrateFlags,
  warnings: string[],
  signal: AbortSignal,
): Promise<void> {
  const setup = await import('@sfjwt/setup');
  const { systemClock: clock } = await import('@sfjwt/client');
  const json = flags.json === true;
  const alias = requireProfileName(flags.alias);
  const profiles = ownProfiles();
  const settings = profiles.has(alias) ? profiles.read(alias).settings : undefined;
  const username = flags.username ?? settings?.username;
  if (username === undefined) {
    throw new UsageError('No user is named', ['Give --username, or the --alias of a profile.']);
  }
  const names = { apiName, name: flags.name, users: [username] };
  const old = await setup.readConnectedApp(session, names, { clock, signal });
  warnings.push(...old.warnings);
  const key = await findKey(
    { alias, jwtKeyFile: flags.jwtKeyFile },
    { days: 3650, bits: 2048, subject: 'CN=sfjwt' },
    warnings,
  );
  const plan = await setup.planSetup(session, old.specification, {
    clock,
    signal,
    certificate: () => key.certificate(old.certificate),
  });
  const activity = await setup.readActivity(session, old.label, clock);
  const from = { apiName, label: old.label, consumerKey: old.consumerKey ?? settings?.clientId };
  const to = { apiName: plan.app.apiName, label: plan.app.name };
  if (!json) {
    writeNote(planLines(plan, painterFor(process.stderr)).join('\n'));
    writeNote(
      activity.lastLogin === undefined
        ? `The connected app ${old.label} has been silent for 30 days.`
        : `The connected app ${old.label} was last used at ${activity.lastLogin} by ${activity.logins[0]?.username ?? ''}.`,
    );
  }
  if (flags.dryRun === true) {
    await setup.checkSetup(session, plan, { clock, signal });
    if (json) writeResult({ result: { from, to, changes: plan.changes, activity }, warnings });
    else writeWarnings(warnings);
    return;
  }
  if (plan.changes.length > 0 && flags.yes !== true) {
    if (json || !canAsk()) {
      throw new UsageError('Nobody can be asked whether the org may be changed', [
        'Give --yes to change it, or --dry-run to see the plan.',
      ]);
    }
    const { confirmed } = await import('../questions.ts');
    await confirmed('Make this external client app, and move the profile to it?');
  }
  const proving = {
    loginUrl: session.instanceUrl,
    username,
    signer: key.signer,
    signal,
    budgetMilliseconds: flags.wait * 1000,
  };
  const progress = startProgress('Moving', { silent: json });
  try {
    // The old one works before and after: nobody is cut off by the move.
    const proofBefore =
      from.consumerKey === undefined
        ? undefined
        : await setup.proveSignIn({
            ...proving,
            consumerKey: from.consumerKey,
            appName: old.label,
            budgetMilliseconds: 0,
          });
    const outcome = await setup.applySetup(session, plan, {
      clock,
      signal,
      journal: openingJournal(plan.organization.id),
      onStep: (_step, title) => progress.tell(title),
    });
    const { consumerKey } = outcome;
    const proof = await setup.proveSignIn({ ...proving, consumerKey, appName: plan.app.name });
    await keepProfile(profiles, {
      alias,
      loginUrl: session.instanceUrl,
      clientId: consumerKey,
      username,
      key,
      proof,
    });
    progress.end();
    if (json) {
      const result = {
        from,
        to,
        changes: plan.changes,
        consumerKey,
        profile: alias,
        proofBefore: proofBefore ?? null,
        proof,
        activity,
      };
      return writeResult({ result, warnings });
    }
    writeWarnings(warnings);
    const paint = painterFor(process.stderr);
    writeNote(`${paint('green', 'Moved')}: ${alias} signs in through ${plan.app.name} now.`);
    writeNote(`The connected app stays. When it is silent (--dry-run tells), remove it:`);
    writeNote(
      `  ${paint('cyan', `sfjwt setup remove --kind connectedApp --name "${old.label}" --api-name ${apiName} --contact-email ${plan.app.contactEmail} ...`)}`,
    );
    writeData(`${consumerKey}\n`);
  } finally {
    progress.end();
  }
}
