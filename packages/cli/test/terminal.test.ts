import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createKeyPair } from '@sfjwt/setup';
import { writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { finished, folder, lineWith, run, start } from './command.ts';

const binary = fileURLToPath(new URL('../bin/sfjwt.js', import.meta.url));

/** A control code that JSON leaves as it is (CSI, of one character), a tab, and a turn of the order. */
const steering = { name: 'red\u009B31m\u007F', note: '\u202Eevil', list: ['a\tb'] };

interface Answering {
  env: Record<string, string>;
  /** Lets the token go that is asked for. */
  release: () => void;
}

/** A host that gives a token when it is told to, and JSON to whoever comes with it. */
async function answering({ held = false } = {}): Promise<Answering> {
  const directory = folder();
  const privateKeyFile = join(directory, 'a.key');
  writeFileSync(privateKeyFile, (await createKeyPair()).privateKeyPem, { mode: 0o600 });
  let release = (): void => {};
  const released = held ? new Promise<void>((resolve) => (release = resolve)) : Promise.resolve();
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    if (request.url !== '/services/oauth2/token') {
      response.end(request.url === '/steering' ? JSON.stringify(steering) : '{"a":1}');
      return;
    }
    const token = { access_token: '00D000000000001!abc', token_type: 'Bearer', scope: 'api' };
    const id = `${url}/id/00D000000000001EAA/005000000000001AAA`;
    void released.then(() => response.end(JSON.stringify({ ...token, id, instance_url: url })));
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    release: () => release(),
    env: {
      SFJWT_LOGIN_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      SFJWT_CLIENT_ID: '3MVG9.terminal',
      SFJWT_USERNAME: 'worker@acme.example',
      SFJWT_PRIVATE_KEY_FILE: privateKeyFile,
    },
  };
}

/** The command in a terminal of so many columns; what it shows comes out of `stdout`. */
function inTerminal(words: string, env: Record<string, string> = {}, columns = 80): ChildProcess {
  const line = `stty cols ${columns}; '${process.execPath}' '${binary}' ${words}`;
  const { PATH = '' } = process.env;
  const home = join(folder(), 'home');
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    env: { PATH, TERM: 'xterm', SFJWT_HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test('who waits longer than half a second is told for what, and the line goes away again', async () => {
  const { env, release } = await answering({ held: true });
  const child = inTerminal('token', env);
  child.stdout?.on('data', (shown: Buffer | string) => {
    if (String(shown).includes('Waiting for Salesforce…')) release();
  });
  const { code, stdout } = await finished(child);
  expect(code).toBe(0);
  expect(
    stdout.endsWith('Waiting for Salesforce…\u001B[22m\r\u001B[K00D000000000001!abc\r\n'),
  ).toBe(true);
});

test('JSON is indented for people, and left as it came for programs', async () => {
  const { env } = await answering();
  expect((await finished(inTerminal('api GET /x', env))).stdout).toContain(
    '{\r\n  "a": 1\r\n}\r\n',
  );
  expect((await run(['api', 'GET', '/x'], { env })).stdout).toBe('{"a":1}');
});

test('JSON steers no terminal, and comes into a pipe as it was sent', async () => {
  const { env } = await answering();
  const { stdout } = await finished(inTerminal('api GET /steering', env));
  expect(stdout).toContain('"red 31m "');
  expect(stdout).toContain('" evil"');
  expect(stdout).toContain('\r\n  "list": [\r\n    "a\\tb"\r\n  ]');
  expect((await run(['api', 'GET', '/steering'], { env })).stdout).toBe(JSON.stringify(steering));
});

test('a comment in help stays one where it is broken', async () => {
  const { stdout } = await finished(inTerminal('setup apply --help --no-color', {}, 60));
  const examples = /Examples:\r\n([^]*?)\r\nWhich org/.exec(stdout)?.[1]?.split('\r\n') ?? [];
  const starts = examples.filter((line) => line !== '' && !/^ {2}(?:# |sf|sfjwt | )/.test(line));
  expect(examples.filter((line) => line.startsWith('  # ')).length).toBeGreaterThan(3);
  expect(starts).toEqual([]);
});

test.each([60, 120])('a list of profiles fits %i columns', async (columns) => {
  const { env } = await answering();
  const home = join(folder(), 'home');
  const kept = { ...env, SFJWT_HOME: home };
  expect((await run(['login', '--alias', 'nightly'], { env: kept })).code).toBe(0);
  const { stdout } = await finished(inTerminal('profiles', { SFJWT_HOME: home }, columns));
  const lines = stdout.trimEnd().split('\r\n');
  expect(stdout).toContain('nightly');
  // A path may be as long as it is.
  const wide = lines.filter((line) => line.length > columns && !/^KEY {2}/.test(line));
  expect(wide).toEqual([]);
});

test.each([60, 80, 120])('help keeps to a terminal of %i columns', async (columns) => {
  for (const command of ['', 'token', 'api', 'org', 'login', 'key import']) {
    const { code, stdout } = await finished(
      inTerminal(`${command} --help --no-color`, {}, columns),
    );
    expect(code).toBe(0);
    const lines = stdout.split('\r\n');
    // An example is broken before its flags alone: it can be pasted.
    const wide = lines.filter((line) => line.length > columns && !/^ {2}sfjwt |^ {4}-/.test(line));
    expect(wide).toEqual([]);
  }
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'exec passes %s on, and ends as the command did',
  async (signal) => {
    const { env } = await answering();
    const program = `process.on('${signal}', () => { console.log('told'); process.exit(9); }); setInterval(() => {}, 1000); console.log('runs');`;
    const child = start(['exec', '--', process.execPath, '-e', program], { env });
    await lineWith(child, 'stdout', 'runs');
    const ended = finished(child);
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 9, stdout: 'told\n' });
  },
);

test('exec ends by the signal that ended the command', async () => {
  const { env } = await answering();
  const child = start(['exec', '--', 'sh', '-c', 'kill -TERM $$'], { env });
  const signal = await new Promise((resolve) => child.on('exit', (_code, name) => resolve(name)));
  expect(signal).toBe('SIGTERM');
});
