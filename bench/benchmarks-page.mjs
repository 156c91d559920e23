// Tables, and the page that keeps them: docs/benchmarks.md. Every program has a part of the page per
// Node, and replaces that part alone.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

const page = new URL('../docs/benchmarks.md', import.meta.url);

/**
 * @param {readonly string[]} columns
 * @param {readonly (readonly string[])[]} rows
 */
export function table(columns, rows) {
  const all = [columns, ...rows];
  const widths = columns.map((_, column) =>
    Math.max(3, ...all.map((row) => row[column]?.length ?? 0)),
  );
  /** @param {readonly string[]} row */
  const line = (row) =>
    `| ${widths.map((width, column) => (column === 0 ? (row[column] ?? '').padEnd(width) : (row[column] ?? '').padStart(width))).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(columns), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/**
 * Prints a part, and puts it into the page in place of the one it had.
 *
 * @param {string} subject
 * @param {number} rounds
 * @param {readonly (readonly [title: string, body: string])[]} parts
 */
export function publish(subject, rounds, parts) {
  const [major] = process.versions.node.split('.');
  const key = `${subject}, Node ${major}`;
  const { model } = cpus()[0] ?? { model: 'unknown processor' };
  // A table of few rounds on a busy machine says little: so it says that of itself.
  const load = loadavg()[0]?.toFixed(1);
  const machine = `${cpus().length} x ${model}, load average ${load}`;
  const day = new Date().toISOString().slice(0, 10);
  const where = `${day}, Node ${process.versions.node}, ${machine}, rounds: ${rounds}.`;
  const text = [
    `## ${key}`,
    where,
    ...parts.flatMap(([title, body]) => [`### ${title}`, body]),
  ].join('\n\n');
  console.log(text);
  const old = existsSync(page) ? readFileSync(page, 'utf8') : '# Benchmarks\n';
  const [head = '', ...sections] = old.trimEnd().split(/\n+(?=## )/);
  const others = sections.filter((section) => !section.startsWith(`## ${key}\n`));
  const sorted = [...others, text].toSorted((a, b) => (heading(a) < heading(b) ? -1 : 1));
  writeFileSync(page, `${[head, ...sorted].join('\n\n')}\n`);
}

/** @param {string} section */
function heading(section) {
  return section.split('\n')[0] ?? '';
}
