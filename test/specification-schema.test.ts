/** packages/setup/app-specification.schema.json, by which editors complete a specification. */

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { schemaFile, schemaText } from '../docs/specification-schema.mjs';
import { specificationSchema } from '../packages/setup/src/specification-schema.ts';

const text = readFileSync(schemaFile, 'utf8');
const schema = JSON.parse(text) as { $schema: string; properties: Record<string, object> };
const page = readFileSync(new URL('../docs/setup.md', import.meta.url), 'utf8');

const kind = schema.$schema.includes('2020') ? Ajv2020 : Ajv;
const judge = new kind({ strict: false, formats: { uri: true } }).compile(schema);

test('the shipped schema is the one that checks: npm run docs writes it', () => {
  expect(text).toBe(schemaText(specificationSchema));
});

test('the example of docs/setup.md fits it, and every field is told of there', () => {
  const [, example = ''] = /```\n(# yaml-language-server[^]*?)```/.exec(page) ?? [];
  expect(judge(parse(example)), JSON.stringify(judge.errors)).toBe(true);
  for (const field of Object.keys(schema.properties)) {
    if (field !== '$schema') expect(page, field).toContain(`\`${field}\``);
  }
});

test.each([
  { name: 'X' },
  { name: 'X', contactEmail: 'a@b.example', secret: 'x' },
  { name: 'X', contactEmail: 'a@b.example', scopes: ['everything'] },
  { name: 'X', contactEmail: 'a@b.example', apiName: '1st' },
])('what does not fit is marked: %j', (specification) => {
  expect(judge(specification)).toBe(false);
});
