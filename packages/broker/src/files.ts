import * as nodeFiles from 'node:fs/promises';

/** What a store asks of a file system: one step each, in between which others may take theirs. */
export type Files = Pick<
  typeof nodeFiles,
  'mkdir' | 'open' | 'readFile' | 'readdir' | 'rename' | 'rm' | 'stat'
>;

export const machineFiles: Files = nodeFiles;

/** The system's code of a failure, such as `ENOENT`; empty when it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
