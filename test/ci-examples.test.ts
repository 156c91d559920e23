/**
 * The examples for build machines: each is read as the machine would read it, and the lines that it
 * would give to a shell are given to one, in order and with what it would set, against a local org.
 */

import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { acme, root } from './acme.ts';

const read = (name: string): string => readFileSync(join(root, 'examples/ci', name), 'utf8');

/** The command is here already; the real machine has it from the registry. */
const installation = 'npm install --global sfjwt';

async function machine() {
  const { org, directory, consumerKey } = await acme();
  const work = join(directory, 'work');
  const home = join(directory, 'home');
  for (const folder of [work, home]) mkdirSync(folder);
  const keyFile = join(directory, 'salesforce.key');
  const key = readFileSync(keyFile, 'utf8');
  const PATH = `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
  /** Runs lines in one shell, which stops at the first that fails; says all that the log would show. */
  const shell = (script: string, variables: Record<string, string>): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = spawn('bash', ['-e', '-o', 'pipefail', '-c', script], {
        cwd: work,
        env: { PATH, HOME: home, CI: 'true', ...variables },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let log = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (text: Buffer) => (log += text.toString()));
      }
      child.on('close', (code) =>
        code === 0 ? resolve(log) : reject(new Error(`${script}\nended with ${code}:\n${log}`)),
      );
    });
  const settings = {
    loginUrl: org.url,
    clientId: consumerKey,
    username: 'worker@acme.example',
  };
  /** Neither colour nor secret in what a log would show. */
  const isClean = (log: string): void => {
    expect(log).not.toContain('\u001B');
    expect(log).not.toContain(key.split('\n')[2]);
    // A mask line is for the machine alone, which shows it as stars.
    expect(log.replaceAll(/^::add-mask::.*$/gm, '')).not.toMatch(/00D\w{12,15}![\w.]/);
  };
  const accounts = (): unknown => JSON.parse(readFileSync(join(work, 'accounts.json'), 'utf8'));
  return { org, work, home, keyFile, key, shell, settings, isClean, accounts };
}

const someAccounts = { totalSize: 3, records: expect.arrayContaining([]) as unknown };

test('GitHub Actions: each step of the workflow, with nothing written but what it writes itself', async () => {
  const { org, work, home, key, shell, settings, isClean, accounts } = await machine();
  const workflow = parse(read('github-actions.yml')) as {
    env: Record<string, string>;
    jobs: { sync: { env: Record<string, string>; steps: { name?: string; run?: string }[] } };
  };
  const known: Record<string, string> = {
    'vars.SALESFORCE_LOGIN_URL': settings.loginUrl,
    'vars.SALESFORCE_CLIENT_ID': settings.clientId,
    'vars.SALESFORCE_USERNAME': settings.username,
    'secrets.SALESFORCE_PRIVATE_KEY': key,
  };
  const expand = (text: string): string =>
    text.replaceAll(/\$\{\{ *([\w.]+) *\}\}/g, (_, name: string) => {
      const { [name]: value } = known;
      if (value === undefined) throw new Error(`${name} is not set`);
      return value;
    });
  const { env, jobs } = workflow;
  const variables = Object.fromEntries(
    Object.entries({ ...env, ...jobs.sync.env }).map(([name, value]) => [name, expand(value)]),
  );
  const scripts = jobs.sync.steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
  expect(scripts[0]).toBe(installation);
  let log = '';
  for (const script of scripts.slice(1)) {
    log += await shell(expand(script), { ...variables, GITHUB_ACTIONS: 'true' });
  }
  isClean(log);
  expect(log).toContain(`signed in at ${org.url}`);
  expect(log).toMatch(/^::add-mask::00D/m);
  expect(log).toMatch(/a token of \d{2,} characters/);
  expect(accounts()).toMatchObject(someAccounts);
  expect(readdirSync(work)).toEqual(['accounts.json']);
  expect(readdirSync(home)).toEqual([]);

  // Whose matter a failure is.
  const [, check = ''] = scripts;
  for (const [changed, words] of [
    [{ SFJWT_USERNAME: 'admin@local-org.example' }, '::error::Salesforce refused the login'],
    [{ SFJWT_LOGIN_URL: 'http://127.0.0.1:1' }, '::error::Salesforce was not reached'],
    [{ SFJWT_PRIVATE_KEY: 'no key' }, '::error::settings or key are unusable'],
  ] as const) {
    await expect(shell(check, { ...variables, ...changed })).rejects.toThrow(words);
  }
});

test('GitLab: before, script and after, with a key in a file and one login for the script', async () => {
  const { org, work, home, keyFile, shell, settings, isClean, accounts } = await machine();
  const job = (
    parse(read('gitlab-ci.yml')) as {
      'nightly-sync': Record<'before_script' | 'script' | 'after_script', string[]>;
    }
  )['nightly-sync'];
  const [install, ...before] = job.before_script;
  expect(install).toBe(installation);
  const variables = {
    GITLAB_CI: 'true',
    CI_PROJECT_DIR: work,
    SFJWT_LOGIN_URL: settings.loginUrl,
    SFJWT_CLIENT_ID: settings.clientId,
    SFJWT_USERNAME: settings.username,
    SFJWT_PRIVATE_KEY_FILE: keyFile,
  };
  const checked = await shell(before.join('\n'), variables);
  const logins = org.loginHistory.list().length;
  const log = await shell(job.script.join('\n'), variables);
  expect(org.loginHistory.list()).toHaveLength(logins + 1);
  isClean(checked + log);
  expect(log).toContain(`signed in at ${org.url}`);
  expect(accounts()).toMatchObject(someAccounts);
  await shell(job.after_script.join('\n'), variables);
  expect(readdirSync(work)).toEqual(['accounts.json']);
  expect(readdirSync(home)).toEqual([]);
});

test('Jenkins: each sh of the pipeline, with a profile that refers to the secret file', async () => {
  const { org, work, home, keyFile, shell, settings, isClean, accounts } = await machine();
  const pipeline = read('Jenkinsfile');
  const count = (pattern: RegExp): number => [...pipeline.matchAll(pattern)].length;
  expect(count(/\{/g)).toBe(count(/\}/g));
  // The credentials that it names are what it runs with.
  const [, block = ''] = /environment \{\n([^]*?\n) {2}\}/.exec(pipeline) ?? [];
  const named = [...block.matchAll(/^ +(\w+) = (?:'(.*)'|"(.*)")$/gm)].map(
    ([, name = '', plain, text]) => [
      name,
      plain ?? (text ?? '').replace('${WORKSPACE_TMP}', `${work}@tmp`),
    ],
  );
  const credentials = [...pipeline.matchAll(/variable: '(\w+)'/g)].map(([, name]) => name);
  expect(credentials).toEqual(['SFJWT_CLIENT_ID', 'SFJWT_PRIVATE_KEY_FILE']);
  const variables = {
    ...(Object.fromEntries(named) as Record<string, string>),
    // The org of the test in place of the one in the example.
    SFJWT_LOGIN_URL: settings.loginUrl,
    SFJWT_CLIENT_ID: settings.clientId,
    SFJWT_PRIVATE_KEY_FILE: keyFile,
  };
  const scripts = [...pipeline.matchAll(/^ +sh (?:'''([^]*?)'''|'(.*)')$/gm)].map(
    ([, long, short]) => long ?? short ?? '',
  );
  expect(scripts).toHaveLength(count(/\bsh '/g));
  expect(scripts[0]).toBe(installation);
  let log = '';
  for (const script of scripts.slice(1)) log += await shell(script, variables);
  isClean(log);
  expect(log).toContain('Kept as nightly');
  expect(log).toContain(`signed in at ${org.url}`);
  expect(org.loginHistory.list()).toHaveLength(1);
  expect(accounts()).toMatchObject(someAccounts);
  expect(readdirSync(work)).toEqual(['accounts.json']);
  expect(readdirSync(home)).toEqual([]);
});

test('every example for a build machine is run here', () => {
  expect(readdirSync(join(root, 'examples/ci')).toSorted()).toEqual([
    'Jenkinsfile',
    'github-actions.yml',
    'gitlab-ci.yml',
  ]);
});
