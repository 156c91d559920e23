import { expect, onTestFinished, test, vi } from 'vitest';
import { connect, memoryTokenStore } from '../src/node.ts';
import type { ClientEvent, ConnectOptions, TokenStore } from '../src/node.ts';
import { handClock } from './hand-clock.ts';
import { privateKey } from './key-pair.ts';
import { json, startTokenEndpoint, tokenBody } from './token-endpoint.ts';
import type { Answer } from './token-endpoint.ts';

interface Parts {
  token?: Answer;
  api?: Answer;
  options?: Partial<ConnectOptions>;
}

async function setting({ token, api, options = {} }: Parts = {}) {
  const endpoint = await startTokenEndpoint((response, request, url) => {
    if (request.path !== '/services/oauth2/token') return api?.(response, request, url);
    return token === undefined
      ? json(response, 200, tokenBody(url))
      : token(response, request, url);
  });
  const clock = handClock();
  const events: ClientEvent[] = [];
  const all: ConnectOptions = {
    clientId: '3MVG9.key',
    username: 'worker@example.org',
    privateKey,
    loginUrl: endpoint.url,
    clock,
    onEvent: (event) => events.push(event),
    ...options,
  };
  const logins = (): number =>
    endpoint.received.filter(({ path }) => path.endsWith('/token')).length;
  return { ...endpoint, clock, events, options: all, salesforce: connect(all), logins };
}

test('a token is renewed in the background before its end, and nobody waits for it', async () => {
  const { salesforce, clock, logins, events } = await setting();
  const first = await salesforce.token();
  clock.advance(779_000);
  expect(await salesforce.token()).toBe(first);
  expect(logins()).toBe(1);
  clock.advance(2000);
  const served = await Promise.all(Array.from({ length: 100 }, () => salesforce.token()));
  expect(new Set(served)).toEqual(new Set([first]));
  await vi.waitFor(async () => expect(await salesforce.token()).not.toBe(first));
  expect(logins()).toBe(2);
  expect(events.filter(({ type }) => type === 'tokenRefresh')).toHaveLength(1);
});

test('a renewal that fails in the background leaves the token in use, and is not hammered', async () => {
  let down = false;
  const { salesforce, clock, logins } = await setting({
    token: (response, _request, url) =>
      down ? response.writeHead(503).end() : json(response, 200, tokenBody(url)),
    options: { maximumTries: 1 },
  });
  const first = await salesforce.token();
  down = true;
  clock.advance(800_000);
  for (let call = 0; call < 50; call += 1) expect(await salesforce.token()).toBe(first);
  await vi.waitFor(() => expect(logins()).toBe(2));
  clock.advance(31_000);
  expect(await salesforce.token()).toBe(first);
  await vi.waitFor(() => expect(logins()).toBe(3));
});

test('introspection tells the true end of life, which is used from then on', async () => {
  let exp = 0;
  const { salesforce, clock, logins } = await setting({
    api: (response) => json(response, 200, JSON.stringify({ active: true, exp })),
    options: { clientSecret: 'S3CRET' },
  });
  const first = await salesforce.token();
  exp = clock.now() / 1000 + 7200;
  expect(await salesforce.introspect()).toEqual({ active: true, exp });
  clock.advance(7_000_000);
  const later = await salesforce.token();
  expect(later.equals(first)).toBe(true);
  expect(later.expiresAt).toBe(exp * 1000);
  expect(logins()).toBe(1);
  clock.advance(200_000);
  expect((await salesforce.token()).equals(first)).toBe(false);
});

test('introspectTokens asks for the end of life of each new token', async () => {
  const { salesforce, received, clock } = await setting({
    api: (response) =>
      json(response, 200, JSON.stringify({ active: true, exp: clock.now() / 1000 + 60 })),
    options: { clientSecret: 'S3CRET', introspectTokens: true },
  });
  const token = await salesforce.token();
  expect(token.expiresAt).toBe(clock.now() + 60_000);
  expect(received.map(({ path }) => path)).toEqual([
    '/services/oauth2/token',
    '/services/oauth2/introspect',
  ]);
});

test('an end of life that cannot be learnt costs no login, and no call', async () => {
  const { salesforce, events, logins } = await setting({
    api: (response) => json(response, 401, '{"error":"invalid_client"}'),
    options: { clientSecret: 'wrong', introspectTokens: true },
  });
  const token = await salesforce.token();
  expect(await salesforce.token()).toBe(token);
  expect(logins()).toBe(1);
  expect(events.filter(({ type }) => type === 'warning')).toEqual([
    { type: 'warning', message: expect.stringMatching(/end of the token is not known/) },
  ]);
});

test('an end of life in the past is not believed: a fast clock would sign in for every call', async () => {
  const { salesforce, events, logins } = await setting({
    api: (response) => json(response, 200, '{"active":true,"exp":1700000000}'),
    options: { clientSecret: 'S3CRET', introspectTokens: true },
  });
  const token = await salesforce.token();
  expect(await salesforce.token()).toBe(token);
  expect(logins()).toBe(1);
  expect(events).toContainEqual({
    type: 'warning',
    message: expect.stringMatching(/clock of this machine is wrong/),
  });
});

test('a token that introspection calls dead is not given to the next caller', async () => {
  const { salesforce, logins } = await setting({
    api: (response) => json(response, 200, '{"active":false}'),
    options: { clientSecret: 'S3CRET' },
  });
  await salesforce.token();
  expect(await salesforce.introspect()).toEqual({ active: false });
  await salesforce.token();
  expect(logins()).toBe(2);
});

const dead: Answer = (response) =>
  json(
    response,
    401,
    '[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]',
  );

test('tokens that are all refused at once do not cost a login for every call', async () => {
  const { salesforce, logins, clock } = await setting({ api: dead });
  for (let call = 0; call < 20; call += 1) {
    await salesforce.fetch('/x').catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'SESSION_INVALID' });
    });
  }
  expect(logins()).toBeLessThanOrEqual(4);
  clock.advance(61_000);
  await salesforce.fetch('/x').catch(() => {});
  expect(logins()).toBeLessThanOrEqual(6);
});

test('a session that is ended now and then is renewed each time', async () => {
  const ended = new Set<string | undefined>();
  const { salesforce, clock, logins } = await setting({
    api: (response, request, url) =>
      ended.has(request.headers.authorization) ? dead(response, request, url) : response.end('ok'),
  });
  for (let day = 0; day < 10; day += 1) {
    ended.add((await salesforce.headers()).authorization);
    clock.advance(120_000);
    expect((await salesforce.fetch('/x')).status).toBe(200);
  }
  expect(logins()).toBe(11);
});

test('two connections with one store share a single flight', async () => {
  const store = memoryTokenStore();
  const { options, logins } = await setting({ options: { store } });
  const connections = Array.from({ length: 20 }, () => connect(options));
  const tokens = await Promise.all(connections.map((connection) => connection.token()));
  expect(new Set(tokens.map(({ value }) => value)).size).toBe(1);
  expect(logins()).toBe(1);
});

test('two identities never share, even in one store', async () => {
  const store = memoryTokenStore();
  const { options, logins } = await setting({ options: { store } });
  const others: Partial<ConnectOptions>[] = [
    { username: 'other@example.org' },
    { clientId: '3MVG9.other' },
    { audience: 'https://test.salesforce.com' },
  ];
  const all = [{}, ...others];
  await Promise.all(all.map((change) => connect({ ...options, ...change }).token()));
  expect(logins()).toBe(4);
});

test('a store that is out of order costs a login, and no call', async () => {
  const broken = (): Promise<never> => Promise.reject(new Error('connection refused'));
  const store: TokenStore = { get: broken, set: broken, remove: broken };
  const { salesforce, events } = await setting({ options: { store } });
  const first = await salesforce.token();
  expect(await salesforce.token()).toBe(first);
  expect(events.filter(({ type }) => type === 'warning')).toEqual([
    { type: 'warning', message: 'The token store failed to get: connection refused' },
    { type: 'warning', message: 'The token store failed to set: connection refused' },
  ]);
});

test('a store that never answers is waited for no longer than an endpoint', async () => {
  const silent = (): Promise<never> => new Promise(() => {});
  const store: TokenStore = { get: silent, set: silent, remove: silent };
  const options = { store, timeoutMilliseconds: 200 };
  const { salesforce, events, logins } = await setting({ options });
  const first = await salesforce.token();
  expect(await salesforce.token()).toBe(first);
  expect(logins()).toBe(1);
  expect(events.filter(({ type }) => type === 'warning')).toEqual([
    { type: 'warning', message: 'The token store failed to get: no answer within 200 ms' },
    { type: 'warning', message: 'The token store failed to set: no answer within 200 ms' },
  ]);
});

test('a clock that is set back neither keeps a token for ever nor a refusal', async () => {
  let refusing = false;
  const { salesforce, clock, logins } = await setting({
    token: (response, _request, url) =>
      refusing
        ? json(response, 400, '{"error":"inactive_user","error_description":"user is inactive"}')
        : json(response, 200, tokenBody(url)),
  });
  const hour = 3_600_000;
  const first = await salesforce.token();
  clock.advance(-10 * hour);
  // How old the first one is, nobody knows any more.
  expect(await salesforce.token()).not.toBe(first);
  expect(logins()).toBe(2);

  refusing = true;
  clock.advance(hour);
  await expect(salesforce.token()).rejects.toMatchObject({ code: 'USER_INACTIVE' });
  clock.advance(-2 * hour);
  refusing = false;
  await expect(salesforce.token()).resolves.toBeDefined();

  // A renewal ahead of the end is due once more, and not only when the old count is reached.
  clock.advance(800_000);
  const before = logins();
  await salesforce.token();
  await vi.waitFor(() => expect(logins()).toBe(before + 1));
});

test('whoever has given up already causes no login', async () => {
  const { salesforce, received } = await setting();
  const signal = AbortSignal.abort();
  await expect(salesforce.token({ signal })).rejects.toMatchObject({ code: 'ABORTED' });
  await expect(salesforce.fetch('/x', { signal })).rejects.toMatchObject({ code: 'ABORTED' });
  expect(received).toEqual([]);
});

test('an async listener that fails ends no process', async () => {
  const unhandled = vi.fn<() => void>();
  process.on('unhandledRejection', unhandled);
  onTestFinished(() => void process.off('unhandledRejection', unhandled));
  const { salesforce } = await setting({
    options: { onEvent: () => Promise.reject(new Error('metrics are down')) as unknown as void },
  });
  await salesforce.token();
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).not.toHaveBeenCalled();
});

test('a listener that fails is not the caller’s problem', async () => {
  const { salesforce } = await setting({
    options: {
      onEvent: () => {
        throw new Error('metrics are down');
      },
    },
  });
  await expect(salesforce.token()).resolves.toBeDefined();
});

test('identity is asked at the instance URL, whatever host the identity URL names', async () => {
  const { salesforce, received } = await setting({
    api: (response) => json(response, 200, '{"username":"worker@example.org"}'),
  });
  expect(await salesforce.identity()).toEqual({ username: 'worker@example.org' });
  expect(received.at(-1)).toMatchObject({ path: '/id/00DLOCAL0000001EAA/005LOCAL0000001EAA' });
});

test('a misspelt option is told, with the right spelling', async () => {
  const { options } = await setting();
  expect(() => connect({ ...options, userName: 'x' } as ConnectOptions)).toThrowError(
    expect.objectContaining({ code: 'SETTING_INVALID', hints: ['Write it as username.'] }),
  );
});

test('a connection can be disposed of', async () => {
  const { options } = await setting();
  {
    await using salesforce = connect(options);
    await salesforce.token();
  }
});
