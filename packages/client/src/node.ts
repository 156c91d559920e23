/** The entry for Node, Bun and Deno. */

import { connectOn } from './connect.ts';
import type { Connect } from './connect.ts';
import { readPrivateKeyFile as readFile } from './private-key-file.ts';
import type { PrivateKey, PrivateKeyInput } from './private-key.ts';
import { nodeRuntime } from './runtime/node.ts';
import type { NetworkOptions } from './runtime/runtime.ts';
import type { Fetch } from './transport/fetch.ts';
import type { Transport } from './transport/transport.ts';

export * from './index.ts';
export { NodeAgents } from './transport/node-agents.ts';
export { proxyFor } from './transport/proxy.ts';

/**
 * Puts the stack together: key, signer, assertion, token request, cache, authorized fetch. Called
 * with nothing it reads the environment; options win over variables. Nothing is sent before the
 * first use.
 *
 * @throws ClientError SETTING_MISSING, SETTING_INVALID, LOGIN_URL_INVALID, INSECURE_URL
 */
export const connect: Connect = connectOn(nodeRuntime);

/**
 * Parses a private key, however it was mangled on its way; `mended` tells what was undone.
 *
 * @throws ClientError KEY_MISSING, KEY_UNREADABLE, KEY_ENCRYPTED, KEY_WRONG_KIND, KEY_TOO_SHORT
 */
export function parsePrivateKey(input: PrivateKeyInput, passphrase?: string): Promise<PrivateKey> {
  return nodeRuntime.parsePrivateKey(input, passphrase);
}

/**
 * Reads and parses a private key file.
 *
 * @throws ClientError KEY_FILE_UNREADABLE, and all that {@link parsePrivateKey} throws
 */
export function readPrivateKeyFile(path: string, passphrase?: string): Promise<PrivateKey> {
  return readFile(nodeRuntime, path, passphrase);
}

/** The transport that `connect` uses when it is given none. */
export function createTransport(options: NetworkOptions = {}): Transport {
  return nodeRuntime.network(options).transport;
}

/** The `fetch` that carries API requests when `connect` is given none: knows proxies and `ca`. */
export function createFetch(options: NetworkOptions = {}): Fetch {
  return nodeRuntime.network(options).fetch;
}
