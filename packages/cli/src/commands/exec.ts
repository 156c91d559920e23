import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { environmentNames } from '@sfjwt/client';
import type { AccessToken } from '@sfjwt/client';
import type { DeclaredCommand } from '../declared-command.ts';
import { CommandLineError } from '../errors.ts';
import { startProgress } from '../progress.ts';
import { addSettingFlags, openConnection, secretVariables, writeWarnings } from '../settings.ts';
import type { SettingFlags } from '../settings.ts';

interface ExecFlags extends SettingFlags {
  json?: boolean;
}

export function declare(command: DeclaredCommand): void {
  command
    .description(
      'Run a command that finds an access token in its environment, and none of the settings that sign in: ' +
        'SF_ACCESS_TOKEN, SF_INSTANCE_URL, SF_ORG_ID, SF_USER_ID. Signals and the exit code are passed through.',
    )
    .argument('<command>', 'what to run; `--` before it keeps its flags its own')
    .argument('[arguments...]', 'for that command')
    .usage('[flags] -- <command> [arguments...]')
    .passThroughOptions()
    .example('A program that wants a token', 'sfjwt exec -- node nightly-sync.js')
    .example(
      'A shell that can ask the org',
      `sfjwt exec --profile acme -- sh -c 'curl -H "Authorization: Bearer $SF_ACCESS_TOKEN" "$SF_INSTANCE_URL/services/data"'`,
    )
    .prints('what the command prints', 'only errors: what the command prints is its own')
    .action(exec);
  addSettingFlags(command);
}

async function exec(program: string, words: readonly string[], flags: ExecFlags): Promise<void> {
  const warnings: string[] = [];
  const connection = openConnection(flags, warnings);
  const progress = startProgress('Waiting for Salesforce', { silent: flags.json === true });
  let token: AccessToken;
  try {
    token = await connection.token();
  } finally {
    progress.end();
    connection.close();
  }
  writeWarnings(warnings);
  const environment = { ...withoutSecrets(flags), ...present(variablesFor(token)) };
  await runToItsEnd(program, words, environment);
}

/** Names that programs of others read already. */
function variablesFor(token: AccessToken): Record<string, string | undefined> {
  return {
    SF_ACCESS_TOKEN: token.value,
    SF_INSTANCE_URL: token.instanceUrl,
    SF_ORG_ID: token.organizationId,
    SF_USER_ID: token.userId,
  };
}

function present(variables: Record<string, string | undefined>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined));
}

/** A program that was given a token for two hours is not given the key that makes more. */
function withoutSecrets(flags: SettingFlags): NodeJS.ProcessEnv {
  const { privateKey, privateKeyFile, passphrase } = environmentNames;
  const secrets = new Set([
    ...privateKey,
    ...privateKeyFile,
    ...passphrase,
    ...secretVariables(flags),
  ]);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !secrets.has(name)));
}

/** Ctrl-C and Ctrl-\ reach the whole foreground of a terminal: the child has them already. */
const fromTerminal: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];
const forwarded: readonly NodeJS.Signals[] = [
  ...fromTerminal,
  'SIGTERM',
  'SIGHUP',
  'SIGUSR2',
  'SIGCONT',
];

async function runToItsEnd(
  program: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const child = spawn(program, words, { env, stdio: 'inherit' });
  const pass = (signal: NodeJS.Signals): void => {
    if (process.stdin.isTTY && fromTerminal.includes(signal)) return;
    child.kill(signal);
  };
  for (const signal of forwarded) process.on(signal, pass);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(
    (resolve, reject) => {
      child.on('error', (error: NodeJS.ErrnoException) => reject(notStarted(program, error)));
      child.on('close', (...end) => resolve(end));
    },
  ).finally(() => {
    for (const one of forwarded) process.off(one, pass);
  });
  if (signal === null) {
    process.exitCode = code ?? 1;
    return;
  }
  // Whoever started us sees the end that the command had.
  process.exitCode = 128 + constants.signals[signal];
  process.kill(process.pid, signal);
}

/** In the words and with the exit codes of a shell: 127, and 126. */
function notStarted(program: string, cause: NodeJS.ErrnoException): CommandLineError {
  if (cause.code === 'ENOENT') {
    return new CommandLineError('COMMAND_NOT_FOUND', `${program}: command not found`, {
      cause,
      hints: ['Check its spelling and PATH. A line with pipes or variables: sh -c "..."'],
    });
  }
  return new CommandLineError('COMMAND_NOT_EXECUTABLE', `${program}: cannot be run`, {
    cause,
    hints: ['Check that it is a program, and that this user may run it: chmod +x'],
  });
}
