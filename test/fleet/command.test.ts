/** `sfjwt token`, many times at once, as scripts and hooks of a machine run it. */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFile, readdir, writeFile } from 'node:fs/promises';
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

test('a token is kept for the next command, unless it is told not to', async () => {
  const { token, logins, home } = await machine();
  const [first] = await allOf([token()]);
  expect(await allOf([token()])).toEqual(new Set([first]));
  expect(logins()).toBe(1);
  const before = await readdir(join(home, 'tokens'));
  await allOf([token(['--no-cache'])]);
  expect(logins()).toBe(2);
  expect(await readdir(join(home, 'tokens'))).toEqual(before);
});

test('on a build machine nothing is written that nobody asked for', async () => {
  const { token, logins, directory, home } = await machine();
  const before = (await readdir(directory)).toSorted();
  await allOf([token([], { CI: 'true', SFJWT_HOME: '' })]);
  await allOf([token([], { CI: 'true', SFJWT_HOME: '' })]);
  expect(logins()).toBe(2);
  expect((await readdir(directory)).toSorted()).toEqual(before);
  // A folder that is named is asked for.
  await allOf([token([], { CI: 'true' })]);
  await allOf([token([], { CI: 'true' })]);
  expect(logins()).toBe(3);
  expect(await readdir(home)).toContain('tokens');
});

test('a home that cannot be written to costs a login and a warning each time, and no token', async () => {
  const { token, logins, directory } = await machine();
  const home = join(directory, 'file');
  await writeFile(home, '');
  const { code, stdout, stderr } = await token([], { SFJWT_HOME: home }).ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^00D/);
  expect(stderr).toMatch(/^sfjwt: warning: The token store failed: /);
  expect(logins()).toBe(1);
});
