// The command as whole processes: what it costs before it does anything, beside a bare Node, and
// what a token costs, beside the floor and the Salesforce CLI.
//   npm run bench:command [-- ROUNDS]
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

/** @param {string} script */
const command =
  (script, /** @type {readonly string[]} */ ...words) =>
  () =>
    timed([script, ...words], { folder: stage.home, environment });

const starts = {
  'node -e 0': command('-e', '0'),
  'sfjwt --version': command(sfjwt.command, '--version'),
  'sfjwt --help': command(sfjwt.command, '--help'),
};
const tokens = {
  'node:http': () =>
    timed(['runner.mjs', `./${floor.program}`, 'once'], { folder: floor.folder, environment }),
  'sfjwt token': command(sfjwt.command, 'token', ...settings),
  // It sends reports of its own accord, unless the network is taken away from it.
  ...(alone &&
    salesforceCli?.command !== undefined && {
      [`sf org login jwt (${salesforceCli.label})`]: command(
        salesforceCli.command,
        'org',
        'login',
        'jwt',
        '--json',
        ...settings,
      ),
    }),
};

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
