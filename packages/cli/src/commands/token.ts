import type { Connection } from '@sfjwt/client';
import { connected } from '../connected.ts';
import type { Answer, ConnectedFlags } from '../connected.ts';
import type { DeclaredCommand } from '../declared-command.ts';
import { keepsNothing, takeKeepingFlags } from '../former-spellings.ts';
import type { KeepingFlags } from '../former-spellings.ts';
import { addSettingFlags } from '../settings.ts';
import { writeData, writeMask } from '../terminal.ts';

interface TokenFlags extends ConnectedFlags, KeepingFlags {
  mask?: boolean;
}

export function declare(command: DeclaredCommand): void {
  command
    .description(
      'Print an access token: the one that is kept on this machine while it is good, a new one otherwise.',
    )
    .example(
      'With every setting typed',
      'sfjwt token -r https://acme.my.salesforce.com -o worker@acme.example -i 3MVG9... -f salesforce.key',
    )
    .example('With the settings from the environment', 'TOKEN=$(sfjwt token)')
    .example('With the key from a secret manager', 'vault-read key | sfjwt token -f -')
    .example('In GitHub Actions, hidden from the log', 'TOKEN=$(sfjwt token --mask)')
    .prints('the access token', 'accessToken instanceUrl scopes organizationId userId')
    .option('--mask', 'tell GitHub Actions to hide the token in the log')
    .action(token);
  takeKeepingFlags(addSettingFlags(command));
}

async function token(flags: TokenFlags): Promise<void> {
  const ask = async (connection: Connection): Promise<Answer> => {
    const { value, instanceUrl, scopes, organizationId, userId } = await connection.token();
    if (flags.mask === true) writeMask(value);
    return {
      result: { accessToken: value, instanceUrl, scopes, organizationId, userId },
      print: () => writeData(`${value}\n`),
    };
  };
  await connected(flags, ask, keepsNothing(flags));
}
