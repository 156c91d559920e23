import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { npm, unlessOffline } from '../npm.ts';
import { packAll, toolVersion } from './tarball.ts';

const run = promisify(execFile);

const here = import.meta.dirname;
const attw = new URL('./dist/index.js', import.meta.resolve('@arethetypeswrong/cli/package.json'));
const tsc = new URL('./bin/tsc', import.meta.resolve('typescript/package.json'));

// Outside of the repository: inside, Node would find the workspace's packages by itself.
const folder = await mkdtemp(join(tmpdir(), 'sfjwt-packed-'));
afterAll(() => rm(folder, { recursive: true }));

const tarballs = await packAll(folder);
const libraries = tarballs.filter(({ manifest }) => manifest.exports !== undefined);
const named = tarballs.map((tarball) => [tarball.manifest.name, tarball] as const);

/** Whether a file of `dist` has a source, or is a chunk that the build of its package cut out. */
function isBuilt(home: string, file: string): boolean {
  const [, name = ''] = /^dist\/(.+?)(?:\.d\.ts|\.js)$/.exec(file) ?? [];
  if (['.ts', '.tsx'].some((end) => existsSync(join(home, 'src', name + end)))) return true;
  // The bundler empties its folder of chunks before it fills it.
  return name.startsWith('chunks/') && existsSync(join(home, 'bundle.mjs'));
}

describe.each(named)('the tarball of %s', (_name, { files, home, path }) => {
  test('holds what it needs and nothing else', () => {
    const needed = ['LICENSE', 'README.md', 'package.json'];
    expect(needed.filter((file) => !files.includes(file))).toEqual([]);
    const stray = /^(?:src|test)\/|\.tsbuildinfo$|\.tgz$/;
    expect(files.filter((file) => stray.test(file))).toEqual([]);
  });

  test('holds nothing that is left of an older build', () => {
    const stale = files.filter((file) => file.startsWith('dist/') && !isBuilt(home, file));
    expect(stale, 'npm run clean, then npm run build').toEqual([]);
  });

  test('passes publint', async () => {
    const bytes = await readFile(path);
    const { messages, pkg } = await publint({
      pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) },
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });
});

test.each(libraries.map(({ manifest, path }) => [manifest.name, path] as const))(
  '%s gives every resolver its types',
  async (packageName, path) => {
    const { stdout } = await run(
      process.execPath,
      [fileURLToPath(attw), path, '--profile', 'esm-only', '--format', 'json'],
      { maxBuffer: 2 ** 26 },
    );
    const { analysis } = JSON.parse(stdout) as { analysis: unknown };
    expect(analysis).toMatchObject({ packageName, types: { kind: 'included' } });
  },
);

test('the client is small and brings nothing along', () => {
  const client = tarballs.find(({ manifest }) => manifest.name === '@sfjwt/client');
  // Whoever uses an adapter loads that one alone: they are counted apart.
  const adapters = join(client?.home ?? '', 'dist/adapters');
  const sizes = readdirSync(adapters).map((file) => statSync(join(adapters, file)).size);
  const ofAdapters = sizes.reduce((sum, size) => sum + size, 0);
  expect(ofAdapters).toBeLessThan(21_000);
  expect((client?.unpackedSize ?? 0) - ofAdapters).toBeLessThan(106_000);
  expect(client?.manifest).not.toHaveProperty('dependencies');
  expect(client?.manifest).not.toHaveProperty('optionalDependencies');
  expect(client?.manifest).not.toHaveProperty('peerDependencies');
});

async function install(): Promise<string> {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const wanted = [...tarballs.map(({ path }) => path), `@types/node@${toolVersion('@types/node')}`];
  return npm(folder, 'install', '--no-audit', '--no-fund', ...wanted);
}

const installed = await unlessOffline(install());
const offline = 'offline' in installed ? installed.offline : undefined;

/** Runs a program of the empty folder's own Node; whatever it warns of is part of the result. */
function node(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, args, { cwd: folder });
}

/** Compiles the consumer against the declarations that the packages bring, strictly, into `out`. */
async function compile(module: 'nodenext' | 'preserve'): Promise<string> {
  const out = join(folder, module);
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        target: 'es2023',
        lib: ['es2023'],
        types: ['node'],
        module,
        // `preserve` is what programs with a bundler use: it stands for the bundler's resolution.
        moduleResolution: module === 'nodenext' ? 'nodenext' : 'bundler',
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        outDir: out,
      },
      files: ['consumer.ts'],
    }),
  );
  await run(process.execPath, [fileURLToPath(tsc), '--project', folder]).catch((error: unknown) => {
    throw new Error((error as { stdout: string }).stdout, { cause: error });
  });
  return join(out, 'consumer.js');
}

/** Every specifier that a package offers to code: `@sfjwt/client`, ... */
const specifiers = libraries.flatMap(({ manifest }) =>
  Object.keys(manifest.exports ?? {})
    .filter((subpath) => !subpath.endsWith('.json'))
    // What is for a test framework is loaded by that framework: test/frameworks does it.
    .filter((subpath) => !Object.hasOwn(manifest.peerDependencies ?? {}, subpath.slice(2)))
    .map((subpath) => manifest.name + subpath.slice(1)),
);

describe('installed in an empty folder', () => {
  beforeEach((context) => {
    if (offline !== undefined) context.skip(offline);
  });

  test.each(specifiers)('import %s', async (specifier) => {
    const program = `console.log(Object.keys(await import('${specifier}')).length)`;
    const { stdout, stderr } = await node('--input-type=module', '--eval', program);
    expect(stderr).toBe('');
    expect(Number(stdout)).toBeGreaterThan(0);
  });

  test.each(specifiers.filter((specifier) => specifier.startsWith('@sfjwt/client')))(
    'require %s from CommonJS, without a warning',
    async (specifier) => {
      const program = `console.log(Object.keys(require('${specifier}')).length)`;
      const { stdout, stderr } = await node('--input-type=commonjs', '--eval', program);
      expect(stderr).toBe('');
      expect(Number(stdout)).toBeGreaterThan(0);
    },
  );

  test('the command runs and knows its version', async () => {
    const sfjwt = tarballs.find(({ manifest }) => manifest.name === 'sfjwt');
    const command = join(folder, 'node_modules/.bin/sfjwt');
    const help = await run(command, ['--help'], { cwd: folder });
    expect(help.stdout).toContain('sfjwt');
    expect(help.stderr).toBe('');
    const version = await run(command, ['--version'], { cwd: folder });
    expect(version.stdout.trim()).toBe(sfjwt?.manifest.version);
  });

  test.each(['nodenext', 'preserve'] as const)(
    'a program compiles as %s and runs',
    async (module) => {
      await copyFile(join(here, 'consumer.ts'), join(folder, 'consumer.ts'));
      const { stdout, stderr } = await node(await compile(module));
      expect(stderr).toBe('');
      expect(stdout).toBe('worker@example.org true\n');
    },
  );
});
