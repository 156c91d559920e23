import { expect, test, vi } from 'vitest';
import { AccessToken, connect, memoryTokenStore, SfjwtError } from '../src/node.ts';
import type {
  ClientEvent,
  ConnectOptions,
  Milliseconds,
  Renewal,
  TokenStore,
} from '../src/node.ts';
import { handClock } from './hand-clock.ts';
import { privateKey } from './key-pair.ts';
import { json, startTokenEndpoint, tokenBody } from './token-endpoint.ts';

/** A store that renews as it is told to: the part of one that is shared by processes. */
function storeThatRenews(renew: NonNullable<TokenStore['renew']>): TokenStore {
  return { ...memoryTokenStore(), renew };
}

/** A token that another process got for the same identity. */
function anotherOf(
  own: AccessToken,
  value: string,
  { now }: { now: () => Milliseconds },
): AccessToken {
  const { instanceUrl, scopes, organizationId, userId, identityUrl } = own;
  const receivedAt = now();
  return new AccessToken({
    value,
    instanceUrl,
    scopes,
    organizationId,
    userId,
    identityUrl,
    receivedAt,
  });
}

async function connected(store: TokenStore, options: Partial<ConnectOptions> = {}) {
  const { url, received } = await startTokenEndpoint((response, _request, at) =>
    json(response, 200, tokenBody(at)),
  );
  const events: ClientEvent[] = [];
  const clock = handClock();
  const salesforce = connect({
    clientId: '3MVG9.key',
    username: 'worker@example.org',
    privateKey,
    loginUrl: url,
    store,
    clock,
    onEvent: (event) => events.push(event),
    ...options,
  });
  const warnings = (): string[] =>
    events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  return { salesforce, clock, url, warnings, logins: () => received.length };
}

test('the store is asked by a key that holds all that changes the answer', async () => {
  const renew = vi.fn((_key: string, { signIn }: Renewal) => signIn());
  const { salesforce, url, logins } = await connected(storeThatRenews(renew));
  await salesforce.token();
  expect(renew.mock.calls.map(([key]) => JSON.parse(key) as unknown)).toEqual([
    [`${url}/services/oauth2/token`, '3MVG9.key', 'worker@example.org', url],
  ]);
  expect(logins()).toBe(1);
});

test('a store that gives a token of another process saves the login', async () => {
  const clock = handClock();
  let elsewhere: AccessToken | undefined;
  const store = storeThatRenews((_key, { accepts, signIn }) =>
    elsewhere !== undefined && accepts(elsewhere) ? Promise.resolve(elsewhere) : signIn(),
  );
  const { salesforce, logins } = await connected(store, { clock });
  const own = await salesforce.token();
  elsewhere = anotherOf(own, '00D!elsewhere', clock);
  expect((await salesforce.token({ refused: own })).value).toBe('00D!elsewhere');
  expect(logins()).toBe(1);
  // The refused one is not accepted again, wherever it comes from.
  const again = await salesforce.token({ refused: elsewhere });
  expect(again.value).not.toBe('00D!elsewhere');
  expect(logins()).toBe(2);
});

test('a token that is about to end is not accepted from elsewhere', async () => {
  const accepted: boolean[] = [];
  const { salesforce, clock } = await connected(
    storeThatRenews(async (_key, { accepts, signIn }) => {
      const token = await signIn();
      accepted.push(accepts(token));
      clock.advance(890_000);
      accepted.push(accepts(token));
      clock.advance(20_000);
      accepted.push(accepts(token));
      return token;
    }),
  );
  await salesforce.token();
  expect(accepted).toEqual([true, false, false]);
});

test('one that fails costs one login, not two, though it had signed in already', async () => {
  const store = storeThatRenews(async (_key, { signIn }) => {
    await signIn();
    throw new Error('the disk is full of eyJhbGciOi.eyJpc3Mi.c2lnbmVk');
  });
  const { salesforce, logins, warnings } = await connected(store);
  expect((await salesforce.token()).value).toMatch(/^00D/);
  expect(logins()).toBe(1);
  expect(warnings()).toEqual(['The token store failed to renew: the disk is full of [hidden]']);
});

test('what it warns of is told, without secrets', async () => {
  const store = storeThatRenews((_key, { signIn, warn }) => {
    warn('found eyJhbGciOi.eyJpc3Mi.c2lnbmVk where a token was to be');
    return signIn();
  });
  const { salesforce, warnings } = await connected(store);
  await salesforce.token();
  expect(warnings()).toEqual(['found [hidden] where a token was to be']);
});

test('its refusal is the answer, and no login is tried', async () => {
  const refusal = new SfjwtError('LOGIN_BUDGET_EXCEEDED', 'Too many logins in an hour');
  const { salesforce, logins } = await connected(storeThatRenews(() => Promise.reject(refusal)));
  await expect(salesforce.token()).rejects.toBe(refusal);
  expect(logins()).toBe(0);
});

test('what was learnt of a token replaces it in the store, and no newer one', async () => {
  const store = memoryTokenStore();
  const clock = handClock();
  const { url } = await startTokenEndpoint((response, { path }, at) =>
    path.endsWith('/token')
      ? json(response, 200, tokenBody(at))
      : json(response, 200, JSON.stringify({ active: true, exp: clock.now() / 1000 + 7200 })),
  );
  const options = { clientId: '3MVG9.key', username: 'worker@example.org', privateKey, clock };
  const salesforce = connect({ ...options, loginUrl: url, store, clientSecret: 'S3CRET' });
  const key = JSON.stringify([
    `${url}/services/oauth2/token`,
    '3MVG9.key',
    'worker@example.org',
    url,
  ]);
  const own = await salesforce.token();
  await salesforce.introspect();
  expect((await store.get(key))?.expiresAt).toBe(clock.now() + 7_200_000);
  const newer = anotherOf(own, '00D!newer', clock);
  await store.set(key, newer);
  await salesforce.introspect();
  expect(await store.get(key)).toBe(newer);
});
