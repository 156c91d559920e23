import type { Check } from './examination.ts';
import { fault, ok, warning } from './finding.ts';
import type { Result } from './finding.ts';
import { shortened } from './consumer-key.ts';
import { inShort } from './json-text.ts';

const isUsername = (value: unknown): boolean =>
  typeof value === 'string' && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value);
const isKey = (value: unknown): boolean => typeof value === 'string' && value.startsWith('3MVG');

/** `iss` is the app, `sub` (`prn` in former times) the user. */
export const assertionParties: Check = {
  ground: 'assertion',
  name: 'parties',
  run({ assertion }) {
    const claims = assertion?.claims;
    if (claims === undefined) return Promise.resolve([]);
    const { iss, sub, prn } = claims;
    const user = prn ?? sub;
    if (isUsername(iss) && (isKey(user) || !isUsername(user))) {
      return Promise.resolve([
        fault({
          code: 'ISSUER_AND_SUBJECT_SWAPPED',
          says: `iss is the username ${inShort(iss)}: it has to be the consumer key`,
          evidence: [
            { label: 'iss', value: inShort(iss) },
            { label: prn === undefined ? 'sub' : 'prn', value: inShort(user) },
          ],
          cure: { advice: 'Put the consumer key into iss, and the username into sub.' },
        }),
      ]);
    }
    return Promise.resolve([issuer(iss), ...subject(sub, prn)]);
  },
};

function issuer(iss: unknown): Result {
  if (typeof iss === 'string' && iss !== '') return ok(`iss ${shortened(iss)}`);
  return fault({
    code: 'ISSUER_MISSING',
    says: `iss is ${inShort(iss)}: it has to be the consumer key, as text`,
    cure: { advice: 'Put the consumer key of the app into iss.' },
  });
}

function subject(sub: unknown, prn: unknown): Result[] {
  const user = prn ?? sub;
  if (typeof user !== 'string' || user === '') {
    return [
      fault({
        code: 'SUBJECT_MISSING',
        says: `sub is ${inShort(user)}: it has to be the username, as text`,
        cure: { advice: 'Put the username of the user to act as into sub.' },
      }),
    ];
  }
  const results: Result[] = [];
  if (prn !== undefined && sub !== undefined && prn !== sub) {
    results.push(
      warning({
        code: 'SUBJECT_TWICE',
        says: `prn (${inShort(prn)}) and sub (${inShort(sub)}) differ: Salesforce takes prn`,
        cure: { advice: 'Leave prn out: sub is its present name.' },
        explains: ['USER_NOT_APPROVED'],
      }),
    );
  }
  if (isUsername(user)) return [...results, ok(`sub ${user}`)];
  return [
    ...results,
    warning({
      code: 'USERNAME_SHAPE',
      says: `sub is ${inShort(user)}, which does not look like a username`,
      cure: { advice: 'Copy it from Setup > Users > the user > Username.' },
      explains: ['USER_NOT_APPROVED'],
    }),
  ];
}
