import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as node from '../src/node.ts';
import * as web from '../src/web.ts';
import { pkcs1 } from './key-pair.ts';
import { json, startTokenEndpoint, tokenBody } from './token-endpoint.ts';

test('both entries export the same names, but for the connections of Node and their proxies', () => {
  const ofNode = new Set(['NodeAgents', 'proxyFor']);
  const names = Object.keys(node).filter((name) => !ofNode.has(name));
  expect(Object.keys(web).toSorted()).toEqual(names.toSorted());
});

test('the entry for the edge reaches no module of Node', () => {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    const text = readFileSync(file, 'utf8');
    const specifiers = [
      ...text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)'/gm),
      ...text.matchAll(/\bimport\('([^']+)'\)/g),
    ].map(([, specifier = '']) => specifier);
    for (const specifier of specifiers) {
      expect(specifier, file).toMatch(/^\.{1,2}\//);
      visit(join(dirname(file), specifier));
    }
  };
  visit(fileURLToPath(new URL('../src/web.ts', import.meta.url)));
  expect(reached.size).toBeGreaterThan(20);
});

test('the whole way with Web Crypto and fetch alone', async () => {
  const { url, received } = await startTokenEndpoint((response, request, at) =>
    request.path.endsWith('/token')
      ? json(response, 200, tokenBody(at))
      : response.end(request.headers.authorization),
  );
  await using salesforce = web.connect({
    clientId: '3MVG9.key',
    username: 'worker@example.org',
    privateKey: pkcs1.replaceAll('\n', String.raw`\n`),
    loginUrl: url,
  });
  const response = await salesforce.fetch('/services/data');
  expect(await response.text()).toMatch(/^Bearer 00D/);
  expect(received).toHaveLength(2);
});

test('files are for runtimes that have them', async () => {
  await expect(web.readPrivateKeyFile('salesforce.key')).rejects.toMatchObject({
    code: 'KEY_FILE_UNREADABLE',
  });
});
