import type { AccessToken, ClientError, TokenSource } from '@sfjwt/client';

/** A profile that the broker serves: a token source, and what was last seen of it. */
export interface Identity {
  readonly name: string;
  readonly source: TokenSource;
  /** How the last attempt to get a token ended; undefined before the first. */
  readonly state: IdentityState;
  /** Asks Salesforce whether the present token still holds, and renews it where it does not. */
  readonly check?: (() => Promise<unknown>) | undefined;
}

export interface IdentityState {
  token?: AccessToken;
  /** Why there is no token, as long as there is none. */
  failure?: { readonly code: string; readonly message: string; readonly since: string };
}

export interface WatchedSourceOptions {
  readonly now: () => number;
  check?: (() => Promise<unknown>) | undefined;
}

/** An identity that keeps what its source answered, for readiness and metrics. */
export function watchedIdentity(
  name: string,
  source: TokenSource,
  { now, check }: WatchedSourceOptions,
): Identity {
  const state: IdentityState = {};

  function fail(error: unknown): void {
    const { code = 'UNEXPECTED', message } = error as Partial<ClientError> & Error;
    state.failure ??= { code, message, since: new Date(now()).toISOString() };
    delete state.token;
  }

  return {
    name,
    state,
    check,
    source: {
      token(options) {
        return source.token(options).then(
          (token) => {
            state.token = token;
            if (state.failure !== undefined) delete state.failure;
            return token;
          },
          (error: unknown) => {
            // A caller that went away says nothing of the identity.
            if (options?.signal?.aborted !== true) fail(error);
            throw error;
          },
        );
      },
    },
  };
}
