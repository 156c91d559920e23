/** SOQL date literals: each names a span of time, in the time zone of the org (GMT). */

export interface Span {
  /** First instant inside, in milliseconds since 1970. */
  start: number;
  /** First instant behind. */
  end: number;
}

type Unit = 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR';

/**
 * The fiscal year of an org begins in January unless it is set otherwise, and here it cannot be.
 *
 * @param now milliseconds since 1970
 * @returns undefined when it is not a date literal of SOQL
 */
export function dateLiteral(literal: string, now: number): Span | undefined {
  const text = literal.toUpperCase().replace('_FISCAL_', '_');
  if (text === 'TODAY') return span('DAY', 0, 1, now);
  if (text === 'YESTERDAY') return span('DAY', -1, 0, now);
  if (text === 'TOMORROW') return span('DAY', 1, 2, now);
  if (text === 'LAST_90_DAYS') return span('DAY', -90, 1, now);
  if (text === 'NEXT_90_DAYS') return span('DAY', 1, 91, now);

  const named = /^(LAST|THIS|NEXT)_(WEEK|MONTH|QUARTER|YEAR)$/.exec(text);
  if (named !== null) {
    const from = { LAST: -1, THIS: 0, NEXT: 1 }[named[1] as 'LAST' | 'THIS' | 'NEXT'];
    return span(named[2] as Unit, from, from + 1, now);
  }
  const counted = /^(LAST|NEXT)_N_(DAY|WEEK|MONTH|QUARTER|YEAR)S:(\d{1,5})$/.exec(text);
  if (counted !== null) {
    const [unit, n] = [counted[2] as Unit, Number(counted[3])];
    // Days count up to now, today included; the larger units leave out the present one.
    if (counted[1] === 'LAST') return span(unit, -n, unit === 'DAY' ? 1 : 0, now);
    return span(unit, 1, n + 1, now);
  }
  const ago = /^N_(DAY|WEEK|MONTH|QUARTER|YEAR)S_AGO:(\d{1,5})$/.exec(text);
  if (ago !== null) return span(ago[1] as Unit, -Number(ago[2]), 1 - Number(ago[2]), now);
  return undefined;
}

/** From the beginning of one unit to the beginning of another, counted from the present one. */
function span(unit: Unit, from: number, to: number, now: number): Span {
  return { start: beginning(unit, from, now), end: beginning(unit, to, now) };
}

function beginning(unit: Unit, offset: number, now: number): number {
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  switch (unit) {
    case 'DAY':
      return Date.UTC(year, month, day + offset);
    case 'WEEK':
      // Weeks begin on Sunday.
      return Date.UTC(year, month, day - date.getUTCDay() + offset * 7);
    case 'MONTH':
      return Date.UTC(year, month + offset);
    case 'QUARTER':
      return Date.UTC(year, month - (month % 3) + offset * 3);
    case 'YEAR':
      return Date.UTC(year + offset, 0);
  }
}
