import { afterAll, beforeAll, describe, onTestFinished, test, expect } from 'vitest';
import {
  accessToken,
  describeTokenStore,
  identity,
} from '../../packages/broker/test/token-store-contract.ts';
import {
  describeSharedRenewal,
  renew,
} from '../../packages/broker/test/shared-renewal-contract.ts';
import { door, outage, plainNo, renewal } from '../../packages/broker/test/renewal.ts';
import { createClient } from '@redis/client';
import type { RedisStoreEvent, RedisTokenStoreOptions } from '@sfjwt/broker/redis';
import { milliseconds } from '@sfjwt/client';
import { machineTime } from '../../packages/broker/src/time.ts';
import { clients, openStore } from './redis-clients.ts';
import { missing, startRedis } from './redis-server.ts';
import type { RedisServer } from './redis-server.ts';

describe.skipIf(missing !== undefined)(
  `Redis${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    let redis: RedisServer;
    let admin: ReturnType<typeof createClient>;
    beforeAll(async () => {
      redis = await startRedis();
      admin = createClient({ url: redis.url });
      await admin.connect();
    });
    afterAll(async () => {
      admin.destroy();
      await redis.close();
    });

    let prefixes = 0;

    /** Members of one fleet; each test has a fleet of its own. */
    async function fleet(
      count: number,
      options: Partial<RedisTokenStoreOptions> = {},
      library?: string,
    ) {
      const prefix = `fleet${++prefixes}`;
      const events: RedisStoreEvent[] = [];
      const onEvent = (event: RedisStoreEvent): void => void events.push(event);
      const members = await Promise.all(
        Array.from({ length: count }, () =>
          openStore(redis.url, { prefix, onEvent, ...options }, library),
        ),
      );
      const keys = async (): Promise<string[]> =>
        ((await admin.sendCommand(['KEYS', `${prefix}:*`])) as string[]).toSorted();
      return { prefix, events, keys, stores: members };
    }

    async function two(library?: string) {
      const { stores } = await fleet(2, {}, library);
      const [here, there] = stores;
      return here === undefined || there === undefined ? expect.fail() : { here, there };
    }

    for (const library of Object.keys(clients)) {
      describeTokenStore(`Redis by ${library}`, () => two(library));
      describeSharedRenewal(`Redis by ${library}`, () => two(library));
    }

    test('nothing in Redis can be read, and no key names a user', async () => {
      const { stores, keys } = await fleet(1);
      await renew(stores[0] ?? expect.fail(), renewal());
      const names = await keys();
      expect(names.map((name) => name.replace(/^fleet\d+:\{[\da-f]{32}\}/, '')).toSorted()).toEqual(
        [':fence', ':logins', ':token'],
      );
      const token = await admin.get(names.find((name) => name.endsWith(':token')) ?? '');
      expect(token).toMatch(/^1 \d{13} 1\.[\da-f]{16}\.[\w-]+$/);
      for (const name of names) expect(await admin.pTTL(name)).toBeGreaterThan(0);
    });

    test('another secret opens nothing, and a secret is replaced while both are around', async () => {
      const prefix = `rotation${++prefixes}`;
      const before = await openStore(redis.url, { prefix });
      const during = await openStore(redis.url, {
        prefix,
        secret: 'o'.repeat(32),
        earlierSecrets: ['k'.repeat(32)],
      });
      const after = await openStore(redis.url, { prefix, secret: 'o'.repeat(32) });
      await before.set(identity, accessToken('00D!old'));
      await expect(after.get(identity)).rejects.toMatchObject({
        code: 'STORE_ENTRY_UNREADABLE',
      });
      expect((await during.get(identity))?.value).toBe('00D!old');
      await during.set(identity, accessToken('00D!new'));
      expect((await after.get(identity))?.value).toBe('00D!new');
    });

    test('a cached token costs one round trip', async () => {
      const { prefix } = await fleet(0);
      const sent: string[] = [];
      const counted = createClient({ url: redis.url });
      await counted.connect();
      onTestFinished(() => counted.destroy());
      const client = {
        isReady: true,
        sendCommand: (words: readonly string[]) => {
          sent.push(words[0] ?? '');
          return counted.sendCommand([...words]);
        },
      };
      const store = await openStore(redis.url, { prefix, client });
      await renew(store, renewal());
      sent.length = 0;
      await renew(store, renewal());
      expect(sent).toEqual(['EVAL']);
    });

    test('a plain no is told to those who come later as well, for as long as was agreed', async () => {
      const { stores, keys } = await fleet(2, { refusalLifetimeSeconds: 60 });
      const [here = expect.fail(), there = expect.fail()] = stores;
      const first = renewal({ signIn: () => Promise.reject(plainNo()) });
      await expect(renew(here, first)).rejects.toMatchObject({ code: 'USER_NOT_APPROVED' });
      const second = renewal();
      await expect(renew(there, second)).rejects.toMatchObject({ code: 'USER_NOT_APPROVED' });
      expect(second.logins()).toBe(0);
      const refusal = (await keys()).find((key) => key.endsWith(':refusal')) ?? '';
      expect(await admin.pTTL(refusal)).toBeGreaterThan(50_000);
      expect(await admin.pTTL(refusal)).toBeLessThanOrEqual(60_000);
      await admin.del(refusal);
      expect((await renew(there, second)).value).toMatch(/^00D!login/);
    });

    test('an outage of one member is not that of the others', async () => {
      const { stores } = await fleet(2);
      const [here = expect.fail(), there = expect.fail()] = stores;
      const failing = renewal({ signIn: () => Promise.reject(outage()) });
      await expect(renew(here, failing)).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' });
      expect((await renew(there, renewal())).value).toMatch(/^00D!login/);
    });

    test('logins of a user are counted over apps and members, and end before those of Salesforce do', async () => {
      const { stores, events } = await fleet(3, { loginsPerHour: 5 });
      const identities = Array.from({ length: 7 }, (_, app) =>
        JSON.stringify(['https://acme/token', `app ${app}`, `Worker@acme.example`, 'https://acme']),
      );
      const outcomes = [];
      for (const [index, key] of identities.entries()) {
        const store = stores[index % 3] ?? expect.fail();
        outcomes.push(await renew(store, renewal(), key).catch((error: unknown) => error));
      }
      expect(outcomes.slice(0, 5).map(String)).toEqual(Array(5).fill('AccessToken [hidden]'));
      for (const refused of outcomes.slice(5)) {
        expect(refused).toMatchObject({
          name: 'BrokerError',
          code: 'LOGIN_BUDGET_EXCEEDED',
          transient: true,
          retryAfterSeconds: expect.toSatisfy(
            (seconds: number) => seconds > 3500 && seconds <= 3600,
          ),
        });
      }
      expect(events.filter(({ type }) => type === 'loginBudgetExceeded')).toHaveLength(2);
      expect(events[4]).toEqual({ type: 'loginCounted', logins: 5, limit: 5 });
      // Another user has a budget of its own, and a token that is there needs none.
      const other = JSON.stringify(['https://acme/token', 'app 0', 'other@acme.example', '']);
      await renew(stores[0] ?? expect.fail(), renewal(), other);
      await renew(stores[1] ?? expect.fail(), renewal(), identities[0]);
    });

    test('a token is as old as it is, however far apart the clocks are', async () => {
      const now = Date.UTC(2026, 10, 23);
      const prefix = `clocks${++prefixes}`;
      const clockOf = (minutes: number) => ({ now: () => milliseconds(now + minutes * 60_000) });
      const [slow, fast] = await Promise.all([
        openStore(redis.url, { prefix, clock: clockOf(-5) }),
        openStore(redis.url, { prefix, clock: clockOf(5) }),
      ]);
      const receivedAt = milliseconds(now - 5 * 60_000);
      const expiresAt = milliseconds(receivedAt + 900_000);
      await slow.set(identity, accessToken('00D!first', { receivedAt, expiresAt }));
      const found = await fast.get(identity);
      const age = now + 5 * 60_000 - (found?.receivedAt ?? 0);
      expect(age).toBeGreaterThanOrEqual(0);
      expect(age).toBeLessThan(60_000);
      expect((found?.expiresAt ?? 0) - (found?.receivedAt ?? 0)).toBe(900_000);
    });

    describe('what others have put under our keys is in nobody’s way', () => {
      test.each([
        ['token', ['SET', 'KEY', 'rubbish']],
        ['token', ['LPUSH', 'KEY', 'a list']],
        ['refusal', ['SET', 'KEY', '999 rubbish']],
        ['refusal', ['SADD', 'KEY', 'a set']],
        ['lease', ['SET', 'KEY', 'no end']],
        ['lease', ['HSET', 'KEY', 'a', 'hash']],
        ['fence', ['SET', 'KEY', 'rubbish']],
        ['fence', ['LPUSH', 'KEY', 'a list']],
        ['logins', ['SET', 'KEY', 'rubbish']],
      ])('%s: %j', async (name, command) => {
        const { stores, keys, events } = await fleet(1, { leaseMilliseconds: 60_000 });
        const [store = expect.fail()] = stores;
        const old = await renew(store, renewal());
        const any = (await keys()).find((key) => !key.endsWith(':logins')) ?? '';
        const user = (await keys()).find((key) => key.endsWith(':logins')) ?? '';
        const place = name === 'logins' ? user : any.replace(/\w+$/, name);
        await admin.del(place);
        await admin.sendCommand(command.map((word) => (word === 'KEY' ? place : word)));
        const asked = renewal({ refused: old });
        const token = await renew(store, asked);
        expect(asked.logins()).toBe(1);
        const again = renewal();
        expect((await renew(store, again)).value).toBe(token.value);
        expect(events.map(({ type }) => type)).toEqual(['loginCounted', 'loginCounted']);
      });
    });

    describe('a holder of the lease', () => {
      test('that is gone holds up the others for the lease and no longer, and overwrites nothing', async () => {
        const leaseMilliseconds = 400;
        const prefix = `gone${++prefixes}`;
        // It gives no sign of life: what is to happen again and again does not.
        const time = { ...machineTime, every: () => () => {} };
        const frozen = await openStore(redis.url, { prefix, leaseMilliseconds, time });
        const living = await openStore(redis.url, { prefix, leaseMilliseconds });
        const [started, wake] = [door(), door()];
        const late = renew(
          frozen,
          renewal({
            signIn: async () => {
              started.open();
              await wake.opened;
              return accessToken('00D!late');
            },
          }),
        );
        await started.opened;
        const next = renewal({ signIn: () => Promise.resolve(accessToken('00D!next')) });
        expect((await renew(living, next)).value).toBe('00D!next');
        wake.open();
        expect((await late).value).toBe('00D!next');
        expect((await living.get(identity))?.value).toBe('00D!next');
      });

      test('whose lease ended unnoticed keeps its token when nobody came', async () => {
        const { stores, keys } = await fleet(1);
        const [store = expect.fail()] = stores;
        const asked = renewal({
          signIn: async () => {
            await admin.del((await keys()).find((key) => key.endsWith(':lease')) ?? '');
            return accessToken('00D!kept');
          },
        });
        await renew(store, asked);
        expect((await store.get(identity))?.value).toBe('00D!kept');
      });
    });
  },
);
