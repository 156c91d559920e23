/** A diagnosis for people: the verdict and its cure, then the tree of what was looked at. */

import type { Diagnosis, Evidence, Finding, FindingState, Ground } from '@sfjwt/setup/diagnosis';
import { printable } from './table.ts';
import type { Paint, Style } from './terminal.ts';

interface Paper {
  /** Columns of the terminal. */
  width: number;
  paint: Paint;
}

const signs: Readonly<Record<FindingState, readonly [sign: string, style: Style]>> = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  fault: ['✗', 'red'],
  skipped: ['·', 'dim'],
};

const titles: Readonly<Record<Ground, string>> = {
  key: 'Key',
  settings: 'Settings',
  assertion: 'Assertion',
  network: 'Network',
  org: 'Org',
  signIn: 'Sign-in',
  session: 'Session',
};

export function drawDiagnosis(diagnosis: Diagnosis, paper: Paper): string {
  const tree = Object.entries(titles).flatMap(([ground, title]) => {
    const findings = diagnosis.findings.filter((finding) => finding.ground === ground);
    if (findings.length === 0) return [];
    const [first] = findings;
    if (findings.length === 1 && first?.state === 'skipped') {
      return [paper.paint('dim', `· ${title}: ${first.says}`)];
    }
    return branch(title, findings, diagnosis, paper);
  });
  // What an error text means is said by the verdict: a tree of one would say it again.
  const isOnlyCause = diagnosis.findings.length === 1 && diagnosis.cause !== undefined;
  return `${[...verdict(diagnosis, paper), ...(isOnlyCause ? [] : ['', ...tree])].join('\n')}\n`;
}

function verdict(diagnosis: Diagnosis, paper: Paper): string[] {
  const { paint, width } = paper;
  const { cause, findings } = diagnosis;
  if (cause === undefined) {
    const count = findings.filter(({ state }) => state === 'warning').length;
    const but = count === 0 ? '' : count === 1 ? ', with one warning' : `, with ${count} warnings`;
    const signedIn = findings.find(({ check }) => check === 'userinfo');
    const says = signedIn?.state === 'ok' ? signedIn.says : 'Nothing is wrong';
    return hanging(`${paint('green', '✓')} `, 2, `${says}${but}`, width, (line) =>
      paint('bold', line),
    );
  }
  const others =
    findings.filter(({ state, isConsequence }) => state === 'fault' && isConsequence !== true)
      .length - 1;
  return [
    ...hanging(`${paint('red', '✗')} `, 2, cause.says, width, (line) => paint('bold', line)),
    `  ${paint('dim', cause.code ?? '')}`,
    ...evidence(cause.evidence, 2, paper),
    ...cure(cause, 2, paper),
    ...(others > 0 && cause.check !== 'error-text'
      ? ['', ...hanging('  ', 2, then(others), width, (line) => paint('dim', line))]
      : []),
  ];
}

function then(others: number): string {
  return `${others === 1 ? 'One more fault is' : `${others} more faults are`} marked ✗ below: look again when the first is mended.`;
}

function evidence(rows: readonly Evidence[], indent: number, { width, paint }: Paper): string[] {
  if (rows.length === 0) return [];
  const space = ' '.repeat(indent);
  const column = Math.min(22, Math.max(...rows.map(({ label }) => label.length))) + 2;
  return [
    '',
    ...rows.flatMap(({ label, value }) =>
      label.length > column - 2
        ? [`${space}${paint('dim', label)}`, ...hanging(`${space}  `, indent + 2, value, width)]
        : hanging(`${space}${paint('dim', label.padEnd(column))}`, indent + column, value, width),
    ),
  ];
}

function cure({ cure: found }: Finding, indent: number, { width, paint }: Paper): string[] {
  if (found === undefined) return [];
  const space = ' '.repeat(indent);
  const head = paint('cyan', 'Cure:');
  const lines = ['', ...hanging(`${space}${head} `, indent + 6, found.advice, width)];
  // Never broken: it is there to be copied.
  if (found.command !== undefined) lines.push('', `${space}  ${paint('bold', found.command)}`, '');
  for (const other of found.otherwise ?? []) {
    lines.push(...hanging(`${space}    ${paint('dim', '–')} `, indent + 6, other, width));
  }
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

const worst: readonly FindingState[] = ['fault', 'warning', 'ok', 'skipped'];

function branch(
  title: string,
  findings: readonly Finding[],
  { cause }: Diagnosis,
  paper: Paper,
): string[] {
  const { paint, width } = paper;
  const state = worst.find((one) => findings.some((finding) => finding.state === one)) ?? 'ok';
  const [sign, style] = signs[state];
  return [
    `${paint(style, sign)} ${paint('bold', title)}`,
    ...findings.flatMap((finding, at) => {
      const isLast = at === findings.length - 1;
      const stem = paint('dim', isLast ? '  ' : '│ ');
      const fork = paint('dim', isLast ? '└─' : '├─');
      const [mark, color] = signs[finding.state];
      const tone = (line: string): string =>
        finding.state === 'skipped' ? paint('dim', line) : line;
      const own = hanging(
        `${fork}${paint(color, mark)} `,
        4,
        finding.says,
        width,
        tone,
        `${stem}  `,
      );
      // Told above.
      if (finding === cause || finding.cure === undefined || finding.isConsequence === true)
        return own;
      const { advice, command } = finding.cure;
      return [
        ...own,
        ...hanging(
          `${stem}  ${paint('cyan', 'Cure:')} `,
          10,
          advice,
          width,
          (line) => line,
          `${stem}        `,
        ),
        ...(command === undefined ? [] : [`${stem}    ${paint('bold', command)}`]),
      ];
    }),
  ];
}

/**
 * Words in lines of a width, the first behind a head, the others under its words. A word that is
 * longer than a line stays whole: it is a URL or a key.
 */
function hanging(
  head: string,
  column: number,
  words: string,
  width: number,
  tone: (line: string) => string = (line) => line,
  under: string = ' '.repeat(column),
): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of printable(words).split(/ +/)) {
    if (line !== '' && column + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each, at) => (at === 0 ? head : under) + tone(each));
}
