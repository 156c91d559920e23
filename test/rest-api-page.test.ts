/** docs/rest-api.md against the code and a running org, both ways. */

import { readdirSync, readFileSync } from 'node:fs';
import { createOrg } from '@sfjwt/org';
import { expect, onTestFinished, test } from 'vitest';

const page = readFileSync(new URL('../docs/rest-api.md', import.meta.url), 'utf8');
const sources = new URL('../packages/org/src/', import.meta.url);

function section(title: string): string {
  return page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
}

async function get(path: string): Promise<unknown> {
  const org = await createOrg();
  onTestFinished(() => org.close());
  const headers = { authorization: `Bearer ${org.openSession(org.administrator)}` };
  const response = await org.fetch(new Request(`${org.url}/services/data${path}`, { headers }));
  return response.json();
}

test('the objects of the page are those of the org', async () => {
  const { sobjects } = (await get('/v67.0/sobjects')) as { sobjects: { name: string }[] };
  const listed = [...section('Objects').matchAll(/^\| \w+ +\| (.+) \|$/gm)]
    .flatMap(([, names = '']) => names.split(', '))
    .filter((name) => name !== 'Names');
  expect(listed.toSorted()).toEqual(sobjects.map(({ name }) => name).toSorted());
});

test('the resources of the org are on the page', async () => {
  const { identity, ...resources } = (await get('/v67.0')) as Record<string, string>;
  expect(identity).toContain('/id/00D');
  for (const name of Object.keys(resources)) {
    expect(section('Endpoints')).toContain(`\`/vXX.0/${name}`);
  }
  const versions = (await get('')) as { version: string }[];
  const span = `versions ${versions[0]?.version} to ${versions.at(-1)?.version}`;
  expect(section('Endpoints')).toContain(span);
});

test('the refusals of the page are those of the code', () => {
  const files = readdirSync(new URL('data/', sources)).filter((name) => name.endsWith('.ts'));
  const code = [...files.map((name) => `data/${name}`), 'sessions/bearer.ts']
    .map((name) => readFileSync(new URL(name, sources), 'utf8'))
    .join('\n');
  const thrown = new Set(
    [...code.matchAll(/(?:RestError\(\s*\d+,|super\(\s*\d+,|statusCode:)\s*'([A-Z_]+)'/g)].map(
      ([, name]) => name,
    ),
  );
  const listed = [...section('Refusals').matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, name]) => name);
  expect(listed.toSorted()).toEqual([...thrown].toSorted());
});
