import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { exitCodes } from './exit-code.ts';
import { commandPath, openProgram } from './program.ts';
import { endWithReader, withoutColor, withoutKeys } from './terminal.ts';
import { UsageError } from './usage-error.ts';

endWithReader();
process.exitCode = await run(process.argv.slice(2));

async function run(typed: readonly string[]): Promise<number> {
  if (typed[0] === 'complete' && typed[1] === '--') return answerShell(typed.slice(2));
  const words = typed[0] === 'help' ? [...typed.slice(1), '--help'] : typed;
  // What follows `--` is for another program.
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  const json = own.includes('--json');
  if (own.includes('--no-color')) withoutColor();
  const path = commandPath(own);
  try {
    const program = await openProgram({
      version: ownVersion(),
      silent: json,
      inFull: (one) => one === path,
    });
    await program.parseAsync(words, { from: 'user' });
    return Number(process.exitCode ?? exitCodes.done);
  } catch (error) {
    if ((process.env['SFJWT_DEBUG'] ?? '') !== '') console.error(error);
    // Help and version arrive here too: they are no failure, unless help stands in for a command.
    const isCommander = error instanceof CommanderError;
    if (isCommander && error.exitCode === 0) return exitCodes.done;
    const { writeFailure } = await import('./failure.ts');
    if (!isCommander) return writeFailure(error, { json });
    if (error.code === 'commander.help' && !json) return exitCodes.usage;
    return writeFailure(inOurWords(error, path), { json });
  }
}

/** A shell asks what may come next; whatever goes wrong is no matter of the line being typed. */
async function answerShell(words: readonly string[]): Promise<number> {
  const path = commandPath(words.slice(0, -1));
  const program = await openProgram({
    version: ownVersion(),
    silent: true,
    inFull: (one) => one === path,
  });
  const { complete } = await import('./completion.ts');
  await complete(program, words, path).catch(() => {});
  return exitCodes.done;
}

function inOurWords({ code, message }: CommanderError, path: string): UsageError {
  const where = `${['sfjwt', path, '--help'].join(' ').replace('  ', ' ')} shows`;
  if (code === 'commander.help') return new UsageError('No command was given', [`${where} them`]);
  const [, fault = '', suggestion] =
    /^(?:error: )?([^]*?)(?:\n\((.+)\))?$/.exec(withoutKeys(message)) ?? [];
  const [, typed, argument, advice] =
    /^command-argument value ('[^]*') is invalid for argument '(.+?)'\. (.*)$/.exec(fault) ?? [];
  const words = argument === undefined ? fault : `${typed} is no <${argument}>. ${advice}`;
  return new UsageError(words.charAt(0).toUpperCase() + words.slice(1), [
    ...(suggestion === undefined ? [] : [suggestion]),
    code === 'commander.unknownCommand' ? `${where} the commands` : `${where} what it takes`,
  ]);
}

function ownVersion(): string {
  const manifest = new URL('../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return version;
}
