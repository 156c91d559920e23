/** The client as a user gets it: packed, and installed into an empty folder. */

import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from '../npm.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

/** The conditions of `exports` by which packages tell runtimes apart. */
export const conditions = [
  'node',
  'bun',
  'deno',
  'workerd',
  'worker',
  'edge-light',
  'browser',
] as const;

export interface InstalledClient {
  folder: string;
  /** A module of this room, beside the installed client. */
  file(name: string): string;
  close(): Promise<void>;
}

export async function installClient(): Promise<InstalledClient> {
  // Outside of the repository: inside, the packages of the workspace would be found.
  const folder = await mkdtemp(join(tmpdir(), 'sfjwt-runtimes-'));
  const flags = [
    '--workspace',
    'packages/client',
    '--ignore-scripts',
    '--pack-destination',
    folder,
  ];
  await npm(root, 'pack', ...flags);
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  // It has no dependency, so nobody needs to be asked for one.
  await npm(folder, 'install', '--offline', '--no-audit', '--no-fund', `./${tarball}`);
  for (const name of ['conformance.mjs', 'program.mjs', 'worker.mjs']) {
    await copyFile(join(here, name), join(folder, name));
  }
  await writeFile(join(folder, 'connect.mjs'), `export { connect } from '@sfjwt/client';\n`);
  await writeFile(
    join(folder, 'bare.mjs'),
    `import { conformance } from './conformance.mjs';\nglobalThis.conformance = conformance;\n`,
  );
  await writeFile(
    join(folder, 'required.cjs'),
    `console.log(JSON.stringify(Object.keys(require('@sfjwt/client'))));\n`,
  );
  await writeProbe(folder);
  return {
    folder,
    file: (name) => join(folder, name),
    close: () => rm(folder, { recursive: true }),
  };
}

/** A package that tells, and a program that prints, which conditions are set. */
async function writeProbe(folder: string): Promise<void> {
  const home = join(folder, 'node_modules/conditions-probe');
  await mkdir(home, { recursive: true });
  const exports = Object.fromEntries(
    conditions.map((name) => [`./${name}`, { [name]: `./${name}.js`, default: './none.js' }]),
  );
  const manifest = { name: 'conditions-probe', version: '1.0.0', type: 'module', exports };
  await writeFile(join(home, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(home, 'none.js'), 'export default "";\n');
  for (const name of conditions) {
    await writeFile(join(home, `${name}.js`), `export default "condition:${name}";\n`);
  }
  const imports = conditions.map((name, at) => `import c${at} from 'conditions-probe/${name}';\n`);
  const list = conditions.map((_, at) => `c${at}`).join(', ');
  await writeFile(
    join(folder, 'conditions.mjs'),
    `${imports.join('')}console.log(JSON.stringify([${list}].filter((name) => name !== '')));\n`,
  );
}
