// Runs inside the folder of a contestant, beside its program, in a process of its own:
//   runner.mjs PROGRAM once                one token, as a user would ask for it
//   runner.mjs PROGRAM exchanges COUNT     whole exchanges, one after the other
//   runner.mjs PROGRAM reuse COUNT         calls that find the token already there
//   runner.mjs PROGRAM parallel COUNT      calls all at once, on a fresh client
// and prints what it measured as one line of JSON.
import { readFileSync } from 'node:fs';

/**
 * @typedef {object} Settings
 * @property {string} privateKey PEM
 * @property {string} privateKeyFile
 * @property {string} clientId
 * @property {string} username
 * @property {string} loginUrl
 * @property {string} tokenEndpoint
 *
 * @typedef {object} Contestant
 * @property {() => Promise<string>} exchange A whole exchange, whatever is cached.
 * @property {() => Promise<string>} [token] A token, by whatever cache it has.
 * @property {() => Promise<unknown>} [reuse] Its own call, as it is, once it has a token.
 *
 * @typedef {(settings: Settings) => Contestant} Open
 */

const [program = '', what = '', times = '1'] = process.argv.slice(2);
const count = Number(times);
const { open } = /** @type {{ open: Open }} */ (await import(program));
const privateKeyFile = process.env['BENCH_PRIVATE_KEY_FILE'] ?? '';
const loginUrl = process.env['BENCH_LOGIN_URL'] ?? '';
const contestant = open({
  privateKey: readFileSync(privateKeyFile, 'utf8'),
  privateKeyFile,
  clientId: '3MVG9.bench',
  username: 'worker@bench.example',
  loginUrl,
  tokenEndpoint: `${loginUrl}/services/oauth2/token`,
});
const { exchange, token = exchange, reuse = token } = contestant;

/** @param {string} value */
function check(value) {
  if (value !== process.env['BENCH_TOKEN']) throw new Error('not the token of the endpoint');
}

/** @param {() => Promise<unknown>} act */
async function measure(act) {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  await act();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify({ wall: wall / count, cpu: (user + system) / 1000 / count }));
}

if (what === 'once') {
  check(await token());
} else if (what === 'exchanges') {
  // The first ones compile the code and open the connection.
  for (let index = 0; index < 100; index++) check(await exchange());
  await measure(async () => {
    for (let index = 0; index < count; index++) check(await exchange());
  });
} else if (what === 'reuse') {
  check(await token());
  for (let index = 0; index < count; index++) await reuse();
  await measure(async () => {
    for (let index = 0; index < count; index++) await reuse();
  });
} else if (what === 'parallel') {
  for (const value of await Promise.all(Array.from({ length: count }, () => token()))) check(value);
} else throw new RangeError(`cannot measure '${what}'`);
