import type { DeclaredCommand } from '../declared-command.ts';
import { writeResult } from '../envelope.ts';
import { addFormerSpellings } from '../former-spellings.ts';
import type { KeepingFlags } from '../former-spellings.ts';
import { findSettings } from '../found-settings.ts';
import type { FoundSettings } from '../found-settings.ts';
import { keepLogin, proveSettings } from '../login.ts';
import type { KeptLogin } from '../login.ts';
import { requireProfileName } from '../profile.ts';
import type { ProfileStore } from '../profile-store.ts';
import { addSettingFlags, ownProfiles, writeWarnings } from '../settings.ts';
import type { SettingFlags } from '../settings.ts';
import { canAsk, painterFor, writeNote } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface LoginFlags extends SettingFlags, KeepingFlags {
  /** False with `--no-prompt`. */
  prompt: boolean;
  keepKey?: boolean;
  sf?: boolean;
  json?: boolean;
}

export function declare(command: DeclaredCommand): void {
  command
    .example('Asked for what is missing, on a terminal', 'sfjwt login')
    .example(
      'Kept as nightly, which every command then takes with --profile nightly',
      'sfjwt login --alias nightly -r https://acme.my.salesforce.com -o worker@acme.example -i 3MVG9... -f salesforce.key',
    )
    .example(
      'A key that has no file, kept sealed in the profile',
      'vault read -field=key secret/salesforce | sfjwt login --alias nightly -f - --keep-key',
    )
    .example('Proved and kept anew, with another key', 'sfjwt login --profile nightly -f new.key')
    .prints(
      'nothing',
      'profile isDefault file username orgId userId instanceUrl loginUrl clientId key salesforceCli',
    )
    .option('-a, --alias <name>', 'name to keep the settings under; the username when left out')
    .option('-s, --set-default', 'use this profile where none is named')
    .option('--keep-key', 'keep a sealed copy of the private key, and do without its file')
    .option('--sf', 'sign the Salesforce CLI in too: sf commands then work with this login')
    .option('-d, --set-default-dev-hub', 'with --sf: its default Dev Hub')
    .option('-p, --no-prompt', 'ask nothing')
    .action(login);
  addFormerSpellings(addSettingFlags(command));
}

async function login(flags: LoginFlags): Promise<void> {
  const profiles = ownProfiles();
  const warnings: string[] = [];
  const asks = flags.prompt && flags.noPrompt !== true && flags.json !== true && canAsk();
  let found = settingsToProve(flags, profiles);
  let name = flags.alias ?? flags.profile ?? fromEnvironment();
  if (asks) {
    const { completeByAsking } = await import('../login-questions.ts');
    ({ found, name } = await completeByAsking(found, name, profiles));
  }
  warnings.push(...found.warnings);
  if (name !== undefined) requireProfileName(name);
  if (found.key?.value.kind === 'input' && flags.keepKey !== true) {
    throw new UsageError('A profile cannot find a private key from standard input again', [
      'Keep a sealed copy of it in the profile: --keep-key',
      'Or give the path of its file: --jwt-key-file FILE',
    ]);
  }
  const proof = await proveSettings(found, { warnings, asks });
  const kept = await keepLogin(proof, {
    name: name ?? requireProfileName(proof.username),
    profiles,
    warnings,
    keepKey: flags.keepKey === true,
    setDefault: flags.setDefault === true,
    salesforceCli:
      flags.sf === true ? { setDefaultDevHub: flags.setDefaultDevHub === true } : undefined,
  });
  if (flags.setDefaultDevHub === true && flags.sf !== true) {
    warnings.push('--set-default-dev-hub is for the Salesforce CLI: give --sf with it');
  }
  if (flags.json === true) writeResult({ result: kept, warnings });
  else {
    writeWarnings(warnings);
    tell(kept);
  }
}

/**
 * What a login begins with: a profile of the name, where there is one, so that a single setting can
 * be changed. Never the default profile: it is another login.
 */
function settingsToProve(flags: LoginFlags, profiles: ProfileStore): FoundSettings {
  const source = flags.profile ?? flags.alias ?? fromEnvironment();
  const { profile: _, ...typed } = flags;
  return findSettings(
    { ...typed, ...(source !== undefined && profiles.has(source) ? { profile: source } : {}) },
    { variables: { ...process.env, SFJWT_PROFILE: '' }, profiles, useDefault: false },
  );
}

function fromEnvironment(): string | undefined {
  return process.env['SFJWT_PROFILE'] || undefined;
}

function tell(kept: KeptLogin): void {
  const paint = painterFor(process.stderr);
  const { profile, username, loginUrl, orgId, file, key, isDefault, salesforceCli } = kept;
  const org = orgId === undefined ? '' : ` (org ${orgId})`;
  writeNote(`${paint('green', 'Signed in')} at ${loginUrl} as ${username}${org}.`);
  writeNote(`Kept as ${paint('bold', profile)}${isDefault ? ', the default' : ''}: ${file}`);
  writeNote(`Private key: ${key.words}`);
  if (salesforceCli !== undefined) {
    writeNote(
      salesforceCli.renews
        ? 'The Salesforce CLI is signed in, and signs in again by itself.'
        : 'The Salesforce CLI is signed in for as long as this session lives.',
    );
  }
  const named = isDefault ? '' : ` --profile ${profile}`;
  writeNote(`\nNext: ${paint('cyan', `sfjwt api GET /services/data${named}`)}`);
}
