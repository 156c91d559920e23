/** Two brokers on two machines, as far as one machine can show: they share nothing but Redis. */

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  openConfiguredStore,
  profileToServe,
  readConfiguration,
  runBroker,
} from '@sfjwt/broker/broker';
import type { RedisStoreEvent } from '@sfjwt/broker/redis';
import { brokerSource } from '@sfjwt/client/broker-source';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { acme } from '../acme.ts';
import { missing, startRedis } from './redis-server.ts';

describe.skipIf(missing !== undefined)(
  `brokers over Redis${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    test('one login for both; a session that ends costs one more; without Redis both go on', async () => {
      const redis = await startRedis();
      onTestFinished(() => redis.close());
      const { org, directory, consumerKey } = await acme();
      const folder = await mkdtemp(join(tmpdir(), 'sfjwt-fleet-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      vi.stubEnv('FLEET_SECRET', randomBytes(32).toString('base64'));
      const profile = profileToServe({
        loginUrl: org.url,
        clientId: consumerKey,
        username: 'worker@acme.example',
        privateKeyFile: join(directory, 'salesforce.key'),
      });
      const events: RedisStoreEvent[] = [];

      async function member(name: string): Promise<string> {
        const socket = join(folder, `${name}.sock`);
        const file = join(folder, `${name}.json`);
        const store = { redis: { url: redis.url, secret: { environment: 'FLEET_SECRET' } } };
        await writeFile(file, JSON.stringify({ version: 1, doors: [{ socket }], store }));
        const configuration = await readConfiguration(file);
        const shared = await openConfiguredStore(configuration, {
          onEvent: (event) => events.push(event),
          onWarning: () => {},
        });
        onTestFinished(() => shared.close());
        const settings = { configuration, profiles: new Map([['nightly', profile]]) };
        const broker = await runBroker(settings, { store: shared.store });
        onTestFinished(() => broker.stop());
        return socket;
      }

      const logins = (): number =>
        org.requests.list({ path: 'token' }).filter(({ method }) => method === 'POST').length;
      const sources = [await member('here'), await member('there')].map((address) =>
        brokerSource({ address }),
      );
      const ask = (): Promise<string[]> =>
        Promise.all(
          Array.from({ length: 40 }, async (_, index) => {
            const token = await sources[index % 2]?.token();
            return token?.value ?? '';
          }),
        );
      const first = new Set(await ask());
      expect([first.size, logins()]).toEqual([1, 1]);

      const [refused] = await Promise.all(sources.map((source) => source.token()));
      for (const { id } of org.sessions.list()) org.sessions.remove(id);
      const renewed = await Promise.all(
        Array.from({ length: 40 }, (_, index) => sources[index % 2]?.token({ refused })),
      );
      expect(new Set(renewed.map((token) => token?.value)).size).toBe(1);
      expect(logins()).toBe(2);

      await redis.kill();
      const alone = await Promise.all(
        Array.from({ length: 10 }, (_, index) => sources[index % 2]?.token()),
      );
      expect(new Set(alone.map((token) => token?.value)).size).toBe(1);
      expect(logins()).toBe(2);
      expect(events.map(({ type }) => type)).toContain('loginCounted');
    });
  },
);
