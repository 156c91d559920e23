/** Every attack of the corpus, over a socket of its own, against one org that has to outlive all. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { corpus } from './corpus.ts';
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

test('the corpus has at least 300 attacks, each with a name of its own and a reason', () => {
  for (const { name, attacks } of corpus) {
    expect(new Set(attacks.map((attack) => attack.name)).size, name).toBe(attacks.length);
    for (const { why } of attacks) expect(why).not.toBe('');
  }
});

afterAll(() => {
  const width = Math.max(...corpus.map(({ name }) => name.length));
  const lines = corpus.map(({ name, attacks }) => `${name.padEnd(width)}  ${attacks.length}`);
  const sum = corpus.reduce((total, { attacks }) => total + attacks.length, 0);
  console.log(['attacks', ...lines, `${'all'.padEnd(width)}  ${sum}`].join('\n'));
});
