import { createClient } from '@redis/client';
import type { RedisStoreEvent, RedisTokenStoreOptions } from '@sfjwt/broker/redis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { renewal } from '../../packages/broker/test/renewal.ts';
import { renew } from '../../packages/broker/test/shared-renewal-contract.ts';
import { accessToken, identity } from '../../packages/broker/test/token-store-contract.ts';
import { openStore } from './redis-clients.ts';
import { missing, startRedis } from './redis-server.ts';
import type { RedisServer } from './redis-server.ts';

/** Time-outs of a test, in milliseconds: Redis on this machine answers within one. */
const timeoutMilliseconds = 500;

describe.skipIf(missing !== undefined)(
  `without Redis${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    async function server(...settings: string[]): Promise<RedisServer> {
      const redis = await startRedis(...settings);
      onTestFinished(() => redis.close());
      return redis;
    }

    async function member(
      url: string,
      options: Partial<RedisTokenStoreOptions> = {},
      library?: string,
    ) {
      const events: RedisStoreEvent[] = [];
      const store = await openStore(
        url,
        {
          timeoutMilliseconds,
          pauseMilliseconds: 50,
          onEvent: (event) => events.push(event),
          ...options,
        },
        library,
      );
      const types = (): string[] =>
        events.map(({ type }) => type).filter((type) => type !== 'loginCounted');
      return { store, events, types };
    }

    async function command(redis: RedisServer, ...words: string[]): Promise<void> {
      const admin = createClient({ url: redis.url });
      admin.on('error', () => {});
      await admin.connect();
      await admin.sendCommand(words);
      admin.destroy();
    }

    /** One call while Redis is out of order: it gets a token, from one login, in bounded time. */
    async function copes({ store, types }: Awaited<ReturnType<typeof member>>): Promise<void> {
      const start = performance.now();
      const asked = renewal();
      const token = await renew(store, asked);
      expect(asked.logins()).toBe(1);
      expect(asked.warnings).toEqual([expect.stringMatching(/^The token store failed: /)]);
      expect(types()).toEqual(['storeLost']);
      // The next call is no login, and no second wait either.
      const again = renewal();
      expect((await renew(store, again)).value).toBe(token.value);
      expect(again.logins()).toBe(0);
      expect(types()).toEqual(['storeLost']);
      // Three questions that are not answered at most, and a machine that is busy.
      expect(performance.now() - start).toBeLessThan(timeoutMilliseconds * 3 + 20_000);
    }

    async function returns({ store, types }: Awaited<ReturnType<typeof member>>): Promise<void> {
      await expect
        .poll(
          async () => {
            await renew(store, renewal());
            return types();
          },
          { timeout: 20_000 },
        )
        .toEqual(['storeLost', 'storeBack']);
    }

    test.each(['@redis/client', 'ioredis', 'iovalkey'])('nobody listens: %s', async (library) => {
      const redis = await server();
      await redis.kill();
      const alone = await member(redis.url, {}, library);
      await copes(alone);
      await redis.start();
      await returns(alone);
    });

    test.each(['@redis/client', 'ioredis', 'iovalkey'])(
      'it is killed and starts anew: %s',
      async (library) => {
        const redis = await server();
        const one = await member(redis.url, {}, library);
        await renew(one.store, renewal());
        await redis.kill();
        await renew(one.store, renewal());
        expect(one.types()).toEqual(['storeLost']);
        await redis.start();
        await returns(one);
      },
    );

    test.each(['@redis/client', 'ioredis', 'iovalkey'])('it hangs: %s', async (library) => {
      const redis = await server();
      const one = await member(redis.url, {}, library);
      redis.freeze();
      await copes(one);
      redis.thaw();
      await returns(one);
    });

    test('it is paused', async () => {
      const redis = await server();
      const one = await member(redis.url);
      await command(redis, 'CLIENT', 'PAUSE', '2500', 'ALL');
      await copes(one);
      await returns(one);
    });

    test('the password is wrong, and is set right', async () => {
      const redis = await server('--requirepass', 'right');
      const wrong = await member(redis.url.replace('redis://', 'redis://:wrong@'));
      await copes(wrong);
      await command(
        { ...redis, url: redis.url.replace('redis://', 'redis://:right@') },
        'CONFIG',
        'SET',
        'requirepass',
        'wrong',
      );
      await returns(wrong);
    });

    test('it is full: what is there is read, and nothing new is kept', async () => {
      const redis = await server();
      const before = await member(redis.url);
      const kept = await renew(before.store, renewal());
      await command(redis, 'CONFIG', 'SET', 'maxmemory', '1');
      const read = renewal();
      expect((await renew(before.store, read)).value).toBe(kept.value);
      expect(before.types()).toEqual([]);
      const asked = renewal({ refused: kept });
      await renew(before.store, asked);
      expect(asked.logins()).toBe(1);
      expect(asked.warnings).toEqual([expect.stringContaining('OOM')]);
      await command(redis, 'CONFIG', 'SET', 'maxmemory', '0');
      await returns(before);
    });

    test('it has become a replica, which takes no writes', async () => {
      const redis = await server();
      const one = await member(redis.url);
      await command(redis, 'REPLICAOF', '127.0.0.1', '1');
      await copes(one);
      await command(redis, 'REPLICAOF', 'NO', 'ONE');
      await returns(one);
    });

    test('scripts are not allowed to this user', async () => {
      const redis = await server();
      await command(redis, 'ACL', 'SETUSER', 'reader', 'on', '>pw', '~*', '+get', '+set');
      await copes(await member(redis.url.replace('redis://', 'redis://reader:pw@')));
    });

    test('logins of one process alone are few', async () => {
      const redis = await server();
      await redis.kill();
      const { store, events } = await member(redis.url, { loginsPerHourAlone: 3 });
      let refused;
      for (let login = 0; login < 3; login += 1) {
        refused = await renew(store, renewal({ refused }));
      }
      await expect(renew(store, renewal({ refused }))).rejects.toMatchObject({
        code: 'LOGIN_BUDGET_EXCEEDED',
      });
      expect(events.at(-1)).toMatchObject({ type: 'loginBudgetExceeded', logins: 3, limit: 3 });
      // Nobody is refused what is there.
      await renew(store, renewal(), identity.replace('worker@', 'other@'));
    });

    test('a holder that loses Redis half-way keeps its login for itself', async () => {
      const redis = await server();
      const one = await member(redis.url);
      const asked = renewal({
        signIn: async () => {
          await redis.kill();
          return accessToken('00D!own');
        },
      });
      expect((await renew(one.store, asked)).value).toBe('00D!own');
      expect(asked.warnings).toHaveLength(1);
      const next = renewal();
      expect((await renew(one.store, next)).value).toBe('00D!own');
      expect(next.logins()).toBe(0);
    });
  },
);
