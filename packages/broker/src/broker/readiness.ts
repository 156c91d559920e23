import type { Identity } from './identity.ts';

export interface Readiness {
  readonly ready: boolean;
  /** Why not: how many identities are without a token, by code. Names are not told to strangers. */
  readonly failures: Readonly<Record<string, number>>;
}

/**
 * Ready is who can do what it is there for. An identity that nobody has asked for yet is no
 * failure; one whose last attempt failed is, until an attempt succeeds.
 */
export function readinessOf(
  identities: ReadonlyMap<string, Identity>,
  { auditable }: { auditable: boolean },
): Readiness {
  const failures: Record<string, number> = {};
  for (const { state } of identities.values()) {
    if (state.failure === undefined) continue;
    failures[state.failure] = (failures[state.failure] ?? 0) + 1;
  }
  if (!auditable) failures['AUDIT_UNAVAILABLE'] = 1;
  return { ready: Object.keys(failures).length === 0, failures };
}
