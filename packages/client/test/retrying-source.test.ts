import { expect, test } from 'vitest';
import { AccessToken, ClientError, connect, milliseconds, retryingSource } from '../src/node.ts';
import type { ClientEvent, TokenSource } from '../src/node.ts';
import { handClock } from './hand-clock.ts';
import { privateKey } from './key-pair.ts';
import { json, startTokenEndpoint, tokenBody } from './token-endpoint.ts';
import type { Answer } from './token-endpoint.ts';

const settings = { clientId: '3MVG9.key', username: 'worker@example.org', privateKey };

const busy: Answer = (response) => response.writeHead(503).end('<html>Maintenance</html>');

async function answering(...answers: readonly Answer[]) {
  let calls = 0;
  const endpoint = await startTokenEndpoint((response, request, url) => {
    const answer = answers[calls] ?? answers.at(-1);
    calls += 1;
    return answer?.(response, request, url);
  });
  const clock = handClock();
  const events: ClientEvent[] = [];
  const salesforce = connect({
    ...settings,
    loginUrl: endpoint.url,
    clock,
    onEvent: (event) => events.push(event),
  });
  return { ...endpoint, clock, events, salesforce };
}

const good: Answer = (response, _request, url) => json(response, 200, tokenBody(url));

test('what passes by itself is tried again, with a fresh assertion each time', async () => {
  const { salesforce, received, clock, events } = await answering(busy, busy, good);
  expect((await salesforce.token()).value).toMatch(/^00D/);
  const assertions = received.map(({ body }) => new URLSearchParams(body).get('assertion'));
  expect(new Set(assertions).size).toBe(3);
  const [first = 0, second = 0] = clock.slept;
  expect(clock.slept).toHaveLength(2);
  expect(first).toBeGreaterThanOrEqual(150);
  expect(first).toBeLessThanOrEqual(300);
  expect(second).toBeGreaterThanOrEqual(600);
  expect(second).toBeLessThanOrEqual(1200);
  expect(events.filter(({ type }) => type === 'tokenRetry')).toMatchObject([
    { code: 'SERVER_ERROR', attempt: 2 },
    { code: 'SERVER_ERROR', attempt: 3 },
  ]);
});

test('three tries are made, and the last failure is told', async () => {
  const { salesforce, received } = await answering(busy);
  await expect(salesforce.token()).rejects.toMatchObject({ code: 'SERVER_ERROR', status: 503 });
  expect(received).toHaveLength(3);
});

const says =
  (status: number, error: string, description: string): Answer =>
  (response) =>
    json(response, status, JSON.stringify({ error, error_description: description }));

test.each<readonly [string, Answer, number]>([
  ['retry your request', says(400, 'unknown_error', 'retry your request'), 3],
  ['429', (r) => json(r, 429, '{}'), 3],
  ['a broken connection', (r) => r.socket?.resetAndDestroy(), 3],
  ['nothing', (r) => r.writeHead(200).end(), 3],
  ['login rate exceeded', says(400, 'invalid_grant', 'login rate exceeded'), 1],
  ['a plain no', says(400, 'invalid_grant', 'audience is invalid'), 1],
  [
    'a plain no of an app that may settle',
    says(400, 'invalid_client_id', 'client identifier invalid'),
    1,
  ],
  ['a redirect', (r) => r.writeHead(302, { location: '/' }).end(), 1],
  ['a page', (r) => r.writeHead(200).end('<html>'), 1],
])('%s: how many requests are made', async (_name, answer, requests) => {
  const { salesforce, received } = await answering(answer);
  await expect(salesforce.token()).rejects.toBeInstanceOf(ClientError);
  expect(received).toHaveLength(requests);
});

test.each([
  ['seconds', { 'retry-after': '4' }, [4000]],
  [
    'a date',
    { 'retry-after': 'Mon, 23 Nov 2026 10:00:07 GMT', date: 'Mon, 23 Nov 2026 10:00:00 GMT' },
    [7000],
  ],
  ['more than anybody waits for', { 'retry-after': '3600' }, []],
])('Retry-After is honoured: %s', async (_name, headers, slept) => {
  const { salesforce, clock } = await answering(
    (response) => response.writeHead(503, headers).end(),
    good,
  );
  const verdict: unknown = await salesforce.token().catch((error: unknown) => error);
  expect(clock.slept).toEqual(slept);
  if (slept.length === 0) expect(verdict).toMatchObject({ retryAfterSeconds: 3600 });
  else expect(verdict).toBeInstanceOf(AccessToken);
});

test('a fleet that failed together does not come back together', async () => {
  const failing: TokenSource = {
    token: () => Promise.reject(new ClientError('SERVER_ERROR', 'Busy', { transient: true })),
  };
  const first = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const clock = handClock();
      await retryingSource(failing, { clock, maximumTries: 2 })
        .token()
        .catch(() => {});
      return clock.slept[0];
    }),
  );
  expect(new Set(first).size).toBeGreaterThan(40);
});

test('an abort ends the wait', async () => {
  const controller = new AbortController();
  const failing: TokenSource = {
    token: () => Promise.reject(new ClientError('SERVER_ERROR', 'Busy', { transient: true })),
  };
  const clock = { now: () => milliseconds(Date.now()) };
  const waiting = retryingSource(failing, {
    clock,
    random: () => 1,
    onEvent: () => setImmediate(() => controller.abort()),
  }).token({ signal: controller.signal });
  await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
});
