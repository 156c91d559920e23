import type { TraceEntry } from './trace.ts';

/**
 * Why a token request was refused, by what was sent and what would have passed: "aud was X, this
 * org accepts Y or Z". Undefined when nothing was refused.
 */
export function explainRefusal(
  trace: readonly TraceEntry[],
  claims: Readonly<Record<string, unknown>> = {},
): string | undefined {
  const refused = trace.find(({ passed }) => !passed);
  if (refused === undefined) return undefined;
  const { rule, found, expected = 'something else' } = refused;
  const claim = Object.entries(claims).find(([, value]) => value === found)?.[0];
  const sent = claim === undefined ? `"${rule}": found ${found}` : `${claim} was ${found}`;
  return `${sent}; this org accepts ${expected}`;
}
