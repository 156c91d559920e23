// @ts-check
/**
 * Puts the client into as few files as can be: a process that imports thirty small ones spends a
 * third of its start on that. What a process may never need (refusals, mangled keys, userinfo) is
 * imported where it is needed and so stays in files of its own.
 */

import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = join(here, 'dist');

/** @type {{ exports: Record<string, string | Record<string, string>> }} */
const manifest = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));

const targets = Object.values(manifest.exports).flatMap((target) =>
  typeof target === 'string' ? [target] : Object.values(target),
);

/** @param {string} ending */
const namesOf = (ending) => [
  ...new Set(
    targets
      .filter((target) => target.startsWith('./dist/') && target.endsWith(ending))
      .map((target) => target.slice('./dist/'.length, -ending.length)),
  ),
];

/** Every file of the folder, as paths from it. */
const files = readdirSync(dist, { recursive: true, encoding: 'utf8' });

// Another build may have cut the chunks in other places.
for (const file of files.filter((name) => name.endsWith('.js'))) rmSync(join(dist, file));

const bundle = await rolldown({
  cwd: here,
  input: Object.fromEntries(namesOf('.js').map((name) => [name, `./src/${name}.ts`])),
  // Everything imported by a name and not by a path is the user's, or the runtime's.
  external: /^[^./]/,
  platform: 'neutral',
  resolve: { extensions: ['.ts'] },
});

await bundle.write({
  dir: dist,
  format: 'esm',
  // The names of functions stay as they are written: they are read in stack traces.
  minify: { compress: true, mangle: { keepNames: true } },
  chunkFileNames: 'chunks/[name].js',
});

// The compiler declares every file; a user reads what the entries lead to.
/** @type {Set<string>} */
const reached = new Set();
/** @param {string} file */
function reach(file) {
  if (reached.has(file)) return;
  reached.add(file);
  const declarations = readFileSync(join(dist, file), 'utf8');
  for (const [, path = ''] of declarations.matchAll(/(?:from |import\()'(\.{1,2}\/[^']+)\.ts'/g)) {
    reach(relative(dist, join(dist, dirname(file), `${path}.d.ts`)));
  }
}
for (const name of namesOf('.d.ts')) reach(`${name}.d.ts`);
for (const file of files.filter((name) => name.endsWith('.d.ts') && !reached.has(name))) {
  rmSync(join(dist, file));
}
