import { readFileSync } from 'node:fs';
import { clientErrorCodes } from '@sfjwt/client';
import { orgErrorCodes } from '@sfjwt/org';
import { setupErrorCodes } from '@sfjwt/setup';
import { expect, test } from 'vitest';

const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');

test.each([
  ['@sfjwt/client', clientErrorCodes],
  ['@sfjwt/setup', setupErrorCodes],
  ['@sfjwt/org', orgErrorCodes],
])('docs/errors.md explains every code of %s, and no other', (name, codes) => {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${name}\n`)) ?? '';
  const explained = [...section.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code);
  expect(explained.toSorted()).toEqual([...codes].toSorted());
});
