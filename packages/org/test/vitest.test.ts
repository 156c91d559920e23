import { describe, expect } from 'vitest';
import { orgTest, test } from '../src/vitest.ts';
import type { Org } from '../src/index.ts';

const seen = new Set<Org>();

describe('each test has an org of its own', () => {
  test.for([1, 2])('number %i', async (_number, { org }) => {
    expect(seen.has(org)).toBe(false);
    seen.add(org);
    expect(org.users.find('worker@example.org')).toBeUndefined();
    org.users.create({ username: 'worker@example.org', profile: 'Standard User' });
    expect((await org.fetch(new Request(`${org.url}/services/data`))).status).toBe(200);
  });
});

const listening = orgTest({ kind: 'sandbox', listen: true });

let url = '';

listening('with options: a sandbox that listens', async ({ org }) => {
  ({ url } = org);
  expect(org.organization.kind).toBe('sandbox');
  expect((await fetch(`${url}/services/data`)).status).toBe(200);
});

test('after its test an org is gone', async () => {
  await expect(fetch(`${url}/services/data`)).rejects.toMatchObject({
    cause: { code: 'ECONNREFUSED' },
  });
});
