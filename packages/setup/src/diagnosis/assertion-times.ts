import type { Check } from './examination.ts';
import { fault, ok, warning } from './finding.ts';
import type { Result, Trouble } from './finding.ts';
import { inWords } from './host-clock.ts';
import { inShort } from './json-text.ts';

/** What Salesforce allows for clocks that differ. */
const toleranceSeconds = 180;

/** The year 5138 in seconds, and 1973 in milliseconds: nobody means either in the other unit. */
const leastMilliseconds = 1e11;

/** `exp` in seconds since 1970, soon; `iat` and `nbf` not in the future. */
export const assertionTimes: Check = {
  ground: 'assertion',
  name: 'times',
  run({ assertion, clock }) {
    const claims = assertion?.claims;
    if (claims === undefined) return Promise.resolve([]);
    const now = clock.now() / 1000;
    return Promise.resolve([expiry(claims['exp'], now), ...beginning(claims, now)]);
  },
};

function expiry(exp: unknown, now: number): Result {
  const value = typeof exp === 'string' && /^\d{1,15}$/.test(exp) ? Number(exp) : exp;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return fault({
      code: 'EXPIRY_MISSING',
      says: `exp is ${inShort(exp)}: it has to be seconds since 1970`,
      cure: { advice: 'Put the present time in seconds, plus 180, into exp.' },
    });
  }
  if (value >= leastMilliseconds) {
    return warning({
      code: 'EXPIRY_IN_MILLISECONDS',
      says: 'exp is in milliseconds: Salesforce takes it, and the assertion is good for ever',
      evidence: [
        { label: 'exp', value: String(value) },
        { label: 'as seconds', value: `the year ${Math.round(1970 + value / 31_556_952)}` },
      ],
      cure: {
        advice: 'Divide by 1000: exp is in seconds (RFC 7519 section 2), three minutes ahead.',
      },
    });
  }
  const left = Math.round(value - now);
  if (left < -toleranceSeconds) return expired(value, -left);
  if (left < 0) {
    return warning({
      code: 'ASSERTION_EXPIRED',
      says: `exp was ${inWords(-left)} ago; Salesforce allows about three minutes`,
      cure: { advice: 'Make a new assertion for each token request.' },
    });
  }
  if (left > 15 * 60) {
    return warning({
      code: 'EXPIRY_FAR',
      says: `exp is ${inWords(left)} away: whoever finds the assertion can sign in until then`,
      cure: { advice: 'Three minutes are enough: the life of the token does not depend on it.' },
    });
  }
  return ok(`exp in ${inWords(left)}`);
}

function expired(exp: number, ago: number): Result {
  const trouble: Trouble = {
    code: 'ASSERTION_EXPIRED',
    says: `exp was ${inWords(ago)} ago: Salesforce calls that "expired authorization code"`,
    evidence: [{ label: 'exp', value: `${exp}, ${new Date(exp * 1000).toISOString()}` }],
    cure: { advice: 'Make a new assertion for each token request, with exp three minutes ahead.' },
  };
  // Local time taken for UTC is off by quarters of an hour.
  const offset = Math.round(ago / 900) * 900;
  if (Math.abs(ago + 180 - offset) < 200 && offset >= 900 && offset <= 14 * 3600) {
    const advice =
      'If it was made just now: take the time in UTC (epoch seconds), not the local time, and check the clock.';
    return fault({ ...trouble, cure: { advice } });
  }
  return fault(trouble);
}

function beginning(claims: Readonly<Record<string, unknown>>, now: number): Result[] {
  return ['nbf', 'iat'].flatMap((name) => {
    const value = claims[name];
    if (typeof value !== 'number') return [];
    const inSeconds = value >= leastMilliseconds ? value / 1000 : value;
    const ahead = Math.round(inSeconds - now);
    if (ahead <= toleranceSeconds) return [];
    const trouble: Trouble = {
      code: 'NOT_YET_VALID',
      says: `${name} lies ${inWords(ahead)} in the future`,
      cure: { advice: `Check the clock and the time zone of the program, or leave ${name} out.` },
    };
    return [name === 'nbf' ? fault(trouble) : warning(trouble)];
  });
}
