import type { DeclaredCommand } from '../declared-command.ts';
import { writeResult } from '../envelope.ts';
import { ownProfiles } from '../settings.ts';
import { writeNote } from '../terminal.ts';

export function declare(command: DeclaredCommand): void {
  command
    .argument('<name>', 'the profile that stands in where none is named')
    .example('Used by every command that names no other', 'sfjwt profiles default nightly')
    .prints('nothing', 'name')
    .action(setDefault);
}

async function setDefault(name: string, { json }: { json?: boolean }): Promise<void> {
  await ownProfiles().setDefault(name);
  if (json === true) writeResult({ result: { name } });
  else writeNote(`${name} is the default profile.`);
}
