import type { PrivateKey, PrivateKeyInput } from '../private-key.ts';
import type { Fetch } from '../transport/fetch.ts';
import type { Transport } from '../transport/transport.ts';

/** How to reach the network, where that is not decided by a transport of the caller. */
export interface NetworkOptions {
  /** Proxy for https, as in `HTTPS_PROXY`; null for none. Read from the environment when left out. */
  proxy?: string | null | undefined;
  /** PEM certificates trusted beside the usual ones. */
  ca?: string | undefined;
}

/** The ways out of a process. Closing the transport lets go of the connections of both. */
export interface Network {
  /** Carries token requests. */
  readonly transport: Transport;
  /** Carries API requests. */
  readonly fetch: Fetch;
}

/** What differs between runtimes. Everything else is the same code everywhere. */
export interface Runtime {
  /**
   * Parses a private key.
   *
   * @throws ClientError KEY_MISSING, KEY_UNREADABLE, KEY_ENCRYPTED, KEY_WRONG_KIND, KEY_TOO_SHORT
   */
  parsePrivateKey(input: PrivateKeyInput, passphrase?: string): Promise<PrivateKey>;
  /** The contents of a file. Rejects with the runtime's own error. */
  readFile(path: string): Promise<Uint8Array>;
  network(options: NetworkOptions): Network;
  environment(): Readonly<Record<string, string | undefined>>;
}
