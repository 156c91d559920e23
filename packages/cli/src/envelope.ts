/** The `--json` contract (docs/cli.md): one object on standard output. Failures: `failure.ts`. */

import { exitCodes } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { writeData } from './terminal.ts';

export interface Outcome {
  result: unknown;
  warnings?: readonly string[];
  /** The exit code, when there is a result that is not good news. */
  status?: ExitCode;
}

export function writeResult({ result, warnings = [], status = exitCodes.done }: Outcome): void {
  writeData(`${JSON.stringify({ status, result, warnings })}\n`);
}
