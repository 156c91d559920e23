/**
 * Any client of Redis or Valkey, by its shape: @redis/client, ioredis, iovalkey. It stays the
 * user's own: connected, configured and closed by whoever made it.
 */

/** `@redis/client`, also as the `redis` package. */
export interface NodeRedisLike {
  readonly isReady: boolean;
  sendCommand(words: readonly string[]): Promise<unknown>;
}

/** `ioredis` and `iovalkey`. */
export interface IoredisLike {
  readonly status: string;
  call(command: string, ...words: string[]): Promise<unknown>;
}

export type RedisClientLike = NodeRedisLike | IoredisLike;

export interface RedisConnection {
  isReady(): boolean;
  send(command: string, ...words: string[]): Promise<unknown>;
}

export function redisConnection(client: RedisClientLike): RedisConnection {
  if ('call' in client) {
    return {
      isReady: () => client.status === 'ready',
      send: (command, ...words) => client.call(command, ...words),
    };
  }
  return {
    isReady: () => client.isReady,
    send: (command, ...words) => client.sendCommand([command, ...words]),
  };
}
