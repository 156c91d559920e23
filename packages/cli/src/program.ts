/**
 * The commands by name, in the order in which a person needs them. What a command takes and does is
 * declared in its own file, which is loaded only when that command runs or explains itself: start-up
 * time is part of the contract.
 */

import { Option } from 'commander';
import { DeclaredCommand } from './declared-command.ts';
import type { Example } from './declared-command.ts';

interface CommandFile {
  declare: (command: DeclaredCommand) => void;
}

interface CommandRow {
  name: string;
  /** One line, which begins with a verb in the imperative and has no full stop. */
  summary: string;
  load: () => Promise<CommandFile>;
}

/** Commands of two words, such as `key new`. */
interface CommandFamily {
  name: string;
  summary: string;
  /** The one that runs when none is named. */
  usual?: string;
  /** What each is for is told by its own help: here is where to begin. */
  examples?: readonly Example[];
  commands: readonly CommandRow[];
}

interface CommandGroup {
  heading: string;
  commands: readonly (CommandRow | CommandFamily)[];
}

const groups: readonly CommandGroup[] = [
  {
    heading: 'Begin:',
    commands: [
      {
        name: 'walkthrough',
        summary: 'see the whole flow on a local org, from an empty folder to an API call',
        load: () => import('./commands/walkthrough.ts'),
      },
      {
        name: 'key',
        summary: 'make, inspect and import private keys and certificates',
        commands: [
          {
            name: 'new',
            summary: 'make a private key and a certificate to upload to Salesforce',
            load: () => import('./commands/key-new.ts'),
          },
          {
            name: 'inspect',
            summary: 'tell what is in key and certificate files, and whether they belong together',
            load: () => import('./commands/key-inspect.ts'),
          },
          {
            name: 'import',
            summary: 'take key and certificate out of a PKCS#12 file or a Java keystore',
            load: () => import('./commands/key-import.ts'),
          },
        ],
      },
      {
        name: 'setup',
        summary: 'make, compare, rotate, move and remove the app in an org, and list all',
        usual: 'apply',
        examples: [
          {
            does: 'Begin here: the app, its key and a profile, as an administrator in a browser',
            line: 'sfjwt setup -r https://acme.my.salesforce.com --web --name "Nightly Sync" --contact-email ops@acme.example --username worker@acme.example --alias nightly',
          },
          { does: 'All that it takes', line: 'sfjwt setup apply --help' },
        ],
        commands: [
          {
            name: 'apply',
            summary: 'make or mend the app in an org, and prove it by signing in',
            load: () => import('./commands/setup-apply.ts'),
          },
          {
            name: 'diff',
            summary: 'tell how the org differs from a specification, and who changed it',
            load: () => import('./commands/setup-diff.ts'),
          },
          {
            name: 'migrate',
            summary: 'move from a connected app to the external client app that equals it',
            load: () => import('./commands/setup-migrate.ts'),
          },
          {
            name: 'rotate',
            summary: 'give the app a new key and certificate, without one failed call',
            load: () => import('./commands/setup-rotate.ts'),
          },
          {
            name: 'inventory',
            summary: 'list every app of one or many orgs: certificates, keys, scopes, last login',
            load: () => import('./commands/setup-inventory.ts'),
          },
          {
            name: 'remove',
            summary: 'remove the app, and what was made for it',
            load: () => import('./commands/setup-remove.ts'),
          },
        ],
      },
    ],
  },
  {
    heading: 'Use:',
    commands: [
      {
        name: 'login',
        summary: 'prove settings by signing in, and keep them under a name',
        load: () => import('./commands/login.ts'),
      },
      {
        name: 'profiles',
        summary: 'list, show and remove the settings that are kept under a name',
        usual: 'list',
        commands: [
          {
            name: 'list',
            summary: 'list the profiles',
            load: () => import('./commands/profiles-list.ts'),
          },
          {
            name: 'show',
            summary: 'show what a profile holds',
            load: () => import('./commands/profiles-show.ts'),
          },
          {
            name: 'default',
            summary: 'choose the profile that is used where none is named',
            load: () => import('./commands/profiles-default.ts'),
          },
          {
            name: 'remove',
            summary: 'remove a profile, its tokens and the key that was kept in it',
            load: () => import('./commands/profiles-remove.ts'),
          },
        ],
      },
      {
        name: 'token',
        summary: 'print an access token',
        load: () => import('./commands/token.ts'),
      },
      {
        name: 'headers',
        summary: 'print the header lines of an authorized request',
        load: () => import('./commands/headers.ts'),
      },
      {
        name: 'api',
        summary: 'send one authorized request and print the answer',
        load: () => import('./commands/api.ts'),
      },
      {
        name: 'exec',
        summary: 'run a command that finds an access token in its environment',
        load: () => import('./commands/exec.ts'),
      },
    ],
  },
  {
    heading: 'Sessions:',
    commands: [
      {
        name: 'whoami',
        summary: 'tell who this is to Salesforce',
        load: () => import('./commands/whoami.ts'),
      },
      {
        name: 'sessions',
        summary: 'show living sessions and the last logins',
        load: () => import('./commands/sessions.ts'),
      },
      {
        name: 'revoke',
        summary: 'end the session and forget its token',
        load: () => import('./commands/revoke.ts'),
      },
    ],
  },
  {
    heading: 'Serve:',
    commands: [
      {
        name: 'broker',
        summary: 'serve tokens and authorized requests to programs in any language',
        load: () => import('./commands/broker.ts'),
      },
    ],
  },
  {
    heading: 'When it fails:',
    commands: [
      {
        name: 'doctor',
        summary: 'find out why signing in fails, and how to mend it',
        load: () => import('./commands/doctor.ts'),
      },
    ],
  },
  {
    heading: 'Test:',
    commands: [
      {
        name: 'org',
        summary: 'run a local org: a stand-in for Salesforce, for building and testing',
        load: () => import('./commands/org.ts'),
      },
    ],
  },
  {
    heading: 'This command:',
    commands: [
      {
        name: 'completion',
        summary: 'print what makes a shell complete commands, flags and profiles',
        load: () => import('./commands/completion.ts'),
      },
    ],
  },
];

interface ProgramOptions {
  version: string;
  /** Prints nothing of its own to standard error. */
  silent?: boolean;
  /** Which commands, as `token` or `key new`, are declared in full; the others by name. */
  inFull: (path: string) => boolean;
}

/**
 * The command that is named by what was typed, as `token` or `key new`; empty when there is none.
 * Flags before it take no value. The second word of a family follows the first, but for such flags:
 * what comes later is the value of a flag, or what the usual command is given.
 */
export function commandPath(words: readonly string[]): string {
  const isFlag = (word: string): boolean => word.startsWith('-');
  const at = words.findIndex((word) => !isFlag(word));
  const row = groups.flatMap(({ commands }) => commands).find(({ name }) => name === words[at]);
  if (row === undefined) return '';
  if ('load' in row) return row.name;
  const next = words.slice(at + 1).find((word) => !sharedFlags.has(word));
  const isChild = row.commands.some(({ name }) => name === next);
  const meant = isChild || (next !== undefined && !isFlag(next)) ? next : row.usual;
  return row.commands.some(({ name }) => name === meant) ? `${row.name} ${meant}` : row.name;
}

/** Flags of every command: none of them takes a value. */
const sharedFlags: ReadonlySet<string> = new Set(['--json', '--no-color']);

/** The parser of the whole command line. */
export async function openProgram({
  version,
  silent = false,
  inFull,
}: ProgramOptions): Promise<DeclaredCommand> {
  const program = new DeclaredCommand('sfjwt')
    .description('Sign in to Salesforce from a server, by the OAuth 2.0 JWT bearer flow.')
    .usage('<command> [flags]')
    .version(version, '-V, --version', 'print the version')
    // What follows a command is for that command alone, and what follows `exec --` is for nobody.
    .enablePositionalOptions()
    // Inherited by every command from here on.
    .exitOverride()
    .configureOutput({ outputError: () => {}, ...(silent ? { writeErr: () => {} } : {}) })
    .addHelpOption(new Option('-h, --help', 'explain the command').helpGroup(everywhere))
    .helpCommand(false)
    .example('The whole flow, with no Salesforce at all', 'sfjwt walkthrough')
    .example('A key, and a certificate to upload to Salesforce', 'sfjwt key new')
    .example(
      'An access token',
      'sfjwt token -r https://acme.my.salesforce.com -o worker@acme.example -i 3MVG9... -f salesforce.key',
    )
    .example('Settings, asked for once and kept under a name', 'sfjwt login')
    .example(
      'A request with them, or with those of the environment',
      'sfjwt api GET /services/data',
    );
  for (const { heading, commands } of groups) {
    program.commandsGroup(heading);
    for (const row of commands) {
      if ('load' in row) {
        await add(row, program, inFull(row.name));
        continue;
      }
      const family = program.command(row.name).summary(row.summary);
      const isOptional = row.usual !== undefined;
      family
        .description(sentence(row.summary))
        .usage(isOptional ? `[command] [flags]` : '<command> [flags]')
        .helpCommand(false);
      for (const { does, line } of row.examples ?? []) family.example(does, line);
      for (const child of row.commands) {
        const isNamed = inFull(`${row.name} ${child.name}`);
        const usual = child.name === row.usual;
        await add(child, family, isNamed, isNamed && usual);
        if (usual)
          family.commands.at(-1)?.summary(`${child.summary}; ${child.name} may be left out`);
      }
      addSharedFlags(family);
    }
  }
  return addSharedFlags(program);
}

async function add(
  { name, summary, load }: CommandRow,
  parent: DeclaredCommand,
  inFull: boolean,
  isDefault = false,
): Promise<void> {
  const command = parent
    .command(name, { isDefault })
    .summary(summary)
    .description(sentence(summary));
  if (!inFull) return;
  const { declare } = await load();
  declare(command);
  addSharedFlags(command);
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

const everywhere = 'For every command:';

function addSharedFlags(command: DeclaredCommand): DeclaredCommand {
  const own = new Set(command.options.map(({ long }) => long));
  for (const option of [
    new Option('--json', 'print one line of JSON, errors too'),
    new Option('--no-color', 'print without colour (NO_COLOR)'),
  ]) {
    if (!own.has(option.long)) command.addOption(option.helpGroup(everywhere));
  }
  return command;
}
