import type { AccessToken } from './access-token.ts';

/**
 * Where tokens outlive one source. The key holds every input that changes the answer: a JSON array
 * of token endpoint, client id, username and audience.
 */
export interface TokenStore {
  get(key: string): Promise<AccessToken | undefined>;
  set(key: string, token: AccessToken): Promise<void>;
  /** Forgets the token, unless another one has taken its place since. */
  remove(key: string, token: AccessToken): Promise<void>;
  /**
   * For stores that keep other processes from signing in at the same time: asked in place of `get`
   * and `set`. Rejects with an SfjwtError where there is no token to be had; any other failure is
   * the store's own, and costs a login.
   */
  renew?(key: string, renewal: Renewal): Promise<AccessToken>;
}

export interface Renewal {
  /** Whether a token from elsewhere will do: not the refused one, not about to end. */
  accepts: (token: AccessToken) => boolean;
  /** Signs in, once however often it is called. */
  signIn: () => Promise<AccessToken>;
  /** Told what does not stop the store. */
  warn: (message: string) => void;
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
