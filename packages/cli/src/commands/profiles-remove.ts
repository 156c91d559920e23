import type { DeclaredCommand } from '../declared-command.ts';
import { writeResult } from '../envelope.ts';
import { forgetTokens } from '../forgotten-tokens.ts';
import { ownProfiles, writeWarnings } from '../settings.ts';
import { writeNote } from '../terminal.ts';

export function declare(command: DeclaredCommand): void {
  command
    .argument('<name>', 'the profile; one whose file is broken can be removed too')
    .example(
      'With its tokens on this machine, and the key if it was kept',
      'sfjwt profiles remove nightly',
    )
    .prints('nothing', 'name wasDefault')
    .action(remove);
}

async function remove(name: string, { json }: { json?: boolean }): Promise<void> {
  const profiles = ownProfiles();
  const warnings: string[] = [];
  const found = (await profiles.list()).find((one) => one.name === name);
  const wasDefault = await profiles.remove(name);
  if (found !== undefined && 'profile' in found) {
    await forgetTokens(found.profile.settings, warnings);
  }
  if (json === true) return writeResult({ result: { name, wasDefault }, warnings });
  writeWarnings(warnings);
  writeNote(
    `Removed ${name}, with its tokens on this machine. The session in Salesforce, and key files, stay.`,
  );
  if (wasDefault) writeNote('It was the default: choose another with sfjwt profiles default NAME');
}
