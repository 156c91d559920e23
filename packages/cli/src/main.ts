import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import type { Command } from 'commander';
import { writeFailure } from './envelope.ts';
import { exitCodes } from './exit-code.ts';
import { createProgram } from './program.ts';
import { withoutKeys } from './terminal.ts';

process.exitCode = await run(process.argv.slice(2));

async function run(words: readonly string[]): Promise<number> {
  const json = words.includes('--json');
  const program = createProgram(ownVersion());
  throwInPlaceOfExit(program, json);
  try {
    await program.parseAsync(words, { from: 'user' });
    return Number(process.exitCode ?? exitCodes.done);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version arrive here too: they are no failure, unless help stands in for a command.
      if (error.exitCode === 0) return exitCodes.done;
      if (json) {
        const usage = Object.assign(new Error(error.message), { code: 'USAGE', hints: [] });
        writeFailure(usage, { json });
      }
      return exitCodes.usage;
    }
    if ((process.env['SFJWT_DEBUG'] ?? '') !== '') console.error(error);
    return writeFailure(error, { json });
  }
}

function throwInPlaceOfExit(command: Command, json: boolean): void {
  command.exitOverride();
  command.configureOutput({
    outputError: (words, write) => write(withoutKeys(words)),
    ...(json ? { writeErr: () => {} } : {}),
  });
  for (const child of command.commands) throwInPlaceOfExit(child, json);
}

function ownVersion(): string {
  const manifest = new URL('../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return version;
}
