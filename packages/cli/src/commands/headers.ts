import { connected } from '../connected.ts';
import type { ConnectedFlags } from '../connected.ts';
import type { DeclaredCommand } from '../declared-command.ts';
import { addSettingFlags } from '../settings.ts';
import { writeData } from '../terminal.ts';

export function declare(command: DeclaredCommand): void {
  command
    .example(
      'A request with curl; the token stays out of the list of processes',
      'sfjwt headers | curl -H @- https://acme.my.salesforce.com/services/data/v67.0/limits',
    )
    .prints('header lines', 'headers{ Authorization } instanceUrl')
    .action(headers);
  addSettingFlags(command);
}

async function headers(flags: ConnectedFlags): Promise<void> {
  await connected(flags, async (connection) => {
    const { value, instanceUrl } = await connection.token();
    const lines = { Authorization: `Bearer ${value}` };
    return {
      result: { headers: lines, instanceUrl },
      print: () => {
        for (const [name, content] of Object.entries(lines)) writeData(`${name}: ${content}\n`);
      },
    };
  });
}
