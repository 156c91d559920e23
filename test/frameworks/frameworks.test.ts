/** Each file of examples/test-frameworks is run by the framework that it is written for. */

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { execute, root } from '../acme.ts';
import { installLocked } from '../installation.ts';

const examples = join(root, 'examples', 'test-frameworks');
const cache = join(root, '.cache', 'frameworks');
const told = new Set<string>();

/** Ends with its exit code and with all that it said. */
function run(name: string, words: readonly string[]): Promise<[number | null, string]> {
  told.add(name);
  return execute(process.execPath, [...words, name], examples, { NO_COLOR: '1', CI: 'true' });
}

test('node:test', async () => {
  const [code, output] = await run('node-test.test.mjs', ['--test', '--test-reporter=tap']);
  expect(output).toMatch(/^# pass 2$/m);
  expect(output).toMatch(/^# fail 0$/m);
  expect(code).toBe(0);
});

test('Vitest, with the fixture', async () => {
  const vitest = createRequire(import.meta.url).resolve('vitest/package.json');
  // Not that of this house, which leads imports to our sources: a reader has the packages.
  mkdirSync(cache, { recursive: true });
  const config = join(cache, 'vitest.config.mjs');
  writeFileSync(config, `export default { cacheDir: ${JSON.stringify(cache)} };\n`);
  const flags = ['--config', config, '--root', examples];
  const words = [join(dirname(vitest), 'vitest.mjs'), 'run', ...flags];
  const [code, output] = await run('vitest.test.ts', words);
  expect(output).toMatch(/Tests +2 passed \(2\)/);
  expect(code).toBe(0);
});

test('Jest', async () => {
  const { folder } = await installLocked(join(root, 'test', 'frameworks'), cache);
  const config = { testMatch: ['**/jest.test.mjs'], transform: {}, rootDir: examples };
  const [code, output] = await run('jest.test.mjs', [
    '--experimental-vm-modules',
    join(folder, 'node_modules', 'jest', 'bin', 'jest.js'),
    '--watchman=false',
    '--config',
    JSON.stringify(config),
  ]);
  expect(output).toMatch(/^Tests: +2 passed, 2 total$/m);
  expect(code).toBe(0);
});

test('every example is run', () => {
  expect([...told].toSorted()).toEqual(readdirSync(examples).toSorted());
});
