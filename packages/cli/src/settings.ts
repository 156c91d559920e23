/** Flags that say which org, which app and which user; their spelling is that of `sf org login jwt`. */

import { connect } from '@sfjwt/client';
import type { Connection } from '@sfjwt/client';
import type { DeclaredCommand } from './declared-command.ts';
import { writeNote } from './terminal.ts';

export interface SettingFlags {
  username?: string;
  jwtKeyFile?: string;
  clientId?: string;
  instanceUrl?: string;
  audience?: string;
}

/** Adds the flags of a connection; they stand under a heading of their own in the help. */
export function addSettingFlags(command: DeclaredCommand): DeclaredCommand {
  return command
    .optionsGroup('Where to sign in, and as whom:')
    .option('-o, --username <name>', 'user to act as (SFJWT_USERNAME)')
    .option('-f, --jwt-key-file <file>', 'private key (SFJWT_PRIVATE_KEY_FILE, SFJWT_PRIVATE_KEY)')
    .option('-i, --client-id <key>', 'consumer key of the app (SFJWT_CLIENT_ID)')
    .option('-r, --instance-url <url>', 'where to sign in: My Domain (SFJWT_LOGIN_URL)')
    .option('--audience <url>', 'audience, if not the login URL (SFJWT_AUDIENCE)');
}

/** Options of the libraries, by the flags that set them here. */
const flagOf: Readonly<Record<string, string>> = {
  loginUrl: '--instance-url',
  clientId: '--client-id',
  username: '--username',
  privateKeyFile: '--jwt-key-file',
  audience: '--audience',
  directory: '--directory',
  force: '--force',
};

/** A hint of the libraries, in words that can be typed here. */
export function spelledAsFlags(hint: string): string {
  return hint.replaceAll(
    /\b(as option|or|as|use) (\w+)\b/g,
    (words, before: string, option: string) => {
      if (!Object.hasOwn(flagOf, option)) return words;
      return `${before.replace(' option', '')} ${flagOf[option]}`;
    },
  );
}

/** Flags win over the environment. */
export function openConnection(flags: SettingFlags, warnings: string[] = []): Connection {
  const { username, jwtKeyFile, clientId, instanceUrl, audience } = flags;
  return connect({
    ...(username === undefined ? {} : { username }),
    ...(jwtKeyFile === undefined ? {} : { privateKeyFile: jwtKeyFile }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(instanceUrl === undefined ? {} : { loginUrl: instanceUrl }),
    ...(audience === undefined ? {} : { audience }),
    onEvent: (event) => {
      if (event.type === 'warning') warnings.push(event.message);
    },
  });
}

export function writeWarnings(warnings: readonly string[]): void {
  for (const warning of warnings) writeNote(`sfjwt: warning: ${warning}`);
}
