import { readFile } from 'node:fs/promises';
import type { TokenStore } from '@sfjwt/client';
import { BrokerError } from '../errors.ts';
import type { RedisStoreEvent } from '../redis-token-store.ts';
import type { Configuration } from './configuration.ts';

export interface ConfiguredStore {
  /** Undefined for tokens that no other process is to have. */
  readonly store: TokenStore | undefined;
  close(): void;
}

export interface StoreListeners {
  readonly onEvent: (event: RedisStoreEvent) => void;
  readonly onWarning: (message: string) => void;
}

/**
 * Where the configuration says that tokens are shared. A Redis that is out of reach is no failure
 * here: the broker goes on alone until it is back.
 *
 * @throws BrokerError STORE_UNAVAILABLE, STORE_KEY_INVALID
 */
export async function openConfiguredStore(
  { store }: Configuration,
  { onEvent, onWarning }: StoreListeners,
): Promise<ConfiguredStore> {
  if (store === 'memory') return { store: undefined, close: () => {} };
  if (store === 'machine') {
    const { machineTokenStore } = await import('../machine.ts');
    return { store: machineTokenStore({ onWarning }), close: () => {} };
  }
  const { url, secret, prefix, loginsPerHour } = store.redis;
  const { createClient } = await loadRedis();
  const client = createClient({
    url: await read(url),
    socket: { reconnectStrategy: (tries) => Math.min(100 * 2 ** tries, 5000) },
    disableOfflineQueue: true,
  });
  // Without a listener it would end the process. What it means is told by the store.
  client.on('error', () => {});
  client.connect().catch(() => {});
  const { redisTokenStore } = await import('../redis-token-store.ts');
  return {
    store: redisTokenStore({
      client,
      secret: await read(secret),
      onEvent,
      ...(prefix === undefined ? {} : { prefix }),
      ...(loginsPerHour === undefined ? {} : { loginsPerHour }),
    }),
    close: () => client.destroy(),
  };
}

async function loadRedis(): Promise<typeof import('@redis/client')> {
  try {
    return await import('@redis/client');
  } catch (cause) {
    throw new BrokerError(
      'STORE_UNAVAILABLE',
      'The store is Redis, and @redis/client is not there',
      {
        cause,
        hints: ['Install it beside sfjwt: npm install @redis/client'],
      },
    );
  }
}

async function read(place: string | { environment: string } | { file: string }): Promise<string> {
  if (typeof place === 'string') return place;
  if ('environment' in place) return process.env[place.environment] ?? '';
  try {
    return (await readFile(place.file, 'utf8')).trim();
  } catch (cause) {
    throw new BrokerError('STORE_KEY_INVALID', `The secret of the store is not in ${place.file}`, {
      cause,
      hints: ['Make one with: openssl rand -base64 32'],
    });
  }
}
