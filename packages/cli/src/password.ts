/**
 * Passwords of files: from where no other user of the machine can read them along, which a command
 * line is not.
 */

import { readFile } from 'node:fs/promises';
import type { DeclaredCommand } from './declared-command.ts';
import { UsageError } from './usage-error.ts';

export interface PasswordFlags {
  passwordStdin?: boolean;
  passwordFile?: string;
  keyPasswordFile?: string;
}

export interface Passwords {
  password?: string;
  keyPassword?: string;
}

export function addPasswordFlags(command: DeclaredCommand): DeclaredCommand {
  return command
    .optionsGroup('Its passwords, if not asked for on the terminal:')
    .option(
      '--password-stdin',
      'read it from standard input; that of the key, if another, from the second line',
    )
    .option('--password-file <file>', 'read it from a file (SFJWT_KEYSTORE_PASSWORD)')
    .option(
      '--key-password-file <file>',
      'that of the key, if it is another (SFJWT_KEYSTORE_KEY_PASSWORD)',
    );
}

/** A password is a line: more than this is another file. */
const maximumBytes = 4096;

/** What was given: flags win over the environment. An empty variable is an empty password. */
export async function givenPasswords(flags: PasswordFlags): Promise<Passwords> {
  const { passwordStdin = false, passwordFile, keyPasswordFile } = flags;
  if (passwordStdin && passwordFile !== undefined) {
    throw new UsageError('The password is given twice', [
      'Leave out --password-stdin or --password-file.',
    ]);
  }
  const lines = passwordStdin ? (await readInput()).split(/\r?\n/) : [];
  // The end of the last line is none of a password, nor is an empty one the password of a key.
  const [first, second] = lines;
  const password = passwordStdin
    ? (first ?? '')
    : passwordFile === undefined
      ? process.env['SFJWT_KEYSTORE_PASSWORD']
      : await readPasswordFile(passwordFile);
  const keyPassword =
    keyPasswordFile === undefined
      ? second || process.env['SFJWT_KEYSTORE_KEY_PASSWORD']
      : await readPasswordFile(keyPasswordFile);
  return {
    ...(password === undefined ? {} : { password }),
    ...(keyPassword === undefined ? {} : { keyPassword }),
  };
}

async function readInput(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > maximumBytes) throw tooLong('Standard input');
  }
  return text;
}

async function readPasswordFile(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw Object.assign(new UsageError(`The file of a password cannot be read: ${file}`), {
      cause,
    });
  });
  if (text.length > maximumBytes) throw tooLong(file);
  return text.replace(/\r?\n$/, '');
}

function tooLong(where: string): UsageError {
  return new UsageError(`${where} is too long for a password`, [
    'Give one line, and nothing else.',
  ]);
}

const keys = { interrupt: '\u0003', endOfInput: '\u0004', delete: '\u007F', escape: '\u001B' };

/** What arrows and function keys send (ECMA-48 section 5.4): no part of a password. */
const arrows = new RegExp(`${keys.escape}(?:\\[[0-?]*[ -/]*[@-~]|O.)?`, 'g');

/** Asks on the terminal, and shows nothing of the answer. */
export async function askPassword(question: string): Promise<string> {
  const { stdin, stderr } = process;
  // First of all: what is typed early must not be shown either.
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stderr.write(question);
  let answer: string[] = [];
  try {
    for await (const chunk of stdin.iterator({ destroyOnReturn: false })) {
      for (const character of String(chunk).replaceAll(arrows, '')) {
        if (character === '\r' || character === '\n') return answer.join('');
        if (character === keys.interrupt || character === keys.endOfInput) {
          throw new UsageError('No password was given');
        }
        if (character === keys.delete || character === '\b') answer = answer.slice(0, -1);
        else if (character >= ' ') answer.push(character);
      }
    }
    throw new UsageError('No password was given');
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}
