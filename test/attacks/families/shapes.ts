/** Things that are not a JWS in compact serialization: RFC 7515 section 7.1. */

import { malformed, wrongSignature } from '../attack.ts';
import { assertionFamily } from '../family.ts';
import type { AssertionRow } from '../family.ts';
import { encode } from '../forgery.ts';
import type { Target } from '../target.ts';

const threeParts = 'RFC 7515 section 7.1: exactly three parts';
const nothingAround = 'RFC 7515 section 7.1: nothing before, between or after the parts';
const otherThing = 'something else that a client may hold in its hand';

/** The good assertion, changed as a text. */
const changes: readonly [name: string, why: string, change: (assertion: string) => string][] = [
  ['one part', threeParts, (a) => a.split('.')[0] ?? ''],
  ['two parts', threeParts, (a) => a.split('.').slice(0, 2).join('.')],
  ['the last part missing, its dot there', threeParts, (a) => a.replace(/[^.]*$/, '')],
  ['the first part empty', threeParts, (a) => a.replace(/^[^.]*/, '')],
  ['the middle part empty', threeParts, (a) => a.replace(/\..*\./, '..')],
  ['four parts', threeParts, (a) => `${a}.AAAA`],
  ['a dot behind', threeParts, (a) => `${a}.`],
  ['a dot in front', threeParts, (a) => `.${a}`],
  ['five parts', threeParts, (a) => `${a}.AAAA.AAAA`],
  ['twice', threeParts, (a) => `${a}.${a}`],
  ['twice, a comma between', threeParts, (a) => `${a},${a}`],
  ['1,000 dots behind', threeParts, (a) => a + '.'.repeat(1000)],
  ['two dots between the parts', threeParts, (a) => a.replace('.', '..')],
  ['colons for dots', threeParts, (a) => a.replaceAll('.', ':')],
  ['a blank in front', nothingAround, (a) => ` ${a}`],
  ['a blank behind', nothingAround, (a) => `${a} `],
  ['a line break behind', nothingAround, (a) => `${a}\n`],
  ['a line break in front', nothingAround, (a) => `\r\n${a}`],
  ['a tab behind', nothingAround, (a) => `${a}\t`],
  ['blanks around the dots', nothingAround, (a) => a.replaceAll('.', ' . ')],
  ['folded at 64 characters', nothingAround, (a) => a.replaceAll(/.{64}/g, '$&\r\n')],
  ['a null byte behind', nothingAround, (a) => `${a}\0`],
  ['a null byte and more behind', nothingAround, (a) => `${a}\0.AAAA`],
  ['a byte order mark in front', nothingAround, (a) => `\ufeff${a}`],
  ['a no-break space behind', nothingAround, (a) => `${a}\u00a0`],
  ['a zero-width space inside', nothingAround, (a) => a.replace('.', '\u200b.')],
  ['ideographic full stops for dots', nothingAround, (a) => a.replaceAll('.', '\u3002')],
  ['fullwidth full stops for dots', nothingAround, (a) => a.replaceAll('.', '\uff0e')],
  ['one dot leaders for dots', nothingAround, (a) => a.replaceAll('.', '\u2024')],
  ['fullwidth letters', nothingAround, (a) => a.replace('e', '\uff45')],
  ['in double quotes', nothingAround, (a) => `"${a}"`],
  ['in single quotes', nothingAround, (a) => `'${a}'`],
  ['in angle brackets', nothingAround, (a) => `<${a}>`],
  ['Bearer in front', nothingAround, (a) => `Bearer ${a}`],
  ['assertion= in front', nothingAround, (a) => `assertion=${a}`],
  ['percent-encoded once more', nothingAround, (a) => a.replaceAll('.', '%2E')],
  ['backslashes before the dots', nothingAround, (a) => a.replaceAll('.', String.raw`\.`)],
  ['backwards', threeParts, (a) => Array.from(a).toReversed().join('')],
  ['a comment behind', nothingAround, (a) => `${a}#comment`],
  ['a fragment of a URL', nothingAround, (a) => `https://login.salesforce.com/#${a}`],
  ['in base64url once more', otherThing, (a) => encode(a)],
  ['in hex', otherThing, (a) => Buffer.from(a).toString('hex')],
];

const things: readonly [name: string, thing: (t: Target) => string][] = [
  ['nothing', () => ''],
  ['one letter', () => 'a'],
  ['one dot', () => '.'],
  ['two dots', () => '..'],
  ['three dots', () => '...'],
  ['60,000 letters', () => 'a'.repeat(60_000)],
  ['20,000 dots', () => '.'.repeat(20_000)],
  ['null', () => 'null'],
  ['undefined', () => 'undefined'],
  ['[object Object]', () => '[object Object]'],
  ['the access token of a session', ({ tokens }) => tokens.live],
  ['the consumer key', ({ app }) => app.app.consumerKey],
  ['the certificate', ({ app }) => app.certificatePem],
  [
    'a SAML assertion',
    () => encode('<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/>'),
  ],
  [
    'XML with an external entity',
    ({ trap }) => `<!DOCTYPE a [<!ENTITY b SYSTEM "${trap.url}">]><a>&b;</a>`,
  ],
  ['a URL', ({ trap }) => trap.url],
  ['a path', () => '../../../../etc/passwd'],
  ['SQL', () => `' OR '1'='1`],
  ['emoji', () => '\u{1f511}.\u{1f4dc}.\u{270d}'],
  ['a lone surrogate', () => '\ud800.\udfff.\ud800'],
];

const rows: readonly AssertionRow[] = [
  ...changes.map(([name, why, change]): AssertionRow => [
    name,
    why,
    (t) => change(t.assertion()),
    malformed,
  ]),
  ...things.map(([name, thing]): AssertionRow => [
    `${name} in its place`,
    otherThing,
    thing,
    malformed,
  ]),
  [
    'the general JSON serialization',
    'RFC 7515 section 7.2.1: RFC 7523 takes the compact one',
    (t) => {
      const [header, payload, signature] = t.assertion().split('.');
      return JSON.stringify({ payload, signatures: [{ protected: header, signature }] });
    },
    malformed,
  ],
  [
    'the flattened JSON serialization',
    'RFC 7515 section 7.2.2: RFC 7523 takes the compact one',
    (t) => {
      const [header, payload, signature] = t.assertion().split('.');
      return JSON.stringify({ payload, protected: header, signature });
    },
    malformed,
  ],
  [
    'the flattened JSON serialization, its header unprotected',
    'RFC 7515 section 7.2.2: a header that nobody signed',
    (t) => {
      const [, payload, signature] = t.assertion().split('.');
      return JSON.stringify({ payload, header: { alg: 'RS256' }, signature });
    },
    malformed,
  ],
  [
    'a list of assertions as JSON',
    'one assertion is one text',
    (t) => JSON.stringify([t.assertion()]),
    malformed,
  ],
  [
    'the parts in another order',
    'the order gives the parts their meaning',
    (t) => {
      const [header, claims, signature] = t.assertion().split('.');
      return `${claims}.${header}.${signature}`;
    },
    { ...malformed, rule: 'signed with RS256' },
  ],
  ['in upper case', 'base64url is case-sensitive', (t) => t.assertion().toUpperCase(), malformed],
  [
    'its header and claims of one assertion, its signature of none',
    threeParts,
    (t) => t.assertion().replace(/[^.]*$/, 'AAAA'),
    wrongSignature,
  ],
];

export const shapes = assertionFamily('shapes', rows);
