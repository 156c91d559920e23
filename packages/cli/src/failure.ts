/** What went wrong, in the words of the command: loaded when something did. */

import { exitCodeOf } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { namedPlainly, spelledAsFlags } from './flag-spelling.ts';
import { printable } from './table.ts';
import { painterFor, withoutKeys, writeData, writeNote } from './terminal.ts';

interface Failure {
  code: string;
  message: string;
  hints: readonly string[];
}

/** Tells what went wrong, in the form asked for, and returns the exit code. */
export function writeFailure(error: unknown, { json }: { json: boolean }): ExitCode {
  const { code, message, hints } = describe(error);
  const status = exitCodeOf(code);
  if (json) {
    const oauth = oauthFields(error);
    writeData(`${JSON.stringify({ status, code, message, hints, ...oauth })}\n`);
    return status;
  }
  const paint = painterFor(process.stderr);
  const words = message.split('\n').map(printable).join('\n');
  writeNote(`${paint('red', 'sfjwt:')} ${words} ${paint('dim', `[${code}]`)}`);
  for (const hint of hints) writeNote(`  ${paint('cyan', 'hint:')} ${printable(hint)}`);
  return status;
}

/** Errors of every room carry a code and hints; anything else is a fault of ours. */
function describe(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: 'UNEXPECTED', message: String(error), hints: [] };
  const message = namedPlainly(withoutKeys(error.message));
  if ('code' in error && 'hints' in error && Array.isArray(error.hints)) {
    return {
      code: String(error.code),
      message,
      hints: error.hints.map(String).map(spelledAsFlags),
    };
  }
  return {
    code: 'UNEXPECTED',
    message: `Unexpected: ${message}`,
    hints: ['This is a fault of sfjwt. Run again with SFJWT_DEBUG=1 to see where it happened.'],
  };
}

function oauthFields(error: unknown): object {
  if (!(error instanceof Error) || !('errorDescription' in error) || !('error' in error)) return {};
  return error.error === undefined
    ? {}
    : { error: error.error, errorDescription: error.errorDescription };
}
