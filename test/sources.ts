import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Plugin } from 'vite';

/** A target of `exports` or `imports` in a package.json: a path, or conditions that lead to one. */
type Target = string | { readonly [condition: string]: Target } | null;

interface Manifest {
  name: string;
  exports?: Record<string, Target>;
  imports?: Record<string, Target>;
}

/** What Node would pick, in the order in which our manifests write their conditions. */
const conditions = ['node', 'import', 'default'];

function chosen(target: Target | undefined): string | undefined {
  if (target === null || target === undefined) return undefined;
  if (typeof target === 'string') return target;
  for (const condition of conditions) {
    const path = chosen(target[condition]);
    if (path !== undefined) return path;
  }
  return undefined;
}

/** The source that `./dist/x.js` is compiled from; undefined for anything that is not compiled. */
function sourceOf(folder: string, target: string | undefined): string | undefined {
  const compiled = /^\.\/dist\/(.+)\.js$/.exec(target ?? '');
  if (!compiled) return undefined;
  return ['.ts', '.tsx']
    .map((extension) => join(folder, 'src', `${compiled[1]}${extension}`))
    .find((path) => existsSync(path));
}

/**
 * Leads imports of our own packages to their sources, so that tests in this process never run a
 * stale `dist`. It reads the packages' own manifests: a new subpath export needs no line here.
 */
export function workspaceSources(root: string): Plugin {
  const exported = new Map<string, string>();
  const internal: { folder: string; specifier: string; source: string }[] = [];
  for (const name of readdirSync(join(root, 'packages'))) {
    const folder = join(root, 'packages', name);
    if (!existsSync(join(folder, 'package.json'))) continue;
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    for (const [subpath, target] of Object.entries(manifest.exports ?? {})) {
      const source = sourceOf(folder, chosen(target));
      if (source !== undefined) exported.set(manifest.name + subpath.slice(1), source);
    }
    for (const [specifier, target] of Object.entries(manifest.imports ?? {})) {
      const source = sourceOf(folder, chosen(target));
      if (source !== undefined) internal.push({ folder: folder + sep, specifier, source });
    }
  }
  return {
    name: 'workspace-sources',
    enforce: 'pre',
    resolveId(specifier, importer) {
      if (!specifier.startsWith('#')) return exported.get(specifier);
      return internal.find(
        (entry) => entry.specifier === specifier && importer?.startsWith(entry.folder),
      )?.source;
    },
  };
}
