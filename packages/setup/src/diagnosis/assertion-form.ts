import { readAssertion } from './assertion.ts';
import type { ForeignAssertion } from './assertion.ts';
import type { Check } from './examination.ts';
import { fault, ok, warning } from './finding.ts';
import type { Result } from './finding.ts';

const encodeAnew =
  'Encode header, claims and signature as base64url (RFC 4648 section 5), unpadded.';

/** Is it a JWS in compact serialization (RFC 7515 section 7.1)? */
export const assertionForm: Check = {
  ground: 'assertion',
  name: 'form',
  run(examination) {
    const { assertion } = examination.options;
    if (assertion === undefined) return Promise.resolve([]);
    const read = readAssertion(assertion);
    examination.assertion = read;
    return Promise.resolve(shape(read) ?? spelling(read));
  },
};

function shape({ parts, header, claims }: ForeignAssertion): Result[] | undefined {
  const trouble = (says: string, advice: string): Result[] => [
    fault({ code: 'ASSERTION_SHAPE', says, cure: { advice } }),
  ];
  if (parts.length === 5) {
    return trouble(
      'The assertion is encrypted (five parts): Salesforce takes signed ones',
      'Sign it as a JWS with RS256, and do not encrypt it.',
    );
  }
  if (parts.length === 1 && /^00D\w{12,15}/.test(parts[0] ?? '')) {
    return trouble(
      'That is an access token, not an assertion',
      'Give the JWT that is sent as the parameter assertion.',
    );
  }
  if (parts.length !== 3) {
    const count = `${parts.length} ${parts.length === 1 ? 'part' : 'parts'}`;
    return trouble(
      `The assertion has ${count} instead of three`,
      'Join header, claims and signature with dots; nothing before or after.',
    );
  }
  if (header === undefined || claims === undefined) {
    return trouble(
      `The ${header === undefined ? 'header' : 'payload'} of the assertion is not base64url of a JSON object`,
      encodeAnew,
    );
  }
  return undefined;
}

function spelling({ parts, wrapping }: ForeignAssertion): Result[] {
  const joined = parts.join('.');
  if (/[+/]|%2[BF]/i.test(joined)) {
    return [
      fault({
        code: 'ASSERTION_BASE64',
        says: 'The assertion is base64, not base64url: it has + or / in it',
        cure: { advice: `${encodeAnew} That is: - for +, _ for /, no = at the end.` },
      }),
    ];
  }
  if (/\s/.test(joined)) {
    return [
      fault({
        code: 'ASSERTION_BASE64',
        says: 'The assertion has line breaks or blanks inside',
        cure: {
          advice: 'Turn the line breaks of the encoder off (openssl base64 -A, base64 -w0).',
        },
      }),
    ];
  }
  if (joined.includes('=') || /%3D/i.test(joined)) {
    return [
      warning({
        code: 'ASSERTION_PADDED',
        says: 'The parts of the assertion end in =, which a JWS does not',
        cure: { advice: encodeAnew },
        explains: ['ASSERTION_INVALID'],
      }),
    ];
  }
  const around = wrapping.length === 0 ? '' : ` (without ${wrapping.join(' and ')})`;
  return [ok(`Three parts of base64url${around}`)];
}
