import type { Check } from './examination.ts';
import { fault, ok } from './finding.ts';
import type { Result } from './finding.ts';
import { inShort } from './json-text.ts';

/** `{"alg":"RS256"}`, and nothing else counts. */
export const assertionHeader: Check = {
  ground: 'assertion',
  name: 'header',
  run({ assertion }) {
    const header = assertion?.header;
    if (header === undefined) return Promise.resolve([]);
    const { alg } = header;
    if (alg !== 'RS256') return Promise.resolve([wrongAlgorithm(alg)]);
    const results: Result[] = [ok('Signed with RS256')];
    if (header['crit'] !== undefined) {
      results.push(
        fault({
          code: 'ASSERTION_HEADER',
          says: 'The header demands extensions (crit) that nobody here understands',
          cure: { advice: 'Leave crit out of the header.' },
        }),
      );
    } else if (header['kid'] !== undefined || header['x5t'] !== undefined) {
      results.push(ok('kid and x5t are not looked at: an app has one certificate'));
    }
    return Promise.resolve(results);
  },
};

function wrongAlgorithm(alg: unknown): Result {
  const trouble = (says: string, advice: string): Result =>
    fault({ code: 'ASSERTION_ALGORITHM', says, cure: { advice } });
  if (alg === undefined) {
    return trouble('The header names no algorithm', 'Put {"alg":"RS256"} into the header.');
  }
  const name = inShort(alg);
  if (name.startsWith('HS')) {
    return trouble(
      `The assertion is signed with ${name}, a shared secret: Salesforce wants the private key`,
      'Sign with RS256 and the private key that belongs to the certificate of the app.',
    );
  }
  if (/^(?:ES|Ed)/.test(name)) {
    return trouble(
      `The assertion is signed with ${name}; Salesforce takes RSA keys only`,
      'Make an RSA key and upload its certificate: sfjwt key new',
    );
  }
  if (name === 'none') {
    return trouble('The assertion is not signed (alg none)', 'Sign it with RS256.');
  }
  return trouble(
    `The assertion is signed with ${name}; Salesforce takes RS256 only`,
    'Sign with RS256: RSASSA-PKCS1-v1_5 with SHA-256.',
  );
}
