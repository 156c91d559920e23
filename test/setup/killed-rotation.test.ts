/**
 * Processes of their own: one signs all the time, another rotates its key and is killed at every point,
 * a third goes on from there. Not one call fails.
 */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rotationPhases } from '@sfjwt/setup';
import { expect, onTestFinished, test } from 'vitest';
import { before, privateKeyPem, setting } from './rotation-setting.ts';
import type { Setting } from './rotation-setting.ts';

interface Client {
  /** Ends it, and gives what it counted. */
  stop: () => Promise<{ done: number; failures: string[] }>;
}

function start(program: string, argument: object): ChildProcess {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, [file, JSON.stringify(argument)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout?.setEncoding('utf8');
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function startClient({ options }: Setting): Promise<Client> {
  const { loginUrl, consumerKey: clientId, username, privateKeyFile } = options;
  const child = start('signing.mjs', { loginUrl, clientId, username, privateKeyFile });
  let said = '';
  child.stdout?.on('data', (text: string) => (said += text));
  const ended = once(child, 'close');
  await Promise.race([once(child.stdout ?? expect.fail(), 'data'), ended]);
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      return JSON.parse(said.trim().split('\n').at(-1) ?? '') as Awaited<
        ReturnType<Client['stop']>
      >;
    },
  };
}

/** Runs a rotation in a process of its own: what it printed, or by which signal it died. */
async function rotate(
  { org, options }: Setting,
  more: { killAt?: string; verb?: 'rotate' | 'rollBack' } = {},
): Promise<{ signal: NodeJS.Signals | null; outcome: { state?: string } }> {
  const { session: _session, ...plain } = options;
  const accessToken = org.openSession(org.administrator);
  const child = start('rotating.mjs', { ...plain, ...more, accessToken });
  let said = '';
  child.stdout?.on('data', (text: string) => (said += text));
  const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { signal, outcome: JSON.parse(said || '{}') as { state?: string } };
}

const points = [...rotationPhases, 'finished' as const].flatMap((phase) =>
  phase === 'rollingBack' ? [] : [`${phase} begin`, `${phase} end`],
);
const seed = { limits: { loginsPerHour: 20_000 } };

test.each(points)('killed at "%s", then run again', async (killAt) => {
  const set = await setting('externalClientApp', seed);
  const client = await startClient(set);
  expect((await rotate(set, { killAt })).signal).toBe('SIGKILL');
  const { outcome } = await rotate(set);
  expect(outcome.state).toBe('finished');
  expect(set.inOrg()).not.toBe(before);
  const { done, failures } = await client.stop();
  expect(failures).toEqual([]);
  expect(done).toBeGreaterThan(1);
});

test.each(['staged end', 'uploaded begin', 'uploaded end', 'settling end'])(
  'killed at "%s", then rolled back',
  async (killAt) => {
    const set = await setting('externalClientApp', seed);
    const client = await startClient(set);
    expect((await rotate(set, { killAt })).signal).toBe('SIGKILL');
    const { signal } = await rotate(set, { verb: 'rollBack', killAt: 'rollingBack end' });
    expect(signal).toBe('SIGKILL');
    expect((await rotate(set, { verb: 'rollBack' })).outcome.state).toBe('rolledBack');
    expect(set.inOrg()).toBe(before);
    expect(readFileSync(set.options.privateKeyFile, 'utf8')).toBe(privateKeyPem);
    const { failures } = await client.stop();
    expect(failures).toEqual([]);
  },
);

test('an org that goes by the old certificate for a while', async () => {
  const set = await setting('externalClientApp', { ...seed, propagationSeconds: 3 });
  const client = await startClient(set);
  const { outcome } = await rotate(set);
  expect(outcome.state).toBe('finished');
  const { done, failures } = await client.stop();
  expect(failures).toEqual([]);
  expect(done).toBeGreaterThan(1);
});
