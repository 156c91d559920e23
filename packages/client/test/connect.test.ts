import { inspect } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { connect, memoryTokenStore, milliseconds } from '../src/node.ts';
import type { AccessToken, ClientEvent, ConnectOptions, Connection, Profile } from '../src/node.ts';
import { pkcs8, privateKey } from './key-pair.ts';
import { json, startTokenEndpoint, tokenBody } from './token-endpoint.ts';
import type { Answer, ReceivedRequest, TokenEndpoint } from './token-endpoint.ts';

afterEach(() => vi.unstubAllEnvs());

interface Setting extends TokenEndpoint {
  salesforce: Connection;
  options: ConnectOptions;
  events: ClientEvent[];
  tokenRequests: () => number;
}

/** A connection to an endpoint that answers as told; token requests succeed when not told. */
async function setting(api: Answer = (r) => r.end('ok'), token?: Answer): Promise<Setting> {
  const endpoint = await startTokenEndpoint((response, request, url) =>
    request.path === '/services/oauth2/token'
      ? (token ?? ((r) => json(r, 200, tokenBody(url))))(response, request, url)
      : api(response, request, url),
  );
  const events: ClientEvent[] = [];
  const options: ConnectOptions = {
    clientId: '3MVG9.key',
    username: 'worker@example.org',
    privateKey,
    loginUrl: endpoint.url,
    onEvent: (event) => events.push(event),
  };
  return {
    ...endpoint,
    options,
    events,
    salesforce: connect(options),
    tokenRequests: () => endpoint.received.filter(({ path }) => path.endsWith('/token')).length,
  };
}

const expired: Answer = (response) =>
  json(
    response,
    401,
    '[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]',
  );

test('the token request carries grant type and assertion and nothing else', async () => {
  const { salesforce, received } = await setting();
  const token = await salesforce.token();
  expect(token.value).toMatch(/^00DLOCAL/);
  expect(token.userId).toBe('005LOCAL0000001EAA');
  const [request] = received;
  expect(request?.method).toBe('POST');
  expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
  const form = new URLSearchParams(request?.body);
  expect([...form.keys()]).toEqual(['grant_type', 'assertion']);
  expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
});

test('nothing is sent before the first use', async () => {
  const { received } = await setting();
  expect(received).toEqual([]);
});

test('1,000 parallel calls make one token request', async () => {
  const { salesforce, tokenRequests } = await setting();
  const tokens = await Promise.all(Array.from({ length: 1000 }, () => salesforce.token()));
  expect(new Set(tokens.map(({ value }) => value)).size).toBe(1);
  expect(tokenRequests()).toBe(1);
});

test('a token is reused until its assumed life is over', async () => {
  const { options, tokenRequests } = await setting();
  let now = 1_800_000_000_000;
  const clock = { now: () => milliseconds(now) };
  const salesforce = connect({ ...options, clock, tokenLifetimeSeconds: 900 });
  await salesforce.token();
  now += 899_000;
  await salesforce.token();
  expect(tokenRequests()).toBe(1);
  now += 1000;
  await salesforce.token();
  expect(tokenRequests()).toBe(2);
});

test('fetch renews the token exactly once on 401', async () => {
  let calls = 0;
  const { salesforce, tokenRequests, received } = await setting((response, request, url) => {
    calls += 1;
    if (calls === 1) expired(response, request, url);
    else response.end('records');
  });
  const response = await salesforce.fetch('/services/data/v67.0/query', {
    method: 'POST',
    body: 'the same body twice',
  });
  expect(await response.text()).toBe('records');
  expect(tokenRequests()).toBe(2);
  const apiCalls = received.filter(({ path }) => path.includes('/data/'));
  expect(apiCalls.map(({ body }) => body)).toEqual(['the same body twice', 'the same body twice']);
  expect(apiCalls[0]?.headers.authorization).not.toBe(apiCalls[1]?.headers.authorization);
});

test('a second 401 is given to the caller: there is no loop', async () => {
  const { salesforce, tokenRequests, received } = await setting(expired);
  const response = await salesforce.fetch('/services/data/v67.0/query');
  expect(response.status).toBe(401);
  expect(await response.text()).toContain('INVALID_SESSION_ID');
  expect(tokenRequests()).toBe(2);
  expect(received).toHaveLength(4);
});

test('a hundred calls whose token dies share one renewal', async () => {
  const dead = new Set<string | undefined>();
  const { salesforce, tokenRequests } = await setting((response, request, url) =>
    dead.has(request.headers.authorization) ? expired(response, request, url) : response.end('ok'),
  );
  dead.add((await salesforce.headers()).authorization);
  const responses = await Promise.all(Array.from({ length: 100 }, () => salesforce.fetch('/x')));
  expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 200));
  expect(tokenRequests()).toBe(2);
});

test('a late 401 for an old token does not throw the new one away', async () => {
  const { salesforce, tokenRequests } = await setting();
  const old = await salesforce.token();
  const renewed = await salesforce.token({ refused: old });
  expect(await salesforce.token({ refused: old })).toBe(renewed);
  expect(tokenRequests()).toBe(2);
});

test('a session that may not use the API is not worth a new login', async () => {
  const body =
    '[{"message":"This session is not valid for use with the REST API","errorCode":"INVALID_SESSION_ID"}]';
  const { salesforce, tokenRequests } = await setting((response) => json(response, 401, body));
  expect((await salesforce.fetch('/x')).status).toBe(401);
  expect(tokenRequests()).toBe(1);
});

test('userinfo renews on Bad_OAuth_Token', async () => {
  let calls = 0;
  const { salesforce, tokenRequests } = await setting((response) => {
    calls += 1;
    if (calls === 1)
      response.writeHead(403, { 'content-type': 'text/plain' }).end('Bad_OAuth_Token');
    else json(response, 200, '{"user_id":"005LOCAL0000001EAA"}');
  });
  expect(await salesforce.userinfo()).toEqual({ user_id: '005LOCAL0000001EAA' });
  expect(tokenRequests()).toBe(2);
});

test.each([
  'https://evil.example/',
  '//evil.example/x',
  'http://127.0.0.1:1/',
  String.raw`\\evil.example\x`,
])('the token is not sent to %s', async (target) => {
  const { salesforce } = await setting();
  await expect(salesforce.fetch(target)).rejects.toMatchObject({ code: 'FOREIGN_ORIGIN' });
});

test('a caller who gives up ends its own wait only', async () => {
  let release = (): void => {};
  const { salesforce, tokenRequests } = await setting(undefined, (response, _request, url) => {
    release = () => json(response, 200, tokenBody(url));
  });
  const controller = new AbortController();
  const impatient = salesforce.token({ signal: controller.signal });
  const patient = salesforce.token();
  await vi.waitFor(() => expect(tokenRequests()).toBe(1));
  controller.abort();
  await expect(impatient).rejects.toMatchObject({ code: 'ABORTED' });
  release();
  expect((await patient).value).toMatch(/^00DLOCAL/);
});

test('a permanent refusal is remembered for a minute, a passing one is not', async () => {
  let body =
    '{"error":"invalid_app_access","error_description":"user is not admin approved to access this app"}';
  const { options, tokenRequests } = await setting(undefined, (response) =>
    json(response, 400, body),
  );
  let now = 1_800_000_000_000;
  const salesforce = connect({ ...options, clock: { now: () => milliseconds(now) } });
  const refusal = { code: 'USER_NOT_ADMIN_APPROVED', error: 'invalid_app_access', status: 400 };
  await expect(salesforce.token()).rejects.toMatchObject(refusal);
  await expect(salesforce.token()).rejects.toMatchObject(refusal);
  expect(tokenRequests()).toBe(1);
  now += 60_000;
  body = '{"error":"invalid_grant","error_description":"login rate exceeded"}';
  await expect(salesforce.token()).rejects.toMatchObject({ code: 'LOGIN_RATE_EXCEEDED' });
  await expect(salesforce.token()).rejects.toMatchObject({ transient: true });
  expect(tokenRequests()).toBe(2);
  now += 60_000;
  body = '{"error":"unknown_error","error_description":"retry your request"}';
  const hasty = connect({ ...options, maximumTries: 1 });
  await expect(hasty.token()).rejects.toMatchObject({ code: 'SALESFORCE_BUSY' });
  await expect(hasty.token()).rejects.toMatchObject({ code: 'SALESFORCE_BUSY' });
  expect(tokenRequests()).toBe(4);
});

test('a store shares the token between connections', async () => {
  const { options, tokenRequests } = await setting();
  const store = memoryTokenStore();
  const first = await connect({ ...options, store }).token();
  const second = connect({ ...options, store });
  expect(await second.token()).toBe(first);
  const renewed = await second.token({ refused: first });
  expect(renewed.value).not.toBe(first.value);
  expect(await connect({ ...options, store }).token()).toBe(renewed);
  expect(await connect({ ...options, store, username: 'other@example.org' }).token()).not.toBe(
    renewed,
  );
  expect(tokenRequests()).toBe(3);
});

test('revoke ends the session and forgets the token; without a token it sends nothing', async () => {
  const { salesforce, received, tokenRequests } = await setting((response) => response.end());
  await salesforce.revoke();
  expect(received).toEqual([]);
  const { value } = await salesforce.token();
  await salesforce.revoke();
  expect(received.at(-1)).toMatchObject({
    path: '/services/oauth2/revoke',
    body: new URLSearchParams({ token: value }).toString(),
  });
  await salesforce.token();
  expect(tokenRequests()).toBe(2);
});

test('introspect sends the consumer secret, and says so when there is none', async () => {
  const { salesforce, options, received } = await setting((response) =>
    json(response, 200, '{"active":true,"exp":1800007200}'),
  );
  await expect(salesforce.introspect()).rejects.toMatchObject({ code: 'SETTING_MISSING' });
  const withSecret = connect({ ...options, clientSecret: 'S3CRET' });
  expect(await withSecret.introspect()).toEqual({ active: true, exp: 1_800_007_200 });
  const form = new URLSearchParams(received.at(-1)?.body);
  expect(form.get('client_id')).toBe('3MVG9.key');
  expect(form.get('client_secret')).toBe('S3CRET');
});

test('settings come from the environment, and options win', async () => {
  const { url, received } = await setting();
  vi.stubEnv('SFJWT_CLIENT_ID', '3MVG9.env');
  vi.stubEnv('SALESFORCE_USERNAME', 'env@example.org');
  vi.stubEnv('SFJWT_PRIVATE_KEY', pkcs8);
  vi.stubEnv('SFJWT_LOGIN_URL', url);
  await connect().token();
  await connect({ username: 'option@example.org', aud: 'https://login.salesforce.com' }).token();
  const claims = received.map(claimsOf);
  expect(claims[0]).toMatchObject({ iss: '3MVG9.env', sub: 'env@example.org', aud: url });
  expect(claims[1]).toMatchObject({
    sub: 'option@example.org',
    aud: 'https://login.salesforce.com',
  });
});

test('both names of a setting with one value are one setting', async () => {
  const { options, received } = await setting();
  await connect({ ...options, sub: 'worker@example.org', iss: '3MVG9.key' }).token();
  expect(claimsOf(received[0])).toMatchObject({ iss: '3MVG9.key', sub: 'worker@example.org' });
});

test('a key file in the environment is passed over for a key, and that is told', async () => {
  const { options, events } = await setting();
  vi.stubEnv('SFJWT_PRIVATE_KEY', pkcs8);
  vi.stubEnv('SFJWT_PRIVATE_KEY_FILE', '/nowhere/salesforce.key');
  connect({ ...options, privateKey });
  expect(events).toEqual([]);
  const { privateKey: _given, ...others } = options;
  await connect(others).token();
  expect(events).toContainEqual({
    type: 'warning',
    message: expect.stringMatching(/private key and a private key file: the key is used/),
  });
});

test.each([
  ['in circles', '/again'],
  ['to script', 'javascript:alert(1)'],
  ['to no URL', 'http://['],
])(
  'an API that redirects %s is told as redirected, not as a lost connection',
  async (_, location) => {
    const { salesforce } = await setting((r) => r.writeHead(302, { location }).end());
    await expect(salesforce.fetch('/x')).rejects.toMatchObject({ code: 'REDIRECTED' });
  },
);

test('a stored profile is taken as it is: secrets are named by the variable that holds them', async () => {
  const { url, received } = await setting();
  const profile = JSON.parse(
    JSON.stringify({
      loginUrl: url,
      clientId: '3MVG9.profile',
      username: 'profile@example.org',
      audience: 'https://test.salesforce.com',
      privateKey: { environment: 'NIGHTLY_KEY' },
      passphrase: { environment: 'NIGHTLY_PASSPHRASE' },
      clientSecret: { environment: 'NIGHTLY_SECRET' },
    } satisfies Profile),
  ) as Profile;
  expect(() => connect(profile)).toThrowError(
    expect.objectContaining({
      code: 'SETTING_MISSING',
      message: expect.stringMatching(/the variable NIGHTLY_\w+ is not set/),
    }),
  );
  vi.stubEnv('NIGHTLY_KEY', lockedPkcs8('open'));
  vi.stubEnv('NIGHTLY_PASSPHRASE', 'open');
  vi.stubEnv('NIGHTLY_SECRET', 'S3CRET');
  await connect(profile).token();
  expect(claimsOf(received[0])).toMatchObject({
    iss: '3MVG9.profile',
    sub: 'profile@example.org',
    aud: 'https://test.salesforce.com',
  });
});

function claimsOf(request: ReceivedRequest | undefined): object {
  const [, payload = ''] = (new URLSearchParams(request?.body).get('assertion') ?? '').split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
}

function lockedPkcs8(passphrase: string): string {
  const cipher = 'aes-256-cbc';
  return String(privateKey.export({ type: 'pkcs8', format: 'pem', cipher, passphrase }));
}

test.each<readonly [string, unknown]>([
  ['null', null],
  ['text', 'https://acme.my.salesforce.com'],
  ['a client id that is a number', { clientId: 7 }],
  ['a login URL that is an object', { loginUrl: {} }],
  ['a listener that is a number', { onEvent: 5 }],
  ['a fetch that is text', { fetch: 'fetch' }],
  ['a store without methods', { store: {} }],
  ['a store that is null', { store: null }],
  ['a signer that cannot sign', { signer: {}, privateKey: undefined }],
  ['a transport that cannot close', { transport: { send: () => Promise.reject(new Error()) } }],
  ['a clock that is a date', { clock: new Date() }],
  ['a proxy that is a number', { proxy: 5 }],
  ['a time-out that no timer can count', { timeoutMilliseconds: 2 ** 31 }],
])('a setting of the wrong type is told, not stumbled over: %s', async (_name, change) => {
  const { options } = await setting();
  const given = typeof change === 'object' && change !== null ? { ...options, ...change } : change;
  expect(() => connect(given as ConnectOptions)).toThrowError(
    expect.objectContaining({ code: 'SETTING_INVALID' }),
  );
});

test.each([
  ['clientId', { clientId: '' }, 'SETTING_MISSING'],
  ['introspection without the secret', { introspectTokens: true }, 'SETTING_MISSING'],
  ['username', { username: ' ' }, 'SETTING_MISSING'],
  ['clientId, in quotes that an env file kept', { clientId: '"3MVG9.key"' }, 'SETTING_INVALID'],
  ['two keys', { privateKeyFile: 'salesforce.key' }, 'SETTING_INVALID'],
  ['two usernames', { sub: 'other@example.org' }, 'SETTING_INVALID'],
  ['two client ids', { iss: '3MVG9.other' }, 'SETTING_INVALID'],
  ['two audiences', { aud: 'https://a.example', audience: 'https://b.example' }, 'SETTING_INVALID'],
  ['a proxy of another kind', { proxy: 'socks5://proxy:1080' }, 'SETTING_INVALID'],
  ['a proxy that is a word', { proxy: 'nonsense' }, 'SETTING_INVALID'],
  ['time-out', { timeoutMilliseconds: 0 }, 'SETTING_INVALID'],
  ['lifetime', { tokenLifetimeSeconds: Number.NaN }, 'SETTING_INVALID'],
  ['plain http', { loginUrl: 'http://acme.my.salesforce.com' }, 'INSECURE_URL'],
])('an unusable setting is refused at once: %s', async (_name, change, code) => {
  const { options } = await setting();
  expect(() => connect({ ...options, ...change })).toThrowError(expect.objectContaining({ code }));
});

test('no secret in inspect, JSON, text, events or errors', async () => {
  const { salesforce, events, options } = await setting(expired);
  const token: AccessToken = await salesforce.token();
  await salesforce.fetch('/x');
  const refused = connect({ ...options, loginUrl: `${options.loginUrl ?? ''}/nowhere` });
  const error: unknown = await refused.token().catch((reason: unknown) => reason);
  const said = [
    inspect([token, events, error, salesforce], { depth: null, getters: true, showHidden: true }),
    JSON.stringify([token, events, error]),
    `${String(token)}${String(error)}`,
    error instanceof Error ? (error.stack ?? '') : '',
  ].join('\n');
  expect(said).toContain('[hidden]');
  for (const secret of [token.value, 'PRIVATE KEY', 'eyJhbGciOi'])
    expect(said).not.toContain(secret);
});
