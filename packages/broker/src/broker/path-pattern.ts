// Patterns of paths in the rules for callers: `*` stands for one segment, or a part of one, and `**`
// as the last segment for everything below. `/services/data/*/query` is the queries of any version,
// `/services/data/v67.0/**` the whole of one.

/** Whether it can be a pattern: a path from the root, with `**` at its end alone. */
export function isPathPattern(pattern: string): boolean {
  return /^(?:\/(?:\*\*$|(?!\*\*)[\w.~*-]+))+$/.test(pattern);
}

/**
 * Rules compare segments as they are written. One with an encoded slash, or with an encoded percent
 * sign, may be something else to the reader at the other end: no pattern covers it.
 */
export function coversPath(pattern: string, path: string): boolean {
  if (/%(?:2f|5c|25)/i.test(path)) return false;
  const wanted = pattern.split('/');
  const segments = path.split('/');
  if (wanted.at(-1) === '**') {
    wanted.pop();
    if (segments.length <= wanted.length) return false;
    segments.length = wanted.length;
  }
  return (
    segments.length === wanted.length &&
    wanted.every((part, index) => coversSegment(part, decoded(segments[index] ?? '')))
  );
}

function coversSegment(wanted: string, segment: string): boolean {
  const [first = '', ...rest] = wanted.split('*');
  if (rest.length === 0) return segment === first;
  if (segment === '' || !segment.startsWith(first)) return false;
  // Without backtracking: each part is looked for from where the one before it ended.
  let from = first.length;
  const last = rest.pop() ?? '';
  for (const part of rest) {
    const at = segment.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return segment.length - last.length >= from && segment.endsWith(last);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
