import { hash, timingSafeEqual } from 'node:crypto';
import { coversPath } from './path-pattern.ts';

/** What a caller may do with a profile. */
export type Permission = 'token' | 'proxy';

/** Methods and paths that a caller may send through the proxy. */
export interface RequestRule {
  /** Upper case, `*` for any. */
  readonly methods: readonly string[];
  /** Patterns of paths below the instance URL: `*` is one segment, `**` at the end is all below. */
  readonly paths: readonly string[];
}

/** A program that asks the broker, and what it may have. */
export interface Caller {
  /** Goes into the audit log. */
  readonly name: string;
  /** SHA-256 of each secret it may show; none for one that is known by the socket it comes through. */
  readonly secretDigests: readonly Uint8Array[];
  /** Names of profiles; `*` for all. */
  readonly profiles: readonly string[];
  /**
   * Whoever holds the token itself is bound by no rule of ours, so rules on requests leave
   * `token` out unless it is given on purpose.
   */
  readonly permissions: readonly Permission[];
  /** Undefined allows every request. */
  readonly requests: readonly RequestRule[] | undefined;
}

export function digestOf(secret: string): Uint8Array {
  return hash('sha256', secret, 'buffer');
}

/**
 * The caller whose secret this is. Digests of one length are compared, all of them whichever
 * matches, so that the time taken tells nothing.
 */
export function callerWithSecret(callers: readonly Caller[], secret: string): Caller | undefined {
  const shown = digestOf(secret);
  let found: Caller | undefined;
  for (const caller of callers) {
    for (const digest of caller.secretDigests) {
      if (timingSafeEqual(digest, shown)) found = caller;
    }
  }
  return found;
}

export function mayUse(caller: Caller, profile: string): boolean {
  return caller.profiles.includes('*') || caller.profiles.includes(profile);
}

/**
 * @param methods the one it is written with, and those that it asks to be taken for; asked for where
 *   there are rules
 * @param path of the request as it goes to Salesforce, without its query
 */
export function maySend(caller: Caller, methods: () => readonly string[], path: string): boolean {
  if (!caller.permissions.includes('proxy')) return false;
  const { requests } = caller;
  if (requests === undefined) return true;
  return methods().every((method) =>
    requests.some(
      (rule) =>
        (rule.methods.includes('*') || rule.methods.includes(method)) &&
        rule.paths.some((pattern) => coversPath(pattern, path)),
    ),
  );
}
