/** The clients that people have, connected to a server of the test. */

import { createClient } from '@redis/client';
import { redisTokenStore } from '@sfjwt/broker/redis';
import type { RedisClientLike, RedisTokenStoreOptions } from '@sfjwt/broker/redis';
import type { TokenStore } from '@sfjwt/client';
import { Redis } from 'ioredis';
import Valkey from 'iovalkey';
import { onTestFinished } from 'vitest';

interface Opened {
  client: RedisClientLike;
  close(): void;
}

/** What a connection that is lost has to say is told by our events. */
const silent = (): void => {};

export const clients: Readonly<Record<string, (url: string) => Promise<Opened>>> = {
  '@redis/client': (url) => {
    const client = createClient({ url, socket: { reconnectStrategy: 50 } });
    client.on('error', silent);
    // It goes on trying for as long as nobody listens: the store waits for it, with an end.
    client.connect().catch(silent);
    return Promise.resolve({ client, close: () => client.destroy() });
  },
  ioredis: (url) => {
    const client = new Redis(url, { retryStrategy: () => 50 });
    client.on('error', silent);
    return Promise.resolve({ client, close: () => client.disconnect() });
  },
  iovalkey: (url) => {
    const client = new Valkey.default(url, { retryStrategy: () => 50 });
    client.on('error', silent);
    return Promise.resolve({ client, close: () => client.disconnect() });
  },
};

/** A store as one member of the fleet has it, with a connection of its own; closed after the test. */
export async function openStore(
  url: string,
  options: Partial<RedisTokenStoreOptions> = {},
  library = '@redis/client',
): Promise<TokenStore> {
  const opened = await clients[library]?.(url);
  if (opened === undefined) throw new Error(`no client ${library}`);
  onTestFinished(() => opened.close());
  return redisTokenStore({
    client: opened.client,
    secret: 'k'.repeat(32),
    // A busy machine is no outage.
    timeoutMilliseconds: 30_000,
    ...options,
  });
}
