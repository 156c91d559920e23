/** What a command declares of itself, for the parser, its help, docs/cli.md and completion alike. */

import { Command, Help, InvalidArgumentError, Option } from 'commander';
import { painterFor } from './terminal.ts';

/** A line that can be typed as it stands, and what it does. */
export interface Example {
  does: string;
  line: string;
}

/** What a command gives to programs: the contract of docs/cli.md. */
export interface Output {
  /** What is on standard output without `--json`. */
  plain: string;
  /** The fields of `result` with `--json`. */
  json: string;
}

/** Parsed words of the command line: commander's command, with examples and a promised output. */
export class DeclaredCommand extends Command {
  readonly examples: Example[] = [];
  output: Output | undefined;

  override createCommand(name?: string): DeclaredCommand {
    return new DeclaredCommand(name);
  }

  override createHelp(): Help {
    return Object.assign(new TeachingHelp(), this.configureHelp());
  }

  /** @param line a whole command line; it is shown before the flags */
  example(does: string, line: string): this {
    this.examples.push({ does, line });
    return this;
  }

  /** What is printed, for docs/cli.md: words for people, and the fields of `--json`. */
  prints(plain: string, json: string): this {
    this.output = { plain, json };
    return this;
  }
}

const indent = '  ';

/** Help that teaches: what it does, how it is typed, and only then what else there is. */
class TeachingHelp extends Help {
  /** The flags of a connection leave 29 of 60 columns to what they mean. */
  override minWidthToWrap = 20;

  override formatHelp(command: DeclaredCommand, helper: Help): string {
    const width = helper.helpWidth ?? 80;
    return [
      helper.boxWrap(command.description(), width),
      '',
      `${helper.styleTitle('Usage:')} ${helper.commandUsage(command)}`,
      '',
      ...this.#examples(command, width),
      ...this.#lists(command).flatMap(([heading, items]) =>
        this.formatItemList(heading, items, helper),
      ),
    ].join('\n');
  }

  /** Arguments, commands and flags, each list under its heading. */
  #lists(command: DeclaredCommand): [heading: string, items: string[]][] {
    const width = this.padWidth(command, this);
    const item = (term: string, description: string): string =>
      this.formatItem(term, width, description, this);
    const commands = this.groupItems(
      [...command.commands],
      this.visibleCommands(command),
      (child) => child.helpGroup() || 'Commands:',
    );
    const flags = this.groupItems(
      [...command.options],
      this.visibleOptions(command),
      (option) => option.helpGroupHeading ?? 'Flags:',
    );
    return [
      [
        'Arguments:',
        this.visibleArguments(command).map((argument) =>
          item(this.argumentTerm(argument), this.argumentDescription(argument)),
        ),
      ],
      ...Array.from(commands, ([heading, children]): [string, string[]] => [
        heading,
        children.map((child) => item(child.name(), this.subcommandDescription(child))),
      ]),
      ...Array.from(flags, ([heading, options]): [string, string[]] => [
        heading,
        options.map((option) => item(this.optionTerm(option), this.optionDescription(option))),
      ]),
    ];
  }

  override commandUsage(command: Command): string {
    return super.commandUsage(command).replace('[options]', '[flags]');
  }

  /** Read for the width of the first column too. */
  override subcommandTerm(command: Command): string {
    return command.name();
  }

  #examples({ examples }: DeclaredCommand, width: number): string[] {
    if (examples.length === 0) return [];
    const paint = painterFor(process.stdout);
    return [
      this.styleTitle('Examples:'),
      ...examples.flatMap(({ does, line }) => [
        ...this.boxWrap(does, width - indent.length - '# '.length)
          .split('\n')
          .map((part) => indent + paint('dim', `# ${part}`)),
        ...foldedLine(line, width - indent.length).map((part) => indent + part),
        '',
      ]),
    ];
  }

  override styleTitle(title: string): string {
    return painterFor(process.stdout)('bold', title);
  }
}

/** A command line in lines of a width, joined as a shell joins them, broken before a flag. */
function foldedLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const part of partsOf(line)) {
    if (current !== '' && current.length + part.length + ' \\'.length >= width) {
      lines.push(`${current} \\`);
      current = indent + part;
    } else current = current === '' ? part : `${current} ${part}`;
  }
  return [...lines, current];
}

/** A line in parts that belong together: what is quoted, and a flag with its value. */
function partsOf(line: string): string[] {
  const parts: string[] = [];
  for (const word of line.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? []) {
    const last = parts.at(-1);
    if (last === undefined || word.startsWith('-')) parts.push(word);
    else parts[parts.length - 1] = `${last} ${word}`;
  }
  return parts;
}

export function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number.');
}

/** How many rows of SOQL, which has no more than 2000 to a batch. */
export function limitNumber(text: string): number {
  const number = wholeNumber(text);
  if (number >= 1 && number <= 2000) return number;
  throw new InvalidArgumentError('Give a number from 1 to 2000.');
}

export function portNumber(text: string): number {
  const number = wholeNumber(text);
  if (number <= 65_535) return number;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}

/** A flag that takes one of a few words. */
export function choice(flags: string, description: string, choices: readonly string[]): Option {
  return new Option(flags, description).choices(choices);
}
