/**
 * The spellings that `sf org login jwt` still takes, from its present ones back to those of `sfdx
 * force:auth:jwt:grant`: scripts of ten years are full of them (@salesforce/plugin-auth, jwt.ts).
 */

import { Option } from 'commander';
import type { DeclaredCommand } from './declared-command.ts';

/** Sets the flag that has taken its place, and is in no help. */
class FormerSpelling extends Option {
  readonly #present: string;

  constructor(flags: string, present: string) {
    super(flags);
    this.#present = present;
    this.hideHelp();
  }

  override attributeName(): string {
    return this.#present;
  }
}

const spellings: Readonly<Record<string, readonly string[]>> = {
  username: ['-u <name>'],
  jwtKeyFile: ['--jwtkeyfile <file>', '--keyfile <file>'],
  clientId: ['--clientid <key>'],
  instanceUrl: ['--instanceurl <url>', '-l <url>'],
  alias: ['--setalias <name>'],
  setDefault: ['--setdefaultusername'],
  setDefaultDevHub: ['--setdefaultdevhub', '--setdefaultdevhubusername', '-v'],
  noPrompt: ['--noprompt'],
};

/** What `sf org login jwt` takes beside the settings: how the login is kept. */
export interface KeepingFlags {
  alias?: string;
  setDefault?: boolean;
  setDefaultDevHub?: boolean;
  noPrompt?: boolean;
}

export function addFormerSpellings(command: DeclaredCommand): DeclaredCommand {
  for (const [present, flags] of Object.entries(spellings)) {
    for (const one of flags) command.addOption(new FormerSpelling(one, present));
  }
  // Of no meaning in `sf` today either.
  return command.addOption(new Option('--loglevel <level>').hideHelp());
}

const keeping = [
  '-a, --alias <name>',
  '-s, --set-default',
  '-d, --set-default-dev-hub',
  '-p, --no-prompt',
];

/** For a command that signs in and keeps nothing: a line of `sf org login jwt` runs all the same. */
export function takeKeepingFlags(command: DeclaredCommand): DeclaredCommand {
  for (const flags of keeping) command.addOption(new Option(flags).hideHelp());
  return addFormerSpellings(command);
}

/** @returns what to tell whoever expected something to be kept */
export function keepsNothing(flags: KeepingFlags): string[] {
  const { alias, setDefault, setDefaultDevHub } = flags;
  if (alias === undefined && setDefault !== true && setDefaultDevHub !== true) return [];
  return ['no alias and no default is kept here: sfjwt login keeps them'];
}
