/** docs/doctor.md: its tables, as they are and as they should be. */

import { readFileSync, writeFileSync } from 'node:fs';
import { causes } from '@sfjwt/setup/diagnosis';
import { faults } from './faults.ts';

const file = new URL('../../docs/doctor.md', import.meta.url);

/** What `sf org login jwt` says, by the fault. */
export type SalesforceCliWords = ReadonlyMap<string, string>;

const marks = (name: string): RegExp =>
  new RegExp(`(<!-- ${name}: made by npm run docs:doctor -->\\n\\n)[^]*?(\\n\\n<!-- end -->)`);

export function readPage(): string {
  return readFileSync(file, 'utf8');
}

/** The words of the Salesforce CLI that the page has now. */
export function keptWords(page: string): SalesforceCliWords {
  const rows = (marks('faults').exec(page)?.[0] ?? '').split('\n').map((line) => line.split(' | '));
  return new Map(
    rows.flatMap(([first = '', , , last = '']) => {
      const fault = /^\| \d+ \| /.test(first) ? '' : first;
      return fault === '' ? [] : [[fault.replace(/^\| /, ''), last.replace(/ \|$/, '')] as const];
    }),
  );
}

/** The page with its tables made anew. */
export function renewedPage(page: string, words: SalesforceCliWords): string {
  return [
    ['faults', faultTable(words)],
    ['causes', causeTable()],
  ].reduce(
    (text, [name = '', made = '']) =>
      text.replace(marks(name), (_all, before: string, after: string) => before + made + after),
    page,
  );
}

export function writePage(text: string): void {
  writeFileSync(file, text);
}

function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  return [head, head.map(() => '---'), ...body].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function faultTable(words: SalesforceCliWords): string {
  return table([
    ['Fault', '`sfjwt doctor` names first', 'with an administrator', '`sf org login jwt` says'],
    ...faults.map(({ fault, code, codeForAdmin }) => [
      fault,
      `\`${code}\``,
      codeForAdmin === undefined ? 'the same' : `\`${codeForAdmin}\``,
      words.get(fault) ?? '',
    ]),
  ]);
}

function causeTable(): string {
  return table([
    ['Code', 'Means'],
    ...Object.entries(causes).map(([code, means]) => [`\`${code}\``, means]),
  ]);
}
