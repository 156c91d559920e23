import { expect, test } from 'vitest';
import { connect } from '../src/node.ts';
import type { ClientEvent } from '../src/node.ts';
import { handClock } from './hand-clock.ts';
import { privateKey } from './key-pair.ts';
import { json, startTokenEndpoint, tokenBody } from './token-endpoint.ts';

const minutes = 60_000;

/** A host whose clock is the true one; ours is off by the given time. */
async function skewed(offset: number, description = 'expired authorization code') {
  const clock = handClock();
  const hostNow = (): number => clock.now() + offset;
  const endpoint = await startTokenEndpoint((response, { body }, url) => {
    const [, payload = ''] = (new URLSearchParams(body).get('assertion') ?? '').split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
      exp: number;
      iat: number;
    };
    response.setHeader('date', new Date(hostNow()).toUTCString());
    const [from, to] = [claims.iat * 1000 - 30_000, claims.exp * 1000 + 30_000];
    if (hostNow() >= from && hostNow() < to) json(response, 200, tokenBody(url));
    else {
      const refusal = { error: 'invalid_grant', error_description: description };
      json(response, 400, JSON.stringify(refusal));
    }
  });
  const events: ClientEvent[] = [];
  const salesforce = connect({
    clientId: '3MVG9.key',
    username: 'worker@example.org',
    privateKey,
    loginUrl: endpoint.url,
    clock,
    onEvent: (event) => events.push(event),
  });
  const skews = (): ClientEvent[] => events.filter(({ type }) => type === 'clockSkew');
  return { ...endpoint, clock, salesforce, skews };
}

test.each([
  ['ten minutes slow', 10 * minutes, 'expired authorization code', 600],
  ['ten minutes fast', -10 * minutes, 'invalid assertion', -600],
  ['most of a day off', 23 * 60 * minutes, 'expired authorization code', 82_800],
])('a clock that is %s is corrected once, and told', async (_name, offset, text, seconds) => {
  const { salesforce, received, skews, clock } = await skewed(offset, text);
  const first = await salesforce.token();
  expect(received).toHaveLength(2);
  expect(skews()).toEqual([{ type: 'clockSkew', offsetSeconds: seconds }]);
  // It is remembered: the next assertion is right at once.
  clock.advance(20 * minutes);
  expect((await salesforce.token()).value).not.toBe(first.value);
  expect(received).toHaveLength(3);
});

test('a host that is years away is told of and not followed: its assertion would be good for years', async () => {
  const { salesforce, received, skews } = await skewed(1000 * 24 * 60 * minutes);
  await expect(salesforce.token()).rejects.toMatchObject({
    code: 'ASSERTION_EXPIRED',
    hints: expect.arrayContaining([expect.stringMatching(/clock of this machine is 86400000 s/)]),
  });
  expect(received).toHaveLength(1);
  expect(skews()).toEqual([]);
});

test('a refusal that the clock does not explain is not tried again', async () => {
  const { salesforce, received, skews } = await skewed(-10 * minutes, 'audience is invalid');
  await expect(salesforce.token()).rejects.toMatchObject({
    code: 'AUDIENCE_INVALID',
    sent: { clockOffsetSeconds: -600 },
    hints: expect.arrayContaining([expect.stringMatching(/clock of this machine is 600 s ahead/)]),
  });
  expect(received).toHaveLength(1);
  expect(skews()).toEqual([]);
});
