import type { DeclaredCommand } from '../declared-command.ts';
import { writeResult } from '../envelope.ts';
import { addSettingFlags, openConnection, writeWarnings } from '../settings.ts';
import type { SettingFlags } from '../settings.ts';
import { writeData } from '../terminal.ts';

interface TokenFlags extends SettingFlags {
  json?: boolean;
}

export function declare(command: DeclaredCommand): void {
  command
    .example(
      'With every setting typed',
      'sfjwt token -r https://acme.my.salesforce.com -o worker@acme.example -i 3MVG9... -f salesforce.key',
    )
    .example('With the settings from the environment', 'TOKEN=$(sfjwt token)')
    .prints('the access token', 'accessToken instanceUrl scopes organizationId userId')
    .action(token);
  addSettingFlags(command);
}

async function token(flags: TokenFlags): Promise<void> {
  const warnings: string[] = [];
  const connection = openConnection(flags, warnings);
  try {
    const { value, instanceUrl, scopes, organizationId, userId } = await connection.token();
    if (flags.json === true) {
      const result = { accessToken: value, instanceUrl, scopes, organizationId, userId };
      writeResult({ result, warnings });
    } else {
      writeWarnings(warnings);
      writeData(`${value}\n`);
    }
  } finally {
    connection.close();
  }
}
