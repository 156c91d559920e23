// The local org beside its floors and its peers: import, the first token, each token, the check of
// a session, memory.
//   npm run bench:org [-- ROUNDS [TOKENS]]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publish, table } from './benchmarks-page.mjs';
import { createClientApp } from './client-app.mjs';
import { contestantsNamed, install } from './installation.mjs';
import { alone, continueAlone } from './loopback.mjs';
import { inTurns, send, startServer, timeFirstToken } from './server-process.mjs';
import { takeTurns, timed } from './stopwatch.mjs';

const rounds = Number(process.argv[2] ?? 11);
/** How many tokens until memory is looked at. */
const tokens = Number(process.argv[3] ?? 100_000);
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(tokens) || tokens < 1) {
  throw new RangeError('usage: org.mjs [ROUNDS [TOKENS]]');
}

const floor = 'node:http, verify and store';
const ours = '@sfjwt/org';
const servers = contestantsNamed([
  floor,
  'node:http, verify',
  'hono',
  'fastify',
  ours,
  'oauth2-mock-server',
  'oidc-provider',
]);
const [command] = contestantsNamed(['sfjwt']);
if (command?.command === undefined) throw new Error('nothing to measure');
if (!alone) {
  install([...servers, command]);
  continueAlone();
}

/**
 * @typedef {import('./installation.mjs').Contestant} Contestant
 * @typedef {import('./programs/server-runner.mjs').Server} Server
 * @typedef {import('./server-process.mjs').ServerProcess} ServerProcess
 * @typedef {import('./stopwatch.mjs').Cost} Cost
 * @typedef {import('./stopwatch.mjs').Row} Row
 */

const home = mkdtempSync(join(tmpdir(), 'sfjwt-bench-'));
const audience = 'https://login.salesforce.com';
const app = await createClientApp();
const settingsFile = join(home, 'settings.json');
const seedFile = join(home, 'seed.json');
const environment = {
  PATH: process.env['PATH'] ?? '',
  HOME: home,
  BENCH_SERVER_SETTINGS: settingsFile,
};
writeFileSync(seedFile, JSON.stringify(app.seed(1)));

/** What the next server finds; its assertion has to be fresh. @param {number} users */
async function writeSettings(users) {
  const form = await app.tokenRequest(audience, users);
  const settings = { publicKey: app.publicKey, seed: app.seed(users) };
  writeFileSync(settingsFile, JSON.stringify({ settings, form }));
}

/** @param {Server} server @param {number} [users] */
const nextForm = async ({ form }, users) => form ?? app.tokenRequest(audience, users);

/** @param {string} body @returns {string} */
function accessToken(body) {
  /** @type {{ access_token: string }} */
  const { access_token: token } = JSON.parse(body);
  return token;
}

/** @param {readonly Row[]} rows @param {number} digits */
function costs(rows, digits, unit = 'ms', perMillisecond = 1) {
  return table(
    ['', `wall ${unit}`, `CPU ${unit}`, 'x wall', 'x CPU'],
    rows.map(({ name, wall, cpu, wallRatio, cpuRatio }) => [
      name,
      (wall * perMillisecond).toFixed(digits),
      (cpu * perMillisecond).toFixed(digits),
      wallRatio.toFixed(2),
      cpuRatio.toFixed(2),
    ]),
  );
}

function imports() {
  const bare = { 'node -e 0': () => timed(['-e', '0'], { folder: home, environment }) };
  const libraries = servers.filter(({ specifier }) => specifier !== undefined);
  const loads = libraries.map(({ label, folder, load }) => [
    label,
    () => timed(['--input-type=module', '-e', load], { folder, environment }),
  ]);
  return takeTurns({ ...bare, ...Object.fromEntries(loads) }, rounds);
}

/** Inside a process that has imported the library: open, and one token. */
function firstTokens() {
  const candidates = servers.map(({ label, folder, server, inProcess = server }) => [
    label,
    async () => {
      await writeSettings(1);
      const words = ['server-runner.mjs', `./${inProcess}`, 'first'];
      const { stdout } = timed(words, { folder, environment });
      /** @type {Cost} */
      const cost = JSON.parse(stdout.slice(stdout.lastIndexOf('{')));
      return cost;
    },
  ]);
  return takeTurns(Object.fromEntries(candidates), rounds);
}

/** From the start of a process to the first token that it gives over its socket. */
function startUps() {
  const started = servers.map(({ label, folder, server }) => [
    label,
    async () => {
      await writeSettings(1);
      const words = ['server-runner.mjs', `./${server}`, 'serve'];
      return timeFirstToken(words, { folder, environment }, async (line) => {
        const running = /** @type {Server} */ (line);
        accessToken(await send(running.tokenEndpoint, { form: await nextForm(running, 1) }));
      });
    },
  ]);
  const words = [command?.command ?? '', 'org', '--json', '--port', '0', '--seed', seedFile];
  const sfjwtOrg = () =>
    timeFirstToken(words, { folder: home, environment }, async (line) => {
      const { result } = /** @type {{ result: { url: string } }} */ (line);
      const form = await app.tokenRequest(audience, 1);
      accessToken(await send(`${result.url}/services/oauth2/token`, { form }));
    });
  return takeTurns({ ...Object.fromEntries(started), 'sfjwt org': sfjwtOrg }, rounds);
}

/** @type {[contestant: Contestant, process: ServerProcess][]} */
const running = [];

/**
 * What each of many requests costs the server.
 *
 * @template Item
 * @param {ServerProcess} server
 * @param {readonly Item[]} items
 * @param {(item: Item) => Promise<unknown>} act
 * @returns {Promise<Cost>}
 */
async function costOfEach({ usage }, items, act) {
  const [before, start] = [await usage(), performance.now()];
  await inTurns(items, act);
  const wall = performance.now() - start;
  const after = await usage();
  return { wall: wall / items.length, cpu: (after.cpu - before.cpu) / items.length };
}

/** @param {ServerProcess} process @param {number} count */
async function getTokens(process, count) {
  const { server } = process;
  // Signed beforehand: the server waits for nobody.
  const forms = [];
  for (let index = 0; index < count; index++) forms.push(await nextForm(server));
  return costOfEach(process, forms, async (form) =>
    accessToken(await send(server.tokenEndpoint, { form })),
  );
}

function eachToken() {
  const candidates = running.map(([{ label }, process]) => [label, () => getTokens(process, 1000)]);
  return takeTurns(Object.fromEntries(candidates), rounds, 2);
}

async function sessionChecks() {
  /** @type {Record<string, () => Promise<Cost>>} */
  const candidates = {};
  for (const [{ label }, process] of running) {
    const { tokenEndpoint, resource, apiResource } = process.server;
    const form = await nextForm(process.server);
    const token = accessToken(await send(tokenEndpoint, { form }));
    const items = Array.from({ length: 1000 }, () => token);
    if (resource !== undefined) {
      candidates[label] = () => costOfEach(process, items, () => send(resource, { token }));
    }
    if (apiResource !== undefined) {
      candidates[`${label}, ${new URL(apiResource).pathname}`] = () =>
        costOfEach(process, items, () => send(apiResource, { token }));
    }
  }
  return takeTurns(candidates, rounds, 2);
}

async function memory() {
  const rows = [];
  for (const { label, name, folder, server } of servers) {
    if (server === undefined || (name !== floor && name !== ours)) continue;
    await writeSettings(50);
    const fresh = await startServer(`./${server}`, { folder, environment });
    await getTokens(fresh, 1);
    const first = await fresh.usage();
    for (let left = tokens - 1; left > 0; left -= 1000) {
      await getTokens(fresh, Math.min(left, 1000));
    }
    const last = await fresh.usage();
    fresh.end();
    rows.push({ label, bytes: [first.memory, last.memory, last.peak] });
  }
  return rows;
}

/** @type {[title: string, body: string][]} */
const parts = [];
try {
  const imported = await imports();
  const first = await firstTokens();
  const started = await startUps();
  for (const contestant of servers) {
    const { folder, server } = contestant;
    if (server === undefined) continue;
    await writeSettings(50);
    running.push([contestant, await startServer(`./${server}`, { folder, environment })]);
  }
  const each = await eachToken();
  const checks = await sessionChecks();
  for (const [, process] of running) process.end();
  const used = await memory();

  /** @param {readonly Row[]} rows @param {string} name */
  const row = (rows, name) => rows.find((one) => one.name.startsWith(name));
  /** @param {number | undefined} value */
  const digits = (value, count = 0) => value?.toFixed(count) ?? '-';
  const ratio = row(each, ours)?.cpuRatio ?? Number.NaN;
  const mock = row(each, 'oauth2-mock-server')?.cpuRatio ?? Number.NaN;
  const peak = used.find(({ label }) => label === ours)?.bytes.at(-1) ?? Number.NaN;
  parts.push(
    [
      'What is aimed at',
      table(
        ['', 'at most', 'measured'],
        [
          ['`createOrg()` and first token, ms of CPU', '30', digits(row(first, ours)?.cpu)],
          ['`sfjwt org` to first token, ms of CPU', '250', digits(row(started, 'sfjwt org')?.cpu)],
          ['CPU of a token, x verify and store', '1.50', digits(ratio, 2)],
          ['CPU of a token, x oauth2-mock-server', '0.25', digits(ratio / mock, 2)],
          [`MiB at most, ${tokens} tokens`, '100', digits(peak / 2 ** 20)],
        ],
      ),
    ],
    ['Import in a fresh process', costs(imported, 0)],
    ['Open and first token, once imported', costs(first, 1)],
    ['From the start of a process to its first token', costs(started, 0)],
    ['Each token, 16 connections', costs(each, 0, 'us', 1000)],
    ['Whose access token is it, 16 connections', costs(checks, 0, 'us', 1000)],
    [
      `Resident memory after ${tokens} tokens`,
      table(
        ['', 'MiB at first', 'MiB then', 'MiB at most'],
        used.map(({ label, bytes }) =>
          [label].concat(bytes.map((one) => (one / 2 ** 20).toFixed(0))),
        ),
      ),
    ],
  );
} finally {
  rmSync(home, { recursive: true });
}
publish('Org', rounds, parts);
