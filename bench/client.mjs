// The library beside its floors and its peers: size, import, one exchange in a fresh process, many
// in a row, calls that find the token there, many calls at once.
//   npm run bench:client [-- ROUNDS [CONTESTANT...]]
import { mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { publish, table } from './benchmarks-page.mjs';
import { contestantsNamed, diskUse, install } from './installation.mjs';
import { alone, continueAlone } from './loopback.mjs';
import { openStage } from './stage.mjs';
import { takeTurns, timed } from './stopwatch.mjs';

const [rounds = '11', ...names] = process.argv.slice(2);
const many = Number(rounds);
if (!Number.isInteger(many) || many < 1) {
  throw new RangeError('usage: client.mjs [ROUNDS [CONTESTANT...]]');
}
/** A loop of 2,000 is a long measurement of its own. */
const few = Math.ceil(many / 3);

const floors = ['node:http', 'fetch'];
const everyone = contestantsNamed(names.length === 0 ? [] : [...floors, ...names]).filter(
  ({ command, server }) => command === undefined && server === undefined,
);
if (!alone) {
  install(everyone);
  continueAlone();
}

const libraries = everyone.filter(({ specifier }) => specifier !== undefined);
const runners = everyone.filter(
  // It sends reports of its own accord, unless the network is taken away from it.
  ({ name, program }) => program !== undefined && (alone || name !== '@salesforce/core'),
);
const stage = await openStage();
const { environment } = stage;

/**
 * @typedef {import('./installation.mjs').Contestant} Contestant
 * @typedef {import('./stopwatch.mjs').Row} Row
 */

/** @param {Contestant} contestant @param {readonly (string | number)[]} words */
function run({ folder, program }, ...words) {
  return timed(['runner.mjs', `./${program}`, ...words.map(String)], { folder, environment });
}

/** @param {Contestant} contestant @param {string} what @param {number} times */
function measuredInside(contestant, what, times) {
  /** @type {import('./stopwatch.mjs').Cost} */
  const cost = JSON.parse(run(contestant, what, times).stdout);
  return cost;
}

/** @param {readonly Contestant[]} contestants @param {(one: Contestant) => import('./stopwatch.mjs').Cost} act */
function candidates(contestants, act) {
  return Object.fromEntries(contestants.map((one) => [one.label, () => act(one)]));
}

/** What a bundler makes of the library, loaded whole. @param {Contestant} contestant */
async function bundled({ folder, specifier }) {
  const whole = `${folder}/whole.js`;
  const bundle = await rolldown({
    cwd: folder,
    input: whole,
    platform: 'node',
    logLevel: 'silent',
    plugins: [
      {
        name: 'whole library',
        resolveId: (id) => (id === whole ? id : null),
        load: (id) =>
          id === whole ? `import * as all from '${specifier}'; console.log(all);` : null,
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  const code = output.map((part) => (part.type === 'chunk' ? part.code : '')).join('');
  return { minified: code.length, gzip: gzipSync(code).length };
}

async function sizes() {
  const rows = [];
  for (const library of libraries) {
    const { packages, files, bytes } = diskUse(library);
    const size = await bundled(library).catch(() => undefined);
    rows.push([
      library.label,
      String(packages),
      String(files),
      (bytes / 1024).toFixed(0),
      size === undefined ? '-' : (size.minified / 1024).toFixed(0),
      size === undefined ? '-' : (size.gzip / 1024).toFixed(1),
    ]);
  }
  return table(['', 'packages', 'files', 'KiB on disk', 'KiB bundled', 'KiB gzip'], rows);
}

/** @param {readonly Row[]} rows @param {number} digits @param {string} unit */
function costs(rows, digits, unit = 'ms') {
  return table(
    ['', `wall ${unit}`, `CPU ${unit}`, 'x wall', 'x CPU'],
    rows.map(({ name, wall, cpu, wallRatio, cpuRatio }) => [
      name,
      wall.toFixed(digits),
      cpu.toFixed(digits),
      wallRatio.toFixed(2),
      cpuRatio.toFixed(2),
    ]),
  );
}

async function imports() {
  const { home } = stage;
  mkdirSync(`${home}/node_modules/empty`, { recursive: true });
  writeFileSync(`${home}/node_modules/empty/index.mjs`, '');
  writeFileSync(`${home}/node_modules/empty/package.json`, '{ "exports": "./index.mjs" }');
  const bare = {
    'node -e 0': () => timed(['-e', '0'], { folder: home, environment }),
    // What no ES module of a package can go below.
    'an empty package': () =>
      timed(['--input-type=module', '-e', "import 'empty'"], { folder: home, environment }),
  };
  const loads = candidates(libraries, ({ folder, load }) => {
    const kind = load.startsWith('import') ? 'module' : 'commonjs';
    return timed([`--input-type=${kind}`, '-e', load], { folder, environment });
  });
  return costs(await takeTurns({ ...bare, ...loads }, many), 0);
}

async function reuses() {
  const cachers = runners.filter(({ name }) =>
    ['@sfjwt/client', 'google-auth-library', '@octokit/auth-app'].includes(name),
  );
  const rows = await takeTurns(
    candidates(cachers, (one) => measuredInside(one, 'reuse', 300_000)),
    few,
    0,
  );
  return table(
    ['', 'us per call'],
    rows.map(({ name, wall }) => [name, (wall * 1000).toFixed(2)]),
  );
}

async function parallels() {
  const rows = [];
  for (const one of runners) {
    await stage.tokenRequests();
    try {
      run(one, 'parallel', 1000);
      rows.push([one.label, String(await stage.tokenRequests())]);
    } catch (error) {
      console.error(`${one.label}, 1,000 at once: ${String(error)}`);
      rows.push([one.label, `fails after ${await stage.tokenRequests()}`]);
    }
  }
  return table(['', 'token requests'], rows);
}

/** @type {[string, string][]} */
const parts = [
  ['Size', await sizes()],
  ['Import in a fresh process', await imports()],
  [
    'One exchange in a fresh process',
    costs(
      await takeTurns(
        candidates(runners, (one) => run(one, 'once')),
        many,
      ),
      0,
    ),
  ],
  [
    'Each of 2,000 exchanges in a row',
    costs(
      await takeTurns(
        candidates(runners, (one) => measuredInside(one, 'exchanges', 2000)),
        few,
        0,
      ),
      2,
    ),
  ],
  ['A call that finds the token there', await reuses()],
  ['1,000 calls at once, on a fresh client', await parallels()],
];
stage.close();
publish('Client', many, parts);
