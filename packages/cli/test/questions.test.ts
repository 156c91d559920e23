/** What `login` asks, on a real terminal, and that it asks nothing where there is none. */

import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { createCertificate } from '@sfjwt/setup';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { binary, finished, run } from './command.ts';
import { openSetting } from './setting.ts';
import type { Setting } from './setting.ts';

// Each test starts processes that wait for one another: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });
afterAll(() => vi.resetConfig());

/** Gives a program a terminal; every Linux has it, and its flags are those of Linux. */
const missingScript = ((): boolean => {
  try {
    if (process.platform !== 'linux') return true;
    execFileSync('script', ['--version'], { stdio: 'ignore' });
    return false;
  } catch (cause) {
    if (process.env['CI']) throw new Error('script is needed by the tests in CI', { cause });
    return true;
  }
})();
const tested = test.skipIf(missingScript);

interface Conversation {
  code: number | null;
  /** All that the terminal showed, without what steers it. */
  shown: string;
}

/** Runs a command on a terminal. Each answer is typed when its question has appeared. */
async function converse(
  words: readonly string[],
  { directory }: Setting,
  answers: readonly (readonly [question: string, answer: string])[],
): Promise<Conversation> {
  const command = [process.execPath, binary, ...words].map((word) => `'${word}'`).join(' ');
  const { PATH = '' } = process.env;
  // The terminal that it gives does not tell how wide it is.
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: directory,
    env: {
      PATH,
      HOME: directory,
      SFJWT_HOME: join(directory, 'home'),
      TERM: 'xterm',
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const result = finished(child);
  let shown = '';
  let seen = 0;
  const left = [...answers];
  child.stdout.on('data', (chunk: unknown) => {
    shown = stripVTControlCharacters(shown + String(chunk));
    const [next] = left;
    if (next === undefined) return;
    const place = shown.indexOf(next[0], seen);
    if (place === -1) return;
    seen = place + next[0].length;
    left.shift();
    child.stdin.write(next[1]);
  });
  const { code } = await result;
  expect(left).toEqual([]);
  return { code, shown };
}

tested(
  'login asks for what is missing, in the order of the flow, and keeps the answers',
  async () => {
    const setting = await openSetting();
    const { org, env, directory } = setting;
    const { code, shown } = await converse(['login'], setting, [
      ['Where to sign in', 'not a url\r'],
      // An answer that cannot be is told at once, and asked again.
      ['is not a URL', `${'\u007F'.repeat(9)}${org.url}\r`],
      ['Consumer key of the app', `${env['SFJWT_CLIENT_ID']}\r`],
      ['Username to act as', 'worker@example.org\r'],
      // The file that `key new` has written here is the usual answer.
      ['File of the private key', '\r'],
      ['Name to keep these settings under', 'nightly\r'],
    ]);
    expect({ code, shown }).toMatchObject({ code: 0 });
    expect(shown).toContain('Kept as nightly, the default');
    expect(
      JSON.parse(readFileSync(join(directory, 'home/profiles/nightly.json'), 'utf8')),
    ).toMatchObject({
      settings: {
        loginUrl: org.url,
        clientId: env['SFJWT_CLIENT_ID'],
        username: 'worker@example.org',
        privateKeyFile: join(directory, 'salesforce.key'),
      },
    });
    // What is given is not asked for.
    const { shown: again } = await converse(['login', ...setting.flags], setting, []);
    expect(again).not.toContain('Username to act as');
    expect(again).toContain('Kept as worker@example.org');
  },
);

tested('the passphrase of a key is asked for, and not shown', async () => {
  const setting = await openSetting();
  const { org, env, directory, flags } = setting;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { pem } = await createCertificate({ privateKey });
  org.clientApps.uploadCertificate(org.clientApps.get(env['SFJWT_CLIENT_ID'] ?? ''), pem);
  const passphrase = 'open sesame';
  const encrypted = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const;
  writeFileSync(join(directory, 'salesforce.key'), privateKey.export(encrypted));
  const { code, shown } = await converse(['login', ...flags, '--keep-key'], setting, [
    ['Passphrase of the private key: ', `${passphrase}\r`],
  ]);
  expect({ code, shown }).toMatchObject({ code: 0 });
  expect(shown).not.toContain('sesame');
  const token = await run(['token'], { env: { SFJWT_HOME: join(directory, 'home') } });
  expect(token.code).toBe(0);
});

tested('Ctrl-C at a question ends it, and nothing is kept', async () => {
  const setting = await openSetting();
  const { code, shown } = await converse(['login'], setting, [['Where to sign in', '\u0003']]);
  expect(code).toBe(1);
  expect(shown).toContain('[CANCELLED]');
  expect(existsSync(join(setting.directory, 'home'))).toBe(false);
});

tested.each([[['login', '--no-prompt']], [['login', '--noprompt']], [['login', '--json']]])(
  '%j asks nothing, on a terminal either',
  async (words) => {
    const setting = await openSetting();
    const { code, shown } = await converse(words, setting, []);
    expect(code).toBe(2);
    expect(shown).toContain('--instance-url');
  },
);

test('without a terminal nothing is asked', async () => {
  const { directory } = await openSetting();
  const result = await run(['login'], { cwd: directory });
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toMatch(
    /^sfjwt: No login URL is given.*\n {2}hint: Give it as --instance-url, or/,
  );
  expect(result.stderr).not.toContain('sfjwt login');
  expect(result.stderr).not.toContain('\u001B');
});
