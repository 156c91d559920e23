/** Flags that say which org is set up, and as which administrator: one way in has to be given. */

import type { AdminSession } from '@sfjwt/setup';
import { openPage } from './browser.ts';
import type { DeclaredCommand } from './declared-command.ts';
import { findSettings } from './found-settings.ts';
import { openConnection, ownProfiles } from './settings.ts';
import { readStandardInput } from './standard-input.ts';
import { writeNote } from './terminal.ts';
import { UsageError } from './usage-error.ts';

export interface AdminFlags {
  instanceUrl?: string;
  adminTokenStdin?: boolean;
  adminProfile?: string;
  sf?: string;
  web?: boolean;
}

export interface Administrator {
  session: AdminSession;
  /** Consumer key of the app that the session came through, where that is known. */
  ownClientId: string | undefined;
  close(): void;
}

export function addAdminFlags(command: DeclaredCommand): DeclaredCommand {
  return command
    .optionsGroup('Which org, and as which administrator:')
    .option('-r, --instance-url <url>', 'My Domain of the org; --sf and --admin-profile know it')
    .option('--sf <alias>', 'the session of the Salesforce CLI, by alias or username')
    .option('--web', 'sign in in a browser')
    .option('--admin-token-stdin', 'an access token or session id, on standard input')
    .option('--admin-profile <name>', 'a profile whose user is an administrator');
}

/**
 * Opens the session that the flags ask for.
 *
 * @throws UsageError unless exactly one way is given; and all that the way throws
 */
export async function openAdmin(
  flags: AdminFlags,
  { warnings, signal }: { warnings: string[]; signal: AbortSignal },
): Promise<Administrator> {
  const ways = [flags.sf, flags.web, flags.adminTokenStdin, flags.adminProfile];
  const given = ways.filter((way) => way !== undefined && way !== false).length;
  if (given !== 1) {
    const message = given === 0 ? 'No administrator is given' : 'Several administrators are given';
    throw new UsageError(message, [
      'Give one of --sf ALIAS, --web, --admin-token-stdin and --admin-profile NAME.',
    ]);
  }
  const setup = await import('@sfjwt/setup');
  if (flags.adminProfile !== undefined) return openProfile(flags.adminProfile, warnings, setup);
  const opened =
    flags.sf === undefined
      ? await token(flags, signal, setup)
      : await setup.salesforceCliSession({ targetOrg: flags.sf, signal });
  const { accessToken } = opened;
  const instanceUrl = flags.instanceUrl ?? opened.instanceUrl;
  const session = await setup.openAdminSession({ accessToken, instanceUrl });
  return { session, ownClientId: undefined, close: () => {} };
}

type Setup = typeof import('@sfjwt/setup');

async function openProfile(
  profile: string,
  warnings: string[],
  { openAdminSession }: Setup,
): Promise<Administrator> {
  const flags = { profile };
  const { clientId } = findSettings(flags, { variables: {}, profiles: ownProfiles() });
  const connection = openConnection(flags, warnings);
  const session = await openAdminSession({ client: connection });
  return { session, ownClientId: clientId?.value, close: () => connection.close() };
}

async function token(
  { instanceUrl, web }: AdminFlags,
  signal: AbortSignal,
  { signInWithBrowser }: Setup,
): Promise<{ accessToken: string; instanceUrl: string }> {
  if (instanceUrl === undefined) {
    throw new UsageError('The org is not given', ['Give its My Domain: --instance-url URL']);
  }
  if (web !== true) {
    return { accessToken: await readStandardInput('the access token'), instanceUrl };
  }
  return signInWithBrowser({
    loginUrl: instanceUrl,
    signal,
    openPage: (url) => {
      writeNote(`Sign in here, as an administrator:\n  ${url}`);
      openPage(url);
    },
  });
}
