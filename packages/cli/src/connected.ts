/** What most commands do: open the connection, ask something of it, print the answer. */

import type { Connection } from '@sfjwt/client';
import { writeResult } from './envelope.ts';
import { startProgress } from './progress.ts';
import type { Progress } from './progress.ts';
import { openConnection, writeWarnings } from './settings.ts';
import type { SettingFlags } from './settings.ts';

export interface ConnectedFlags extends SettingFlags {
  json?: boolean;
}

export interface Answer {
  /** `result` of `--json`. */
  result: unknown;
  /** Prints the same without `--json`. */
  print: () => void;
}

/**
 * Runs `ask` with the connection that the flags choose, and prints what it answers, and before it
 * what there was to warn of.
 */
export async function connected(
  flags: ConnectedFlags,
  ask: (connection: Connection, progress: Progress) => Promise<Answer>,
  warnings: string[] = [],
): Promise<void> {
  const connection = openConnection(flags, warnings);
  const progress = startProgress('Waiting for Salesforce', { silent: flags.json === true });
  try {
    const { result, print } = await ask(connection, progress).finally(() => progress.end());
    if (flags.json === true) {
      writeResult({ result, warnings });
    } else {
      writeWarnings(warnings);
      print();
    }
  } finally {
    connection.close();
  }
}
