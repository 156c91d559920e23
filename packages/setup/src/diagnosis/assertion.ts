/** A JWT that somebody else's code made, taken apart without trusting any of it. */

export interface ForeignAssertion {
  /** As many as there are dots, plus one. */
  readonly parts: readonly string[];
  readonly header: Readonly<Record<string, unknown>> | undefined;
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  /** What had to be taken off before there was a JWT. */
  readonly wrapping: readonly string[];
}

/** Reads what is there. Nothing is refused: what is not there is undefined. */
export function readAssertion(text: string): ForeignAssertion {
  const { bare, wrapping } = unwrapped(text);
  const parts = bare.split('.');
  return { parts, wrapping, header: objectOf(parts[0]), claims: objectOf(parts[1]) };
}

/** What people paste around it. */
const wrappings: readonly (readonly [RegExp, string])[] = [
  [/^(?:.*[&?])?assertion=([^&]*)(?:&.*)?$/s, 'the rest of the form'],
  [/^(?:authorization:\s*)?bearer\s+(.*)$/is, 'Bearer'],
  [/^"(.*)"$/s, 'quotation marks'],
  [/^'(.*)'$/s, 'quotation marks'],
];

function unwrapped(text: string): { bare: string; wrapping: string[] } {
  const wrapping: string[] = [];
  let bare = text.trim();
  for (const [pattern, name] of wrappings) {
    const [, inner] = pattern.exec(bare) ?? [];
    if (inner === undefined) continue;
    bare = inner.trim();
    wrapping.push(name);
  }
  return { bare, wrapping };
}

/** Base64 of either alphabet, padded or not: how it is written is judged elsewhere. */
function objectOf(part = ''): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
