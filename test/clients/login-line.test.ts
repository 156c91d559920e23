/**
 * People come from `sf org login jwt`. A line of theirs works when its words are changed; and what
 * `sfjwt login --sf` hands on, the Salesforce CLI goes on with.
 */

import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { unlessOffline } from '../npm.ts';
import { installNode } from '../runtimes/runtimes.ts';
import { makeSurroundings } from './actor.ts';
import { installClients } from './installation.ts';
import { endSessions, openLocalOrg, worker } from './local-org.ts';
import { newerNode } from './tried.ts';

const sfjwtProgram = fileURLToPath(new URL('../../packages/cli/bin/sfjwt.js', import.meta.url));

const installed = await unlessOffline(
  (async () => {
    const { folder } = await installClients('node-22');
    const { command } = await installNode(newerNode);
    const node = command[0] ?? '';
    return { node, sf: join(folder, 'node_modules/.bin/sf') };
  })(),
);
const tested = test.skipIf('offline' in installed);

interface Ending {
  code: number;
  stdout: string;
  stderr: string;
}

const said = ({ stdout }: Ending) =>
  JSON.parse(stdout) as { result: unknown; [name: string]: unknown };

async function stage() {
  if (!('value' in installed)) throw new Error(installed.offline);
  const { node, sf } = installed.value;
  const { org, settings } = await openLocalOrg('http');
  const surroundings = makeSurroundings();
  const { home, environment } = surroundings;
  const keyFile = join(home, 'salesforce.key');
  writeFileSync(keyFile, settings.privateKey, { mode: 0o600 });
  // `sf` as a person has it: on the PATH, with the Node that it wants.
  const programs = join(home, 'programs');
  mkdirSync(programs);
  symlinkSync(sf, join(programs, 'sf'));
  symlinkSync(node, join(programs, 'node'));
  const around = {
    ...environment,
    PATH: [programs, environment['PATH']].join(delimiter),
    SFJWT_HOME: join(home, 'sfjwt'),
  };
  const run = (program: string, words: readonly string[], variables = {}): Promise<Ending> =>
    new Promise((resolve) => {
      const env = { ...around, ...variables };
      execFile(program, words, { cwd: home, env, timeout: 240_000 }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
      );
    });
  return {
    org,
    settings,
    surroundings,
    keyFile,
    home,
    sf: (words: readonly string[]) => run(join(programs, 'sf'), words),
    sfjwt: (words: readonly string[], variables = {}) =>
      run(process.execPath, [sfjwtProgram, ...words], variables),
  };
}

tested('every spelling that the real sf org login jwt takes is taken', async () => {
  const { org, settings, keyFile, sf, sfjwt, surroundings } = await stage();
  const help = await sf(['org', 'login', 'jwt', '--help']);
  expect(help.code).toBe(0);
  const present = new Set(
    [...help.stdout.matchAll(/(?<![\w-])--?[a-z][a-z-]*/g)].map(([flag]) => flag),
  );
  for (const flag of ['-o', '-f', '-i', '-r', '-a', '-s', '-d', '--username', '--jwt-key-file']) {
    expect(present).toContain(flag);
  }
  // What its help no longer shows, its manifest still tells.
  const { flags } = loginJwt();
  const spellings = Object.values(flags).flatMap(({ name, char, aliases = [], type }) =>
    [name, char, ...aliases].flatMap((spelling) =>
      spelling === undefined || ['json', 'flags-dir'].includes(name)
        ? []
        : [{ name, spelling, type }],
    ),
  );
  expect(spellings.length).toBeGreaterThan(25);
  const values: Record<string, string> = {
    username: settings.username,
    'jwt-key-file': keyFile,
    'client-id': settings.clientId,
    'instance-url': org.url,
    alias: 'local',
    loglevel: 'error',
  };
  const needed = ['username', 'jwt-key-file', 'client-id', 'instance-url'];
  for (const { name, spelling, type } of spellings) {
    const flag = spelling.length === 1 ? `-${spelling}` : `--${spelling}`;
    const others = needed.flatMap((one) => (one === name ? [] : [`--${one}`, values[one] ?? '']));
    const words = [...others, flag, ...(type === 'boolean' ? [] : [values[name] ?? ''])];
    const ending = await sfjwt(['token', ...words, '--json']);
    expect({ flag, ...ending }).toMatchObject({ flag, code: 0 });
  }
  expect(surroundings.strangers()).toEqual([]);
});

tested.each([
  [
    'of today',
    'org login jwt --username USER --jwt-key-file KEY --client-id APP --instance-url URL --alias ci --set-default --json',
  ],
  ['in letters', 'org login jwt -o USER -f KEY -i APP -r URL -a ci -s -d -p'],
  [
    'of sfdx',
    'force:auth:jwt:grant --clientid APP --jwtkeyfile KEY --username USER --instanceurl URL --setalias ci --setdefaultusername --setdefaultdevhubusername --noprompt --loglevel error',
  ],
  ['of sfdx, in letters', 'auth:jwt:grant -u USER -f KEY -i APP -l URL -a ci -s -v'],
])('a line %s works in sf, and in sfjwt when its first words are changed', async (_when, line) => {
  const { org, settings, keyFile, sf, sfjwt, surroundings } = await stage();
  const words = (text: string): string[] =>
    text
      .replace('USER', settings.username)
      .replace('KEY', keyFile)
      .replace('APP', settings.clientId)
      .replace('URL', org.url)
      .split(' ');
  const before = await sf(words(line));
  expect(before).toMatchObject({ code: 0 });
  const [, after = ''] = /^(?:org login jwt|\S+) (.*)$/.exec(line) ?? [];
  const login = await sfjwt(['login', ...words(after)]);
  expect(login).toMatchObject({ code: 0 });
  if (line.includes('--json')) {
    const { username, orgId, instanceUrl, loginUrl, clientId } = said(before).result as Record<
      string,
      string
    >;
    expect(said(login)).toMatchObject({
      status: 0,
      result: { username, orgId, instanceUrl, clientId, loginUrl: loginUrl?.replace(/\/$/, '') },
    });
  }
  expect((await sfjwt(['profiles', 'show', 'ci', '--json'])).code).toBe(0);
  expect((await sfjwt(['api', 'GET', '/services/data/v67.0/limits'])).code).toBe(0);
  const token = await sfjwt(['token', ...words(after)]);
  expect(token).toMatchObject({ code: 0 });
  expect(token.stdout).toMatch(/00DLOCAL/);
  expect(surroundings.strangers()).toEqual([]);
});

tested('without an instance URL both mean login.salesforce.com, and ours says so', async () => {
  const { settings, keyFile, sf, sfjwt, surroundings } = await stage();
  const { username, clientId } = settings;
  const line = ['--username', username, '--jwt-key-file', keyFile, '--client-id', clientId];
  expect((await sf(['org', 'login', 'jwt', ...line])).code).not.toBe(0);
  expect(surroundings.strangers()).toContain('login.salesforce.com');
  rmSync(join(surroundings.home, 'strangers.txt'));
  const ours = await sfjwt(['login', ...line]);
  expect(ours.code).toBe(4);
  expect(new Set(surroundings.strangers())).toEqual(new Set(['login.salesforce.com']));
  const told = await sfjwt(['login', ...line, '--json']);
  expect(said(told)).toMatchObject({
    message: expect.stringContaining('login.salesforce.com') as unknown,
  });
});

tested('--sf: the Salesforce CLI is signed in, and signs in again by itself', async () => {
  const { org, settings, keyFile, sf, sfjwt, surroundings } = await stage();
  const { username, clientId } = settings;
  const login = await sfjwt([
    ...['login', '--username', username, '--jwt-key-file', keyFile, '--client-id', clientId],
    ...['--instance-url', org.url, '--alias', 'nightly', '--set-default', '--sf', '--json'],
  ]);
  expect(login).toMatchObject({ code: 0, stderr: '' });
  expect(said(login)).toMatchObject({
    result: { profile: 'nightly', salesforceCli: { renews: true } },
    warnings: [],
  });
  const display = await sf(['org', 'display', '--target-org', 'nightly', '--json']);
  expect(said(display)).toMatchObject({
    result: { username: worker, alias: 'nightly', connectedStatus: 'Connected', clientId },
  });
  // The default org, and a session that an administrator ends on the way.
  endSessions(org);
  const query = ['data', 'query', '--query', 'SELECT Name FROM Account ORDER BY Name', '--json'];
  expect(said(await sf(query))).toMatchObject({
    result: { totalSize: 3, records: [{ Name: 'Acme' }, {}, {}] },
  });
  expect(surroundings.strangers()).toEqual([]);
});

tested(
  '--sf with a key that is in no file: the Salesforce CLI has the token, and that is told',
  async () => {
    const { org, settings, sf, sfjwt, surroundings } = await stage();
    const { username, clientId, privateKey } = settings;
    const login = await sfjwt(
      ['login', '-o', username, '-i', clientId, '-r', org.url, '-a', 'nightly', '--sf', '--json'],
      { SFJWT_PRIVATE_KEY: privateKey },
    );
    expect(login).toMatchObject({ code: 0, stderr: '' });
    expect(said(login)).toMatchObject({
      result: { salesforceCli: { renews: false }, key: { kind: 'variable' } },
      warnings: [expect.stringContaining('has the token alone') as unknown],
    });
    const display = await sf(['org', 'display', '--target-org', 'nightly', '--json']);
    expect(said(display)).toMatchObject({
      result: { username: worker, connectedStatus: 'Connected' },
    });
    expect(surroundings.strangers()).toEqual([]);
  },
);

tested('--sf without sf on the PATH, or with one that refuses, keeps nothing', async () => {
  const { org, settings, keyFile, home, sfjwt } = await stage();
  const { username, clientId } = settings;
  const line = ['-o', username, '-f', keyFile, '-i', clientId, '-r', org.url, '-a', 'nightly'];
  const none = await sfjwt(['login', ...line, '--sf', '--json'], { PATH: home });
  expect(none.code).toBe(5);
  expect(said(none)).toMatchObject({ code: 'SALESFORCE_CLI_NOT_FOUND' });
  // What it says of a token that it was given must not show that token.
  const refusing = join(home, 'refusing');
  mkdirSync(refusing);
  writeFileSync(
    join(refusing, 'sf'),
    `#!/bin/sh\nprintf '{"status":1,"message":"no: %s"}' "$SF_ACCESS_TOKEN"\nexit 1\n`,
    { mode: 0o755 },
  );
  const refused = await sfjwt(
    ['login', ...line.filter((word) => word !== '-f' && word !== keyFile), '--sf', '--json'],
    { PATH: refusing, SFJWT_PRIVATE_KEY: settings.privateKey },
  );
  expect(refused.code).toBe(5);
  expect(said(refused)).toMatchObject({
    code: 'SALESFORCE_CLI_FAILED',
    message: expect.stringContaining('no: [hidden]') as unknown,
  });
  expect((await sfjwt(['profiles', '--json'])).stdout).toContain('"result":[]');
});

interface ManifestFlag {
  name: string;
  char?: string;
  aliases?: string[];
  type: 'boolean' | 'option';
}

/** What the real command says of its flags, the deprecated ones too. */
function loginJwt(): { flags: Record<string, ManifestFlag> } {
  if (!('value' in installed)) throw new Error(installed.offline);
  const modules = dirname(dirname(installed.value.sf));
  const manifest = readFileSync(
    join(modules, '@salesforce/plugin-auth/oclif.manifest.json'),
    'utf8',
  );
  const { commands } = JSON.parse(manifest) as {
    commands: Record<string, { flags: Record<string, ManifestFlag> }>;
  };
  const command = commands['org:login:jwt'];
  if (command === undefined) throw new Error('the manifest has no org:login:jwt');
  return command;
}
