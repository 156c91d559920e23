// A server as a process of its own, what it has used, and what it is sent: by sixteen connections,
// on the account of the benchmark and not of the server.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';

const connections = 16;

/**
 * @typedef {import('./programs/server-runner.mjs').Server} Server
 * @typedef {import('./stopwatch.mjs').Setting} Setting
 *
 * @typedef {object} Usage
 * @property {number} cpu Milliseconds, of all threads, since it was started.
 * @property {number} memory Bytes, now
 * @property {number} peak and at most.
 *
 * @typedef {object} ServerProcess
 * @property {Server} server
 * @property {() => Promise<Usage>} usage
 * @property {() => void} end
 */

/**
 * Where it is; some have other things to say before.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<unknown>}
 */
async function firstLine({ stdout }) {
  if (stdout === null) throw new Error('it was not listened to');
  for await (const line of createInterface(stdout)) {
    if (line.startsWith('{')) return JSON.parse(line);
  }
  throw new Error('ended before it was ready');
}

/**
 * Starts `server-runner.mjs PROGRAM serve`.
 *
 * @param {string} program
 * @param {Setting} setting
 * @returns {Promise<ServerProcess>}
 */
export async function startServer(program, { folder, environment }) {
  const child = spawn(process.execPath, ['server-runner.mjs', program, 'serve'], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const server = /** @type {Server} */ (await firstLine(child));
  return {
    server,
    async usage() {
      child.send('usage');
      const [usage] = await once(child, 'message');
      return usage;
    },
    end: () => void child.kill(),
  };
}

/**
 * A server from its start to its first token: the time that takes, and the CPU of the whole process.
 *
 * @param {readonly string[]} words of a command of Node, which prints where it is as a line of JSON
 * @param {Setting} setting
 * @param {(line: unknown) => Promise<unknown>} getToken
 * @returns {Promise<import('./stopwatch.mjs').Cost>}
 */
export async function timeFirstToken(words, { folder, environment }, getToken) {
  // As in stopwatch.mjs; and the shell outlives the signal that ends the server.
  const script = `trap '' TERM; TIMEFORMAT='%3U %3S'; time "$@" 2>/dev/null`;
  const start = performance.now();
  const shell = spawn('bash', ['-c', script, 'bash', process.execPath, ...words], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const times = shell.stderr.setEncoding('utf8').toArray();
  let wall;
  try {
    await getToken(await firstLine(shell));
    wall = performance.now() - start;
  } finally {
    process.kill(-(shell.pid ?? Number.NaN), 'SIGTERM');
  }
  // The shell may say before that it was ended.
  const [user, system] = (await times).join('').trim().split(/\s/).slice(-2).map(Number);
  if (user === undefined || system === undefined) throw new Error('no times');
  return { wall, cpu: (user + system) * 1000 };
}

const agent = new Agent({ keepAlive: true, maxSockets: connections });

/**
 * @param {string} url
 * @param {{ form?: string; token?: string }} [what]
 * @returns {Promise<string>} the body
 */
export function send(url, { form, token } = {}) {
  return new Promise((resolve, reject) => {
    const headers = {
      ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    const method = form === undefined ? 'GET' : 'POST';
    const outgoing = request(url, { method, agent, headers }, (incoming) => {
      let body = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk) => (body += chunk));
      incoming.on('end', () => {
        if (incoming.statusCode === 200) resolve(body);
        else reject(new Error(`${url} answers ${incoming.statusCode}: ${body.slice(0, 200)}`));
      });
    });
    outgoing.on('error', reject);
    outgoing.end(form);
  });
}

/**
 * Does everything, sixteen at a time.
 *
 * @template Item
 * @param {Iterable<Item>} items
 * @param {(item: Item) => Promise<unknown>} act
 */
export async function inTurns(items, act) {
  const left = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = left.next(); next.done !== true; next = left.next()) await act(next.value);
  };
  await Promise.all(Array.from({ length: connections }, worker));
}
