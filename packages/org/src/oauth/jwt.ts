/** JSON Web Tokens of the org itself: JWT-based access tokens and ID tokens, RS256 (RFC 7519). */

import { sign, verify } from 'node:crypto';
import type { SigningKey, SigningKeys } from './signing-key.ts';

export function signJwt(
  key: SigningKey,
  claims: object,
  header: Readonly<Record<string, string>> = {},
): string {
  const parts = [{ alg: 'RS256', typ: 'JWT', kid: key.kid, ...header }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const input = parts.join('.');
  return `${input}.${sign('sha256', Buffer.from(input), key.privateKey).toString('base64url')}`;
}

/** The claims of a JWT that one of these keys signed. */
export function verifyJwt(
  token: string,
  keys: SigningKeys,
): Readonly<Record<string, unknown>> | undefined {
  const match = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(token);
  const [, header = '', claims = '', signature = ''] = match ?? [];
  const { alg, kid } = decode(header);
  const key = alg === 'RS256' && typeof kid === 'string' ? keys.find(kid) : undefined;
  if (key === undefined) return undefined;
  const bytes = Buffer.from(signature, 'base64url');
  // One token has one spelling: RFC 4648 section 3.5.
  if (bytes.toString('base64url') !== signature) return undefined;
  const valid = verify('sha256', Buffer.from(`${header}.${claims}`), key.publicKey, bytes);
  return valid ? decode(claims) : undefined;
}

function decode(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
