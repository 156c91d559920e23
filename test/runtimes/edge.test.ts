/** Which of its two entries a runtime or a bundler takes, and what the one for the edge weighs. */

import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { unlessOffline } from '../npm.ts';
import {
  bunWith,
  esbuildWith,
  rolldownWith,
  startOf,
  viteForWebWorker,
  wrangler,
} from './bundler.ts';
import type { Bundler } from './bundler.ts';
import { differences } from './differences.ts';
import type { Entry } from './differences.ts';
import { conditions, installClient } from './installed-client.ts';
import {
  bunOf,
  denoOf,
  installNode,
  installRuntimes,
  nodeVersions,
  runProgram,
} from './runtimes.ts';
import type { ProcessRuntime } from './runtimes.ts';

const needed = await unlessOffline(
  installRuntimes().then(async (installation) => ({
    installation,
    nodes: await Promise.all(nodeVersions.map((version) => installNode(version))),
  })),
);
const client = await installClient();
afterAll(() => client.close());

beforeEach((context) => {
  if ('offline' in needed) context.skip(needed.offline);
});

const page = readFileSync(new URL('../../docs/runtimes.md', import.meta.url), 'utf8');

/** The rows of the table under a heading of docs/runtimes.md, cell by cell. */
function tableOf(heading: string): string[][] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const [, , ...rows] = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test('docs/runtimes.md tells every difference, and no other', () => {
  const rows = Object.values(differences).map(({ what, node, web, why }) => [
    what,
    told(node),
    told(web),
    why,
  ]);
  expect(tableOf('What differs')).toEqual(rows);
});

function told(outcome: string): string {
  return /^[a-z]+$/.test(outcome) ? outcome : `\`${outcome}\``;
}

test('.ci/run knows the same lines of Node', () => {
  const script = readFileSync(new URL('../../.ci/run', import.meta.url), 'utf8');
  for (const version of nodeVersions) expect(script).toContain(` ${version}`);
});

/** What can only be known from an installation. */
const bundlers: Readonly<Record<string, (given: Needed) => Bundler>> = {
  'Rolldown, platform `browser`': () => rolldownWith({ platform: 'browser' }),
  'Rolldown, platform `neutral`': () => rolldownWith({ platform: 'neutral' }),
  'Rolldown, platform `node`': () => rolldownWith({ platform: 'node' }),
  'Vite, `ssr.target: webworker`': () => viteForWebWorker(),
  'esbuild, platform `browser`': ({ installation }) =>
    esbuildWith(installation, { platform: 'browser' }),
  'esbuild, as Wrangler calls it': ({ installation }) => esbuildWith(installation, wrangler),
  'esbuild, for a function at the edge': ({ installation }) =>
    esbuildWith(installation, {
      platform: 'neutral',
      conditions: ['edge-light', 'worker', 'node'],
    }),
  'esbuild, platform `node`': ({ installation }) => esbuildWith(installation, { platform: 'node' }),
  '`bun build --target=browser`': ({ installation }) =>
    bunWith(bunOf(installation).command[0] ?? '', 'browser'),
  '`bun build --target=bun`': ({ installation }) =>
    bunWith(bunOf(installation).command[0] ?? '', 'bun'),
};

interface Needed {
  installation: Parameters<typeof bunOf>[0];
  nodes: readonly ProcessRuntime[];
}

/** The rest of this file is skipped without it. */
function given(): Needed {
  if ('offline' in needed) throw new Error(needed.offline);
  return needed.value;
}

/** A row of the table: who, which conditions, which entry. */
type Row = [string, string, string];

function row(name: string, set: readonly string[], entry: Entry): Row {
  return [name, set.map((one) => `\`${one}\``).join(' '), `\`${entry}.js\``];
}

/** Modules of Node that a bundle still asks for. */
function builtins(code: string): string[] {
  const imports = code.matchAll(
    /\b(?:from|import|require|getBuiltinModule)\s*\(?\s*["'`]([^"'`]+)["'`]/g,
  );
  return [...imports].flatMap(([, specifier = '']) => (isBuiltin(specifier) ? [specifier] : []));
}

describe('who takes which entry', () => {
  const rows: Row[] = [];

  test('processes', async () => {
    const { installation, nodes } = given();
    for (const runtime of [...nodes, bunOf(installation), denoOf(installation)]) {
      const set = await runProgram(runtime, client.file('conditions.mjs'), [], {}, client.folder);
      // Which of them is taken is for the conformance test.
      rows.push(
        row(
          runtime.name,
          (set as string[]).map((one) => one.slice(10)),
          'node',
        ),
      );
    }
  });

  test.for(Object.entries(bundlers))('%s', async ([name, bundler]) => {
    const bundle = bundler(given());
    const probe = await bundle(client.file('conditions.mjs'));
    const set = conditions.filter((one) => probe.code.includes(`condition:${one}`));
    const { code, modules } = await bundle(client.file('connect.mjs'));
    const entry = builtins(code).length === 0 ? 'web' : 'node';
    if (modules.length > 0) expect(modules).toContain(`@sfjwt/client/dist/${entry}.js`);
    rows.push(row(name, set, entry));
  });

  test('docs/runtimes.md says the same', () => {
    expect(tableOf('Which entry')).toEqual(rows);
  });
});

describe('the bundle for the edge', () => {
  /** Compressed; the design asks for 15 KB at the start. */
  const maximumBytes = { start: 15 * 1024, whole: 21.5 * 1024 };

  function weigh(name: string, code: string, maximum: number): void {
    const bytes = gzipSync(code, { level: 9 }).length;
    console.log(`${name}: ${code.length} bytes minified, ${bytes} compressed`);
    expect(bytes).toBeLessThanOrEqual(maximum);
  }

  test.for(['Rolldown, platform `browser`', 'esbuild, as Wrangler calls it'])(
    '%s: one small file, and nothing of Node in it',
    async (name) => {
      const bundle = bundlers[name]?.(given()) ?? expect.fail();
      const { code, modules } = await bundle(client.file('connect.mjs'));
      expect(modules.every((path) => path.startsWith('@sfjwt/client/dist/'))).toBe(true);
      expect(builtins(code)).toEqual([]);
      expect(code).not.toMatch(/\b(?:Buffer|require|__dirname|setImmediate)\b/);
      weigh(name, code, maximumBytes.whole);
    },
  );

  test('where a bundler may split, the start is smaller', async () => {
    const code = await startOf(client.file('connect.mjs'));
    weigh('at the start', code, maximumBytes.start);
  });
});
