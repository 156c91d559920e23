/** ID tokens of the web server flow, for apps with the scope openid: OpenID Connect Core section 2. */

import { createHash } from 'node:crypto';
import { signJwt } from './jwt.ts';
import type { SigningKey } from './signing-key.ts';

/** Salesforce's default, in seconds: ID Token Valid for 2 minutes. */
const lifeSeconds = 120;

export interface IdTokenClaims {
  /** Origin that was called: it has to be the issuer of the discovery document there. */
  issuer: string;
  /** Identity URL of the user. */
  subject: string;
  /** Consumer key of the app. */
  audience: string;
  nonce: string | undefined;
  accessToken: string;
  /** Milliseconds since 1970. */
  now: number;
}

export function signIdToken(key: SigningKey, claims: IdTokenClaims): string {
  const issued = Math.floor(claims.now / 1000);
  return signJwt(key, {
    at_hash: createHash('sha256')
      .update(claims.accessToken)
      .digest()
      .subarray(0, 16)
      .toString('base64url'),
    sub: claims.subject,
    iss: claims.issuer,
    aud: claims.audience,
    ...(claims.nonce === undefined ? {} : { nonce: claims.nonce }),
    iat: issued,
    exp: issued + lifeSeconds,
  });
}
