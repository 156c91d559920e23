import type { DeclaredCommand } from '../declared-command.ts';
import { writeResult } from '../envelope.ts';
import { describeProfile, stateOf } from '../profile-description.ts';
import { ownProfiles } from '../settings.ts';
import { renderRecords } from '../table.ts';
import { writeData, writeNote } from '../terminal.ts';

export function declare(command: DeclaredCommand): void {
  command
    .example('Which profiles there are', 'sfjwt profiles')
    .prints(
      'one line for each profile, the default marked with *',
      'a list of name isDefault file loginUrl clientId username audience key proof fault',
    )
    // The family may have been given the flags, when this command was not named.
    .action((_flags: object, self: DeclaredCommand) => list(self.optsWithGlobals()));
}

async function list({ json }: { json?: boolean }): Promise<void> {
  const profiles = ownProfiles();
  const descriptions = (await profiles.list()).map((one) => describeProfile(one, profiles));
  if (json === true) return writeResult({ result: descriptions });
  if (descriptions.length === 0) {
    return writeNote('There is no profile yet. Make one with: sfjwt login');
  }
  const column = (heading: string, cells: (string | undefined)[]) => ({
    heading,
    cells: cells.map((cell) => cell ?? ''),
  });
  const columns = [
    column(
      ' ',
      descriptions.map(({ isDefault }) => (isDefault ? '*' : '')),
    ),
    column(
      'NAME',
      descriptions.map(({ name }) => name),
    ),
    column(
      'USERNAME',
      descriptions.map(({ username }) => username),
    ),
    column(
      'LOGIN URL',
      descriptions.map(({ loginUrl }) => loginUrl),
    ),
    column(
      'KEY',
      descriptions.map(({ key }) => key?.words),
    ),
    column('STATE', descriptions.map(stateOf)),
  ];
  const lines = renderRecords(columns, process.stdout.columns);
  writeData(`${lines.join('\n')}\n`);
}
