/** The command as a process: stopped by a person, killed by a machine, and run again. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createOrg } from '@sfjwt/org';
import type { Org } from '@sfjwt/org';
import { expect, onTestFinished, test } from 'vitest';
import { worker } from './stage.ts';

const program = fileURLToPath(new URL('../../packages/cli/bin/sfjwt.js', import.meta.url));

interface Run {
  code: number | null;
  signal: string | null;
  output: string;
}

async function stage(deploySeconds: number) {
  const org = await createOrg({ seed: { deploySeconds } });
  onTestFinished(() => org.close());
  await org.listen({ port: 0 });
  const home = mkdtempSync(join(tmpdir(), 'sfjwt-setup-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const accessToken = org.openSession(org.administrator);
  const start = (...more: string[]) => {
    const words = [
      ...['setup', '--instance-url', org.url, '--admin-token-stdin', '--alias', 'nightly'],
      ...['--name', 'Nightly Sync', '--contact-email', 'ops@example.org', '--username', worker],
      ...more,
    ];
    const { PATH = '' } = process.env;
    const env = { PATH, HOME: home, SFJWT_HOME: home };
    const child = spawn(process.execPath, [program, ...words], { env });
    onTestFinished(() => void child.kill('SIGKILL'));
    child.stdin.end(accessToken);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => (output += text.toString()));
    }
    const ended = new Promise<Run>((resolve) => {
      child.on('close', (code, signal) => resolve({ code, signal, output }));
    });
    return { child, ended };
  };
  return { org, home, accessToken, start };
}

/** Until the org has been asked to deploy so many times. */
function deployments(org: Org, number: number): Promise<unknown> {
  const seen = new Set<number>();
  return org.requests.waitFor(
    (entry) => {
      if (entry.method !== 'POST' || !entry.path.endsWith('/metadata/deployRequest')) return false;
      return seen.add(entry.number).size >= number;
    },
    { timeoutMilliseconds: 60_000 },
  );
}

test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  'stopped by %s in the middle, the same command finishes it',
  async (signal) => {
    const { org, home, accessToken, start } = await stage(1);
    const first = start('--yes');
    await deployments(org, 2);
    first.child.kill(signal);
    const stopped = await first.ended;
    if (signal === 'SIGKILL') expect(stopped.signal).toBe(signal);
    else {
      expect(stopped).toMatchObject({ code: 1, signal: null });
      expect(stopped.output).toContain('[CANCELLED]');
    }
    // The key is kept: what the next run deploys is its certificate, and no third one.
    const key = readFileSync(join(home, 'keys/nightly.key'), 'utf8');
    // What the org was told goes on without us; what it is told next takes it no time.
    org.clock.advance({ minutes: 1 });
    org.seed({ deploySeconds: 0 });
    const second = await start('--yes', '--json').ended;
    expect(second.code, second.output).toBe(0);
    const { result } = JSON.parse(second.output) as { result: { consumerKey: string } };
    expect(readFileSync(join(home, 'keys/nightly.key'), 'utf8')).toBe(key);
    expect(org.clientApps.list()).toMatchObject([
      { consumerKey: result.consumerKey, isEnabled: true, permittedUsers: 'adminApproved' },
    ]);
    // Secrets are for their owner alone, and the token of the administrator is nowhere.
    for (const file of ['keys/nightly.key', 'profiles/nightly.json']) {
      expect(statSync(join(home, file)).mode & 0o777).toBe(0o600);
    }
    expect(stopped.output + second.output).not.toContain(accessToken);
    for (const file of readdirSync(home, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      expect(readFileSync(join(file.parentPath, file.name), 'utf8')).not.toContain(accessToken);
    }
  },
);

test('from nothing to a proven login in one command', async () => {
  const { org, start } = await stage(0);
  const run = await start('--yes', '--json').ended;
  expect(run.code, run.output).toBe(0);
  const { result } = JSON.parse(run.output) as { result: Record<string, unknown> };
  expect(result).toMatchObject({
    profile: 'nightly',
    requestCount: 30,
    proof: { username: worker, tries: 1, login: { status: 'Success' } },
  });
  expect(org.loginHistory.list()).toHaveLength(1);
});
