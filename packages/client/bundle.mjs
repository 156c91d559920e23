// @ts-check
/**
 * Puts the client into as few files as can be: a process that imports thirty small ones spends a
 * third of its start on that. What a process may never need (refusals, mangled keys, userinfo) is
 * imported where it is needed and so stays in files of its own. Declarations are joined likewise,
 * from what the compiler wrote into `.cache/types`.
 */

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = join(here, 'dist');

/** @type {{ exports: Record<string, string | Record<string, string>> }} */
const manifest = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));

const targets = Object.values(manifest.exports).flatMap((target) =>
  typeof target === 'string' ? [target] : Object.values(target),
);

/**
 * The entries that the manifest offers with an ending, each with the file it is made from.
 *
 * @param {'.js' | '.d.ts'} ending
 * @param {string} folder
 */
function entries(ending, folder) {
  const pattern = new RegExp(`^\\./dist/([^.]+)${ending.replaceAll('.', '\\.')}$`);
  const names = targets.flatMap((target) => pattern.exec(target)?.[1] ?? []);
  const from = ending === '.js' ? '.ts' : ending;
  return Object.fromEntries(names.map((name) => [name, join(here, folder, name + from)]));
}

// Everything imported by a name and not by a path is the user's, or the runtime's.
const external = /^[^./]/;

// What another build left behind would be published.
rmSync(dist, { recursive: true, force: true });

const program = await rolldown({
  cwd: here,
  input: entries('.js', 'src'),
  external,
  platform: 'neutral',
  resolve: { extensions: ['.ts'] },
});
await program.write({
  dir: dist,
  format: 'esm',
  // The names of functions stay as they are written: they are read in stack traces.
  minify: { compress: true, mangle: { keepNames: true } },
  chunkFileNames: 'chunks/[name].js',
});

const declarations = await rollup({
  input: entries('.d.ts', '.cache/types'),
  external,
  plugins: [dts()],
});
await declarations.write({
  dir: dist,
  format: 'es',
  entryFileNames: '[name].d.ts',
  chunkFileNames: 'chunks/[name].ts',
});
