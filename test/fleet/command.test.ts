/** `sfjwt token`, many times at once, as scripts and hooks of a machine run it. */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { fleet } from './fleet.ts';

const command = fileURLToPath(new URL('../../packages/cli/bin/sfjwt.js', import.meta.url));

interface Started {
  process: ChildProcess;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

async function machine() {
  const shared = await fleet();
  const home = join(shared.directory, 'home');
  const variables = (variable: Record<string, string> = {}): Record<string, string> => ({
    PATH: process.env['PATH'] ?? '',
    HOME: shared.directory,
    SFJWT_HOME: home,
    SFJWT_LOGIN_URL: shared.org.url,
    SFJWT_CLIENT_ID: shared.org.clientApps.list()[0]?.consumerKey ?? '',
    SFJWT_USERNAME: 'worker@acme.example',
    SFJWT_PRIVATE_KEY_FILE: join(shared.directory, 'salesforce.key'),
    ...variable,
  });

  function token(words: readonly string[] = [], variable: Record<string, string> = {}): Started {
    const child = spawn(process.execPath, [command, 'token', ...words], {
      env: variables(variable),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = new Promise<Awaited<Started['ended']>>((resolve) => {
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
    return { process: child, ended };
  }

  return { ...shared, home, token };
}

/**
 * As many as can be started at once: between two of them the org, which is in this process, has to
 * answer those that are there already.
 */
async function times(count: number, start: () => Started): Promise<Started[]> {
  const started: Started[] = [];
  while (started.length < count) {
    started.push(start());
    await new Promise((resolve) => setImmediate(resolve));
  }
  return started;
}

async function allOf(started: readonly Started[]) {
  const ended = await Promise.all(started.map((one) => one.ended));
  expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    ended.map(() => ({ code: 0, stderr: '' })),
  );
  return new Set(ended.map(({ stdout }) => stdout));
}

test('fifty at once sign in once, and print one token', async () => {
  const { token, logins, home } = await machine();
  const tokens = await allOf(await times(50, () => token()));
  expect(tokens.size).toBe(1);
  expect(logins()).toBe(1);
  expect(await readdir(join(home, 'tokens'))).toHaveLength(1);
  expect((await readdir(home)).toSorted()).toEqual(['key.json', 'tokens']);
});

test('fifty at once sign in once more when the one that does is killed half-way', async () => {
  const { token, logins, home, org } = await machine();
  // Whoever asks is held: it gives up after ten seconds and asks again, twice at most.
  org.faults.next('token', { delay: { minutes: 10 } }, { times: 3 });
  const started = await times(50, () => token());
  await expect
    .poll(() => org.requests.list({ path: 'token' }).length, { timeout: 60_000 })
    .not.toBe(0);
  const tokens = join(home, 'tokens');
  const lease = (await readdir(tokens)).find((name) => name.endsWith('.lease')) ?? '';
  const { pid } = JSON.parse(await readFile(join(tokens, lease), 'utf8')) as { pid: number };
  const holder = started.find((one) => one.process.pid === pid) ?? expect.fail();
  const before = logins();
  org.faults.clear();
  holder.process.kill('SIGKILL');
  expect((await holder.ended).stdout).toBe('');
  expect(await allOf(started.filter((one) => one !== holder))).toHaveProperty('size', 1);
  expect(logins() - before).toBe(1);
  expect(await readdir(tokens)).toEqual([expect.stringMatching(/\.token$/)]);
});
