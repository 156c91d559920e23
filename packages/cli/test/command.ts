import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const binary: string = fileURLToPath(new URL('../bin/sfjwt.js', import.meta.url));

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  env?: Record<string, string>;
  input?: string;
  cwd?: string;
}

/** A folder for this test alone, gone after it. */
export function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sfjwt-cli-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Starts the built command as a process of its own, without a terminal and without settings. */
export function start(
  words: readonly string[],
  { env = {}, cwd }: CommandOptions = {},
): ChildProcess {
  const { PATH = '', HOME = '', NODE_V8_COVERAGE } = process.env;
  const child = spawn(process.execPath, [binary, ...words], {
    env: {
      PATH,
      HOME,
      // Nothing is found of an earlier run, unless a test names the home of both.
      SFJWT_HOME: join(folder(), 'home'),
      ...(NODE_V8_COVERAGE === undefined ? {} : { NODE_V8_COVERAGE }),
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Runs the built command to its end. */
export async function run(
  words: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const child = start(words, options);
  child.stdin?.end(options.input ?? '');
  return finished(child);
}

export function finished(child: ChildProcess): Promise<CommandResult> {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...output }));
  });
}

/** The first line that the process prints to a stream and that holds this text. */
export function lineWith(
  child: ChildProcess,
  stream: 'stdout' | 'stderr',
  text: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = '';
    child[stream]?.on('data', (chunk: Buffer | string) => {
      seen += String(chunk);
      const line = seen
        .split('\n')
        .slice(0, -1)
        .find((candidate) => candidate.includes(text));
      if (line !== undefined) resolve(line);
    });
    child.on('close', () => reject(new Error(`The command ended without "${text}":\n${seen}`)));
  });
}
