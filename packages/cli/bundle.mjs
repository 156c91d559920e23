// @ts-check
/**
 * Joins the command into few files, one of them for each command, with the parser of the command
 * line inside: to find and to load many small files is what a command spends its start on.
 */

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = join(here, 'dist');

/** @type {{ dependencies: Record<string, string>, devDependencies: Record<string, string> }} */
const manifest = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));

const joined = Object.keys(manifest.devDependencies);

/** What is joined keeps its licence beside it. */
function licences(/** @type {readonly string[]} */ moduleIds) {
  const folders = joined.flatMap((name) => {
    const inside = join('node_modules', name);
    const id = moduleIds.find((one) => one.includes(inside));
    return id === undefined ? [] : [id.slice(0, id.indexOf(inside) + inside.length)];
  });
  return folders
    .map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      return `/*! ${name} ${version}\n\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()}\n*/\n`;
    })
    .join('');
}

// What another build left behind would be published.
rmSync(dist, { recursive: true, force: true });

const program = await rolldown({
  cwd: here,
  input: { main: 'src/main.ts', program: 'src/program.ts' },
  platform: 'node',
  external: new RegExp(`^node:|^(?:${Object.keys(manifest.dependencies).join('|')})(?:/|$)`),
  resolve: { extensions: ['.ts', '.js'] },
});
await program.write({
  dir: dist,
  format: 'esm',
  // The names of classes are read: in what a console shows of an error.
  minify: { compress: true, mangle: { keepNames: { function: false, class: true } } },
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name].js',
  codeSplitting: { groups: joined.map((name) => ({ name, test: join('node_modules', name) })) },
  postBanner: ({ moduleIds }) => licences(moduleIds),
});
