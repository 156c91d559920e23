import type { AccessToken } from './access-token.ts';

export interface TokenOptions {
  /** Ends this caller's wait. A token request that others wait for goes on. */
  signal?: AbortSignal | undefined;
  /** A token that Salesforce just turned away: never answer with this one again. */
  refused?: AccessToken | undefined;
}

/** The one interface that everything else stacks on: sources decorate sources. */
export interface TokenSource {
  token(options?: TokenOptions): Promise<AccessToken>;
}
