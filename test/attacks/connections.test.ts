/** The sieges go on side by side, so that the slowest sets the time and all trouble one another. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { sieges } from './families/connections.ts';
import { standing } from './judgement.ts';
import { createTarget } from './target.ts';
import type { Target } from './target.ts';

let target: Target;
const outcomes = new Map<string, Promise<unknown>>();

beforeAll(async () => {
  target = await createTarget();
  for (const { name, lay } of sieges) {
    outcomes.set(
      name,
      lay(target).catch((error: unknown) => error ?? new Error(name)),
    );
  }
});
afterAll(async () => {
  await Promise.all(outcomes.values());
  await target.close();
});

test.each(sieges.map(({ name }) => [name] as const))('%s', async (name) => {
  const failure = await outcomes.get(name);
  if (failure !== undefined) throw failure;
});

test('the org has outlived everything, and nothing was fetched', async () => {
  await Promise.all(outcomes.values());
  await standing(target);
  expect(target.trap.hits()).toEqual([]);
});
