// The broker beside its floors: a cached token, a proxied request, a body of a gigabyte, and many
// identities in one broker.
//   npm run bench:broker [-- ROUNDS [IDENTITIES]]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { publish, table } from './benchmarks-page.mjs';
import { inTurns } from './server-process.mjs';
import { takeTurns } from './stopwatch.mjs';

const rounds = Number(process.argv[2] ?? 11);
const identities = Number(process.argv[3] ?? 10_000);
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(identities) || identities < 1) {
  throw new RangeError('usage: broker.mjs [ROUNDS [IDENTITIES]]');
}

const secret = 'a-secret-that-a-benchmark-may-know';
const perRound = 2000;
const gigabyte = 2 ** 30;
const program = fileURLToPath(new URL('programs/broker/process.mjs', import.meta.url));

/**
 * @typedef {import('./server-process.mjs').Usage} Usage
 * @typedef {import('./stopwatch.mjs').Cost} Cost
 * @typedef {{ address: string; usage: () => Promise<Usage>; end: () => void }} Running
 */

/** @param {string} name @param {object} [settings] @returns {Promise<Running>} */
async function start(name, settings = {}) {
  const child = spawn(process.execPath, [program, name, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const { stdout } = child;
  if (stdout === null) throw new Error('it was not listened to');
  const [line] = await once(createInterface(stdout), 'line');
  return {
    .../** @type {{ address: string }} */ (JSON.parse(String(line))),
    async usage() {
      child.send('usage');
      const [usage] = await once(child, 'message');
      return usage;
    },
    end: () => void child.kill(),
  };
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

/** @param {string} url @param {{ size?: number }} [body] @returns {Promise<number>} bytes of the answer */
function ask(url, { size } = {}) {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${secret}`,
      ...(size !== undefined && { 'content-length': size }),
    };
    const method = size === undefined ? 'GET' : 'POST';
    const outgoing = request(url, { agent, method, headers }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk) => (bytes += chunk.length));
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(bytes);
        else reject(new Error(`${url} answers ${answer.statusCode}`));
      });
    });
    outgoing.on('error', reject);
    if (size === undefined) outgoing.end();
    else void pour(outgoing, size);
  });
}

/** @param {import('node:http').ClientRequest} outgoing @param {number} size */
async function pour(outgoing, size) {
  const piece = Buffer.alloc(64 * 1024, 'x');
  for (let left = size; left > 0; left -= piece.length) {
    if (!outgoing.write(piece.subarray(0, left))) await once(outgoing, 'drain');
  }
  outgoing.end();
}

/** What each of many requests costs the server. @param {Running} server @param {string} path @returns {Promise<Cost>} */
async function each({ address, usage }, path) {
  const items = Array.from({ length: perRound });
  const [before, begin] = [await usage(), performance.now()];
  await inTurns(items, () => ask(address + path));
  const wall = performance.now() - begin;
  const after = await usage();
  return { wall: wall / perRound, cpu: (after.cpu - before.cpu) / perRound };
}

/** @param {readonly import('./stopwatch.mjs').Row[]} rows */
const costs = (rows) =>
  table(
    ['', 'wall us', 'CPU us', 'x wall', 'x CPU'],
    rows.map(({ name, wall, cpu, wallRatio, cpuRatio }) => [
      name,
      (wall * 1000).toFixed(0),
      (cpu * 1000).toFixed(0),
      wallRatio.toFixed(2),
      cpuRatio.toFixed(2),
    ]),
  );

const mebibytes = (/** @type {number} */ bytes) => (bytes / 2 ** 20).toFixed(0);

/** Resident memory while a gigabyte goes through. @param {Running} server @param {string} name */
async function flood(server, name) {
  const base = `${server.address}/v1/proxy/nightly/services/data/v67.0/jobs`;
  await ask(base);
  const first = await server.usage();
  const begin = performance.now();
  await ask(`${base}?bytes=${gigabyte}`);
  const down = performance.now() - begin;
  await ask(base, { size: gigabyte });
  const up = performance.now() - begin - down;
  const { peak } = await server.usage();
  const speed = (/** @type {number} */ milliseconds) => (1024 / (milliseconds / 1000)).toFixed(0);
  return [name, mebibytes(first.peak), mebibytes(peak), speed(down), speed(up)];
}

async function crowd() {
  const few = await start('sfjwt-broker', { host: host.address, secret, identities: 1 });
  const alone = await few.usage();
  few.end();
  const many = await start('sfjwt-broker', { host: host.address, secret, identities });
  const opened = await many.usage();
  const names = [
    'nightly',
    ...Array.from({ length: identities - 1 }, (_, one) => `user-${one + 1}`),
  ];
  const rows = [];
  let before = opened;
  for (const what of ['first token of each', 'cached token of each']) {
    const begin = performance.now();
    await inTurns(names, (name) => ask(`${many.address}/v1/token/${name}`));
    const seconds = (performance.now() - begin) / 1000;
    const after = await many.usage();
    rows.push([
      what,
      (identities / seconds).toFixed(0),
      (((after.cpu - before.cpu) / identities) * 1000).toFixed(0),
      mebibytes(after.memory),
      ((after.memory - alone.memory) / identities / 1024).toFixed(1),
    ]);
    before = after;
  }
  many.end();
  const start1 = [
    'opened',
    '-',
    (((opened.cpu - alone.cpu) / identities) * 1000).toFixed(0),
    mebibytes(opened.memory),
    ((opened.memory - alone.memory) / identities / 1024).toFixed(1),
  ];
  return table(
    ['', 'a second', 'CPU us of each', 'MiB resident', 'KiB of each'],
    [start1, ...rows],
  );
}

const host = await start('host');
try {
  const constant = await start('constant', { secret });
  const broker = await start('sfjwt-broker', { host: host.address, secret });
  const passing = await start('pass-through', { host: host.address });
  const query = '/v1/proxy/nightly/services/data/v67.0/query?q=SELECT+Name+FROM+Account';
  const tokens = await takeTurns(
    {
      'node:http, constant JSON': () => each(constant, '/v1/token/nightly'),
      '`/v1/token`': () => each(broker, '/v1/token/nightly'),
    },
    rounds,
    2,
  );
  const proxied = await takeTurns(
    {
      'node:http, pass-through': () => each(passing, query),
      '`/v1/proxy`': () => each(broker, query),
    },
    rounds,
    2,
  );
  const floods = [
    await flood(passing, 'node:http, pass-through'),
    await flood(broker, '`/v1/proxy`'),
  ];
  for (const one of [constant, broker, passing]) one.end();
  const crowded = await crowd();
  const ratio = (/** @type {typeof tokens} */ rows) => rows[1]?.cpuRatio.toFixed(2) ?? '-';
  publish('Broker', rounds, [
    [
      'What is aimed at',
      table(
        ['', 'at most', 'measured'],
        [
          ['CPU of a cached token, x constant JSON', '1.50', ratio(tokens)],
          ['CPU of a proxied request, x pass-through', '1.30', ratio(proxied)],
          [
            'MiB more at most while a gigabyte goes through',
            'flat',
            String(Number(floods[1]?.[2]) - Number(floods[1]?.[1])),
          ],
        ],
      ),
    ],
    ['A cached token, 16 connections', costs(tokens)],
    ['A proxied request of 2 KB, 16 connections', costs(proxied)],
    [
      'A gigabyte down, then a gigabyte up',
      table(['', 'MiB at most before', 'MiB at most after', 'MiB/s down', 'MiB/s up'], floods),
    ],
    [`${identities} identities in one broker, 16 connections`, crowded],
  ]);
} finally {
  host.end();
}
process.exit();
