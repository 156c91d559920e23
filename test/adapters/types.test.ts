/** The declarations of the real packages accept what the adapters ask for and give. */

import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { floor, installAdapted } from './adapted.ts';

const run = promisify(execFile);
const adapted = await installAdapted();
const tsc = fileURLToPath(new URL('./bin/tsc', import.meta.resolve('typescript/package.json')));
const client = fileURLToPath(new URL('../../packages/client/dist/', import.meta.url));
const nodeTypes = fileURLToPath(new URL('../../node_modules/@types', import.meta.url));

const programs = ['program.ts', ...(floor === 'node-22' ? ['program-node-22.ts'] : [])];

test.skipIf('offline' in adapted).each(programs)('%s compiles', async (program) => {
  if (!('value' in adapted)) return;
  // Within the installation: the program finds the packages, and the packages find each other.
  const folder = await mkdtemp(join(adapted.value.folder, 'types-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await copyFile(new URL(`./types/${program}`, import.meta.url), join(folder, program));
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        target: 'es2023',
        module: 'nodenext',
        strict: true,
        exactOptionalPropertyTypes: true,
        // Not every package's own declarations are without a fault.
        skipLibCheck: true,
        noEmit: true,
        types: ['node'],
        typeRoots: [nodeTypes],
        paths: {
          '@sfjwt/client': [`${client}node.d.ts`],
          '@sfjwt/client/*': [`${client}adapters/*.d.ts`],
        },
      },
      files: [program],
    }),
  );
  const printed = await run(process.execPath, [tsc, '--project', folder]).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
  expect(printed).toBe('');
});
