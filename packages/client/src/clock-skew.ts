/**
 * The clock of this machine against the host's. The `Date` of an answer (RFC 9110 section 6.6.1)
 * has whole seconds, and the answer took its time: less than half a minute says nothing.
 */

import type { Milliseconds } from './clock.ts';
import type { ClientErrorCode } from './errors.ts';

const noticeableMilliseconds = 30_000;

/**
 * The assertion is not made for a time further away than this: a host that lies about the date must
 * not get one that is good for years.
 */
const maximumMilliseconds = 24 * 3_600_000;

/** How far the host is ahead of us, in milliseconds; undefined when it does not say. */
export function clockOffset(
  headers: Readonly<Record<string, string>>,
  now: Milliseconds,
): number | undefined {
  const date = Date.parse(headers['date'] ?? '');
  return Number.isNaN(date) ? undefined : date - now;
}

/** Whether a refusal may come from an offset, in milliseconds, of which so much is accounted for. */
export function blamesClock(code: ClientErrorCode, offset: number, accounted: number): boolean {
  return (
    Math.abs(offset - accounted) >= noticeableMilliseconds &&
    Math.abs(offset) <= maximumMilliseconds &&
    (code === 'ASSERTION_EXPIRED' || code === 'ASSERTION_INVALID')
  );
}

/** In words, for the hints of an error; undefined when it is not worth a word. */
export function describeOffset(offset: number | undefined): string | undefined {
  if (offset === undefined || Math.abs(offset) < noticeableMilliseconds) return undefined;
  const seconds = Math.round(Math.abs(offset) / 1000);
  return `The clock of this machine is ${seconds} s ${offset > 0 ? 'behind' : 'ahead of'} the host’s: set it (NTP).`;
}
