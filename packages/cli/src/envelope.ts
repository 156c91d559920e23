/** The `--json` contract (docs/cli.md): one object on standard output. Failures: `failure.ts`. */

import { exitCodes } from './exit-code.ts';
import { writeData } from './terminal.ts';

export interface Outcome {
  result: unknown;
  warnings?: readonly string[];
}

export function writeResult({ result, warnings = [] }: Outcome): void {
  writeData(`${JSON.stringify({ status: exitCodes.done, result, warnings })}\n`);
}
