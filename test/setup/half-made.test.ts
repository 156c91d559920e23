/**
 * A set-up that is killed: after each request that it ever sends, the network is gone. Whatever was
 * half-made then lets nobody in, and the same command run again ends where an undisturbed one does.
 */

import { applySetup, planSetup, proveSignIn } from '@sfjwt/setup';
import type { SetupOutcome } from '@sfjwt/setup';
import { expect, test } from 'vitest';
import { heldOf, openAdmin, planning, specification, stage } from './stage.ts';
import type { Stage } from './stage.ts';

async function setUp({ admin, clock }: Stage): Promise<SetupOutcome> {
  const plan = await planSetup(admin, specification, planning(clock));
  return applySetup(admin, plan, { clock });
}

/** As many requests as a run has; told by a run. */
async function undisturbed(): Promise<{ requests: number; held: object }> {
  const one = await stage();
  await setUp(one);
  await proveSignIn(one.proving(await setUp(one)));
  const other = await stage();
  await setUp(other);
  return { requests: other.admin.requestCount, held: heldOf(other.org) };
}

test('killed after every single request, then run again: the same end', async () => {
  const { requests, held } = await undisturbed();
  expect(requests).toBeGreaterThan(15);
  for (let last = 1; last < requests; last += 1) {
    const killed = await stage();
    let sent = 0;
    const dying = await openAdmin(killed.org, (request) => {
      sent += 1;
      if (sent > last) return Promise.reject(new Error('killed'));
      return killed.org.fetch(request);
    });
    await expect(setUp({ ...killed, admin: dying }), `after ${last}`).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
    });
    // What the org was told goes on without us.
    killed.org.clock.advance({ minutes: 1 });
    const again = await setUp(killed);
    expect(heldOf(killed.org), `after ${last}`).toEqual(held);
    await expect(proveSignIn(killed.proving(again))).resolves.toMatchObject({ tries: 1 });
  }
});

test('half-made, it lets nobody in', async () => {
  for (const stop of ['app', 'oauth', 'assign', 'open'] as const) {
    const one = await stage();
    const plan = await planSetup(one.admin, specification, planning(one.clock));
    let consumerKey = '3MVG9.nothing.yet';
    const run = applySetup(one.admin, plan, {
      clock: one.clock,
      onConsumerKey: (chosen) => {
        consumerKey = chosen;
      },
      onStep: (step) => {
        if (step === stop) throw new Error(`stopped before ${step}`);
      },
    });
    await expect(run).rejects.toThrow(`stopped before ${stop}`);
    const proof = proveSignIn({ ...one.proving({ consumerKey }), budgetMilliseconds: 0 });
    await expect(proof, stop).rejects.toMatchObject({ code: 'NOT_YET_PROPAGATED' });
  }
});
