/** The blocks of docs/adapters.md run as they stand, each with the settings in the environment. */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { floor, installAdapted, scratchHome } from './adapted.ts';
import { openGateway, settingsOf } from './gateway.ts';

const run = promisify(execFile);
const adapted = await installAdapted();
const page = readFileSync(new URL('../../docs/adapters.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/^```ts\n([^]*?)^```/gm)].map(([, text]) => text ?? '');
const [first = '', ...rest] = blocks;
const runnable = rest.filter((block) => floor === 'node-22' || !block.includes('salesforce/core'));
const packages = fileURLToPath(new URL('../../packages/', import.meta.url));

test
  .skipIf('offline' in adapted)
  .each(runnable.map((block) => [block.split('\n')[0] ?? '', block] as const))(
  '%s',
  async (_first, block) => {
    if (!('value' in adapted)) return;
    const gateway = await openGateway();
    // A folder of its own in which our package and the foreign ones are all found.
    const folder = await mkdtemp(join(adapted.value.folder, 'page-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await mkdir(join(folder, 'node_modules/@sfjwt'), { recursive: true });
    await symlink(join(packages, 'client'), join(folder, 'node_modules/@sfjwt/client'));
    await writeFile(join(folder, 'block.mjs'), `${first}\n${block}\nsalesforce.close();\n`);
    await mkdir(scratchHome, { recursive: true });
    const { stdout } = await run(process.execPath, ['block.mjs'], {
      cwd: folder,
      env: { ...process.env, ...settingsOf(gateway) },
      timeout: 60_000,
    });
    expect(stdout).toBe('');
    if (!block.includes('grpc')) expect(gateway.logins()).toBe(1);
  },
);
