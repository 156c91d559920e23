import { readFileSync } from 'node:fs';
import { brokerErrorCodes } from '@sfjwt/broker';
import { clientErrorCodes } from '@sfjwt/client';
import { controlErrorCodes, orgErrorCodes } from '@sfjwt/org';
import { setupErrorCodes } from '@sfjwt/setup';
import { expect, test } from 'vitest';
import { withTables } from '../docs/refusal-tables.mjs';
import { commandErrorCodes } from '../packages/cli/src/errors.ts';

const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');

test.each([
  ['@sfjwt/client', clientErrorCodes],
  ['@sfjwt/setup', setupErrorCodes],
  ['@sfjwt/broker', brokerErrorCodes],
  ['sfjwt', commandErrorCodes],
  ['@sfjwt/org', orgErrorCodes],
  ['`/_org` of the local org', controlErrorCodes],
])('docs/errors.md explains every code of %s, and no other', (name, codes) => {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${name}\n`)) ?? '';
  const explained = new Set([...section.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code));
  expect([...explained].toSorted()).toEqual([...codes].toSorted());
});

test('the tables of refusals are those of the catalogues: npm run docs writes them', () => {
  expect(withTables(page)).toBe(page);
});
