/** Answers what a shell asks while somebody types, in the protocol of `@bomb.sh/tab`. */

import type { Command } from 'commander';
import tab from '@bomb.sh/tab/commander';
import type { DeclaredCommand } from './declared-command.ts';
import { ownProfiles } from './settings.ts';
import { writeData } from './terminal.ts';

/** Nothing of ours fits: the shell completes the name of a file. */
const files = ':0\n';

/** What takes the name of a file or a folder, by the word in its declaration. */
const isFile = (value: string): boolean => /^(?:files?|path|directory)$/.test(value);

/**
 * Prints what may come next, a line for each, with what it means.
 *
 * @param words what was typed after `sfjwt`; the last one is being typed, and may be empty
 * @param path the command that is named there, declared in full
 */
export async function complete(
  program: DeclaredCommand,
  words: readonly string[],
  path: string,
): Promise<void> {
  if (takesFile(commandAt(program, path), words)) {
    writeData(files);
    return;
  }
  const names = (await ownProfiles().list()).map(({ name }) => name);
  const root = tab(program);
  for (const { options, arguments: positional, value } of root.commands.values()) {
    const profile = options.get('profile');
    if (profile !== undefined) {
      profile.isBoolean = false;
      profile.handler = (found) => names.forEach((name) => found(name, 'profile'));
    }
    const argument = value.startsWith('profiles ') ? positional.get('name') : undefined;
    if (argument !== undefined) {
      argument.handler = (found) => names.forEach((name) => found(name, 'profile'));
    }
  }
  // Its own, for shells alone.
  root.commands.delete('complete');
  root.parse([...words]);
}

function commandAt(program: Command, path: string): Command {
  return path
    .split(' ')
    .reduce(
      (parent: Command, name) => parent.commands.find((one) => one.name() === name) ?? parent,
      program,
    );
}

function takesFile({ options, registeredArguments }: Command, words: readonly string[]): boolean {
  const typing = words.at(-1) ?? '';
  const before = words.at(-2) ?? '';
  const flag = options.find(({ short, long }) => before !== '' && [short, long].includes(before));
  if (flag !== undefined && (flag.required || flag.optional)) {
    return isFile(/[<[](\w+)/.exec(flag.flags)?.[1] ?? '');
  }
  return !typing.startsWith('-') && registeredArguments.some((one) => isFile(one.name()));
}
