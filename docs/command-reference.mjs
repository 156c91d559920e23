// @ts-check
/** The reference of docs/cli.md, from what the commands declare of themselves: `npm run docs` writes it. */

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {import('../packages/cli/src/declared-command.ts').DeclaredCommand} DeclaredCommand
 * @typedef {DeclaredCommand['options'][number]} Option
 */

const page = fileURLToPath(new URL('cli.md', import.meta.url));

/** Flags that many commands have are told once, under the heading that they have in the help. */
const shared = ['Where to sign in, and as whom:', 'For every command:'];

const isShared = (/** @type {Option} */ { helpGroupHeading = '' }) =>
  shared.includes(helpGroupHeading);

/** @param {string} text */
const cell = (text) => text.replaceAll('|', String.raw`\|`).replaceAll('<', '&lt;');

/** @param {Option} option */
function meaning({ description, argChoices, defaultValue }) {
  const choices = argChoices === undefined ? [] : [argChoices.join(', ')];
  const preset = defaultValue === undefined ? [] : [`${String(defaultValue)} when left out`];
  return [description, ...choices, ...preset].join('; ');
}

/** @param {readonly Option[]} options */
const flags = (options) =>
  options.length === 0
    ? []
    : [
        '| Flag | Meaning |',
        '| --- | --- |',
        ...options.map((option) => `| \`${option.flags}\` | ${cell(meaning(option))} |`),
        '',
      ];

/** @param {DeclaredCommand} command @param {string} path */
function reference(command, path) {
  const { registeredArguments, options, examples, output } = command;
  if (output === undefined) throw new Error(`${path} does not say what it prints`);
  const words = registeredArguments.map((one) => `- \`${one.name()}\`: ${one.description}`);
  const connection = options.some(({ helpGroupHeading }) => helpGroupHeading === shared[0])
    ? 'Takes the flags that say [where to sign in, and as whom](#where-to-sign-in-and-as-whom).'
    : '';
  return [
    `### ${path}`,
    '',
    command.description(),
    '',
    `    sfjwt ${path} ${command.usage().replace('[options]', '[flags]')}`,
    '',
    'For example:',
    '',
    ...examples.flatMap(({ does, line }) => [`    # ${does}`, `    ${line}`, '']),
    ...paragraph(words),
    ...flags(options.filter((option) => !isShared(option))),
    ...paragraph(connection === '' ? [] : [connection]),
    `Standard output: ${output.plain}. \`result\` of \`--json\`: ${output.json}.`,
    '',
  ];
}

/** @param {readonly string[]} lines */
const paragraph = (lines) => (lines.length === 0 ? [] : [...lines, '']);

/**
 * Every command that does something, by the words that are typed.
 *
 * @param {DeclaredCommand} parent
 * @returns {[path: string, command: DeclaredCommand][]}
 */
function commandsOf(parent, before = '') {
  return parent.commands.flatMap((child) => {
    const command = /** @type {DeclaredCommand} */ (child);
    const path = before + command.name();
    return command.commands.length > 0 ? commandsOf(command, `${path} `) : [[path, command]];
  });
}

/**
 * The page with its reference as the commands are now.
 *
 * @param {string} text
 * @param {DeclaredCommand} program
 */
export function withReference(text, program) {
  const commands = commandsOf(program);
  const all = commands.flatMap(([, { options }]) => options);
  const told = shared.map((heading) => {
    const once = new Map(
      all
        .filter(({ helpGroupHeading }) => helpGroupHeading === heading)
        .map((option) => [option.flags, option]),
    );
    return `### ${heading.replace(':', '')}\n\n${flags([...once.values()]).join('\n')}`;
  });
  const lines = [
    ...commands.flatMap(([path, command]) => reference(command, path)),
    ...told.flat(),
  ];
  return text.replace(
    /(<!-- reference: made by npm run docs -->\n)[^]*?(<!-- end -->)/,
    (_whole, start, end) => `${start}\n${lines.join('\n')}\n${end}`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // Built, because Node 20 reads no TypeScript.
  const built = new URL('../packages/cli/dist/program.js', import.meta.url).href;
  const { openProgram } = /** @type {typeof import('../packages/cli/src/program.ts')} */ (
    await import(built)
  );
  const program = await openProgram({ version: '', inFull: () => true });
  writeFileSync(page, withReference(readFileSync(page, 'utf8'), program));
}
