/** Header and claims that are no JSON object, or one that parsers read differently: RFC 8259. */

import { gzipSync } from 'node:zlib';
import { expired, granted, incomplete, malformed, unknownUser } from '../attack.ts';
import type { Expected } from '../attack.ts';
import { assertionFamily } from '../family.ts';
import type { AssertionRow } from '../family.ts';
import type { Target } from '../target.ts';

const notJson = 'RFC 8259: not JSON';
const notObject = 'RFC 7519 section 7.2: claims are a JSON object';
const encoding = 'RFC 8259 section 8.1: UTF-8 without a byte order mark';
const duplicates = 'RFC 7519 section 4: of duplicate names the last counts, or a refusal';
const depth = 'a parser that recurses';
const pollution = 'prototype pollution';

const nested = (levels: number, open: string, close: string): string =>
  open.repeat(levels) + close.repeat(levels);

/** The claims of a good assertion as a text, open to change. */
const texts: readonly [
  name: string,
  why: string,
  change: (json: string, t: Target) => string | Buffer,
  expected: Expected,
][] = [
  ['empty', notJson, () => ' ', malformed],
  ['an empty object', notObject, () => '{}', incomplete],
  ['a list', notObject, (json) => `[${json}]`, malformed],
  ['a text', notObject, (json) => JSON.stringify(json), malformed],
  ['a number', notObject, () => '1', malformed],
  ['true', notObject, () => 'true', malformed],
  ['null', notObject, () => 'null', malformed],
  ['undefined', notJson, () => 'undefined', malformed],
  ['two objects', notJson, (json) => json + json, malformed],
  ['one object a line', notJson, (json) => `${json}\n${json}`, malformed],
  ['cut', notJson, (json) => json.slice(0, -1), malformed],
  ['cut in a name', notJson, (json) => json.slice(0, 4), malformed],
  ['a bracket too many', notJson, (json) => `${json}}`, malformed],
  ['a trailing comma', notJson, (json) => json.replace('}', ',}'), malformed],
  ['a leading comma', notJson, (json) => json.replace('{', '{,'), malformed],
  ['a comment', notJson, (json) => json.replace('{', '{/* */'), malformed],
  ['a line comment', notJson, (json) => json.replace('{', '{// \n'), malformed],
  ['a shell comment', notJson, (json) => `# comment\n${json}`, malformed],
  ['single quotes', notJson, (json) => json.replaceAll('"', "'"), malformed],
  ['names without quotes', notJson, (json) => json.replaceAll(/"(\w+)":/g, '$1:'), malformed],
  ['a semicolon behind', notJson, (json) => `${json};`, malformed],
  ['in brackets', notJson, (json) => `(${json})`, malformed],
  ['JSONP', notJson, (json) => `callback(${json})`, malformed],
  ['the guard of Angular in front', notJson, (json) => `)]}',\n${json}`, malformed],
  ['a null byte behind', notJson, (json) => `${json}\0`, malformed],
  ['null bytes in front', notJson, (json) => `\0\0${json}`, malformed],
  ['a form feed in front', notJson, (json) => `\f${json}`, malformed],
  ['a no-break space in front', notJson, (json) => `\u00a0${json}`, malformed],
  ['a line separator behind', notJson, (json) => `${json}\u2028`, malformed],
  ['a line break in a text', notJson, (json) => json.replace('worker', 'wor\nker'), malformed],
  ['a null byte in a text', notJson, (json) => json.replace('worker', 'wor\0ker'), malformed],
  ['a bad escape', notJson, (json) => json.replace('worker', String.raw`\worker`), malformed],
  ['an octal escape', notJson, (json) => json.replace('w', String.raw`\167`), malformed],
  ['a hexadecimal escape', notJson, (json) => json.replace('w', String.raw`\x77`), malformed],
  ['a short escape', notJson, (json) => json.replace('w', String.raw`\u77`), malformed],
  ['a byte order mark', encoding, (json) => `\ufeff${json}`, malformed],
  ['UTF-16, little-endian', encoding, (json) => Buffer.from(json, 'utf16le'), malformed],
  [
    'UTF-16 with its byte order mark',
    encoding,
    (json) => Buffer.from(`\ufeff${json}`, 'utf16le'),
    malformed,
  ],
  ['UTF-16, big-endian', encoding, (json) => Buffer.from(json, 'utf16le').swap16(), malformed],
  ['UTF-7', encoding, (json) => json.replace('{', '+AHs-'), malformed],
  ['Latin-1', encoding, (json) => latin1(json.replace('worker', 'w\u00f6rker')), malformed],
  [
    'a byte that is never in UTF-8',
    encoding,
    (json) => latin1(json.replace('w', '\u00ff')),
    malformed,
  ],
  ['a stray continuation byte', encoding, (json) => latin1(json.replace('w', '\u0080')), malformed],
  [
    'an overlong letter',
    'RFC 3629 section 10: C1 B7 for w',
    (json) => latin1(json.replace('w', '\u00c1\u00b7')),
    malformed,
  ],
  [
    'an overlong null byte',
    'RFC 3629 section 10: C0 80',
    (json) => latin1(json.replace('w', '\u00c0\u0080')),
    malformed,
  ],
  [
    'an overlong quotation mark',
    'RFC 3629 section 10: C0 A2',
    (json) => latin1(json.replace('w', '\u00c0\u00a2')),
    malformed,
  ],
  [
    'a surrogate in UTF-8',
    'RFC 3629 section 3: ED A0 80',
    (json) => latin1(json.replace('w', '\u00ed\u00a0\u0080')),
    malformed,
  ],
  [
    'a code point beyond the last',
    'RFC 3629 section 3: F4 90 80 80',
    (json) => latin1(json.replace('w', '\u00f4\u0090\u0080\u0080')),
    malformed,
  ],
  ['cut in a character', encoding, (json) => latin1(`${json}\u00e2\u0082`), malformed],
  ['gzip', encoding, (json) => gzipSync(json), malformed],
  ['CBOR', encoding, () => Buffer.from('a163697373616b', 'hex'), malformed],
  ['MessagePack', encoding, () => Buffer.from('81a3697373a16b', 'hex'), malformed],
  ['YAML', notJson, () => 'iss: key\nsub: worker@example.org\n', malformed],
  ['XML', notJson, () => '<iss>key</iss>', malformed],
  ['a query string', notJson, () => 'iss=key&sub=worker@example.org', malformed],
  ['a Java object', notJson, () => Buffer.from('aced00057372', 'hex'), malformed],
  [
    'blanks around',
    'RFC 8259 section 2: blanks may stand there',
    (json) => ` \t\r\n${json}\n`,
    granted,
  ],
  ['NaN', notJson, (json) => withExp(json, 'NaN'), malformed],
  ['Infinity', notJson, (json) => withExp(json, 'Infinity'), malformed],
  ['a hexadecimal number', notJson, (json) => withExp(json, '0x7fffffff'), malformed],
  ['an octal number', notJson, (json) => withExp(json, '0o17777777777'), malformed],
  ['a leading zero', notJson, (json) => withExp(json, '02000000000'), malformed],
  ['a plus sign', notJson, (json) => withExp(json, '+2000000000'), malformed],
  ['a number that begins with its point', notJson, (json) => withExp(json, '.2e10'), malformed],
  ['a number that ends with its point', notJson, (json) => withExp(json, '2000000000.'), malformed],
  ['underscores in a number', notJson, (json) => withExp(json, '2_000_000_000'), malformed],
  ['a big integer', notJson, (json) => withExp(json, '2000000000n'), malformed],
  ['an expression', notJson, (json) => withExp(json, '1e9*2'), malformed],
  [
    'exp 1e400',
    'RFC 8259 section 6: beyond what a double holds, it reads as infinity',
    (json) => withExp(json, '1e400'),
    incomplete,
  ],
  [
    'exp -1e400',
    'RFC 8259 section 6: beyond what a double holds, it reads as infinity',
    (json) => withExp(json, '-1e400'),
    incomplete,
  ],
  [
    'exp 2e10',
    'RFC 8259 section 6: an exponent is a number',
    (json) => withExp(json, '2e10'),
    granted,
  ],
  ['exp -0', 'RFC 8259 section 6: minus zero', (json) => withExp(json, '-0'), expired],
  ['exp 1e-400', 'RFC 8259 section 6: reads as zero', (json) => withExp(json, '1e-400'), expired],
  [
    'exp of 5,000 digits',
    'CVE-2020-10735: digits decide the work',
    (json) => withExp(json, '9'.repeat(5000)),
    incomplete,
  ],
  [
    'exp with 30,000 decimals',
    'CVE-2020-10735: digits decide the work',
    (json) => withExp(json, `2000000000.${'9'.repeat(30_000)}`),
    granted,
  ],
  [
    'sub twice, a stranger last',
    duplicates,
    (json) => json.replace('}', ',"sub":"nobody@example.org"}'),
    unknownUser,
  ],
  [
    'sub twice, a stranger first',
    duplicates,
    (json) => json.replace('{', '{"sub":"nobody@example.org",'),
    granted,
  ],
  [
    'sub twice, once in escapes',
    duplicates,
    (json) => json.replace('}', String.raw`,"\u0073ub":"nobody@example.org"}`),
    unknownUser,
  ],
  [
    'iss twice, the last a number',
    duplicates,
    (json) => json.replace('}', ',"iss":1}'),
    incomplete,
  ],
  ['exp twice, the last in 1970', duplicates, (json) => json.replace('}', ',"exp":1}'), expired],
  [
    'exp 8,000 times',
    duplicates,
    (json) => json.replace('{', `{${'"exp":1,'.repeat(5000)}`),
    granted,
  ],
  ['the claims in __proto__', pollution, (json) => `{"__proto__":${json}}`, incomplete],
  [
    'the claims in constructor.prototype',
    pollution,
    (json) => `{"constructor":{"prototype":${json}}}`,
    incomplete,
  ],
  [
    '__proto__ beside the claims',
    pollution,
    (json) => json.replace('{', '{"__proto__":{"isAdmin":true,"prn":"admin@local-org.example"},'),
    granted,
  ],
  [
    'toString and valueOf',
    pollution,
    (json) => json.replace('{', '{"toString":1,"valueOf":1,"hasOwnProperty":1,'),
    granted,
  ],
  ['toJSON', pollution, (json) => json.replace('{', '{"toJSON":"x","then":"x",'), granted],
  ['a list nested 32 deep', depth, (json) => withClaim(json, nested(31, '[', ']')), granted],
  ['a list nested 1,000 deep', depth, (json) => withClaim(json, nested(1000, '[', ']')), malformed],
  [
    'a list nested 20,000 deep',
    depth,
    (json) => withClaim(json, nested(20_000, '[', ']')),
    malformed,
  ],
  [
    'an object nested 7,000 deep',
    depth,
    (json) => withClaim(json, '{"a":'.repeat(7000) + '1' + '}'.repeat(7000)),
    malformed,
  ],
  [
    'a list nested 20,000 deep that never closes',
    depth,
    (json) => withClaim(json, '['.repeat(20_000)),
    malformed,
  ],
  [
    'iss nested 20,000 deep',
    depth,
    (json) => json.replace(/"iss":"[^"]*"/, `"iss":${nested(20_000, '[', ']')}`),
    malformed,
  ],
  ['exp nested 20,000 deep', depth, (json) => withExp(json, nested(20_000, '[', ']')), malformed],
  [
    'jti nested 20,000 deep',
    depth,
    (json) => json.replace(/"jti":"[^"]*"/, `"jti":${nested(20_000, '[', ']')}`),
    malformed,
  ],
  [
    '4,000 claims',
    'work in step with the size',
    (json) =>
      json.replace(
        '{',
        `{${Array.from({ length: 4000 }, (_, index) => `"c${index}":0,`).join('')}`,
      ),
    granted,
  ],
  [
    'names that collide in a hash table',
    'CVE-2011-4885: hash collisions',
    (json) =>
      json.replace(
        '{',
        `{${Array.from({ length: 3000 }, (_, index) => `"${4_294_967_295 - index * 2}":0,`).join('')}`,
      ),
    granted,
  ],
  [
    'a text of 40,000 characters',
    'work in step with the size',
    (json) => withClaim(json, `"${'x'.repeat(40_000)}"`),
    granted,
  ],
  [
    '6,000 escapes',
    'work in step with the size',
    (json) => withClaim(json, `"${String.raw`\u0041`.repeat(6000)}"`),
    granted,
  ],
  [
    'a lone high surrogate in sub',
    'RFC 8259 section 8.2: unpaired surrogates',
    (json) => json.replace('worker', String.raw`\ud83d`),
    unknownUser,
  ],
  [
    'a lone low surrogate in iss',
    'RFC 8259 section 8.2: unpaired surrogates',
    (json) => json.replace('"iss":"', String.raw`"iss":"\udc00`),
    {
      ...malformed,
      body: { error: 'invalid_client_id', error_description: 'client identifier invalid' },
      rule: 'app with this consumer key',
    },
  ],
  [
    'a lone surrogate in jti',
    'RFC 8259 section 8.2: unpaired surrogates',
    (json) => json.replace('"jti":"', String.raw`"jti":"\ud800`),
    granted,
  ],
  [
    'names and texts in escapes',
    'RFC 8259 section 8.3: the same strings',
    (json) =>
      json
        .replace('"sub"', String.raw`"\u0073\u0075\u0062"`)
        .replace('worker', String.raw`\u0077orker`),
    granted,
  ],
];

/** The same for the header, where it is enough to know that it is looked at alike. */
const headers: readonly [name: string, header: string | Buffer, expected: Expected][] = [
  ['an empty object', '{}', { ...malformed, rule: 'signed with RS256' }],
  ['a list', '[{"alg":"RS256"}]', malformed],
  ['a text', '"RS256"', malformed],
  ['null', 'null', malformed],
  ['a comment', '{"alg":"RS256"/**/}', malformed],
  ['a trailing comma', '{"alg":"RS256",}', malformed],
  ['a byte order mark', '\ufeff{"alg":"RS256"}', malformed],
  ['UTF-16', Buffer.from('{"alg":"RS256"}', 'utf16le'), malformed],
  ['an overlong letter', latin1('{"alg":"RS256","x":"\u00c1\u00b7"}'), malformed],
  ['nested 20,000 deep', `{"alg":"RS256","x":${nested(20_000, '[', ']')}}`, malformed],
  ['alg nested 20,000 deep', `{"alg":${nested(20_000, '[', ']')}}`, malformed],
  ['a null byte behind', '{"alg":"RS256"}\0', malformed],
  ['blanks around', ' {"alg":"RS256"}\n', granted],
];

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function withExp(json: string, exp: string): string {
  return json.replace(/"exp":\d+/, `"exp":${exp}`);
}

function withClaim(json: string, value: string): string {
  return json.replace('{', `{"x":${value},`);
}

const rows: readonly AssertionRow[] = [
  ...texts.map(([name, why, change, expected]): AssertionRow => [
    `claims: ${name}`,
    why,
    (t) => t.assertion({ claims: change(JSON.stringify(t.claims()), t) }),
    expected,
  ]),
  ...headers.map(([name, header, expected]): AssertionRow => [
    `header: ${name}`,
    'RFC 7515 section 4: the header is a JSON object',
    (t) => t.assertion({ header }),
    expected,
  ]),
];

export const json = assertionFamily('json', rows);
