import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createClock, createOrg } from '../src/index.ts';
import type { Fault, FaultTarget, Org } from '../src/index.ts';
import { get, noon, orgSetting } from './org-setting.ts';

const query = '/services/data/v67.0/query?q=SELECT+Id+FROM+Account';

test('the next token request meets the fault, the one after does not', async () => {
  const { org, ask } = await orgSetting();
  org.faults.next('token', { status: 503, body: 'Service Unavailable' });
  const first = await ask();
  expect(first.status).toBe(503);
  expect(await first.text()).toBe('Service Unavailable');
  expect((await ask()).status).toBe(200);
  expect(org.faults.list()).toEqual([]);
});

test('a fault for the next three requests is met three times', async () => {
  const { org, ask } = await orgSetting();
  const planned = org.faults.next(
    'token',
    { status: 429, headers: { 'retry-after': '7' } },
    { times: 3 },
  );
  expect(planned).toMatchObject({ target: 'token', remaining: 3 });
  const answers = [await ask(), await ask(), await ask(), await ask()];
  expect(answers.map(({ status }) => status)).toEqual([429, 429, 429, 200]);
  expect(answers[0]?.headers.get('retry-after')).toBe('7');
});

test('every third request meets the fault, until it is removed', async () => {
  const { org, token } = await orgSetting();
  const access = await token();
  const { id } = org.faults.every(3, 'query', { refusal: 'UNABLE_TO_LOCK_ROW' });
  const statuses: number[] = [];
  for (let count = 0; count < 7; count += 1) statuses.push((await get(org, query, access)).status);
  expect(statuses).toEqual([200, 200, 400, 200, 200, 400, 200]);
  expect(org.faults.list()).toMatchObject([{ id, every: 3, happened: 2, remaining: undefined }]);
  expect(org.faults.remove(id)).toBe(true);
  expect(org.faults.remove(id)).toBe(false);
  expect((await get(org, query, access)).status).toBe(200);
  expect((await get(org, query, access)).status).toBe(200);
});

test.each<[string, FaultTarget, boolean]>([
  ['a word', 'query', true],
  ['a word for something else', 'userinfo', false],
  ['everything', 'any', true],
  ['all of the data', 'data', true],
  ['a path', '/services/data/v67.0/query', true],
  ['a path that only begins so', '/services/data', false],
  ['a path with a star', '/services/*/query', true],
  ['a path with characters of regular expressions', '/services/data/v67.+/query', false],
  ['a function', ({ url }) => url.includes('Account'), true],
  ['a function that says no', ({ method }) => method === 'POST', false],
])('the target may be %s', async (_what, target, met) => {
  const { org, token } = await orgSetting();
  const access = await token();
  org.faults.next(target, { status: 502 });
  expect((await get(org, query, access)).status).toBe(met ? 502 : 200);
});

test.each<[string, string, number, unknown]>([
  [
    'login rate exceeded',
    'token',
    400,
    { error: 'invalid_grant', error_description: 'login rate exceeded' },
  ],
  [
    'unknown_error',
    'token',
    400,
    { error: 'unknown_error', error_description: 'retry your request' },
  ],
  [
    'REQUEST_LIMIT_EXCEEDED',
    'query',
    403,
    [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
  ],
  [
    'INVALID_SESSION_ID',
    'query',
    401,
    [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }],
  ],
])('one refusal, %s, then success', async (refusal, target, status, body) => {
  const { org, ask, token } = await orgSetting();
  const access = await token();
  const call = (): Promise<Response> => (target === 'token' ? ask() : get(org, query, access));
  org.faults.next(target as 'token', { refusal: refusal as NonNullable<Fault['refusal']> });
  const refused = await call();
  expect(refused.status).toBe(status);
  expect(refused.headers.get('content-type')).toContain('application/json');
  expect(await refused.json()).toEqual(body);
  expect((await call()).status).toBe(200);
});

test('a session is ended between two calls: the token is refused for good', async () => {
  const { org, token } = await orgSetting();
  const [access, other] = [await token(), org.openSession(org.administrator)];
  org.faults.next('query', { endSession: 'before' });
  const refused = await get(org, query, access);
  expect(refused.status).toBe(401);
  expect(await refused.json()).toMatchObject([{ errorCode: 'INVALID_SESSION_ID' }]);
  expect((await get(org, query, access)).status).toBe(401);
  expect((await get(org, query, other)).status).toBe(200);
});

test('a token can be dead on arrival', async () => {
  const { org, token } = await orgSetting();
  org.faults.next('token', { endSession: 'after' });
  expect((await get(org, query, await token())).status).toBe(401);
  expect((await get(org, query, await token())).status).toBe(200);
});

test('headers are added to the true answer', async () => {
  const { org, token } = await orgSetting();
  const access = await token();
  org.faults.next('query', { headers: { 'Sforce-Limit-Info': 'api-usage=4999/5000' } });
  const response = await get(org, query, access);
  expect(response.status).toBe(200);
  expect(response.headers.get('sforce-limit-info')).toBe('api-usage=4999/5000');
  expect(await response.json()).toMatchObject({ done: true });
});

test('every answer tells the time of the org, but for a skew', async () => {
  const { org } = await orgSetting();
  const date = async (): Promise<string | null> =>
    (await get(org, '/services/data')).headers.get('date');
  expect(await date()).toBe(new Date(noon).toUTCString());
  org.clock.advance({ hours: 1 });
  expect(await date()).toBe(new Date(noon + 3_600_000).toUTCString());
  org.faults.next('any', { dateSkew: { minutes: -5 } });
  expect(await date()).toBe(new Date(noon + 3_300_000).toUTCString());
});

test.each<[string, unknown, string]>([
  ['nothing', {}, 'nothing in it'],
  ['an unknown field', { statusCode: 500 }, 'statusCode'],
  ['a status out of range', { status: 99 }, 'status'],
  ['an unknown refusal', { refusal: 'NO_SUCH' }, 'refusal'],
  ['half a byte', { truncate: 0.5 }, 'truncate'],
  ['an unknown unit', { delay: { fortnights: 1 } }, 'delay.fortnights'],
])('a fault with %s is refused', async (_what, fault, word) => {
  const { org } = await orgSetting();
  const plan = (): unknown => org.faults.next('any', fault as Fault);
  expect(plan).toThrow(expect.objectContaining({ code: 'FAULT_INVALID' }));
  expect(plan).toThrow(word);
});

test('a word that names no request is refused, with those that do', async () => {
  const { org } = await orgSetting();
  expect(() => org.faults.next('tokens' as 'token', { status: 503 })).toThrow(
    expect.objectContaining({
      code: 'TARGET_UNKNOWN',
      hints: [expect.stringContaining('token, authorize')],
    }),
  );
});

test('without a socket a delay is time that passes on the clock of the org', async () => {
  const { org } = await orgSetting();
  org.faults.next('any', { delay: { minutes: 2 } });
  expect((await get(org, '/services/data')).status).toBe(200);
  expect(org.clock.now()).toBe(noon + 120_000);
});

test('without a socket a broken connection is what fetch of Node makes of it', async () => {
  const { org, ask } = await orgSetting();
  org.faults.next('token', { reset: 'before' });
  await expect(ask()).rejects.toMatchObject({
    name: 'TypeError',
    message: 'fetch failed',
    cause: { code: 'ECONNRESET' },
  });
  expect(org.sessions.list()).toEqual([]);
  org.faults.next('token', { reset: 'after' });
  await expect(ask()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
  // The org did its work: that is what makes this one worse.
  expect(org.sessions.list()).toHaveLength(1);
});

test('without a socket a truncated body breaks off while it is read', async () => {
  const { org } = await orgSetting();
  org.faults.next('any', { truncate: 10 });
  const response = await get(org, '/services/data');
  expect(Number(response.headers.get('content-length'))).toBeGreaterThan(10);
  const reader = response.body?.getReader();
  expect((await reader?.read())?.value?.byteLength).toBe(10);
  await expect(reader?.read()).rejects.toMatchObject({ message: 'terminated' });
});

test('without a socket a body that drips takes time on the clock of the org, piece by piece', async () => {
  const { org } = await orgSetting();
  org.faults.next('any', { body: '0123456789', drip: { bytes: 4, every: { seconds: 30 } } });
  const response = await get(org, '/services/data');
  const pieces: string[] = [];
  for await (const piece of response.body ?? []) pieces.push(Buffer.from(piece).toString());
  expect(pieces).toEqual(['0123', '4567', '89']);
  expect(org.clock.now()).toBe(noon + 60_000);
});

interface Received {
  status: number;
  body: string;
  error: NodeJS.ErrnoException | undefined;
}

/** By hand, since what matters is how the connection ends. */
function receive(org: Org): Promise<Received> {
  const { protocol } = new URL(org.url);
  const request = protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const received: Received = { status: 0, body: '', error: undefined };
    const finish = (error?: NodeJS.ErrnoException): void => resolve({ ...received, error });
    const outgoing = request(
      `${org.url}/services/data`,
      { agent: false, ca: org.certificateAuthority },
      (incoming) => {
        received.status = incoming.statusCode ?? 0;
        incoming.on('data', (chunk: Buffer) => (received.body += chunk.toString()));
        incoming.on('end', () => finish());
        incoming.on('error', finish);
      },
    );
    outgoing.on('error', finish);
    outgoing.end();
  });
}

async function listening(tls: boolean): Promise<Org> {
  const org = await createOrg({ clock: createClock(() => noon) });
  onTestFinished(() => org.close());
  return org.listen({ port: 0, tls });
}

describe.each([
  ['http', false],
  ['https', true],
])('on a real socket, %s:', (_scheme, tls) => {
  test('a reset is a reset', async () => {
    const org = await listening(tls);
    org.faults.next('any', { reset: 'before' });
    expect((await receive(org)).error?.code).toBe('ECONNRESET');
    expect((await receive(org)).status).toBe(200);
  });

  test('a truncated body ends before what was announced', async () => {
    const org = await listening(tls);
    org.faults.next('any', { truncate: 10 });
    const { status, body, error } = await receive(org);
    expect(status).toBe(200);
    expect(body).toHaveLength(10);
    expect(error?.message).toBe('aborted');
    expect((await receive(org)).error).toBeUndefined();
  });

  test('a body that drips comes in pieces, whole in the end', async () => {
    const org = await listening(tls);
    const whole = (await receive(org)).body;
    org.faults.next('any', { drip: { bytes: 100, every: { milliseconds: 1 } } });
    const { body, error } = await receive(org);
    expect(error).toBeUndefined();
    expect(body).toBe(whole);
  });

  test('a delay outlasts a client that does not wait', async () => {
    const org = await listening(tls);
    org.faults.next('any', { delay: { days: 1 } });
    const outgoing = (tls ? httpsRequest : httpRequest)(`${org.url}/services/data`, {
      agent: false,
      ca: org.certificateAuthority,
    });
    const ended = new Promise((resolve) => outgoing.on('error', resolve));
    outgoing.end();
    await org.requests.waitFor({ path: 'data' });
    outgoing.destroy(new Error('the client has left'));
    expect(await ended).toMatchObject({ message: 'the client has left' });
    expect((await receive(org)).status).toBe(200);
  });

  test('closing the org does not wait for a delay', async () => {
    const org = await listening(tls);
    org.faults.next('any', { delay: { days: 1 } });
    const waiting = receive(org);
    await org.requests.waitFor({ path: 'data' });
    await org.stopListening();
    expect((await waiting).error?.code).toBe('ECONNRESET');
  });
});
