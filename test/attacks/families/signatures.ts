/** The header is right, the signature is not: RFC 8017 sections 8.2.2 and 9.2. */

import { createHash, createPublicKey, publicEncrypt } from 'node:crypto';
import { constants } from 'node:crypto';
import { malformed, granted, wrongSignature } from '../attack.ts';
import type { Expected } from '../attack.ts';
import { assertionFamily } from '../family.ts';
import type { AssertionRow } from '../family.ts';
import { changed, compact, constant, encode, rs256 } from '../forgery.ts';
import type { Signer } from '../forgery.ts';
import {
  encodeBlock,
  forgeByGarbageBefore,
  forgeByGarbageBehind,
  modulusOf,
  sha256,
  sha256Prefix,
  signBlock,
  toBytes,
  toInteger,
} from '../raw-rsa.ts';
import type { Encoding } from '../raw-rsa.ts';
import type { SigningApp, Target } from '../target.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** The right signature, changed. */
const changes: readonly [name: string, why: string, change: (s: Buffer, t: Target) => Buffer][] = [
  ['cut by one byte', 'RFC 8017 8.2.2: the length of the modulus', (s) => s.subarray(0, -1)],
  ['cut in half', 'RFC 8017 8.2.2: the length of the modulus', (s) => s.subarray(0, 128)],
  ['one byte', 'RFC 8017 8.2.2: the length of the modulus', (s) => s.subarray(0, 1)],
  ['without its first byte', 'RFC 8017 8.2.2: the length of the modulus', (s) => s.subarray(1)],
  ['all zero', 'RSA maps 0 to 0', (s) => Buffer.alloc(s.length)],
  ['zero in one byte', 'RSA maps 0 to 0', () => Buffer.alloc(1)],
  ['one', 'RSA maps 1 to 1', (s) => toBytes(1n, s.length)],
  ['all ones', 'RFC 8017 5.2.2: out of range', (s) => Buffer.alloc(s.length, 0xff)],
  ['the modulus', 'RFC 8017 5.2.2: out of range', (_s, t) => toBytes(modulusOf(t.app.key).n)],
  [
    'the modulus less one',
    'RSA maps n - 1 to n - 1',
    (_s, t) => toBytes(modulusOf(t.app.key).n - 1n),
  ],
  [
    's + n',
    'RFC 8017 5.2.2: the same residue, out of range',
    (s, t) => toBytes(toInteger(s) + modulusOf(t.app.key).n),
  ],
  [
    's + 2n',
    'RFC 8017 5.2.2: the same residue, out of range',
    (s, t) => toBytes(toInteger(s) + 2n * modulusOf(t.app.key).n),
  ],
  [
    'n - s',
    'the negative of a signature',
    (s, t) => toBytes(modulusOf(t.app.key).n - toInteger(s), s.length),
  ],
  ['the first bit flipped', 'one bit is enough', (s) => flipped(s, 0, 0x80)],
  ['a bit in the middle flipped', 'one bit is enough', (s) => flipped(s, 128, 0x10)],
  ['the last bit flipped', 'one bit is enough', (s) => flipped(s, s.length - 1, 1)],
  [
    'a zero byte in front',
    'RFC 8017 8.2.2: the length',
    (s) => Buffer.concat([Buffer.alloc(1), s]),
  ],
  ['a zero byte behind', 'trailing bytes', (s) => Buffer.concat([s, Buffer.alloc(1)])],
  ['256 bytes behind', 'trailing bytes', (s) => Buffer.concat([s, Buffer.alloc(256, 0x41)])],
  ['twice', 'trailing bytes', (s) => Buffer.concat([s, s])],
  ['backwards', 'little-endian numbers', (s) => Buffer.from(s.toReversed())],
  ['in hex', 'a decoder that guesses', (s) => Buffer.from(s.toString('hex'))],
  ['in base64 once more', 'a decoder that guesses', (s) => Buffer.from(s.toString('base64'))],
  ['as a DER octet string', 'a decoder that guesses', (s) => Buffer.concat([hex('04820100'), s])],
  [
    'encrypted for the public key',
    'sign and verify confused with encrypt',
    (s, t) =>
      publicEncrypt(
        { key: createPublicKey(t.app.key), padding: constants.RSA_PKCS1_PADDING },
        sha256(s),
      ),
  ],
];

/** Faulty encodings under a true RSA operation, as a forger of RSA would aim for. */
const encodings: readonly [
  name: string,
  why: string,
  encoding: (hash: Buffer) => Encoding,
  expected?: Expected,
][] = [
  ['the right one', 'the forger’s own tools are right', (hash) => ({ hash }), granted],
  ['block type 2', 'RFC 8017 7.2.1: encryption', (hash) => ({ hash, start: hex('0002') })],
  ['block type 0', 'RFC 2313: the oldest type', (hash) => ({ hash, start: hex('0000') })],
  ['filled with zeros', 'padding is not looked at', (hash) => ({ hash, fill: 0 })],
  ['filled with fe', 'padding is not looked at', (hash) => ({ hash, fill: 0xfe })],
  [
    'eight bytes of padding, garbage behind the hash',
    'CVE-2006-4339 (Bleichenbacher): garbage is not looked at',
    (hash) => ({ hash, fillBytes: 8 }),
  ],
  [
    'no padding at all, garbage behind the hash',
    'CVE-2006-4339: garbage is not looked at',
    (hash) => ({ hash, fillBytes: 0 }),
  ],
  [
    'one byte of garbage behind the hash',
    'CVE-2006-4339: garbage is not looked at',
    (hash) => ({ hash, trailer: hex('5a') }),
  ],
  ['no separator', 'RFC 8017 9.2', (hash) => ({ hash, separator: Buffer.alloc(0) })],
  ['ff as separator', 'RFC 8017 9.2', (hash) => ({ hash, separator: hex('ff') })],
  ['two separators', 'RFC 8017 9.2', (hash) => ({ hash, separator: hex('0000') })],
  ['the hash alone', 'RFC 8017 9.2: the algorithm', (hash) => ({ hash, prefix: Buffer.alloc(0) })],
  [
    'no NULL parameters',
    'RFC 8017 appendix A.2.4: NULL is to be there',
    (hash) => ({ hash, prefix: hex('302f 300b 0609608648016503040201 0420') }),
  ],
  [
    'garbage in the parameters',
    'CVE-2014-1568 (BERserk): parameters are skipped',
    (hash) => ({
      hash,
      prefix: hex('3039 3015 0609608648016503040201 0408 4141414141414141 0420'),
    }),
  ],
  [
    'lengths in their long form',
    'CVE-2014-1568 (BERserk): BER for DER',
    (hash) => ({ hash, prefix: hex('308131 300d 0609608648016503040201 0500 0420') }),
  ],
  [
    'a length of 64 bits',
    'CVE-2014-1568 (BERserk): a length that overflows',
    (hash) => ({
      hash,
      prefix: hex('3088000000000000003b 300d 0609608648016503040201 0500 0420'),
    }),
  ],
  [
    'an indefinite length',
    'BER for DER',
    (hash) => ({
      hash,
      prefix: hex('3080 300d 0609608648016503040201 0500 0420'),
      trailer: hex('0000'),
    }),
  ],
  [
    'the name of SHA-1 before a hash of SHA-256',
    'algorithm and hash differ',
    (hash) => ({ hash, prefix: hex('302d 3009 06052b0e03021a 0500 0420') }),
  ],
  [
    'SHA-512, the name and the hash',
    'the hash of another algorithm',
    (hash) => ({
      hash: createHash('sha512').update(hash).digest(),
      prefix: hex('3051 300d 0609608648016503040203 0500 0440'),
    }),
  ],
  [
    'half the hash',
    'a comparison that ends early',
    (hash) => ({
      hash: hash.subarray(0, 16),
      prefix: hex('3021 300d 0609608648016503040201 0500 0410'),
    }),
  ],
  [
    'an empty hash',
    'a comparison that ends early',
    () => ({ hash: Buffer.alloc(0), prefix: hex('3011 300d 0609608648016503040201 0500 0400') }),
  ],
  ['a hash of zeros', 'a hash that was never set', () => ({ hash: Buffer.alloc(32) })],
  [
    'the hash and a byte more',
    'a comparison that ends early',
    (hash) => ({
      hash: Buffer.concat([hash, hex('00')]),
      prefix: hex('3032 300d 0609608648016503040201 0500 0421'),
    }),
  ],
  ['the hash hashed again', 'a digest taken for the message', (hash) => ({ hash: sha256(hash) })],
];

const rows: readonly AssertionRow[] = [
  [
    'empty',
    'RFC 7515 appendix A.5: unsecured',
    (t) => t.assertion({ signer: constant('') }),
    malformed,
  ],
  ...changes.map(([name, why, change]): AssertionRow => [
    name,
    why,
    (t) => t.assertion({ signer: changed(rs256(t.app.key), (s) => change(s, t)) }),
    wrongSignature,
  ]),
  [
    'without its leading zero',
    'RFC 8017 8.2.2: the length of the modulus',
    (t) => withLeadingZero(t),
    wrongSignature,
  ],
  [
    'by a key that no app has',
    'the key is that of the certificate',
    (t) => t.assertion({ signer: rs256(t.stranger.rsa) }),
    wrongSignature,
  ],
  ...(['rsa3072', 'rsa4096', 'exponent3'] as const).flatMap((name): AssertionRow[] => [
    [
      `by the key of the app ${name}, for the app with 2048 bits`,
      'a key of this org, but of another app',
      (t) => t.assertion({ signer: rs256(t.apps[name].key) }),
      wrongSignature,
    ],
    [
      `by the key of the app with 2048 bits, for the app ${name}`,
      'a key of this org, but of another app',
      (t) => t.assertion({ change: { iss: t.apps[name].app.consumerKey } }),
      wrongSignature,
    ],
    [
      `s + n for the app ${name}`,
      'RFC 8017 5.2.2: the same residue, out of range',
      (t) =>
        forApp(
          t,
          t.apps[name],
          changed(rs256(t.apps[name].key), (s) =>
            toBytes(toInteger(s) + modulusOf(t.apps[name].key).n),
          ),
        ),
      wrongSignature,
    ],
    [
      `all zero for the app ${name}`,
      'RSA maps 0 to 0',
      (t) =>
        forApp(
          t,
          t.apps[name],
          changed(rs256(t.apps[name].key), (s) => Buffer.alloc(s.length)),
        ),
      wrongSignature,
    ],
  ]),
  [
    'of another assertion of the same app',
    'signatures moved from one message to another',
    (t) => {
      const [header, claims] = t.assertion().split('.');
      return `${header}.${claims}.${t.assertion().split('.')[2]}`;
    },
    wrongSignature,
  ],
  [
    'over other claims: the user was changed',
    'the claims are what is signed',
    (t) => {
      const [header, , signature] = t.assertion().split('.');
      return `${header}.${encode(t.claims({ sub: 'admin@local-org.example' }))}.${signature}`;
    },
    wrongSignature,
  ],
  [
    'over another header: one blank was added',
    'RFC 7515 section 5.1: the header is signed as it is sent',
    (t) => {
      const [, claims, signature] = t.assertion().split('.');
      return `${encode('{"alg": "RS256"}')}.${claims}.${signature}`;
    },
    wrongSignature,
  ],
  ...(
    [
      ['the claims alone', (input: string) => input.slice(input.indexOf('.') + 1)],
      ['the header alone', (input: string) => input.slice(0, input.indexOf('.'))],
      ['both without the dot', (input: string) => input.replace('.', '')],
      [
        'the decoded JSON',
        (input: string) =>
          input
            .split('.')
            .map((part) => Buffer.from(part, 'base64url'))
            .join('.'),
      ],
      ['both and a dot behind', (input: string) => `${input}.`],
      ['nothing', () => ''],
    ] as const
  ).map(([name, message]): AssertionRow => [
    `over ${name}`,
    'RFC 7515 section 5.1: the signing input',
    (t) => t.assertion({ signer: (input) => rs256(t.app.key)(message(input)) }),
    wrongSignature,
  ]),
  ...(['2048 bits', 'exponent 3'] as const).flatMap((size) =>
    encodings.map(([name, why, encoding, expected = wrongSignature]): AssertionRow => [
      `encoding, ${size}: ${name}`,
      why,
      (t) => {
        const signingApp = size === '2048 bits' ? t.app : t.apps.exponent3;
        const { bytes } = modulusOf(signingApp.key);
        return forApp(t, signingApp, (input) =>
          signBlock(signingApp.key, encodeBlock(bytes, encoding(sha256(input)))),
        );
      },
      expected,
    ]),
  ),
  [
    'exponent 3, forged without the key: garbage behind the hash',
    'CVE-2006-4339 (Bleichenbacher)',
    (t) => forApp(t, t.apps.exponent3, (input) => forgeByGarbageBehind(256, sha256(input))),
    wrongSignature,
  ],
  [
    'exponent 3, forged without the key: garbage behind a hash without parameters',
    'CVE-2006-4339 (Bleichenbacher)',
    (t) =>
      forApp(t, t.apps.exponent3, (input) =>
        forgeByGarbageBehind(256, sha256(input), hex('302f 300b 0609608648016503040201 0420')),
      ),
    wrongSignature,
  ],
  [
    'exponent 3, forged without the key: garbage in the padding',
    'CVE-2016-1494: a padding that is not compared byte by byte',
    (t) => {
      for (;;) {
        const text = forApp(t, t.apps.exponent3, (input) => {
          const hash = sha256(input);
          return (hash.at(-1) ?? 0) % 2 === 1 ? forgeByGarbageBefore(256, hash) : Buffer.alloc(0);
        });
        if (!text.endsWith('.')) return text;
      }
    },
    wrongSignature,
  ],
  [
    'exponent 3, the cube root of a short block',
    'no reduction modulo n takes place',
    (t) =>
      forApp(t, t.apps.exponent3, (input) =>
        forgeByGarbageBehind(256, sha256(input), sha256Prefix).subarray(-80),
      ),
    wrongSignature,
  ],
];

function forApp(target: Target, { app }: SigningApp, signer: Signer): string {
  return compact({ claims: target.claims({ iss: app.consumerKey }), signer });
}

/** One signature in 256 begins with a zero; verifiers that strip it take 255 bytes for 256. */
function withLeadingZero(target: Target): string {
  for (;;) {
    const text = target.assertion();
    const signature = Buffer.from(text.split('.')[2] ?? '', 'base64url');
    if (signature[0] === 0) {
      return text.replace(/[^.]*$/, signature.subarray(1).toString('base64url'));
    }
  }
}

function flipped(bytes: Buffer, at: number, mask: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ mask;
  return copy;
}

export const signatures = assertionFamily('signatures', rows);
