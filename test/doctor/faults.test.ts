/** Every fault is caused, and the doctor names the right link first. */

import { expect, test } from 'vitest';
import { faults } from './faults.ts';
import { examine } from './findings.ts';

test.each(faults)('$fault', async (fault) => {
  const { diagnosis, refusedLogins } = await examine(fault, { asAdmin: false });
  expect(diagnosis.cause?.code).toBe(fault.code);
  expect(refusedLogins).toBeLessThanOrEqual(1);
});

test.each(faults)('for an administrator: $fault', async (fault) => {
  const { diagnosis, refusedLogins } = await examine(fault, { asAdmin: true });
  expect(diagnosis.cause?.code).toBe(fault.codeForAdmin ?? fault.code);
  expect(refusedLogins).toBeLessThanOrEqual(1);
});
