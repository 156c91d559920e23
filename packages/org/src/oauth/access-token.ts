/** Access tokens that are JWTs, for apps that ask for them. Opaque ones are in sessions/session.ts. */

import type { ClientApp } from '../directory/client-app.ts';
import type { User } from '../directory/user.ts';
import { signJwt, verifyJwt } from './jwt.ts';
import type { SigningKey, SigningKeys } from './signing-key.ts';

/** `nbf` lies this long before `iat`, as in Salesforce's own sample. */
const notBeforeSeconds = 15;

export interface JwtAccessToken {
  key: SigningKey;
  organizationId: string;
  /** Origin of the org: issuer and audience in one. */
  url: string;
  app: ClientApp;
  user: User;
  scopes: readonly string[];
  /** Milliseconds since 1970. */
  issued: number;
  session: { id: string; expires: number };
}

/** Header and payload as Salesforce's, see Salesforce Help, JWT-Based Access Tokens. */
export function signAccessToken(token: JwtAccessToken): string {
  const { key, organizationId, url, app, user, scopes, session } = token;
  const issued = Math.floor(token.issued / 1000);
  return signJwt(
    key,
    {
      scp: scopes.join(' '),
      aud: [url],
      sub: `uid:${user.id}`,
      nbf: issued - notBeforeSeconds,
      mty: 'oauth',
      sfi: session.id,
      roles: [],
      iss: url,
      hsc: false,
      exp: Math.floor(session.expires / 1000),
      iat: issued,
      client_id: app.consumerKey,
    },
    { tty: 'sfdc-core-token', tnk: `core/local/${organizationId}`, ver: '1.0' },
  );
}

/** The session that a JWT-based access token stands for, when its signature is this org's. */
export function sessionOfJwt(token: string, keys: SigningKeys): string | undefined {
  const claims = verifyJwt(token, keys);
  // An ID token has the same keys, and opens nothing.
  if (claims?.['mty'] !== 'oauth') return undefined;
  return typeof claims['sfi'] === 'string' ? claims['sfi'] : undefined;
}
