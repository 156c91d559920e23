import type { DeclaredCommand } from '../declared-command.ts';
import { writeResult } from '../envelope.ts';
import { describeProfile, stateOf } from '../profile-description.ts';
import { requireDefault } from '../profile-store.ts';
import { ownProfiles } from '../settings.ts';
import { printable } from '../table.ts';
import { writeData } from '../terminal.ts';

export function declare(command: DeclaredCommand): void {
  command
    .argument('[name]', 'the default profile when left out')
    .example('What a profile holds; never the key itself', 'sfjwt profiles show nightly')
    .prints(
      'one line for each setting',
      'name isDefault file loginUrl clientId username audience key proof',
    )
    .action(show);
}

function show(name: string | undefined, { json }: { json?: boolean }): void {
  const profiles = ownProfiles();
  const chosen = name ?? requireDefault(profiles);
  const file = profiles.fileOf(chosen);
  const profile = profiles.read(chosen);
  const shown = describeProfile({ name: chosen, file, profile }, profiles);
  if (json === true) return writeResult({ result: shown });
  const { proof } = shown;
  const lines = [
    ['Profile', shown.isDefault ? `${chosen} (default)` : chosen],
    ['Login URL', shown.loginUrl],
    ['Consumer key', shown.clientId],
    ['Username', shown.username],
    ['Audience', shown.audience],
    ['Private key', shown.key?.words],
    ['State', stateOf(shown)],
    ['Proved', proof?.at],
    ['Org', proof?.organizationId],
    ['Instance URL', proof?.instanceUrl],
    ['File', file],
  ].flatMap(([heading = '', value]) =>
    value === undefined || value === '' ? [] : [`${heading.padEnd(14)}${printable(value)}`],
  );
  writeData(`${lines.join('\n')}\n`);
}
