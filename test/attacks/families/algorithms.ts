/** The header names an algorithm of the forger's choice: RFC 8725 sections 2.1 and 3.1. */

import { createPublicKey, X509Certificate } from 'node:crypto';
import { malformed, granted, wrongAlgorithm, wrongSignature } from '../attack.ts';
import { assertionFamily } from '../family.ts';
import type { AssertionRow } from '../family.ts';
import {
  compact,
  constant,
  ecdsa,
  eddsa,
  encode,
  hmac,
  rs256,
  rsaPss,
  rsaWith,
} from '../forgery.ts';
import { modulusOf, toBytes } from '../raw-rsa.ts';
import type { SigningApp, Target } from '../target.ts';

const noSignature = constant('');
const rfc8725 = 'RFC 8725 section 2.1: an assertion without a signature';
const confusion = 'CVE-2015-9235: a public key taken for the secret of an HMAC';

/** Everything public that a forger could key an HMAC with. */
const publicSecrets: readonly [name: string, secret: (app: SigningApp) => string | Buffer][] = [
  ['the certificate', ({ certificatePem }) => certificatePem],
  ['the certificate without its last line break', ({ certificatePem }) => certificatePem.trim()],
  [
    'the certificate with DOS line breaks',
    ({ certificatePem }) => certificatePem.replaceAll('\n', '\r\n'),
  ],
  ['the DER of the certificate', ({ certificatePem }) => new X509Certificate(certificatePem).raw],
  [
    'the base64 of the certificate',
    ({ certificatePem }) => new X509Certificate(certificatePem).raw.toString('base64'),
  ],
  [
    'the public key, SPKI PEM',
    ({ key }) => createPublicKey(key).export({ type: 'spki', format: 'pem' }),
  ],
  [
    'the public key, SPKI PEM without its last line break',
    ({ key }) => String(createPublicKey(key).export({ type: 'spki', format: 'pem' })).trim(),
  ],
  [
    'the public key, SPKI DER',
    ({ key }) => createPublicKey(key).export({ type: 'spki', format: 'der' }),
  ],
  [
    'the public key, PKCS#1 PEM',
    ({ key }) => createPublicKey(key).export({ type: 'pkcs1', format: 'pem' }),
  ],
  [
    'the public key, PKCS#1 DER',
    ({ key }) => createPublicKey(key).export({ type: 'pkcs1', format: 'der' }),
  ],
  ['the modulus', ({ key }) => toBytes(modulusOf(key).n)],
  ['the modulus in hex', ({ key }) => modulusOf(key).n.toString(16)],
  ['the modulus in base64url', ({ key }) => toBytes(modulusOf(key).n).toString('base64url')],
  [
    'the JWK of the public key',
    ({ key }) => JSON.stringify(createPublicKey(key).export({ format: 'jwk' })),
  ],
  ['the fingerprint', ({ certificatePem }) => new X509Certificate(certificatePem).fingerprint256],
  ['the consumer key', ({ app }) => app.consumerKey],
  ['nothing', () => ''],
];

/** Signed well by the right key, under a name that is not RS256. */
const names: readonly unknown[] = [
  'rs256',
  'Rs256',
  'RS256 ',
  ' RS256',
  'RS256\0',
  'RS256\n',
  'RS\u200b256',
  'ＲＳ256',
  'RSA256',
  'SHA256withRSA',
  'RSASSA-PKCS1-v1_5',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'RSA-OAEP',
  'dir',
  '*',
  '',
  ['RS256'],
  [['RS256']],
  { RS256: true },
  { toString: 'RS256' },
  256,
  -257,
  true,
  null,
];

const rows: readonly AssertionRow[] = [
  ...['none', 'None', 'NONE', 'nOnE'].flatMap((alg): AssertionRow[] => [
    [
      `${alg}, no signature`,
      rfc8725,
      (t) => compact({ header: { alg }, claims: t.claims(), signer: noSignature }),
      malformed,
    ],
    [
      `${alg}, with the right signature`,
      rfc8725,
      (t) => t.assertion({ header: { alg } }),
      wrongAlgorithm,
    ],
    [
      `${alg}, one byte of signature`,
      rfc8725,
      (t) => compact({ header: { alg }, claims: t.claims(), signer: constant('\0') }),
      wrongAlgorithm,
    ],
  ]),
  ...publicSecrets.flatMap(([name, secret]): AssertionRow[] => [
    [
      `HS256 keyed with ${name}`,
      confusion,
      (t) => hmacForgery(t, 'HS256', 'sha256', secret(t.app)),
      wrongAlgorithm,
    ],
    [
      `RS256 in the header, an HMAC keyed with ${name} behind it`,
      confusion,
      (t) => hmacForgery(t, 'RS256', 'sha256', secret(t.app)),
      wrongSignature,
    ],
  ]),
  [
    'HS256 keyed with the consumer secret',
    'Salesforce Help: this flow knows certificates only',
    (t) => hmacForgery(t, 'HS256', 'sha256', t.app.app.consumerSecret),
    wrongAlgorithm,
  ],
  [
    'HS384 keyed with the certificate',
    confusion,
    (t) => hmacForgery(t, 'HS384', 'sha384', t.app.certificatePem),
    wrongAlgorithm,
  ],
  [
    'HS512 keyed with the certificate',
    confusion,
    (t) => hmacForgery(t, 'HS512', 'sha512', t.app.certificatePem),
    wrongAlgorithm,
  ],
  ...(
    [
      ['RS384', 'sha384'],
      ['RS512', 'sha512'],
      ['RS1', 'sha1'],
      ['RS224', 'sha224'],
    ] as const
  ).flatMap(([alg, hash]): AssertionRow[] => [
    [
      `${alg} by the right key`,
      'Salesforce Help: RS256 is the one algorithm',
      (t) => t.assertion({ header: { alg }, signer: rsaWith(hash, t.app.key) }),
      wrongAlgorithm,
    ],
    [
      `RS256 in the header, ${alg} behind it`,
      'the header lies about the hash',
      (t) => t.assertion({ signer: rsaWith(hash, t.app.key) }),
      wrongSignature,
    ],
  ]),
  ...(
    [
      ['PS256', 'sha256'],
      ['PS384', 'sha384'],
      ['PS512', 'sha512'],
    ] as const
  ).flatMap(([alg, hash]): AssertionRow[] => [
    [
      `${alg} by the right key`,
      'Salesforce Help: RS256 is the one algorithm',
      (t) => t.assertion({ header: { alg }, signer: rsaPss(hash, t.app.key) }),
      wrongAlgorithm,
    ],
    [
      `RS256 in the header, ${alg} behind it`,
      'the header lies about the padding',
      (t) => t.assertion({ signer: rsaPss(hash, t.app.key) }),
      wrongSignature,
    ],
  ]),
  [
    'ES256 by a key of the forger',
    'a verifier that lets the header choose the kind of key',
    (t) => t.assertion({ header: { alg: 'ES256' }, signer: ecdsa('sha256', t.stranger.ec) }),
    wrongAlgorithm,
  ],
  [
    'ES256, both halves zero',
    'CVE-2022-21449: psychic signatures',
    (t) => t.assertion({ header: { alg: 'ES256' }, signer: constant(Buffer.alloc(64)) }),
    wrongAlgorithm,
  ],
  [
    'RS256 in the header, both halves of an ECDSA signature zero',
    'CVE-2022-21449: psychic signatures',
    (t) => t.assertion({ signer: constant(Buffer.alloc(64)) }),
    wrongSignature,
  ],
  [
    'ES256K by a key of the forger',
    'a verifier that lets the header choose the kind of key',
    (t) =>
      t.assertion({ header: { alg: 'ES256K' }, signer: ecdsa('sha256', t.stranger.secp256k1) }),
    wrongAlgorithm,
  ],
  [
    'EdDSA by a key of the forger',
    'a verifier that lets the header choose the kind of key',
    (t) => t.assertion({ header: { alg: 'EdDSA' }, signer: eddsa(t.stranger.ed25519) }),
    wrongAlgorithm,
  ],
  ...names.map((alg): AssertionRow => [
    `alg is ${JSON.stringify(alg)}`,
    'RFC 7515 section 4.1.1: a case-sensitive string',
    (t) => t.assertion({ header: { alg } }),
    wrongAlgorithm,
  ]),
  [
    'no alg',
    'RFC 7515 section 4.1.1: alg must be present',
    (t) => t.assertion({ header: { typ: 'JWT' } }),
    wrongAlgorithm,
  ],
  [
    'Alg instead of alg',
    'RFC 7515 section 4: names are case-sensitive',
    (t) => t.assertion({ header: { Alg: 'RS256' } }),
    wrongAlgorithm,
  ],
  [
    'alg in the claims',
    'the claims have no say in it',
    (t) => t.assertion({ header: {}, change: { alg: 'RS256' } }),
    wrongAlgorithm,
  ],
  [
    'RS256, then none under the same name',
    'RFC 7515 section 4: the last of duplicate names, or a refusal',
    (t) => t.assertion({ header: '{"alg":"RS256","alg":"none"}' }),
    wrongAlgorithm,
  ],
  [
    'none, then RS256 under the same name, no signature',
    'RFC 7515 section 4: the last of duplicate names, or a refusal',
    (t) => `${encode('{"alg":"none","alg":"RS256"}')}.${encode(t.claims())}.`,
    malformed,
  ],
  [
    'none, then RS256 under the same name, well signed',
    'RFC 7515 section 4: the last of duplicate names counts, and it is right',
    (t) => t.assertion({ header: '{"alg":"none","alg":"RS256"}' }),
    granted,
  ],
  [
    'the name of RS256 in JSON escapes',
    'RFC 8259 section 8.3: the same string',
    (t) => t.assertion({ header: String.raw`{"\u0061lg":"\u0052S256"}` }),
    granted,
  ],
  [
    'RS256 by the key of the app, 3072 bits',
    'the certificate sets the size',
    (t) => signedBy(t, t.apps.rsa3072),
    granted,
  ],
  [
    'RS256 by the key of the app, 4096 bits',
    'the certificate sets the size',
    (t) => signedBy(t, t.apps.rsa4096),
    granted,
  ],
  [
    'RS256 by the key of the app, exponent 3',
    'the certificate sets the exponent',
    (t) => signedBy(t, t.apps.exponent3),
    granted,
  ],
];

function signedBy(target: Target, { app, key }: SigningApp): string {
  return target.assertion({ change: { iss: app.consumerKey }, signer: rs256(key) });
}

function hmacForgery(target: Target, alg: string, hash: string, secret: string | Buffer): string {
  return target.assertion({ header: { alg }, signer: hmac(hash, secret) });
}

export const algorithms = assertionFamily('algorithms', rows);
