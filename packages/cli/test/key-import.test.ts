import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { binary, finished, run } from './command.ts';

const missing = (command: string, args: readonly string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return false;
  } catch (cause) {
    if (process.env['CI']) throw new Error(`${command} is needed by the tests in CI`, { cause });
    return true;
  }
};
const missingOpenssl = missing('openssl', ['version']);
/** Gives a program a terminal; every Linux has it, and its flags are those of Linux. */
const missingScript = process.platform !== 'linux' || missing('script', ['--version']);

const password = 'pässword 1';

/** The folder of a test, with what `openssl` made: a pair as PEM, and the same locked. */
let made: { directory: string; key: string; store: Buffer };

// Each test starts several processes: a busy machine takes its time.
describe.skipIf(missingOpenssl)('key import', { timeout: 120_000 }, () => {
  beforeAll(() => {
    const directory = mkdtempSync(join(tmpdir(), 'sfjwt-import-'));
    const openssl = (...args: string[]): Buffer =>
      execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'a.key',
      '-out',
      'a.crt',
      '-subj',
      '/CN=a',
    );
    const pair = ['-inkey', 'a.key', '-in', 'a.crt', '-name', 'Nightly Sync'];
    const store = openssl('pkcs12', '-export', ...pair, '-passout', `pass:${password}`);
    made = { directory, store, key: readFileSync(join(directory, 'a.key'), 'utf8') };
    return () => rmSync(directory, { recursive: true, force: true });
  });

  function folder(): string {
    const directory = mkdtempSync(join(tmpdir(), 'sfjwt-cli-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    writeFileSync(join(directory, 'keys.p12'), made.store);
    return directory;
  }

  test.each([
    ['standard input', ['--password-stdin'], { input: `${password}\n` }],
    ['the environment', [], { env: { SFJWT_KEYSTORE_PASSWORD: password } }],
    ['a file', ['--password-file', 'password.txt'], {}],
  ])('with the password from %s', async (_name, flags, options) => {
    const cwd = folder();
    writeFileSync(join(cwd, 'password.txt'), `${password}\n`);
    const result = await run(['key', 'import', 'keys.p12', '--name', 'nightly', ...flags], {
      cwd,
      ...options,
    });
    expect(result).toMatchObject({ code: 0, stdout: '' });
    expect(result.stderr).toMatch(
      /^taken from the file: Nightly Sync\nnightly\.key {2}private key/,
    );
    expect(readFileSync(join(cwd, 'nightly.key'), 'utf8')).toBe(made.key);
    expect(statSync(join(cwd, 'nightly.key')).mode & 0o777).toBe(0o600);
    const inspected = await run(['key', 'inspect', 'nightly.key', 'nightly.crt'], { cwd });
    expect(inspected.stdout).toContain('belong together');
  });

  test('a refusal writes nothing, and shows no password', async () => {
    const cwd = folder();
    for (const [words, input, code, exit] of [
      [['--password-stdin'], 'geheim', 'PASSWORD_WRONG', 5],
      [[], '', 'PASSWORD_MISSING', 2],
      [['--password-stdin', '--entry', 'other'], `${password}\n`, 'ENTRY_NOT_FOUND', 5],
      [['--password-stdin', '--password-file', 'x'], '', 'USAGE', 2],
      [['--password-file', 'absent'], '', 'USAGE', 2],
      [['--password-stdin'], 'x'.repeat(5000), 'USAGE', 2],
    ] as const) {
      const result = await run(['key', 'import', 'keys.p12', '--json', ...words], { cwd, input });
      expect(result).toMatchObject({ code: exit, stderr: '' });
      expect(JSON.parse(result.stdout)).toMatchObject({ status: exit, code });
      expect(result.stdout).not.toMatch(/geheim|pässword|xxxx/);
    }
    expect(readdirSync(cwd)).toEqual(['keys.p12']);
  });

  test('files that are there stay, unless forced', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'salesforce.crt'), 'precious');
    const words = ['key', 'import', 'keys.p12', '--password-stdin', '--json'];
    const refused = await run(words, { cwd, input: password });
    expect(JSON.parse(refused.stdout)).toMatchObject({ status: 5, code: 'FILE_EXISTS' });
    expect(existsSync(join(cwd, 'salesforce.key'))).toBe(false);
    const forced = await run([...words, '--force'], { cwd, input: password });
    expect(JSON.parse(forced.stdout)).toEqual({
      status: 0,
      result: {
        privateKeyFile: 'salesforce.key',
        certificateFile: 'salesforce.crt',
        format: 'pkcs12',
        alias: 'Nightly Sync',
        bits: 2048,
        fingerprint256: expect.stringMatching(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/),
        notAfter: expect.stringMatching(/^\d{4}-/),
      },
      warnings: [],
    });
  });

  test('a key without certificate gets one', async () => {
    const cwd = folder();
    const args = ['pkcs12', '-export', '-nocerts', '-passout', 'pass:', '-out', 'key.p12'];
    execFileSync('openssl', args, { cwd, input: made.key, stdio: 'pipe' });
    const result = await run(['key', 'import', 'key.p12'], { cwd });
    expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining('was made') });
    const inspected = await run(['key', 'inspect', 'salesforce.key', 'salesforce.crt'], { cwd });
    expect(inspected.stdout).toContain('belong together');
  });

  test.skipIf(missingScript)('on a terminal the password is asked for, and not shown', async () => {
    const cwd = folder();
    const command = `'${process.execPath}' '${binary}' key import keys.p12`;
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn('script', ['-qec', command, '/dev/null'], { cwd, env: { PATH, HOME } });
    onTestFinished(() => void child.kill('SIGKILL'));
    const result = finished(child);
    child.stdout.on('data', (chunk: Buffer | string) => {
      // One key too many, an arrow, and a mistake taken back.
      if (!String(chunk).includes('Password of keys.p12: ')) return;
      child.stdin.write('\u001B[D');
      setImmediate(() => child.stdin.write(`x\u007F${password}\r`));
    });
    const { code, stdout } = await result;
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).not.toContain('ssword 1');
    expect(readFileSync(join(cwd, 'salesforce.key'), 'utf8')).toBe(made.key);
  });

  test.skipIf(missingScript)('Ctrl-C at the question ends it, and nothing is written', async () => {
    const cwd = folder();
    const command = `'${process.execPath}' '${binary}' key import keys.p12`;
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn('script', ['-qec', command, '/dev/null'], { cwd, env: { PATH, HOME } });
    onTestFinished(() => void child.kill('SIGKILL'));
    const result = finished(child);
    child.stdout.once('data', () => child.stdin.write('\u0003'));
    expect((await result).code).toBe(2);
    expect(readdirSync(cwd)).toEqual(['keys.p12']);
  });
});
