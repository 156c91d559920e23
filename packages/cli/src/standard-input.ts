import { buffer } from 'node:stream/consumers';
import { UsageError } from './usage-error.ts';

let taken: string | undefined;

/**
 * All of standard input, which can be had once.
 *
 * @param purpose what it is read as, in words
 * @throws UsageError when it was read as something else before
 */
export async function readStandardInputBytes(purpose: string): Promise<Buffer> {
  if (taken !== undefined) {
    throw new UsageError(`Standard input cannot be ${taken} and ${purpose} at once`, [
      'Give one of the two as a file.',
    ]);
  }
  taken = purpose;
  return buffer(process.stdin);
}

/** The same, as UTF-8. */
export async function readStandardInput(purpose: string): Promise<string> {
  return (await readStandardInputBytes(purpose)).toString('utf8');
}
