/** Every attack of the corpus, over a socket of its own, against one org that has to outlive all. */

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { corpus, familySizes } from './corpus.ts';
import { run, standing } from './judgement.ts';
import { createTarget } from './target.ts';
import type { Target } from './target.ts';

let target: Target;
beforeAll(async () => {
  target = await createTarget();
});
afterAll(() => target.close());

for (const { name, attacks } of corpus) {
  describe(name, () => {
    test.each(attacks.map((attack) => [attack.name, attack] as const))(
      '%s',
      async (_name, attack) => {
        await run(attack, target);
      },
    );
  });
}

test('the org has outlived everything, and nothing was fetched', async () => {
  await standing(target);
  expect(target.trap.hits()).toEqual([]);
});

test('every attack has a name of its own in its family, and a reason', () => {
  for (const { name, attacks } of corpus) {
    expect(new Set(attacks.map((attack) => attack.name)).size, name).toBe(attacks.length);
    for (const { why } of attacks) expect(why).not.toBe('');
  }
});

test('SECURITY.md tells the families and their sizes', async () => {
  const page = await readFile(new URL('../../SECURITY.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z0-9]+)` +\|.*\| +(\d+) \|$/gm)];
  expect(rows.map(([, name, size]) => [name, Number(size)])).toEqual(familySizes());
});

afterAll(() => {
  const sizes = familySizes();
  const sum = sizes.reduce((total, [, size]) => total + size, 0);
  const lines = [...sizes, ['all', sum] as const].map(
    ([name, size]) => `${name.padEnd(12)} ${String(size).padStart(5)}`,
  );
  console.log(['attacks', ...lines].join('\n'));
});
