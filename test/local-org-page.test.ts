/** docs/local-org.md says what the code does, and the code does what the page says. */

import { readFileSync } from 'node:fs';
import { createOrg, namedTargets } from '@sfjwt/org';
import { expect, test } from 'vitest';
import { ruleTables, withRules } from '../docs/rule-tables.mjs';
import { triedRows } from './clients/tried.ts';

const page = readFileSync(new URL('../docs/local-org.md', import.meta.url), 'utf8');

test('the rules of the page are those of the code, in order: npm run docs writes them', () => {
  for (const name of ruleTables) expect(page).toContain(`<!-- ${name}: made by npm run docs -->`);
  expect(withRules(page)).toBe(page);
});

/** `METHOD /path`, with `{}` for every part that varies. */
const spelled = (method: string, path: string): string =>
  `${method} ${path.replace(/\{\w+\}|:\w+/g, '{}')}`;

// The REST API, the control API and the pages of Setup answer below one prefix each, and are told of
// elsewhere.
const isElsewhere = (path: string): boolean =>
  /^\/(?:services\/data|_org|lightning)(?:\/|$)/.test(path);

test('the page names every endpoint of the org, and no other', async () => {
  const org = await createOrg();
  const served = org.endpoints
    .filter(({ path }) => !isElsewhere(path) && path !== '/*')
    // One of them answers a wrong method as Salesforce does.
    .map(({ method, path }) => spelled(method === 'ALL' ? 'POST' : method, path));
  await org.close();
  const section = page.split(/^## /m).find((part) => part.startsWith('Endpoints')) ?? '';
  const told = [...section.matchAll(/^\| `([A-Z, ]+) (\/[^`]*)`/gm)].flatMap(
    ([, methods = '', path = '']) =>
      isElsewhere(path) ? [] : methods.split(', ').map((method) => spelled(method, path)),
  );
  // As sets: an endpoint has one row for several methods.
  expect(new Set(told)).toEqual(new Set(served));
  expect(told).toHaveLength(new Set(told).size);
});

/** Where the refusals of each endpoint are written. */
const refusing = {
  authorize: ['authorize', 'authorization-request'],
  introspect: ['introspect', 'client-authentication'],
  revoke: ['revoke'],
  singleaccess: ['single-access'],
};

test('the refusals of the other endpoints are those of the code', () => {
  const section = page.split(/^### /m).find((part) => part.startsWith('Refusals of the other'));
  const told = (endpoint: string): (string | undefined)[] =>
    [...(section ?? '').matchAll(/^\| (\w+) +\| `(\w+)`/gm)]
      .filter(([, name]) => name === endpoint)
      .map(([, , code]) => code);
  const written = (files: readonly string[]): Set<string | undefined> => {
    const code = files
      .map((name) =>
        readFileSync(new URL(`../packages/org/src/oauth/${name}.ts`, import.meta.url), 'utf8'),
      )
      .join('\n');
    const words = code.matchAll(/(?:(?:refuse|refusal|plainRefusal)\(|\berror: )'(\w+)'/g);
    return new Set([...words].map(([, word]) => word));
  };
  for (const [endpoint, files] of Object.entries(refusing)) {
    expect(new Set(told(endpoint)), endpoint).toEqual(written(files));
    expect(told(endpoint), endpoint).toHaveLength(written(files).size);
  }
  // One file for both.
  expect(new Set([...told('identity'), ...told('userinfo')])).toEqual(written(['identity']));
});

test('the page lists the clients that are tried, and what each passes', () => {
  const section = page.split(/^## /m).find((part) => part.startsWith('Clients tried')) ?? '';
  const [, , ...rows] = section.split('\n').filter((line) => line.startsWith('|'));
  const told = rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  expect(told).toEqual(triedRows());
});

/** Names of properties, however deep. */
function propertyNames(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own =
    'properties' in schema && typeof schema.properties === 'object'
      ? Object.keys(schema.properties ?? {})
      : [];
  return [...own, ...Object.values(schema).flatMap(propertyNames)];
}

test('every field of a seed is told of', async () => {
  const told = page + readFileSync(new URL('../docs/rest-api.md', import.meta.url), 'utf8');
  const org = await createOrg();
  const response = await org.fetch(new Request(`${org.url}/_org/openapi.json`));
  const { paths } = (await response.json()) as { paths: Record<string, { post?: unknown }> };
  await org.close();
  const names = propertyNames(paths['/_org/seed']?.post);
  expect(names).toContain('permittedUsers');
  // One day stands for all.
  const days = /^(?!monday).*(?:Start|End)$/;
  for (const name of names.filter((one) => !days.test(one))) {
    expect(told).toMatch(new RegExp(`\\b${name}\\b`));
  }
});

test('docs/testing.md names every operation of /_org, and no other', async () => {
  const testing = readFileSync(new URL('../docs/testing.md', import.meta.url), 'utf8');
  const org = await createOrg();
  const response = await org.fetch(new Request(`${org.url}/_org/openapi.json`));
  const { paths } = (await response.json()) as { paths: Record<string, object> };
  await org.close();
  const served = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const told = [...testing.matchAll(/^\| `([A-Z]+ \/_org[^`]*)`/gm)].map(([, one]) => one);
  expect(told.toSorted()).toEqual([...served, 'GET /_org/openapi.json'].toSorted());
  for (const word of namedTargets) expect(testing).toContain(`\`${word}\``);
});
