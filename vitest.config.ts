import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { workspaceSources } from './test/sources.ts';

const root = fileURLToPath(new URL('.', import.meta.url));

// A test must not read the settings, still less the keys, of the person who runs it. What is read
// at all by the library and the command starts with one of these.
for (const name of Object.keys(process.env)) {
  if (/^(?:SFJWT|SF|SFDX|SALESFORCE)_/.test(name)) delete process.env[name];
}
process.env['SFJWT_HOME'] = join(tmpdir(), `sfjwt-test-${process.pid}`);

/** Tests that start processes of their own: slower by nature, and seldom faster when run abreast. */
function subprocesses(
  name: string,
  timeoutSeconds: number,
  abreast = false,
): TestProjectInlineConfiguration {
  const timeout = timeoutSeconds * 1000;
  return {
    extends: true,
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      testTimeout: timeout,
      hookTimeout: timeout,
      fileParallelism: abreast,
    },
  };
}

/** What people type at the command, and what it answers. */
const scripts = 'packages/cli/test/scripts.test.ts';

export default defineConfig({
  plugins: [workspaceSources(root)],
  test: {
    reporters: ['default', './test/reporter.ts'],
    // Two cores are few: vitest would leave one of them to itself, and it needs next to nothing.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'packages',
          include: ['packages/*/test/**/*.test.ts'],
          exclude: [scripts],
          // One process per core for all files, not one per file: several times faster on two
          // cores. The price is that a test has to put back what it changes in the process.
          isolate: false,
          // Not a limit on speed: RSA keys take their time on a busy machine.
          testTimeout: 20_000,
          hookTimeout: 20_000,
          restoreMocks: true,
          unstubEnvs: true,
          unstubGlobals: true,
        },
      },
      {
        extends: true,
        test: {
          name: 'house',
          include: ['test/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      // Some two hundred processes, one after the other.
      {
        extends: true,
        test: { name: 'commands', include: [scripts], testTimeout: 300_000, hookTimeout: 300_000 },
      },
      subprocesses('architecture', 10),
      subprocesses('packed', 300),
      subprocesses('clients', 300),
      subprocesses('doctor', 300, true),
      subprocesses('adapters', 300),
      subprocesses('frameworks', 300),
      subprocesses('fleet', 300),
      subprocesses('runtimes', 300),
      subprocesses('setup', 120),
      subprocesses('browser', 120),
      // Its slow connections wait most of the time.
      subprocesses('attacks', 60, true),
    ],
  },
});
