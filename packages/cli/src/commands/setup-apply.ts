import type { SetupOutcome, SetupPlanInDetail, SignInProof } from '@sfjwt/setup';
import { addAdminFlags, openAdmin } from '../admin-flags.ts';
import type { AdminFlags, Administrator } from '../admin-flags.ts';
import { wholeNumber } from '../declared-command.ts';
import type { DeclaredCommand } from '../declared-command.ts';
import { writeResult } from '../envelope.ts';
import { startProgress } from '../progress.ts';
import { requireProfileName } from '../profile.ts';
import { findKey, keepProfile, openingJournal } from '../setup-files.ts';
import type { KeyInPlace } from '../setup-files.ts';
import { planLines } from '../setup-plan-text.ts';
import { ownProfiles, writeWarnings } from '../settings.ts';
import { addSpecificationFlags, readSpecification } from '../specification-flags.ts';
import type { SpecificationFlags } from '../specification-flags.ts';
import { stoppable } from '../stoppable.ts';
import { canAsk, painterFor, writeData, writeNote } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface SetupFlags extends AdminFlags, SpecificationFlags {
  alias?: string;
  jwtKeyFile?: string;
  certificate?: string;
  replaceCertificate?: boolean;
  wait: number;
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

export function declare(command: DeclaredCommand): void {
  command
    .usage('[flags]')
    .example(
      'With the session of the Salesforce CLI: key, app, permission set, proof, profile',
      'sfjwt setup --sf acme --name "Nightly Sync" --contact-email ops@acme.example --username worker@acme.example --alias nightly',
    )
    .example(
      'What it would do, checked by the org',
      'sfjwt setup --sf acme --spec app.yaml --dry-run',
    )
    .example(
      'With a token, in a pipe',
      'sf org auth show-access-token -o acme --json | jq -r .result.accessToken | sfjwt setup -r https://acme.my.salesforce.com --admin-token-stdin --spec app.yaml --alias nightly --yes',
    )
    .prints(
      'the consumer key; with --dry-run the plan',
      'app changes kept leftAlone warnings; consumerKey appId fingerprint256 profile keyFile proof requestCount',
    );
  addSpecificationFlags(addAdminFlags(command))
    .optionsGroup('Its key and its profile:')
    .option('-a, --alias <name>', 'profile to keep it under; the API name of the app when left out')
    .option('-f, --jwt-key-file <file>', 'private key to use; one is made when left out')
    .option('--certificate <file>', 'certificate of that key; one is made when left out')
    .option('--replace-certificate', 'take ours for an app that has that of another key')
    .optionsGroup('How:')
    .option('--dry-run', 'show the plan, let the org check it, change nothing')
    .option('--yes', 'ask nothing')
    .option('--wait <seconds>', 'for the org to act on it', wholeNumber, 600)
    .action(setup);
}

async function setup(flags: SetupFlags): Promise<void> {
  await stoppable(async (signal) => {
    const warnings: string[] = [];
    const admin = await openAdmin(flags, { warnings, signal });
    try {
      await setUp(admin, flags, warnings, signal);
    } finally {
      admin.close();
    }
  });
}

async function setUp(
  admin: Administrator,
  flags: SetupFlags,
  warnings: string[],
  signal: AbortSignal,
): Promise<void> {
  const { applySetup, checkSetup, planSetup, resolveSpecification } = await import('@sfjwt/setup');
  const { systemClock: clock } = await import('@sfjwt/client');
  const { session, ownClientId } = admin;
  const specification = await readSpecification(flags);
  const app = await resolveSpecification(specification);
  const alias = requireProfileName(flags.alias ?? app.apiName);
  const key = await findKey(
    { alias, jwtKeyFile: flags.jwtKeyFile, certificateFile: flags.certificate },
    app.certificate,
    warnings,
  );
  const [username] = app.users;
  if (username === undefined) {
    throw new UsageError('No user is named', ['Give --username, or users in the specification.']);
  }
  const plan = await planSetup(session, specification, {
    clock,
    signal,
    certificate: key.certificate,
    replaceCertificate: flags.replaceCertificate === true,
    ...(ownClientId === undefined ? {} : { ownClientId }),
  });
  warnings.push(...plan.warnings);
  const json = flags.json === true;
  const show = (write: (text: string) => void, stream: NodeJS.WriteStream): void => {
    if (!json) write(planLines(plan, painterFor(stream)).join('\n'));
  };
  if (flags.dryRun === true) {
    show((text) => writeData(`${text}\n`), process.stdout);
    if (!json) writeWarnings(warnings);
    await checkSetup(session, plan, { clock, signal });
    if (json) writeResult({ result: planned(plan), warnings });
    else writeNote('The org would take it. Nothing was changed.');
    return;
  }
  show(writeNote, process.stderr);
  await confirm(plan, flags);
  const profiles = ownProfiles();
  const keep = (clientId: string, proof?: SignInProof): Promise<boolean> =>
    keepProfile(profiles, {
      alias,
      loginUrl: session.instanceUrl,
      clientId,
      username,
      key,
      ...(proof === undefined ? {} : { proof }),
    });
  // From here on a run that is killed is continued by the next one.
  await key.keep(plan.certificate.pem);
  const progress = startProgress('Setting up', { silent: json });
  let outcome: SetupOutcome;
  try {
    outcome = await applySetup(session, plan, {
      clock,
      signal,
      ...(key.clientId === undefined ? {} : { consumerKey: key.clientId }),
      journal: openingJournal(plan.organization.id),
      onConsumerKey: async (consumerKey) => {
        await keep(consumerKey);
      },
      onStep: (_step, title) => progress.tell(title),
      onProgress: ({ status, deployed, total }) =>
        progress.tell(`Deploying: ${status} (${deployed} of ${total} components)`),
    });
  } finally {
    progress.end();
  }
  const proof = await prove(session.instanceUrl, plan, outcome, username, key, flags, signal);
  const isDefault = await keep(outcome.consumerKey, proof);
  const result = {
    ...planned(plan),
    consumerKey: outcome.consumerKey,
    appId: outcome.appId,
    fingerprint256: outcome.fingerprint256,
    profile: alias,
    isDefault,
    ...(key.profile.privateKeyFile === undefined ? {} : { keyFile: key.profile.privateKeyFile }),
    proof,
    requestCount: session.requestCount,
  };
  if (json) return writeResult({ result, warnings });
  writeWarnings(warnings);
  const paint = painterFor(process.stderr);
  const { login } = proof;
  const seen = login === undefined ? '' : `; Login History has it as ${login.id}`;
  writeNote(`${paint('green', 'Signed in')} as ${proof.username} through ${app.name}${seen}.`);
  writeNote(`Kept as ${paint('bold', alias)}${isDefault ? ', the default' : ''}.`);
  writeNote(`Next: ${paint('cyan', `sfjwt api GET /services/data --profile ${alias}`)}`);
  writeData(`${outcome.consumerKey}\n`);
}

function planned(plan: SetupPlanInDetail): object {
  const { kind, name, apiName, scopes, permissionSets, users } = plan.app;
  const { organization, administrator, changes, kept, leftAlone } = plan;
  return {
    app: { kind, name, apiName, scopes, permissionSets, users },
    organization,
    administrator: administrator.username,
    changes,
    kept,
    leftAlone,
  };
}

async function confirm(plan: SetupPlanInDetail, { yes, json }: SetupFlags): Promise<void> {
  if (plan.changes.length === 0 || plan.obstacles.length > 0 || yes === true) return;
  if (json === true || !canAsk()) {
    throw new UsageError('Nobody can be asked whether the org may be changed', [
      'Give --yes to change it, or --dry-run to see the plan.',
    ]);
  }
  const { confirmed } = await import('../questions.ts');
  await confirmed('Change the org so?');
}

async function prove(
  loginUrl: string,
  plan: SetupPlanInDetail,
  { consumerKey, changed, reading }: SetupOutcome,
  username: string,
  key: KeyInPlace,
  { wait, json }: SetupFlags,
  signal: AbortSignal,
): Promise<SignInProof> {
  const { proveSignIn } = await import('@sfjwt/setup');
  const changedAt = Date.parse(reading.listed[0]?.lastModifiedDate ?? '');
  const progress = startProgress('Signing in', { silent: json === true });
  try {
    return await proveSignIn({
      loginUrl,
      consumerKey,
      username,
      signer: key.signer,
      appName: plan.app.name,
      signal,
      budgetMilliseconds: wait * 1000,
      ...(changed || Number.isNaN(changedAt) ? {} : { changedAt }),
      onWait: ({ code, milliseconds }) =>
        progress.tell(`Not yet (${code}): again in ${Math.round(milliseconds / 1000)} s`),
    });
  } finally {
    progress.end();
  }
}
