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

/** @type {{ name: string, exports: Record<string, string | Record<string, string>> }} */
const manifest = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));

const targets = Object.values(manifest.exports).flatMap((target) =>
  typeof target === 'string' ? [target] : Object.values(target),
);

const isAdapter = (/** @type {string} */ name) => name.startsWith('adapters/');

/**
 * The entries that the manifest offers with an ending, each with the file it is made from; all
 * adapters are left to {@link adapters}.
 *
 * @param {'.js' | '.d.ts'} ending
 * @param {string} folder
 */
function entries(ending, folder) {
  const pattern = new RegExp(`^\\./dist/([^.]+)${ending.replaceAll('.', '\\.')}$`);
  const names = targets.flatMap((target) => pattern.exec(target)?.[1] ?? []);
  const from = ending === '.js' ? '.ts' : ending;
  return Object.fromEntries(
    names.filter((name) => !isAdapter(name)).map((name) => [name, join(here, folder, name + from)]),
  );
}

const adapters = targets.flatMap(
  (target) => /^\.\/dist\/(adapters\/.+)\.js$/.exec(target)?.[1] ?? [],
);

/**
 * What an adapter needs of the client, it takes from the package's own entry, which whoever uses an
 * adapter has loaded already: no file is split for its sake, and each error has one class. What it
 * needs of another adapter, it takes from that one.
 */
const fromOwnEntry = {
  name: 'from-own-entry',
  /** @type {(specifier: string, importer: string | undefined) => { id: string, external: true } | undefined} */
  resolveId(specifier, importer) {
    if (importer === undefined) return undefined;
    if (specifier.startsWith('../')) return { id: manifest.name, external: true };
    const name = /^\.\/([\w-]+)\./.exec(specifier)?.[1];
    if (!adapters.includes(`adapters/${name}`)) return undefined;
    return { id: `./${name}.js`, external: true };
  },
};

// Everything imported by a name and not by a path is the user's, or the runtime's.
const external = /^[^./]/;

/** The indent of declarations, four spaces a step, is a tenth of what is packed. */
const tabs = {
  name: 'tabs',
  /** @type {(code: string) => string} */
  renderChunk: (code) => code.replaceAll(/^(?: {4})+/gm, ({ length }) => '\t'.repeat(length / 4)),
};

/** @type {import('rolldown').OutputOptions} */
const output = {
  dir: dist,
  format: 'esm',
  // The names of classes are read: in what a console shows of an error.
  minify: { compress: true, mangle: { keepNames: { function: false, class: true } } },
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name].js',
};

// What another build left behind would be published.
rmSync(dist, { recursive: true, force: true });

/** @type {import('rolldown').InputOptions} */
const settings = { cwd: here, external, platform: 'neutral', resolve: { extensions: ['.ts'] } };
const program = await rolldown({ ...settings, input: entries('.js', 'src') });
await program.write(output);
for (const name of adapters) {
  const input = { [name]: join(here, 'src', `${name}.ts`) };
  const adapter = await rolldown({ ...settings, input, plugins: [fromOwnEntry] });
  await adapter.write(output);
}

/** A type written in place, with no comment in it, takes one line. */
const inPlace = {
  name: 'in-place',
  /** @type {(code: string) => string} */
  renderChunk: (code) =>
    code.replaceAll(/(?<![\w>] )\{\n([^{}/]+)\n\t*\}/g, (_literal, members) => {
      return `{ ${members.trim().replace(/[,;]$/, '').replaceAll(/\n\t*/g, ' ')} }`;
    }),
};

/** What a file says of itself, and not of a declaration, is for its readers. */
const attached = {
  name: 'attached',
  /** @type {(code: string) => string} */
  renderChunk: (code) => code.replaceAll(/^\/\*\*(?:[^*]|\*(?!\/))*\*\/\n(?=\n)/gm, ''),
};

const declarations = await rollup({
  input: entries('.d.ts', '.cache/types'),
  external,
  plugins: [dts(), tabs, inPlace, attached],
});
await declarations.write({
  dir: dist,
  format: 'es',
  entryFileNames: '[name].d.ts',
  chunkFileNames: 'chunks/[name].ts',
});
for (const name of adapters) {
  const input = { [name]: join(here, '.cache/types', `${name}.d.ts`) };
  const adapter = await rollup({ input, external, plugins: [fromOwnEntry, dts(), tabs] });
  await adapter.write({ dir: dist, format: 'es', entryFileNames: '[name].d.ts' });
}
