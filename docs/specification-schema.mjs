// @ts-check
/** The JSON Schema of a specification, for editors, from the schema that checks it: `npm run docs` writes it. */

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';

export const schemaFile = fileURLToPath(
  new URL('../packages/setup/app-specification.schema.json', import.meta.url),
);

/** @typedef {typeof import('../packages/setup/src/specification-schema.ts').specificationSchema} SpecificationSchema */

/** The text of the file. @param {SpecificationSchema} specificationSchema */
export function schemaText(specificationSchema) {
  // Flags of a regular expression have no place in JSON Schema: `u` is what validators use anyway.
  const { properties, ...schema } = toJsonSchema(specificationSchema(v), { errorMode: 'ignore' });
  const whole = {
    ...schema,
    title: 'An app for server-to-server sign-in to Salesforce, as sfjwt setup makes it',
    properties: { $schema: { type: 'string' }, ...properties },
  };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // Built, because Node 20 reads no TypeScript.
  const built = new URL('../packages/setup/dist/specification-schema.js', import.meta.url).href;
  const { specificationSchema } = /** @type {{ specificationSchema: SpecificationSchema }} */ (
    await import(built)
  );
  writeFileSync(schemaFile, schemaText(specificationSchema));
}
