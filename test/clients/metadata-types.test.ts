/** The types of metadata of the org beside what Salesforce's own tools know of them. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { metadataTypes } from '../../packages/org/src/metadata/metadata-type.ts';
import { unlessOffline } from '../npm.ts';
import { installClients } from './installation.ts';

// What the Salesforce CLI brings along.
const installed = await unlessOffline(
  (async () => {
    const { folder } = await installClients('node-22');
    const scope = join(folder, 'node_modules/@salesforce');
    const registry = 'source-deploy-retrieve/lib/src/registry/metadataRegistry.json';
    return {
      registry: JSON.parse(readFileSync(join(scope, registry), 'utf8')) as Registry,
      declarations: readFileSync(join(scope, 'types/lib/metadata.d.ts'), 'utf8'),
    };
  })(),
);
const tested = test.skipIf('offline' in installed);

interface Registry {
  types: Record<string, { name: string; suffix: string; directoryName: string }>;
}

/** Name of an element -> whether it is required, as the WSDL of Salesforce has it. */
function elementsOf(type: string, declarations: string): Map<string, boolean> {
  const [, body = ''] =
    new RegExp(`^export type ${type} = (?:Metadata & )?\\{\\n([^}]*)`, 'm').exec(declarations) ??
    [];
  return new Map(
    [...body.matchAll(/^ {4}(\w+)(\??): (.*);$/gm)].map(([, name = '', optional, value = '']) => [
      name,
      optional === '' && !value.endsWith('[]'),
    ]),
  );
}

tested.each(Object.entries(metadataTypes))('%s', (_key, type) => {
  if (!('value' in installed)) throw new Error(installed.offline);
  const { registry, declarations } = installed.value;
  expect(registry.types[type.name.toLowerCase()]).toMatchObject({
    name: type.name,
    suffix: type.suffix,
    directoryName: type.directory,
  });
  const known = elementsOf(type.root ?? type.name, declarations);
  expect(known.size).toBeGreaterThan(0);
  expect(Object.keys(type.elements)).toEqual(expect.arrayContaining([...known.keys()]));
  // What the WSDL asks for, the org asks for; Salesforce itself asks for more than that.
  const required = [...known].flatMap(([name, isRequired]) => (isRequired ? [name] : []));
  expect(type.required).toEqual(expect.arrayContaining(required));
});
