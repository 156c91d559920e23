/** A Vitest fixture: each test that asks for `org` gets one of its own. */

import { test as base } from 'vitest';
import type { TestAPI } from 'vitest';
import type { ListenOptions } from './listen.ts';
import { createOrg } from './org.ts';
import type { Org, OrgOptions } from './org.ts';

export interface OrgTestOptions extends OrgOptions {
  /** Opens a socket for each org; on any free port when `true`. Without, there is `org.fetch`. */
  listen?: boolean | ListenOptions;
}

export interface OrgFixture {
  /** Made for this test, closed after it: nothing of another test is in it. */
  org: Org;
}

/**
 * Vitest's `test` with an `org`, made as these options say.
 *
 * @example
 * const test = orgTest({ seed, listen: true });
 * test('reads accounts', async ({ org }) => { ... });
 */
export function orgTest({ listen = false, ...options }: OrgTestOptions = {}): TestAPI<OrgFixture> {
  return base.extend<OrgFixture>({
    // Vitest reads from the pattern which fixtures this one needs: none.
    // oxlint-disable-next-line no-empty-pattern
    org: async ({}, use) => {
      const org = await createOrg(options);
      try {
        if (listen !== false) await org.listen(listen === true ? { port: 0 } : listen);
        await use(org);
      } finally {
        await org.close();
      }
    },
  });
}

/** The same without options: the default org, without a socket. */
export const test: TestAPI<OrgFixture> = orgTest();
