import { encodeBase64Url } from './base64.ts';
import { systemClock, toSeconds } from './clock.ts';
import type { Clock } from './clock.ts';
import { ClientError } from './errors.ts';
import type { Signer } from './signer.ts';

/** The longest life of an assertion, in seconds: Salesforce's own figure for this flow. */
export const maximumAssertionLifetimeSeconds = 180;

/** What the assertion says, under its wire names (RFC 7523 section 3). */
export interface AssertionClaims {
  /** Consumer key of the client app. */
  readonly iss: string;
  /** Username of the user to act as. */
  readonly sub: string;
  /** The audience; see login-url.ts. */
  readonly aud: string;
  /** End of life, in seconds since 1970. */
  readonly exp: number;
  /** When it was made, in seconds since 1970. */
  readonly iat: number;
  /** Unique: Salesforce refuses a second use. */
  readonly jti: string;
}

export interface AssertionInput {
  clientId: string;
  username: string;
  audience: string;
  /** Life in seconds, 1 to 180; 180 when left out. */
  lifetimeSeconds?: number;
  clock?: Clock;
}

/** The claims of a fresh assertion: every call has a `jti` of its own. */
export function createClaims(input: AssertionInput): AssertionClaims {
  const lifetime = input.lifetimeSeconds ?? maximumAssertionLifetimeSeconds;
  if (!(lifetime >= 1 && lifetime <= maximumAssertionLifetimeSeconds)) {
    throw new ClientError(
      'SETTING_INVALID',
      `An assertion lives 1 to ${maximumAssertionLifetimeSeconds} seconds, not ${lifetime}`,
      { hints: ['Leave the lifetime out: the life of the access token does not depend on it.'] },
    );
  }
  const now = toSeconds((input.clock ?? systemClock).now());
  return {
    iss: input.clientId,
    sub: input.username,
    aud: input.audience,
    exp: now + Math.floor(lifetime),
    iat: now,
    jti: globalThis.crypto.randomUUID(),
  };
}

/** Signs claims into a JWS in compact serialization (RFC 7515 section 7.1). */
export async function signAssertion(claims: AssertionClaims, signer: Signer): Promise<string> {
  const header = { alg: signer.algorithm, typ: 'JWT' };
  const signingInput = `${encodeBase64Url(JSON.stringify(header))}.${encodeBase64Url(JSON.stringify(claims))}`;
  let signature: Uint8Array;
  try {
    signature = await signer.sign(new TextEncoder().encode(signingInput));
  } catch (cause) {
    // One that knows what to do says so better: its key could not be read, for one.
    if (cause instanceof Error && 'hints' in cause) throw cause;
    throw new ClientError('SIGNER_FAILED', 'The signer could not sign the assertion', {
      cause,
      hints: ['Ask the key service (KMS, HSM, agent) behind the signer why it refused.'],
    });
  }
  return `${signingInput}.${encodeBase64Url(signature)}`;
}
