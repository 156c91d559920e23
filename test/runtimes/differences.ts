/**
 * Where a runtime cannot know or do what the others can. Everything else is the same everywhere.
 * The conformance module holds every runtime to its own column, and docs/runtimes.md shows them.
 */

/** How the client comes into a runtime: by its own entry, or as the bundle for the edge. */
export type Entry = 'node' | 'web';

export interface Difference {
  /** What is asked for, in words for a person. */
  what: string;
  /** What Node, Bun and Deno do. */
  node: string;
  /** What the entry for the edge does. */
  web: string;
  why: string;
}

/** By the id under which the conformance module asks for it. */
export const differences: Readonly<Record<string, Difference>> = {
  'encrypted PKCS#1 of old': {
    what: 'a private key encrypted as OpenSSL did of old (`Proc-Type: 4,ENCRYPTED`)',
    node: 'works',
    web: 'KEY_UNREADABLE',
    why: 'its key is derived by MD5, which Web Crypto does not have',
  },
  keyFile: {
    what: 'the option `privateKeyFile`',
    node: 'works',
    web: 'KEY_FILE_UNREADABLE',
    why: 'there are no files',
  },
  environment: {
    what: '`connect()` with nothing but the environment',
    node: 'works',
    web: 'SETTING_MISSING',
    why: 'there is no `process.env`; workerd has one since 2026, and then it works there too',
  },
  keyObject: {
    what: 'a key object of `node:crypto`',
    node: 'works',
    web: 'KEY_WRONG_KIND',
    why: 'Web Crypto has `CryptoKey`, which works everywhere',
  },
  ca: {
    what: 'the option `ca`',
    node: 'works',
    web: 'CONNECTION_LOST',
    why: 'whom to trust is the runtime’s own business',
  },
  proxy: {
    what: 'the option `proxy`, `HTTPS_PROXY`',
    node: 'works',
    web: 'ignored',
    why: 'the way out is the runtime’s own business',
  },
  untrusted: {
    what: 'a certificate that nobody trusts',
    node: 'TLS_FAILED',
    web: 'CONNECTION_LOST',
    why: '`fetch` does not tell why a connection failed',
  },
  refusedConnection: {
    what: 'a port where nobody listens',
    node: 'CONNECTION_REFUSED',
    web: 'CONNECTION_LOST',
    why: '`fetch` does not tell why a connection failed',
  },
  noTls: {
    what: 'a port that does not speak TLS',
    node: 'TLS_FAILED',
    web: 'CONNECTION_LOST',
    why: '`fetch` does not tell why a connection failed',
  },
};

/** What a runtime is held to. */
export function expectationsOf(entry: Entry): Record<string, string> {
  return Object.fromEntries(
    Object.entries(differences).map(([id, difference]) => [id, difference[entry]]),
  );
}
