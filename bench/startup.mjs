// What the command costs before it does anything: `sfjwt --help` beside a bare Node, as whole
// processes from fork to exit. The runs of both take turns, so that a busy moment of the machine
// hits both. Time and CPU come from the kernel's accounts of the finished process, through bash.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cpus } from 'node:os';

const runs = Number(process.argv[2] ?? 20);
if (!Number.isInteger(runs) || runs < 1) throw new RangeError('usage: startup.mjs [RUNS]');

const sfjwt = fileURLToPath(new URL('../packages/cli/bin/sfjwt.js', import.meta.url));
const candidates = {
  'node -e 0': ['-e', '0'],
  'sfjwt --version': [sfjwt, '--version'],
  'sfjwt --help': [sfjwt, '--help'],
};

/** @param {readonly string[]} args */
function measure(args) {
  const script = 'TIMEFORMAT="%3R %3U %3S"; time "$@" >/dev/null';
  const printed = execFileSync('bash', [
    '-c',
    `{ ${script}; } 2>&1`,
    'bash',
    process.execPath,
    ...args,
  ]);
  const [wall, user, system] = printed.toString().trim().split(' ').map(Number);
  if (wall === undefined || user === undefined || system === undefined || Number.isNaN(system)) {
    throw new Error(`not a time: ${printed.toString()}`);
  }
  return { wall: wall * 1000, cpu: (user + system) * 1000 };
}

/** @param {readonly number[]} values */
function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return { min: sorted[0] ?? 0, median: sorted[Math.floor(sorted.length / 2)] ?? 0 };
}

const measured = Object.entries(candidates).map(([name, args]) => ({
  name,
  args,
  /** @type {number[]} */ wall: [],
  /** @type {number[]} */ cpu: [],
}));
// The first round warms the disk's cache and is not counted.
for (let round = 0; round <= runs; round++) {
  for (const one of measured) {
    const { wall, cpu } = measure(one.args);
    if (round === 0) continue;
    one.wall.push(wall);
    one.cpu.push(cpu);
  }
}

const floor = measured[0];
const { model } = cpus()[0] ?? { model: 'unknown processor' };
console.log(
  `node ${process.version}, ${cpus().length} x ${model}, ${runs} runs each, milliseconds\n`,
);
const columns = ['', 'wall min', 'wall median', 'cpu min', 'cpu median', 'x bare node (cpu min)'];
const rows = measured.map(({ name, wall, cpu }) => {
  const [time, work] = [summary(wall), summary(cpu)];
  const numbers = [time.min, time.median, work.min, work.median].map((number) => number.toFixed(0));
  return [name].concat(numbers, (work.min / summary(floor?.cpu ?? []).min).toFixed(2));
});
const table = [columns, ...rows];
const widths = columns.map((_, column) =>
  Math.max(...table.map((row) => row[column]?.length ?? 0)),
);
for (const row of table) {
  const cells = row.map((cell, column) =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
  );
  console.log(cells.join('  '));
}
