/** What most orgs never need is loaded by the first who needs it: start-up is part of the contract. */

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const start = fileURLToPath(new URL('../src/index.ts', import.meta.url));

/** Every file and package that is loaded with this one: static imports, all the way down. */
function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, kind = '', name = ''] of text.matchAll(
    /^(?:import|export) (type )?[^'"]*?from '([^']+)';/gms,
  )) {
    if (kind !== '') continue;
    if (name.startsWith('.')) loadedWith(resolve(dirname(file), name), seen);
    else seen.add(name);
  }
  return seen;
}

test('an org that nobody deploys to loads neither the Metadata API nor its parsers', () => {
  const loaded = [...loadedWith(start)];
  expect(loaded.length).toBeGreaterThan(50);
  expect(loaded.filter((file) => /\/src\/(?:metadata|connect|pages\/setup)\//.test(file))).toEqual([
    expect.stringMatching(/pages\/setup\/navigation\.ts$/),
  ]);
  for (const name of ['fast-xml-parser', 'fflate', '@peculiar/x509', 'yaml']) {
    expect(loaded).not.toContain(name);
  }
});
