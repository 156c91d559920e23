/**
 * One conformance module, the packed client, every runtime. What a runtime cannot know stands in
 * differences.ts, and nothing else is let pass.
 */

import { writeFile } from 'node:fs/promises';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { TestContext } from 'vitest';
import { unlessOffline } from '../npm.ts';
import { runBare } from './bare-context.ts';
import { esbuildWith, rolldownWith, wrangler } from './bundler.ts';
import { expectationsOf } from './differences.ts';
import { installClient } from './installed-client.ts';
import {
  bunOf,
  denoOf,
  installNode,
  installRuntimes,
  nodeVersions,
  runProgram,
  thisNode,
  versionSaid,
  workerdOf,
} from './runtimes.ts';
import type { ProcessRuntime } from './runtimes.ts';
import { startWorker } from './workerd.ts';
import type { RunningWorker } from './workerd.ts';
import { createWorld } from './world.ts';

interface Outcome {
  name: string;
  ok: boolean;
  error?: string;
}

const runtimes = await unlessOffline(installRuntimes());
const client = await installClient();
const world = await createWorld(client.folder);
afterAll(async () => {
  await world.close();
  await client.close();
});

/** What was installed, or a named skip. */
function installed<T>(outcome: { value: T } | { offline: string }, context: TestContext): T {
  return 'offline' in outcome ? context.skip(outcome.offline) : outcome.value;
}

const names: string[] = [];

/** Every check holds, none is missing, and there are as many as everywhere. */
function expectConformance(outcomes: readonly Outcome[]): void {
  expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
  const held = outcomes.map(({ name }) => name);
  expect(new Set(held).size).toBe(held.length);
  expect(held.length).toBeGreaterThan(100);
  if (names.length === 0) names.push(...held);
  expect(held).toEqual(names);
}

async function expectProcess(runtime: ProcessRuntime): Promise<void> {
  expect(await versionSaid(runtime)).toContain(runtime.version);
  const given = client.file('given.json');
  await writeFile(given, JSON.stringify({ ...world.facts, differences: expectationsOf('node') }));
  const { outcomes, entry } = (await runProgram(
    runtime,
    client.file('program.mjs'),
    [given],
    world.environment,
    client.folder,
  )) as { outcomes: Outcome[]; entry: string };
  expect(entry).toMatch(/node_modules\/@sfjwt\/client\/dist\/node\.js$/);
  expectConformance(outcomes);
  const required = await runProgram(runtime, client.file('required.cjs'), [], {}, client.folder);
  expect(required).toEqual(expect.arrayContaining(['connect', 'parsePrivateKey', 'ClientError']));
}

describe('the client in a process', () => {
  test(`${thisNode.name}, the one of this machine`, () => expectProcess(thisNode));

  test.for(nodeVersions)('Node %s', async (version, context) =>
    expectProcess(installed(await unlessOffline(installNode(version)), context)),
  );

  test('Bun', (context) => expectProcess(bunOf(installed(runtimes, context))));

  test('Deno, which may reach loopback alone', (context) =>
    expectProcess(denoOf(installed(runtimes, context))));
});

/** What a process says when it is run with these permissions: a word for each way to begin. */
async function underDeno(context: TestContext, ...allowed: string[]): Promise<unknown> {
  const program = `import { connect } from '@sfjwt/client';
    const { faults, secure, keys } = ${JSON.stringify(world.facts)};
    const [clientId, username, privateKey] = ['3MVG9.key', 'worker@example.org', keys.pkcs8];
    const outcome = (options) => Promise.resolve().then(() => connect(options).token())
      .then(() => 'works', (error) => error.code);
    const explicit = { clientId, username, privateKey, maximumTries: 1 };
    console.log(JSON.stringify({
      plain: await outcome({ ...explicit, loginUrl: faults + '/ok/deno' }),
      secure: await outcome({ ...explicit, loginUrl: secure + '/ok/deno', ca: ${JSON.stringify(world.facts.ca)} }),
      environment: await outcome(),
    }));`;
  await writeFile(client.file('permissions.mjs'), program);
  const runtime = denoOf(installed(runtimes, context), allowed);
  const file = client.file('permissions.mjs');
  return runProgram(runtime, file, [], world.environment, client.folder);
}

test('Deno: every permission that is missing has a code', async (context) => {
  const [environment, certificates, loopback] = [
    '--allow-env',
    '--allow-sys=ca',
    '--allow-net=127.0.0.1',
  ];
  expect(await underDeno(context)).toEqual({
    plain: 'PERMISSION_DENIED',
    secure: 'PERMISSION_DENIED',
    environment: 'SETTING_MISSING',
  });
  expect(await underDeno(context, loopback)).toEqual({
    plain: 'works',
    secure: 'PERMISSION_DENIED',
    environment: 'SETTING_MISSING',
  });
  expect(await underDeno(context, loopback, certificates, environment)).toEqual({
    plain: 'works',
    secure: 'works',
    environment: 'works',
  });
});

describe('the client bundled for the edge', () => {
  /** A Worker built as Wrangler builds it. */
  async function start(context: TestContext, compatibilityDate?: string): Promise<RunningWorker> {
    const installation = installed(runtimes, context);
    const { code } = await esbuildWith(installation, wrangler)(client.file('worker.mjs'));
    const release = installation.load('workerd') as { compatibilityDate: string };
    const worker = await startWorker({
      workerd: workerdOf(installation),
      code,
      compatibilityDate: compatibilityDate ?? release.compatibilityDate,
      environment: world.environment,
    });
    onTestFinished(() => worker.close());
    return worker;
  }

  test('workerd', async (context) => {
    const worker = await start(context);
    // Since this year a Worker has its bindings in `process.env`.
    const expected = { ...expectationsOf('web'), environment: 'works' };
    const given = { ...world.facts, differences: expected };
    expectConformance((await worker.post('/conformance', given)) as Outcome[]);
  });

  test('workerd as it was at the beginning of 2025', async (context) => {
    const worker = await start(context, '2025-01-01');
    const given = { ...world.facts, differences: expectationsOf('web') };
    expectConformance((await worker.post('/conformance', given)) as Outcome[]);
  });

  test('workerd: requests at the same time share a connection, and one token request', async (context) => {
    const worker = await start(context);
    const { faults, keys } = world.facts;
    const options = {
      loginUrl: `${faults}/slow/shared`,
      clientId: '3MVG9.conformance',
      username: 'worker@example.org',
      privateKey: keys.pkcs8,
    };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => worker.post('/api/shared/echo', options)),
    );
    const right = { status: 200, instanceUrl: faults };
    expect(answers).toEqual(Array.from({ length: 20 }, () => right));
    const paths = world.faults.received('shared').map(({ path }) => path);
    expect(paths.filter((path) => path.endsWith('/token'))).toHaveLength(1);
    expect(paths.filter((path) => path === '/api/shared/echo')).toHaveLength(20);
  });

  test('a context without anything of Node', async () => {
    const { code } = await rolldownWith({ platform: 'browser' })(client.file('bare.mjs'));
    const { conformance } = runBare(code) as {
      conformance: (given: object) => Promise<Outcome[]>;
    };
    // Its `fetch` is Node's, which does tell why a connection failed.
    const { refusedConnection, noTls, untrusted } = expectationsOf('node');
    const told = { refusedConnection, noTls, untrusted, ca: untrusted };
    const expected = { ...expectationsOf('web'), ...told };
    expectConformance(await conformance({ ...world.facts, differences: expected }));
  });
});
