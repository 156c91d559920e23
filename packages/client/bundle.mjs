// @ts-check
/**
 * Puts each entry of the client into one file: a process that imports thirty small ones spends a
 * third of its start on that. What several entries need goes into files they share, and the
 * catalogue of refusals into one that is loaded when there is a refusal.
 */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const here = fileURLToPath(new URL('.', import.meta.url));

/** @type {{ exports: Record<string, string | Record<string, string>> }} */
const manifest = JSON.parse(readFileSync(`${here}package.json`, 'utf8'));

const entries = Object.values(manifest.exports)
  .flatMap((target) => (typeof target === 'string' ? [target] : Object.values(target)))
  .flatMap((target) => /^\.\/dist\/(.+)\.js$/.exec(target)?.[1] ?? []);

const bundle = await rolldown({
  cwd: here,
  input: Object.fromEntries([...new Set(entries)].map((entry) => [entry, `./src/${entry}.ts`])),
  // Everything imported by a name and not by a path is the user's, or the runtime's.
  external: /^[^./]/,
  platform: 'neutral',
  resolve: { extensions: ['.ts'] },
});

await bundle.write({
  dir: `${here}dist`,
  format: 'esm',
  // Names stay as they are written: they are read in stack traces.
  minify: { compress: true, mangle: { keepNames: true } },
  keepNames: true,
  chunkFileNames: '[name].js',
});
