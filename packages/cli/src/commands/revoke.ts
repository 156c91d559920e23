import { connected } from '../connected.ts';
import type { ConnectedFlags } from '../connected.ts';
import type { DeclaredCommand } from '../declared-command.ts';
import { addSettingFlags } from '../settings.ts';
import { writeNote } from '../terminal.ts';

export function declare(command: DeclaredCommand): void {
  command
    .description(
      'End the session and forget its token. Salesforce may give one token to many: it ends for all of them. ' +
        'Where none is kept here, it signs in first, because Salesforce then answers with the token of the session that runs.',
    )
    .example('At the end of a job', 'sfjwt revoke')
    .prints('nothing', 'revoked instanceUrl userId')
    .action(revoke);
  addSettingFlags(command);
}

async function revoke(flags: ConnectedFlags): Promise<void> {
  await connected(flags, async (connection) => {
    const { instanceUrl, userId } = await connection.token();
    await connection.revoke();
    return {
      result: { revoked: true, instanceUrl, userId },
      print: () => writeNote(`The session at ${instanceUrl} is ended`),
    };
  });
}
