/** docs/metadata-api.md says what the code does, and the code does what the page says. */

import { readdirSync, readFileSync } from 'node:fs';
import { createOrg } from '@sfjwt/org';
import { deployRules } from '@sfjwt/org/deploy-rules';
import { expect, onTestFinished, test } from 'vitest';
import { deployTable, withRules } from '../docs/rule-tables.mjs';

const page = readFileSync(new URL('../docs/metadata-api.md', import.meta.url), 'utf8');
const sources = new URL('../packages/org/src/', import.meta.url);

function section(title: string): string {
  return page.split(/^##+ /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
}

const code = ['metadata', 'connect']
  .flatMap((room) => readdirSync(new URL(`${room}/`, sources)).map((name) => `${room}/${name}`))
  .map((path) => readFileSync(new URL(path, sources), 'utf8'))
  .join('\n');

test('the problems of the page are the rules of the code: npm run docs writes them', () => {
  expect(page).toContain(`<!-- ${deployTable}: made by npm run docs -->`);
  expect(withRules(page)).toBe(page);
});

test('every rule of a deployment is applied somewhere', () => {
  const applied = new Set(
    [...code.matchAll(/new DeployProblem\(\s*'(\w+)'/g)].map(([, name]) => name),
  );
  expect([...applied].toSorted()).toEqual(Object.keys(deployRules).toSorted());
});

test('the types of the page are those that the org describes', async () => {
  const org = await createOrg();
  onTestFinished(() => org.close());
  const response = await org.fetch(
    new Request(`${org.url}/services/Soap/m/67.0`, {
      method: 'POST',
      body: `<Envelope><Header><SessionHeader><sessionId>${org.openSession(org.administrator)}</sessionId></SessionHeader></Header><Body><describeMetadata/></Body></Envelope>`,
    }),
  );
  const described = [
    ...(await response.text()).matchAll(
      /<directoryName>(\w+)<.*?<suffix>(\w+)<\/suffix><xmlName>(\w+)</g,
    ),
  ].map(([, directory, suffix, name]) => [name, directory, suffix].join(' '));
  const listed = [...section('Types').matchAll(/^\| (\w+) \| (\w+) \| (\w+) \|$/gm)]
    .map(([, ...cells]) => cells.join(' '))
    .filter((row) => !row.startsWith('Type '));
  expect(listed.toSorted()).toEqual(described.toSorted());
});

test('the calls of the page are those of the code', () => {
  const calls = readFileSync(new URL('metadata/soap-operations.ts', sources), 'utf8');
  const served = [...calls.matchAll(/^ {2}(\w+)(?:\(\{|: \()/gm)].map(([, name]) => name);
  const told = [...(/SOAP calls:([^.]*)\./.exec(page)?.[1] ?? '').matchAll(/`(\w+)`/g)].map(
    ([, name]) => name,
  );
  expect(told.toSorted()).toEqual(served.toSorted());
});

test('the refusals of the page are those of the code', () => {
  const thrown = new Set(
    [...code.matchAll(/RestError\(\s*\d+,\s*'([A-Z_]+)'/g)].map(([, name]) => name),
  );
  const listed = [...section('Refusals of the requests').matchAll(/^\| `([A-Z_]+)`/gm)].map(
    ([, name]) => name,
  );
  // Of what is not served at all, the REST API tells.
  expect(listed.toSorted()).toEqual([...thrown].filter((name) => name !== 'NOT_FOUND').toSorted());
});

test('every permission that decides something is on the page', () => {
  const labels = readFileSync(new URL('directory/user-permission.ts', sources), 'utf8');
  const names = [...labels.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name);
  for (const name of names)
    expect(section('What a user may do')).toMatch(new RegExp(`\\b${name}\\b`));
});
