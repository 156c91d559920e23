// @ts-check
/** The tables of docs/errors.md that come from the client's catalogues: `npm run docs` writes them. */

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { apiRefusals, refusals } from '@sfjwt/client/refusals';

const page = fileURLToPath(new URL('errors.md', import.meta.url));

/** @param {readonly (readonly string[])[]} rows */
const table = (rows) => rows.map((row) => `| ${row.join(' | ')} |`).join('\n');

/** @param {{ transient?: true, settling?: true }} refusal */
const lasts = ({ transient, settling }) =>
  transient === true
    ? 'passes'
    : settling === true
      ? 'ten minutes after a change, or until changed'
      : 'until changed';

const tables = {
  refusals: () =>
    table([
      ['Code', 'Salesforce says', 'Means', 'Do, likeliest cure first', 'Lasts'],
      ['---', '---', '---', '---', '---'],
      ...refusals.map((refusal) => [
        `\`${refusal.code}\``,
        [refusal.error, refusal.description]
          .filter((words) => words !== undefined)
          .map((words) => `\`${words}\``)
          .join(' '),
        refusal.meaning,
        refusal.hints.join('<br>'),
        lasts(refusal),
      ]),
    ]),
  apiRefusals: () =>
    table([
      ['Code', 'Means', 'Do, likeliest cure first', 'New login helps'],
      ['---', '---', '---', '---'],
      ...apiRefusals.map(({ code, meaning, hints, renewable }) => [
        `\`${code}\``,
        meaning,
        hints.join('<br>'),
        renewable === true ? 'yes' : 'no',
      ]),
    ]),
};

/**
 * The page with its tables as the catalogues are now.
 *
 * @param {string} text
 */
export function withTables(text) {
  return Object.entries(tables).reduce(
    (before, [name, make]) =>
      before.replace(
        new RegExp(`(<!-- ${name}: made by npm run docs -->\\n)[^]*?(<!-- end -->)`),
        (_whole, start, end) => `${start}\n${make()}\n\n${end}`,
      ),
    text,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(page, withTables(readFileSync(page, 'utf8')));
}
