// Measures whole processes, from fork to exit, by the kernel's accounts of them, through bash; and
// lets those that are compared take turns, so that a busy moment of the machine hits all of them.
import { spawnSync } from 'node:child_process';

/**
 * @typedef {object} Cost In milliseconds.
 * @property {number} wall
 * @property {number} cpu User and system, of the process and all that it waited for.
 *
 * @typedef {object} Row Medians over all rounds, in milliseconds, and ratios against the first
 * candidate: in each round against that same round, then the median.
 * @property {string} name
 * @property {number} wall
 * @property {number} cpu
 * @property {number} wallRatio
 * @property {number} cpuRatio
 *
 * @typedef {object} Setting
 * @property {string} folder
 * @property {Record<string, string>} environment The whole of it.
 */

/** Nothing here takes a tenth of it. */
const patience = 120_000;

/**
 * @param {readonly string[]} words of a command of Node
 * @param {Setting} setting
 * @returns {Cost & { stdout: string }}
 */
export function timed(words, { folder, environment }) {
  // What the program itself says of a failure goes to descriptor 3, the times alone to 2.
  const script = 'TIMEFORMAT="%3R %3U %3S"; time "$@" 2>&3';
  const options = {
    cwd: folder,
    env: environment,
    encoding: /** @type {const} */ ('utf8'),
    timeout: patience,
    stdio: /** @type {('ignore' | 'pipe')[]} */ (['ignore', 'pipe', 'pipe', 'pipe']),
    // A group of its own, so that a program that hangs can be ended with its shell.
    detached: true,
  };
  const shell = ['-c', script, 'bash', process.execPath, ...words];
  const { pid, status, stdout, stderr, output, error } = spawnSync('bash', shell, options);
  if (error !== undefined) process.kill(-pid, 'SIGKILL');
  if (status !== 0) throw new Error(`${words.join(' ')}: ${error?.message ?? output[3] ?? status}`);
  const [wall, user, system] = stderr.trim().split(' ').map(Number);
  if (wall === undefined || user === undefined || system === undefined || Number.isNaN(system)) {
    throw new Error(`not a time: ${stderr}`);
  }
  return { wall: wall * 1000, cpu: (user + system) * 1000, stdout };
}

/**
 * Every candidate once per round. The first rounds warm the caches of the disk and are not counted.
 * A candidate that fails is told on standard error and left out: the benchmark fails nothing.
 *
 * @param {Record<string, () => Cost | Promise<Cost>>} candidates
 * @param {number} rounds
 * @param {number} [warming]
 * @returns {Promise<Row[]>}
 */
export async function takeTurns(candidates, rounds, warming = 1) {
  /** @type {Map<string, Cost[]>} */
  const costs = new Map(Object.keys(candidates).map((name) => [name, []]));
  for (let round = -warming; round < rounds; round++) {
    for (const [name, kept] of costs) {
      try {
        const cost = await candidates[name]?.();
        if (round >= 0 && cost !== undefined) kept.push(cost);
      } catch (error) {
        console.error(`${name} is left out: ${String(error)}`);
        costs.delete(name);
      }
    }
  }
  const [floor = []] = costs.values();
  return [...costs].map(([name, own]) => ({
    name,
    wall: median(own.map(({ wall }) => wall)),
    cpu: median(own.map(({ cpu }) => cpu)),
    wallRatio: median(own.map(({ wall }, round) => wall / (floor[round]?.wall ?? Number.NaN))),
    cpuRatio: median(own.map(({ cpu }, round) => cpu / (floor[round]?.cpu ?? Number.NaN))),
  }));
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
