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
  /** The code of why there is no token, as long as there is none. */
  failure?: string;
}

/** An identity that keeps what its source answered, for readiness and metrics. */
export function watchedIdentity(
  name: string,
  source: TokenSource,
  check?: Identity['check'],
): Identity {
  const state: IdentityState = {};

  function fail(error: unknown): void {
    state.failure ??= (error as Partial<ClientError>).code ?? 'UNEXPECTED';
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
            delete state.failure;
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
