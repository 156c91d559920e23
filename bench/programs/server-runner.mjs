// Runs inside the folder of a contestant that issues tokens, in a process of its own:
//   server-runner.mjs PROGRAM serve     until the parent lets go; tells it what it has used so far
//   server-runner.mjs PROGRAM first     one token, and prints what that has cost
import { readFileSync } from 'node:fs';
import { request } from 'node:http';

/**
 * @typedef {object} ServerSettings
 * @property {string} publicKey PEM
 * @property {import('@sfjwt/org').Seed} seed The same key in the certificate of an app, and users.
 *
 * @typedef {object} Server
 * @property {string} tokenEndpoint
 * @property {string} [resource] What says whose access token it is.
 * @property {string} [apiResource] A call of the REST API.
 * @property {string} [form] What is sent instead of an assertion, where none is understood.
 * @property {(form: string) => Promise<Response>} [answer] A token request, without a socket.
 *
 * @typedef {(settings: ServerSettings) => Promise<Server>} OpenServer
 */

const [program = '', what = ''] = process.argv.slice(2);
/** @type {{ settings: ServerSettings; form: string }} */
const { settings, form } = JSON.parse(
  readFileSync(process.env['BENCH_SERVER_SETTINGS'] ?? '', 'utf8'),
);

/** @param {Server} server @returns {Promise<string>} */
async function firstToken({ tokenEndpoint, answer, ...server }) {
  const body = server.form ?? form;
  if (answer !== undefined) return (await answer(body)).text();
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const outgoing = request(tokenEndpoint, { method: 'POST', headers }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk) => (text += chunk));
      incoming.on('end', () => resolve(text));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const { open } = /** @type {{ open: OpenServer }} */ (await import(program));

if (what === 'serve') {
  const server = await open(settings);
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({
      cpu: (user + system) / 1000,
      memory: process.memoryUsage.rss(),
      peak: process.resourceUsage().maxRSS * 1024,
    });
  });
  process.on('disconnect', () => process.exit());
  // As `sfjwt org --json` does.
  console.log(JSON.stringify(server));
} else if (what === 'first') {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  const body = await firstToken(await open(settings));
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  if (!body.includes('"access_token"')) throw new Error(`no token: ${body}`);
  console.log(JSON.stringify({ wall, cpu: (user + system) / 1000 }));
  process.exit();
} else throw new RangeError(`cannot do '${what}'`);
