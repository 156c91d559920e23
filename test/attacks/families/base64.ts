/** Base64url with leniency where there must be none: RFC 7515 section 2, RFC 4648 section 3. */

import { granted, malformed, wrongSignature } from '../attack.ts';
import type { Expected } from '../attack.ts';
import { assertionFamily } from '../family.ts';
import type { AssertionRow } from '../family.ts';
import { encode, rs256 } from '../forgery.ts';
import type { Target } from '../target.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

type Part = 'header' | 'claims' | 'signature';
const parts: readonly Part[] = ['header', 'claims', 'signature'];

/** How a part is written; applied before the signature is made, so that it is right otherwise. */
const spellings: readonly [
  name: string,
  why: string,
  spell: (text: string) => string,
  expected: Expected,
][] = [
  ['padded', 'Salesforce’s older sample shows padding', padded, granted],
  ['one = too many', 'RFC 4648 section 3.2', (text) => `${padded(text)}=`, malformed],
  ['four = behind', 'RFC 4648 section 3.2', (text) => `${text}====`, malformed],
  ['= in front', 'RFC 4648 section 3.3', (text) => `=${text}`, malformed],
  ['= in the middle', 'RFC 4648 section 3.3', (text) => inserted(text, '='), malformed],
  ['== in the middle', 'RFC 4648 section 3.3', (text) => inserted(text, '=='), malformed],
  ['the padding of another length', 'RFC 4648 section 3.2', wronglyPadded, malformed],
  ['a line break inside', 'RFC 4648 section 3.3', (text) => inserted(text, '\n'), malformed],
  ['a line break behind', 'RFC 4648 section 3.3', (text) => `${text}\n`, malformed],
  ['a blank inside', 'RFC 4648 section 3.3', (text) => inserted(text, ' '), malformed],
  ['a tab inside', 'RFC 4648 section 3.3', (text) => inserted(text, '\t'), malformed],
  ['a null byte inside', 'RFC 4648 section 3.3', (text) => inserted(text, '\0'), malformed],
  ['a comma inside', 'RFC 4648 section 3.3', (text) => inserted(text, ','), malformed],
  ['an exclamation mark inside', 'RFC 4648 section 3.3', (text) => inserted(text, '!'), malformed],
  ['a percent sign inside', 'RFC 4648 section 3.3', (text) => inserted(text, '%'), malformed],
  ['an é inside', 'RFC 4648 section 3.3', (text) => inserted(text, '\u00e9'), malformed],
  [
    'a Kelvin sign inside',
    'letters that fold to ASCII',
    (text) => inserted(text, '\u212a'),
    malformed,
  ],
  ['bits behind the last byte', 'RFC 4648 section 3.5: pad bits', withPadBits, malformed],
  [
    'a character that adds no byte',
    'RFC 4648 section 4: an impossible length',
    withStray,
    malformed,
  ],
];

const rows: readonly AssertionRow[] = [
  ...parts.flatMap((part) =>
    spellings.map(([name, why, spell, expected]): AssertionRow => [
      `${part}: ${name}`,
      why,
      (t) => spelled(t, part, spell),
      expected,
    ]),
  ),
  ...parts.map((part): AssertionRow => [
    `${part}: the standard alphabet`,
    'RFC 4648 section 5: + and / are of the other alphabet',
    (t) => spelled(t, part, (text) => text.replaceAll('-', '+').replaceAll('_', '/'), /[-_]/),
    malformed,
  ]),
  ...parts.slice(0, 2).map((part): AssertionRow => [
    `${part}: padding added after signing`,
    'RFC 7515 section 5.1: what is signed is the text',
    (t) => {
      const texts = spelled(t, part, (text) => text).split('.');
      return texts.map((text, index) => (parts[index] === part ? padded(text) : text)).join('.');
    },
    wrongSignature,
  ]),
];

/** A good assertion with one part spelled otherwise, signed as spelled. */
function spelled(
  target: Target,
  part: Part,
  spell: (text: string) => string,
  wanted: RegExp = /^/,
): string {
  for (let blanks = 0; ; blanks += 1) {
    const header = json({ alg: 'RS256', note }, blanks);
    const claims = json(target.claims({ note }), blanks);
    const input = `${part === 'header' ? spell(header) : header}.${part === 'claims' ? spell(claims) : claims}`;
    const signature = rs256(target.app.key)(input).toString('base64url');
    // Where a part has to have certain characters, another start gives it others.
    if (!wanted.test({ header, claims, signature }[part])) continue;
    return `${input}.${part === 'signature' ? spell(signature) : signature}`;
  }
}

const note = '???>>>~~~';

/** JSON of 3n + 1 bytes that ends with a blank: two characters of base64url stand for that. */
function json(value: object, blanks: number): string {
  const text = `${' '.repeat(blanks)}${JSON.stringify(value)} `;
  return encode(text + ' '.repeat((4 - (Buffer.byteLength(text) % 3)) % 3));
}

function padded(text: string): string {
  return text + '='.repeat((4 - (text.length % 4)) % 4);
}

function wronglyPadded(text: string): string {
  return text.length % 4 === 2 ? `${text}=` : `${text}==`;
}

function inserted(text: string, character: string): string {
  return text.slice(0, 8) + character + text.slice(8);
}

/** The last character holds bits that belong to no byte: another one decodes to the same. */
function withPadBits(text: string): string {
  const last = alphabet.indexOf(text.slice(-1));
  return text.slice(0, -1) + alphabet.charAt(last | 1);
}

/** A fifth character behind four: six bits are no byte. */
function withStray(text: string): string {
  const whole = text.slice(0, text.length - (text.length % 4));
  return `${whole}A`;
}

export const base64 = assertionFamily('base64', rows);
