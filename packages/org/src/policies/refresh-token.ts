/** OAuth policies > Refresh Token Policy: how long a refresh token of an app lives. */

export type RefreshTokenPolicy = 'infinite' | 'zero' | 'specificInactivity' | 'specificLifetime';

export const refreshTokenPolicyLabels: Readonly<Record<RefreshTokenPolicy, string>> = {
  infinite: 'Refresh token is valid until revoked',
  zero: 'Immediately expire refresh token',
  specificInactivity: 'Expire refresh token if not used for specific time',
  specificLifetime: 'Expire refresh token after specific time',
};

export interface RefreshTokenPolicies {
  refreshTokenPolicy: RefreshTokenPolicy;
  /** What "specific time" is. */
  refreshTokenHours: number | undefined;
}

/** @param now milliseconds since 1970, as the times of the token */
export function isWithinPolicy(
  { refreshTokenPolicy, refreshTokenHours = Infinity }: RefreshTokenPolicies,
  { created, lastUsed }: { created: number; lastUsed: number },
  now: number,
): boolean {
  const life = refreshTokenHours * 3_600_000;
  switch (refreshTokenPolicy) {
    case 'infinite':
      return true;
    case 'zero':
      return false;
    case 'specificInactivity':
      return now < lastUsed + life;
    case 'specificLifetime':
      return now < created + life;
  }
}
