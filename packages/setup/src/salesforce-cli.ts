/**
 * The session that the Salesforce CLI already has: `sf ... --json`, run as a program with its words in
 * a list, never through a shell.
 */

import { execFile } from 'node:child_process';
import { SetupError } from './errors.ts';
import { fieldOf, textField } from './json-answer.ts';

export interface SalesforceCliOptions {
  /** Alias or username of an org that the CLI is logged in to. */
  targetOrg: string;
  /** The program and its first words; `sf` when left out. */
  command?: readonly string[];
  environment?: Readonly<Record<string, string | undefined>>;
  /** In milliseconds; two minutes when left out: the CLI is slow to start. */
  timeoutMilliseconds?: number;
  signal?: AbortSignal | undefined;
}

export interface SalesforceCliSession {
  instanceUrl: string;
  /** A secret. */
  accessToken: string;
  username: string;
}

/**
 * The access token and instance URL of an org, from the Salesforce CLI. Since May 2026 `sf org display`
 * hides the token, and `sf org auth show-access-token` gives it; older CLIs know the first alone.
 *
 * @throws SetupError ADMIN_CLI_FAILED, ADMIN_SESSION_MISSING
 */
export async function salesforceCliSession(
  options: SalesforceCliOptions,
): Promise<SalesforceCliSession> {
  const { targetOrg } = options;
  if (targetOrg === '' || targetOrg.startsWith('-') || /\p{Cc}/u.test(targetOrg)) {
    throw new SetupError('ADMIN_CLI_FAILED', 'That is not an alias of the Salesforce CLI', {
      hints: ['See the aliases with: sf org list'],
    });
  }
  const shown = await run(['org', 'display', '--target-org', targetOrg, '--json'], options);
  const instanceUrl = textField(shown, 'instanceUrl').replace(/\/+$/, '');
  const username = textField(shown, 'username');
  if (instanceUrl === '') throw failed('It told of no instance URL');
  const first = present(textField(shown, 'accessToken'));
  if (first !== undefined) return { instanceUrl, username, accessToken: first };
  const words = [
    'org',
    'auth',
    'show-access-token',
    '--target-org',
    targetOrg,
    '--no-prompt',
    '--json',
  ];
  const told = await run(words, options);
  const accessToken = present(textField(told, 'accessToken')) ?? present(textField(told, 'token'));
  if (accessToken !== undefined) return { instanceUrl, username, accessToken };
  throw new SetupError(
    'ADMIN_SESSION_MISSING',
    `The Salesforce CLI gives no token for ${targetOrg}`,
    {
      hints: [`Log in again: sf org login web --alias ${targetOrg}`],
    },
  );
}

/** What the CLI puts in the place of a secret is no secret. */
function present(token: string): string | undefined {
  return token === '' || /\[REDACTED\]/i.test(token) || /\s/.test(token) ? undefined : token;
}

async function run(words: readonly string[], options: SalesforceCliOptions): Promise<unknown> {
  const { command = ['sf'], timeoutMilliseconds: timeout = 120_000, signal } = options;
  const [program = 'sf', ...before] = command;
  const env = {
    ...(options.environment ?? process.env),
    // Nothing of its own between the lines of JSON.
    SF_AUTOUPDATE_DISABLE: 'true',
    SF_DISABLE_TELEMETRY: 'true',
    FORCE_COLOR: '0',
  };
  const output = await new Promise<string>((resolve, reject) => {
    const extra = signal === undefined ? {} : { signal };
    const child = execFile(
      program,
      [...before, ...words],
      // On Windows the CLI is a script, which cannot be run without a shell: its file is named.
      { env, timeout, maxBuffer: 2 ** 24, windowsHide: true, ...extra },
      (error, stdout) => {
        // With --json it tells on standard output what went wrong, and ends with a number.
        if (error === null || stdout.trim() !== '') return resolve(stdout);
        reject(explain(error, program));
      },
    );
    child.stdin?.end();
  });
  let answer: unknown;
  try {
    answer = JSON.parse(output.slice(Math.max(0, output.indexOf('{'))));
  } catch {
    throw failed('It did not answer in JSON');
  }
  if (fieldOf(answer, 'status') === 0) return fieldOf(answer, 'result');
  const reason = textField(answer, 'message').split('\n')[0]?.slice(0, 300) ?? '';
  throw failed(reason === '' ? 'It did not say why' : reason);
}

function explain(error: Error, program: string): SetupError {
  if ('code' in error && (error.code === 'ENOENT' || error.code === 'EACCES')) {
    return new SetupError('ADMIN_CLI_FAILED', `The Salesforce CLI (${program}) is not here`, {
      cause: error,
      hints: [
        'Install it, or give an admin session another way: --web, --admin-token-stdin or --admin-profile.',
      ],
    });
  }
  // The error of Node quotes the command line, and nothing in that is secret.
  return new SetupError('ADMIN_CLI_FAILED', `The Salesforce CLI failed: ${error.name}`, {
    hints: ['Run it by hand: sf org display --json'],
  });
}

function failed(reason: string): SetupError {
  return new SetupError('ADMIN_CLI_FAILED', `The Salesforce CLI refused: ${reason}`, {
    hints: [
      'See the orgs it knows with: sf org list',
      'Log in with: sf org login web --alias NAME',
    ],
  });
}
