import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { idleAllowances, judge, type House, type Manifest, type Plan } from './rules.ts';

/** Section 2 of the design: arrows point down only, and `client` and `org` never meet. */
const plan: Plan = {
  arrows: {
    '@sfjwt/client': [],
    '@sfjwt/org': [],
    '@sfjwt/setup': ['@sfjwt/client'],
    '@sfjwt/broker': ['@sfjwt/client'],
    sfjwt: ['@sfjwt/client', '@sfjwt/org', '@sfjwt/setup', '@sfjwt/broker'],
  },
  portable: {
    '@sfjwt/client': [
      'adapters/broker-source.ts',
      'runtime/node.ts',
      'transport/node.ts',
      'transport/node-agents.ts',
      'transport/node-fetch.ts',
    ],
  },
  bare: ['@sfjwt/client'],
  joined: { sfjwt: ['commander'] },
  // Setup's App Manager.
  names: ['app-manager.tsx', 'external-client-app-manager.tsx'],
};

function houseOnDisk(): House {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const files = new Map<string, string>();
  const manifests = new Map<string, Manifest>();
  for (const folder of readdirSync(join(root, 'packages'))) {
    const home = join(root, 'packages', folder);
    manifests.set(folder, JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Manifest);
    for (const entry of readdirSync(join(home, 'src'), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      files.set(path.slice(root.length).replaceAll('\\', '/'), readFileSync(path, 'utf8'));
    }
  }
  return { files, manifests };
}

describe('the packages keep to the plan', () => {
  const house = houseOnDisk();

  test('every package is read', () => {
    const read = new Set([...house.files.keys()].map((path) => path.split('/')[1]));
    expect([...read].sort()).toEqual([...house.manifests.keys()].sort());
  });

  test('no file offends', () => {
    expect(judge(house, plan)).toEqual([]);
  });

  test('the Node-only list names no file that could do without', () => {
    expect(idleAllowances(house, plan)).toEqual([]);
  });
});

/** Judges a few lines as if they were the whole house. */
function offences(
  sources: Record<string, string>,
  changed: Record<string, Manifest> = {},
): string[] {
  const manifests = new Map<string, Manifest>(
    Object.entries({
      client: { name: '@sfjwt/client' },
      org: { name: '@sfjwt/org', dependencies: { hono: '4.13.19' } },
      setup: { name: '@sfjwt/setup', dependencies: { '@sfjwt/client': '0.1.0' } },
      broker: { name: '@sfjwt/broker', dependencies: { '@sfjwt/client': '0.1.0' } },
      cli: {
        name: 'sfjwt',
        dependencies: { '@sfjwt/client': '0.1.0', '@sfjwt/org': '0.1.0', '@sfjwt/setup': '0.1.0' },
      },
      ...changed,
    }),
  );
  const files = new Map<string, string>();
  for (const [path, text] of Object.entries(sources)) {
    files.set(`packages/${path.replace('/', '/src/')}`, text);
  }
  return judge({ files, manifests }, plan);
}

describe('each rule catches its offender', () => {
  test('what is allowed passes', () => {
    expect(
      offences({
        'client/index.ts': "export * from './transport/node.ts';",
        'client/clock.ts': 'export const now = () => Date.now();',
        'client/transport/node.ts': "import { request } from 'node:https';",
        'org/app-manager.tsx': "import { Hono } from 'hono'; export default <p />;",
        'setup/index.ts': "import { connect } from '@sfjwt/client'; new Date(0);",
        'broker/index.ts': "import { connect } from '@sfjwt/client';",
        'cli/index.ts': "import '@sfjwt/client'; import '@sfjwt/org'; import '@sfjwt/setup';",
      }),
    ).toEqual([]);
  });

  test.each([
    ['a static import', "import { createOrg } from '@sfjwt/org';"],
    ['a type-only import', "import type { Org } from '@sfjwt/org';"],
    ['a dynamic import', "await import('@sfjwt/org');"],
    ['a dynamic import in backticks', 'await import(`@sfjwt/org`);'],
    ['a dynamic import of a constant', "const name = '@sfjwt/org'; await import(name);"],
    ['a re-export', "export { createOrg } from '@sfjwt/org';"],
    ['a re-export of everything', "export * from '@sfjwt/org';"],
    ['a type in place', "let org: import('@sfjwt/org').Org;"],
    ['an import assignment', "import org = require('@sfjwt/org');"],
    ['a require', "require('@sfjwt/org');"],
    ['a subpath', "import { org } from '@sfjwt/org/vitest';"],
  ])('an arrow that is not drawn: %s', (_form, line) => {
    expect(offences({ 'setup/index.ts': `\n${line}` })).toContain(
      'packages/setup/src/index.ts:2: @sfjwt/setup may not import @sfjwt/org: the design draws no such arrow',
    );
  });

  test.each([
    ['client', '@sfjwt/client', '@sfjwt/org'],
    ['client', '@sfjwt/client', '@sfjwt/client'],
    ['client', '@sfjwt/client', '@sfjwt/setup'],
    ['client', '@sfjwt/client', 'sfjwt'],
    ['org', '@sfjwt/org', '@sfjwt/client'],
    ['org', '@sfjwt/org', '@sfjwt/setup'],
    ['setup', '@sfjwt/setup', 'sfjwt'],
    ['broker', '@sfjwt/broker', '@sfjwt/setup'],
    ['broker', '@sfjwt/broker', '@sfjwt/org'],
  ])('%s imports no %s -> %s', (folder, from, to) => {
    expect(offences({ [`${folder}/index.ts`]: `import '${to}';` })).toContain(
      `packages/${folder}/src/index.ts:1: ${from} may not import ${to}: the design draws no such arrow`,
    );
  });

  test('a package that the plan does not draw', () => {
    expect(offences({ 'cellar/index.ts': '' }, { cellar: { name: '@sfjwt/cellar' } })).toEqual([
      "packages/cellar/src/index.ts:1: the plan draws no package 'cellar'",
    ]);
  });

  test('a relative import that leaves its package', () => {
    expect(offences({ 'org/index.ts': "import '../../client/src/index.ts';" })).toEqual([
      "packages/org/src/index.ts:1: the relative import '../../client/src/index.ts' leaves the package",
    ]);
  });

  test('a relative import of what is built, not written', () => {
    expect(offences({ 'org/index.ts': "import './store.js';", 'org/store.ts': '' })).toEqual([
      "packages/org/src/index.ts:1: the relative import './store.js' names no source file: write it with its .ts",
    ]);
  });

  test('a circle of files, also through types and through an alias', () => {
    expect(
      offences(
        {
          'org/a.ts': "import './b.ts';",
          'org/b.ts': "import type { C } from './store/c.ts';",
          'org/store/c.ts': "await import('#first');",
        },
        { org: { name: '@sfjwt/org', imports: { '#first': { default: './dist/a.js' } } } },
      ),
    ).toEqual([
      'packages/org/src/a.ts:1: files import each other in a circle: packages/org/src/a.ts -> ' +
        'packages/org/src/b.ts -> packages/org/src/store/c.ts -> packages/org/src/a.ts',
    ]);
  });

  test('a file that imports itself', () => {
    expect(offences({ 'org/a.ts': "import './a.ts';" })).toHaveLength(1);
  });

  test('files that share what they import are no circle', () => {
    const sources = {
      'org/a.ts': "import './b.ts'; import './c.ts';",
      'org/b.ts': "import './c.ts';",
    };
    expect(offences({ ...sources, 'org/c.ts': '' })).toEqual([]);
  });

  test('an alias that nobody declared', () => {
    expect(offences({ 'org/a.ts': "import '#store';" })).toEqual([
      "packages/org/src/a.ts:1: @sfjwt/org does not declare '#store'",
    ]);
  });

  test.each([
    'utils.ts',
    'string-util.ts',
    'helpers/key.ts',
    'test-helper.ts',
    'common.ts',
    'session-manager.ts',
    'services/token.ts',
    'token.service.ts',
  ])('the empty name %s', (path) => {
    expect(offences({ [`org/${path}`]: '' })).toEqual([
      expect.stringMatching(/^packages\/org\/src\/.+:1: the name '.+' holds the empty word '.+'/),
    ]);
  });

  test.each(['tokenStore.ts', 'TokenStore.ts', 'token_store.ts', 'Store/token.ts'])(
    'the name %s',
    (path) => {
      expect(offences({ [`org/${path}`]: '' })).toEqual([
        expect.stringMatching(/^packages\/org\/src\/.+:1: the name '.+' is not in kebab-case$/),
      ]);
    },
  );

  test('a builtin in a portable file', () => {
    expect(offences({ 'client/connect.ts': "\nimport type { Agent } from 'node:http';" })).toEqual([
      "packages/client/src/connect.ts:2: 'node:http' exists in Node alone, and this file is not on the Node-only list",
    ]);
  });

  test('a builtin that this Node may not have yet', () => {
    expect(offences({ 'client/a.ts': "import 'node:sqlite';" })).toEqual([
      "packages/client/src/a.ts:1: 'node:sqlite' exists in Node alone, and this file is not on the Node-only list",
    ]);
    expect(offences({ 'org/a.ts': "import 'node:sqlite';" })).toEqual([]);
  });

  test('a builtin without its prefix', () => {
    expect(offences({ 'org/listen.ts': "import 'http';" })).toEqual([
      "packages/org/src/listen.ts:1: the builtin 'http' is written 'node:http'",
    ]);
  });

  test('a builtin that is asked for by a call', () => {
    expect(offences({ 'client/a.ts': "process.getBuiltinModule('node:fs');" })).toHaveLength(1);
  });

  test('an undeclared dependency', () => {
    expect(offences({ 'org/listen.ts': "\n\nawait import('ws/server');" })).toEqual([
      "packages/org/src/listen.ts:3: 'ws/server' is imported, but ws is not a dependency in package.json",
    ]);
    expect(offences({ 'org/listen.ts': "import type { A } from '@scope/a/b';" })).toEqual([
      "packages/org/src/listen.ts:1: '@scope/a/b' is imported, but @scope/a is not a dependency in package.json",
    ]);
  });

  test('a dependency of the client, imported or only declared', () => {
    const client = { name: '@sfjwt/client', dependencies: { jose: '6.2.18' } };
    expect(offences({ 'client/a.ts': "import 'jose';" }, { client })).toEqual([
      'packages/client/package.json:1: @sfjwt/client may have no dependency, not jose',
      "packages/client/src/a.ts:1: @sfjwt/client may not import 'jose': it has no dependency at all",
    ]);
  });

  test('a computed import', () => {
    const offence =
      'packages/org/src/a.ts:1: a computed import hides what is imported: write the name as a string';
    expect(offences({ 'org/a.ts': 'await import(name);' })).toEqual([offence]);
    expect(offences({ 'org/a.ts': 'await import(`./${name}.ts`);' })).toEqual([offence]);
    expect(offences({ 'org/a.ts': "let name = './a.ts'; import(name);" })).toEqual([offence]);
    const twice = "{ const name = './a.ts' } { const name = './b.ts'; import(name) }";
    expect(offences({ 'org/a.ts': twice })).toEqual([offence]);
  });

  test.each([
    ['Date.now()', 'Date.now'],
    ['globalThis.Date.now()', 'Date.now'],
    ["Date['now']()", 'Date.now'],
    ['const now = Date.now', 'Date.now'],
    ['new Date()', 'new Date()'],
    ['new globalThis.Date()', 'new Date()'],
    ['Date()', 'Date()'],
  ])('the machine’s clock by %s', (code, what) => {
    expect(offences({ 'org/session.ts': `\n${code};` })).toEqual([
      `packages/org/src/session.ts:2: ${what} outside of a clock.ts: take a Clock instead`,
    ]);
  });

  test('a file that does not parse', () => {
    expect(offences({ 'org/a.ts': 'const ;' })).toEqual([
      expect.stringMatching(/^packages\/org\/src\/a\.ts:1: /),
    ]);
  });

  test('an entry of the Node-only list that is not needed', () => {
    const files = new Map([['packages/client/src/signer.ts', "import 'node:crypto';"]]);
    const manifests = new Map([['client', { name: '@sfjwt/client' }]]);
    expect(idleAllowances({ files, manifests }, plan)).toEqual(
      plan.portable['@sfjwt/client']?.filter((path) => path !== 'signer.ts'),
    );
  });
});
