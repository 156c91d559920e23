/**
 * Hands a login on to the Salesforce CLI, which does its own part of it: where it keeps a login, how
 * it seals it and what else it writes changes from version to version, and how it is asked does not.
 */

import { execFile } from 'node:child_process';
import type { AccessToken } from '@sfjwt/client';
import { CommandLineError } from './errors.ts';

/** A login of the Salesforce CLI with a key of its own reads the key again whenever a session ends. */
export interface Handover {
  username: string;
  clientId: string;
  loginUrl: string;
  /** When it does not follow from the login URL. */
  audience?: string | undefined;
  /** A private key file that the Salesforce CLI can read: plain PEM. Without one it gets the token. */
  keyFile?: string | undefined;
  token: AccessToken;
  alias?: string | undefined;
  setDefault: boolean;
  setDefaultDevHub: boolean;
}

/** It starts slowly, and asks the org a few things. */
const timeoutMilliseconds = 120_000;

/** @throws CommandLineError SALESFORCE_CLI_NOT_FOUND, SALESFORCE_CLI_FAILED */
export async function handOn(handover: Handover): Promise<void> {
  const { keyFile, username, clientId, loginUrl, audience, token } = handover;
  const kept = [
    ...(handover.alias === undefined ? [] : ['--alias', handover.alias]),
    ...(handover.setDefault ? ['--set-default'] : []),
    ...(handover.setDefaultDevHub ? ['--set-default-dev-hub'] : []),
    '--no-prompt',
    '--json',
  ];
  if (keyFile === undefined) {
    // In its environment: every process of this machine can read an argument.
    const secret = { SF_ACCESS_TOKEN: token.value };
    const words = ['org', 'login', 'access-token', '--instance-url', token.instanceUrl];
    await sf([...words, ...kept], secret);
    return;
  }
  const words = ['org', 'login', 'jwt', '--username', username, '--jwt-key-file', keyFile];
  await sf(
    [...words, '--client-id', clientId, '--instance-url', loginUrl, ...kept],
    audience === undefined ? {} : { SF_AUDIENCE_URL: audience },
  );
}

async function sf(words: readonly string[], variables: Record<string, string>): Promise<void> {
  const isWindows = process.platform === 'win32';
  await new Promise<void>((resolve, reject) => {
    execFile(
      'sf',
      // There `sf` is a batch file, which only a shell starts.
      isWindows ? words.map((word) => `"${word.replaceAll('"', '')}"`) : words,
      {
        env: { ...process.env, ...variables },
        shell: isWindows,
        timeout: timeoutMilliseconds,
        maxBuffer: 2 ** 24,
      },
      (error, stdout) => {
        if (error === null) resolve();
        else reject(error.code === 'ENOENT' ? notFound() : failed(said(stdout, variables), error));
      },
    ).stdin?.end();
  });
}

/** What it says in its `--json` envelope, if it came that far. */
function said(stdout: string, secrets: Readonly<Record<string, string>>): string {
  let message: unknown;
  try {
    ({ message } = Object(JSON.parse(stdout)) as { message?: unknown });
  } catch {
    // It has not come that far.
  }
  if (typeof message !== 'string' || message === '') return 'it ended without a word';
  return Object.values(secrets).reduce(
    (text, secret) => text.replaceAll(secret, '[hidden]'),
    message,
  );
}

function notFound(): CommandLineError {
  return new CommandLineError('SALESFORCE_CLI_NOT_FOUND', 'There is no sf on the PATH', {
    hints: [
      'Install it with: npm install --global @salesforce/cli',
      'Or leave --sf out: the commands of sfjwt do without.',
    ],
  });
}

function failed(words: string, error: Error): CommandLineError {
  const isLate = 'killed' in error && error.killed === true;
  return new CommandLineError(
    'SALESFORCE_CLI_FAILED',
    isLate
      ? `The Salesforce CLI was given up after ${timeoutMilliseconds / 1000} seconds`
      : `The Salesforce CLI did not take the login: ${words}`,
    { hints: ['Nothing was kept. See whether sf works of itself: sf org list'] },
  );
}
