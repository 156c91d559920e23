// @ts-check
/**
 * One process of a fleet: signs in as it is told to, makes its calls, and prints what came of them as
 * one line of JSON. `pauseAt` names a point of the exchange at which it says so and waits for a line on
 * standard input, which may never come.
 */

import { once } from 'node:events';
import { createClient } from '@redis/client';
import { createSeal } from '@sfjwt/broker';
import { fileTokenStore } from '@sfjwt/broker/file';
import { redisTokenStore } from '@sfjwt/broker/redis';
import {
  connect,
  createTransport,
  localSigner,
  milliseconds,
  readPrivateKeyFile,
} from '@sfjwt/client';

/** @type {import('./fleet.ts').MemberPlan} */
const plan = JSON.parse(process.env['MEMBER'] ?? '{}');
const secret = 'k'.repeat(32);

/** @param {import('./fleet.ts').Point} point */
async function reach(point) {
  if (plan.pauseAt !== point) return;
  process.stdout.write(`${JSON.stringify({ reached: point })}\n`);
  await once(process.stdin, 'data');
}

const redis =
  plan.redisUrl === undefined
    ? undefined
    : createClient({ url: plan.redisUrl, socket: { reconnectStrategy: 50 } });
redis?.on('error', () => {});
redis?.connect().catch(() => {});

/** @type {Record<string, number>} */
const events = {};
/** @param {string} type */
const count = (type) => void (events[type] = (events[type] ?? 0) + 1);

const sealed = createSeal({ secret });
const { leaseMilliseconds = 5000, redisTimeoutMilliseconds = 30_000 } = plan;
const store =
  redis === undefined
    ? fileTokenStore({ directory: plan.directory, seal: sealed, leaseMilliseconds })
    : redisTokenStore({
        client: redis,
        secret,
        leaseMilliseconds,
        timeoutMilliseconds: redisTimeoutMilliseconds,
        pauseMilliseconds: 200,
        onEvent: ({ type }) => count(type),
      });

const key = await readPrivateKeyFile(plan.privateKeyFile);
const signer = localSigner(key);
const transport = createTransport();
/** @type {string[]} */
const warnings = [];

const salesforce = connect({
  loginUrl: plan.loginUrl,
  clientId: plan.clientId,
  username: plan.username,
  store:
    store.renew === undefined
      ? store
      : {
          ...store,
          // The login is done, and the others do not know of it yet.
          renew: async (name, renewal) => {
            process.stdout.write('{"asks":true}\n');
            const token = await /** @type {NonNullable<typeof store.renew>} */ (store.renew)(name, {
              ...renewal,
              signIn: async () => {
                const own = await renewal.signIn();
                await reach('keeping');
                return own;
              },
            });
            process.stdout.write('{"has":true}\n');
            return token;
          },
        },
  signer: {
    algorithm: 'RS256',
    sign: async (data) => {
      await reach('signing');
      return signer.sign(data);
    },
  },
  transport: {
    close: () => transport.close(),
    send: async (request) => {
      const response = await transport.send(request);
      await reach('answered');
      return response;
    },
  },
  timeoutMilliseconds: 60_000,
  clock: { now: () => milliseconds(Date.now() + (plan.clockMinutes ?? 0) * 60_000) },
  onEvent: (event) => {
    count(event.type);
    if (event.type === 'warning') warnings.push(event.message);
  },
});

if (plan.waits === true) {
  process.stdout.write('{"ready":true}\n');
  await once(process.stdin, 'data');
}

let failed = 0;
let longest = 0;
/** @type {string[]} */
const failures = [];
let left = plan.calls;

async function call() {
  while (left > 0) {
    left -= 1;
    const start = performance.now();
    try {
      const response = await salesforce.fetch('/services/data/v67.0');
      await response.text();
      if (!response.ok) throw new Error(`status ${response.status}`);
    } catch (error) {
      failed += 1;
      failures.push(String(error));
    }
    longest = Math.max(longest, performance.now() - start);
  }
}

await Promise.all(Array.from({ length: Math.min(10, plan.calls) }, call));
redis?.destroy();
salesforce.close();
const report = { failed, failures: failures.slice(0, 5), longest, events, warnings };
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
