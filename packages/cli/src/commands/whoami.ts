import type { Connection } from '@sfjwt/client';
import { connected } from '../connected.ts';
import type { ConnectedFlags } from '../connected.ts';
import type { DeclaredCommand } from '../declared-command.ts';
import { addSettingFlags } from '../settings.ts';
import { printable } from '../table.ts';
import { painterFor, writeData } from '../terminal.ts';

export function declare(command: DeclaredCommand): void {
  command
    .description('Tell who this is to Salesforce: user, org and scopes, as the org sees them.')
    .example('Is this the user I think it is?', 'sfjwt whoami')
    .example('For a script', 'sfjwt whoami --json')
    .prints(
      'a line per fact',
      'username name email userType active userId organizationId instanceUrl scopes',
    )
    .action(whoami);
  addSettingFlags(command);
}

async function whoami(flags: ConnectedFlags): Promise<void> {
  await connected(flags, async (connection) => {
    const facts = await factsOf(connection);
    return { result: facts, print: () => print(facts) };
  });
}

interface Facts {
  username: string;
  name: string | undefined;
  email: string | undefined;
  userType: string | undefined;
  active: boolean | undefined;
  userId: string;
  organizationId: string;
  instanceUrl: string;
  scopes: readonly string[];
}

async function factsOf(connection: Connection): Promise<Facts> {
  const user = await connection.userinfo();
  const { instanceUrl, scopes } = await connection.token();
  return {
    username: user.preferred_username,
    name: user.name,
    email: user.email,
    userType: textOf(user['user_type']),
    active: typeof user['active'] === 'boolean' ? user['active'] : undefined,
    userId: user.user_id,
    organizationId: user.organization_id,
    instanceUrl,
    scopes,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function print({ active, ...facts }: Facts): void {
  const paint = painterFor(process.stdout);
  const lines: [string, string | undefined][] = [
    ['username', facts.username],
    ['name', facts.name],
    ['email', facts.email],
    ['user type', facts.userType],
    ['user', active === false ? `${facts.userId} (not active)` : facts.userId],
    ['org', facts.organizationId],
    ['instance URL', facts.instanceUrl],
    ['scopes', facts.scopes.join(' ')],
  ];
  for (const [name, value] of lines) {
    if (value !== undefined && value !== '') {
      writeData(`${paint('dim', name.padEnd(12))}  ${printable(value)}\n`);
    }
  }
}
