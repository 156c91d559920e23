/** Which requests are meant: the one way of saying it, for faults and for the journal. */

import { OrgError } from './org-error.ts';

/**
 * A base URL that ends in a slash makes a path that begins with two. Salesforce takes it: its own CLI
 * sends no other after `sf org login access-token`.
 */
export function withOneSlash(path: string): string {
  return path.startsWith('//') ? path.replace(/^\/+/, '/') : path;
}

/** What is meant by a word. Sites have token endpoints of their own. */
const named = {
  any: '/*',
  token: '*/services/oauth2/token',
  authorize: '/services/oauth2/authorize',
  userinfo: '/services/oauth2/userinfo',
  introspect: '/services/oauth2/introspect',
  revoke: '/services/oauth2/revoke',
  identity: '/id/*',
  data: '/services/data*',
  query: '/services/data/*/query*',
} as const;

export type NamedTarget = keyof typeof named;

export const namedTargets: readonly string[] = Object.keys(named);

/** A word, or a path in which `*` stands for anything: `/services/data/*\/sobjects/Account*`. */
export type RequestTarget = NamedTarget | `/${string}`;

/** @throws OrgError TARGET_UNKNOWN */
export function pathMatcher(target: string): (path: string) => boolean {
  const isNamed = Object.hasOwn(named, target);
  const pattern = isNamed ? named[target as NamedTarget] : target;
  if (!isNamed && !pattern.startsWith('/')) {
    throw new OrgError('TARGET_UNKNOWN', `"${target}" names no request`, {
      hints: [`Use one of ${namedTargets.join(', ')}, or a path that begins with /.`],
    });
  }
  if (!pattern.includes('*')) return (path) => path === pattern;
  const source = pattern
    .split(/\*+/)
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  const expression = new RegExp(`^${source}$`, 's');
  return (path) => expression.test(path);
}
