import type { AccessToken } from './access-token.ts';

/**
 * Where tokens outlive one source. The key holds every input that changes the answer: token
 * endpoint, client id, username and audience.
 */
export interface TokenStore {
  get(key: string): Promise<AccessToken | undefined>;
  set(key: string, token: AccessToken): Promise<void>;
  /** Forgets the token, unless another one has taken its place since. */
  remove(key: string, token: AccessToken): Promise<void>;
}

/** Tokens in the memory of this process, shared by all sources that are given this store. */
export function memoryTokenStore(): TokenStore {
  const tokens = new Map<string, AccessToken>();
  return {
    get: (key) => Promise.resolve(tokens.get(key)),
    set: (key, token) => {
      tokens.set(key, token);
      return Promise.resolve();
    },
    remove: (key, token) => {
      if (tokens.get(key)?.equals(token) === true) tokens.delete(key);
      return Promise.resolve();
    },
  };
}
