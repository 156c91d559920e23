/** docs/cli.md against the commands, both ways. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withReference } from '../docs/command-reference.mjs';
import { exitCodes } from '../packages/cli/src/exit-code.ts';
import { openProgram } from '../packages/cli/src/program.ts';

const page = readFileSync(new URL('../docs/cli.md', import.meta.url), 'utf8');

test('the reference is what the commands declare', async () => {
  const program = await openProgram({ version: '', inFull: () => true });
  expect(page, 'npm run docs').toBe(withReference(page, program));
});

test('the exit codes of the page are those of the command', () => {
  const listed = [...page.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
  expect(listed).toEqual(Object.values(exitCodes));
});
