/** The runtimes that start a program from a file, each from its package in the registry. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installLocked, installOnce } from '../installation.ts';
import type { Installation } from '../installation.ts';
import { npm } from '../npm.ts';

const run = promisify(execFile);

const here = fileURLToPath(new URL('.', import.meta.url));
const cache = fileURLToPath(new URL('../../.cache/', import.meta.url));

export interface ProcessRuntime {
  /** Without its version, as in the tables of docs/runtimes.md. */
  name: string;
  /** The program and what comes before the name of the file. */
  command: readonly string[];
  /** What `--version` has to say. */
  version: string;
}

/** Bun, Deno, workerd and esbuild, at the versions of the lock file beside this one. */
export function installRuntimes(): Promise<Installation> {
  return installLocked(here, join(cache, 'runtimes'));
}

/** The lines of Node beside the one of this machine. `.ci/run` runs the other tests on them too. */
export const nodeVersions = ['22.23.3', '24.21.0', '26.10.0'] as const;

const platform = `${process.platform}-${process.arch}`;

/** Where `.ci/run` looks for it as well. */
export async function installNode(version: string): Promise<ProcessRuntime> {
  const name = `node-${platform}`;
  const folder = join(cache, 'node', version);
  const program = join(folder, 'node_modules', name, 'bin/node');
  if (!existsSync(program)) await rm(folder, { recursive: true, force: true });
  await installOnce(folder, async (draft) => {
    await writeFile(join(draft, 'package.json'), '{ "private": true }');
    await npm(
      draft,
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      `${name}@${version}`,
    );
  });
  return { name: `Node ${version.split('.')[0]}`, command: [program], version: `v${version}` };
}

export const thisNode: ProcessRuntime = {
  name: `Node ${process.versions.node.split('.')[0]}`,
  command: [process.execPath],
  version: process.version,
};

/** The program of a package that leaves it to one package per platform. */
function programOf({ folder }: Installation, places: Readonly<Record<string, string>>): string {
  const place = places[platform];
  if (place === undefined) throw new Error(`No program for ${platform}`);
  return join(folder, 'node_modules', place);
}

export function bunOf(installation: Installation): ProcessRuntime {
  const program = programOf(installation, {
    'linux-x64': '@oven/bun-linux-x64/bin/bun',
    'linux-arm64': '@oven/bun-linux-aarch64/bin/bun',
    'darwin-arm64': '@oven/bun-darwin-aarch64/bin/bun',
  });
  const version = versionOf(installation, 'bun');
  // A package that is missing is an error, and nothing that Bun fetches by itself.
  return { name: 'Bun', command: [program, '--no-install'], version };
}

/** All that the client needs to do all that it can; the network is this machine's alone. */
const denoPermissions = ['--allow-read', '--allow-env', '--allow-sys=ca', '--allow-net=127.0.0.1'];

export function denoOf(
  installation: Installation,
  allowed: readonly string[] = denoPermissions,
): ProcessRuntime {
  const program = programOf(installation, {
    'linux-x64': '@deno/linux-x64-glibc/deno',
    'linux-arm64': '@deno/linux-arm64-glibc/deno',
    'darwin-arm64': '@deno/darwin-arm64/deno',
  });
  const version = versionOf(installation, 'deno');
  return {
    name: 'Deno',
    command: [program, 'run', '--no-prompt', '--no-lock', '--cached-only', ...allowed],
    version: `deno ${version}`,
  };
}

export function workerdOf(installation: Installation): string {
  return programOf(installation, {
    'linux-x64': '@cloudflare/workerd-linux-64/bin/workerd',
    'linux-arm64': '@cloudflare/workerd-linux-arm64/bin/workerd',
    'darwin-arm64': '@cloudflare/workerd-darwin-arm64/bin/workerd',
  });
}

function versionOf(installation: Installation, name: string): string {
  return (installation.load(`${name}/package.json`) as { version: string }).version;
}

/**
 * Runs a program to its end, which it has to find by itself. Whatever it warns of is a failure.
 *
 * @param environment all that it finds there
 */
export async function runProgram(
  { command: [program = '', ...flags] }: ProcessRuntime,
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  folder: string,
): Promise<unknown> {
  const env = {
    ...environment,
    // No look for news, no report to anybody, nothing left behind in a home.
    HOME: folder,
    DENO_DIR: join(folder, '.deno'),
    DENO_NO_UPDATE_CHECK: '1',
    DO_NOT_TRACK: '1',
    NO_COLOR: '1',
  };
  const options = { cwd: folder, env, timeout: 60_000, maxBuffer: 2 ** 26 };
  const { stdout, stderr } = await run(program, [...flags, file, ...args], options);
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout) as unknown;
}

/** What the program itself says of its version, in its first line. */
export async function versionSaid({ command: [program = ''] }: ProcessRuntime): Promise<string> {
  const { stdout } = await run(program, ['--version'], { env: { NO_COLOR: '1' } });
  return stdout.split('\n')[0] ?? '';
}
