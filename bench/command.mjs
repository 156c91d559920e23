// The command as whole processes: what it costs before it does anything, beside a bare Node, and
// what a token costs, fresh and kept, beside the floor and the Salesforce CLI.
//   npm run bench:command [-- ROUNDS]
import { join } from 'node:path';
import { publish, table } from './benchmarks-page.mjs';
import { contestantsNamed, install } from './installation.mjs';
import { alone, continueAlone } from './loopback.mjs';
import { openStage } from './stage.mjs';
import { takeTurns, timed } from './stopwatch.mjs';

const rounds = Number(process.argv[2] ?? 11);
if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError('usage: command.mjs [ROUNDS]');

const contestants = contestantsNamed(['node:http', 'sfjwt', '@salesforce/cli']);
if (!alone) {
  install(contestants);
  continueAlone();
}
const [floor, sfjwt, salesforceCli] = contestants;
if (floor === undefined || sfjwt?.command === undefined) throw new Error('nothing to measure');

const stage = await openStage();
const { environment, loginUrl, privateKeyFile } = stage;
const settings = [
  ['--instance-url', loginUrl],
  ['--client-id', '3MVG9.bench'],
  ['--username', 'worker@bench.example'],
  ['--jwt-key-file', privateKeyFile],
].flat();

/** @typedef {() => import('./stopwatch.mjs').Cost} Candidate */

/**
 * @param {string} script
 * @param {readonly string[]} words
 * @param {Record<string, string>} [more] of the environment
 * @returns {Candidate}
 */
const command =
  (script, words, more = {}) =>
  () =>
    timed([script, ...words], { folder: stage.home, environment: { ...environment, ...more } });

/** Nothing is kept, so that each process signs in. */
const alwaysFresh = { CI: 'true' };
/** The first process keeps what the others find. */
const shared = { SFJWT_HOME: join(stage.home, 'kept') };

const starts = {
  'node -e 0': command('-e', ['0']),
  'sfjwt --version': command(sfjwt.command, ['--version']),
  'sfjwt --help': command(sfjwt.command, ['--help']),
  'sfjwt token --help': command(sfjwt.command, ['token', '--help']),
};
/** @type {Record<string, Candidate>} */
const tokens = {
  'node:http': () =>
    timed(['runner.mjs', `./${floor.program}`, 'once'], { folder: floor.folder, environment }),
  'sfjwt token, signing in': command(sfjwt.command, ['token', ...settings], alwaysFresh),
  'sfjwt token, from the store': command(sfjwt.command, ['token', ...settings], shared),
};
// It sends reports of its own accord, unless the network is taken away from it.
if (alone && salesforceCli?.command !== undefined) {
  const { command: script, label } = salesforceCli;
  const login = ['org', 'login', 'jwt', '--json', ...settings];
  const show = [
    'org',
    'auth',
    'show-access-token',
    '--no-prompt',
    '--json',
    '-o',
    'worker@bench.example',
  ];
  // In this order: the second finds what the first has kept.
  tokens[`sf org login jwt (${label})`] = command(script, login);
  tokens[`sf org auth show-access-token (${label})`] = command(script, show);
}

/** @param {Record<string, () => import('./stopwatch.mjs').Cost>} candidates */
async function costs(candidates) {
  const rows = await takeTurns(candidates, rounds);
  return table(
    ['', 'wall ms', 'CPU ms', 'x wall', 'x CPU'],
    rows.map(({ name, wall, cpu, wallRatio, cpuRatio }) => [
      name,
      wall.toFixed(0),
      cpu.toFixed(0),
      wallRatio.toFixed(2),
      cpuRatio.toFixed(2),
    ]),
  );
}

/** @type {[string, string][]} */
const parts = [
  ['Start-up', await costs(starts)],
  ['A token in a fresh process', await costs(tokens)],
];
stage.close();
publish('Command', rounds, parts);
