import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  /** Comes inside the archive of the package above it, whose hash covers it. */
  inBundle?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

type Lock = Record<string, Locked>;

/**
 * What an entry needs and nobody locked. npm leaves a platform's binary package out when the
 * registry does not have it yet on the day of the lock, and `npm ci` fails from then on.
 */
function missing(lock: Lock): string[] {
  return Object.entries(lock).flatMap(([path, { dependencies, optionalDependencies }]) => {
    const needed = Object.keys({ ...dependencies, ...optionalDependencies });
    // Node's own search: beside the dependent, then in each folder above it.
    const folders = path.split('/').map((_, depth, parts) => parts.slice(0, depth + 1).join('/'));
    const places = ['', ...folders].map((folder) => (folder === '' ? '' : `${folder}/`));
    return needed
      .filter((name) => !places.some((place) => `${place}node_modules/${name}` in lock))
      .map((name) => `${path || 'the root'} needs ${name}`);
  });
}

/** Addresses name the registry of whoever wrote the lock file; others use another one. */
function addresses(lock: Lock): string[] {
  return Object.entries(lock)
    .filter(([, { link, resolved }]) => link !== true && resolved !== undefined)
    .map(([path]) => path);
}

function unverified(lock: Lock): string[] {
  return Object.entries(lock)
    .filter(([path, { link }]) => path.includes('node_modules/') && link !== true)
    .filter(([, { inBundle }]) => inBundle !== true)
    .filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))
    .map(([path]) => path);
}

test.each([
  ['package-lock.json', 100],
  ['test/clients/node-20/package-lock.json', 100],
  ['test/clients/node-22/package-lock.json', 100],
  ['test/adapters/node-20/package-lock.json', 100],
  ['test/adapters/node-22/package-lock.json', 100],
  ['test/runtimes/package-lock.json', 40],
] as const)('%s is complete on every platform, and bound to no registry', (path, least) => {
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  const lock = (JSON.parse(text) as { packages: Lock }).packages;
  expect(Object.keys(lock).length).toBeGreaterThan(least);
  expect(missing(lock)).toEqual([]);
  expect(addresses(lock)).toEqual([]);
  expect(unverified(lock)).toEqual([]);
});

test('a lock file with holes is caught', () => {
  const tool = { version: '1.0.0', integrity: 'sha512-x', optionalDependencies: { binding: '1' } };
  const lock: Lock = {
    '': { dependencies: { tool: '1.0.0', '@scope/part': '1.0.0' } },
    'node_modules/tool': tool,
    'node_modules/tool/node_modules/binding': { version: '1', integrity: 'sha1-x' },
    'packages/a': { dependencies: { tool: '1.0.0', other: '1.0.0' } },
    'node_modules/a': { link: true, resolved: 'packages/a' },
    'node_modules/part': { version: '1.0.0', resolved: 'https://registry.example/part.tgz' },
  };
  expect(missing(lock)).toEqual(['the root needs @scope/part', 'packages/a needs other']);
  expect(addresses(lock)).toEqual(['node_modules/part']);
  expect(unverified(lock)).toEqual(['node_modules/tool/node_modules/binding', 'node_modules/part']);
});
