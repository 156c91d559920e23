/** The check of the access token: RFC 6750, on every endpoint that asks for one. */

import { createPublicKey } from 'node:crypto';
import {
  badToken,
  inactiveToken,
  invalidToken,
  missingToken,
  noSession,
  status,
  tooLarge,
  unknownClient,
  wrongSecret,
} from '../attack.ts';
import type { Expected } from '../attack.ts';
import { httpRequest } from '../connection.ts';
import { requestFamily } from '../family.ts';
import type { RequestRow } from '../family.ts';
import { compact, constant, encode, hmac, rs256 } from '../forgery.ts';
import { users } from '../target.ts';
import type { Target } from '../target.ts';

const grammar = 'RFC 6750 section 2.1: one scheme, one blank, one token';
const whole = 'a token is compared whole, to the letter';
const dead = 'a token that is over';
const injection = 'text that a careless query would run';
const forged = 'RFC 8725 section 2.1: a JWT that nobody here signed';
const query = 'RFC 6750 section 2.3: a token in the URL ends up in logs';

/** `none`: the header holds no token at all; `bad`: it holds one that is not alive. */
type Verdict = 'none' | 'bad' | 'good';

interface Endpoint {
  name: string;
  path: (t: Target) => string;
  answers: Record<Verdict, Expected>;
}

const good = status(200);

const endpoints: readonly Endpoint[] = [
  {
    name: 'REST',
    path: () => '/services/data/v67.0/query?q=SELECT+Id+FROM+Account',
    answers: { none: noSession, bad: noSession, good },
  },
  {
    name: 'userinfo',
    path: () => '/services/oauth2/userinfo',
    answers: { none: badToken, bad: badToken, good },
  },
  {
    name: 'identity',
    path: ({ org }) => `/id/${org.organization.id}/${org.users.get(users.holder).id}`,
    answers: { none: missingToken, bad: badToken, good },
  },
];

/** What stands in the Authorization header. */
const credentials: readonly [
  name: string,
  why: string,
  authorization: (t: Target) => string | readonly string[] | undefined,
  verdict: Verdict,
][] = [
  ['none', grammar, () => undefined, 'none'],
  ['empty', grammar, () => '', 'none'],
  ['a blank', grammar, () => ' ', 'none'],
  ['the scheme alone', grammar, () => 'Bearer', 'none'],
  ['the scheme and a blank', grammar, () => 'Bearer ', 'none'],
  ['the token alone', grammar, ({ tokens }) => tokens.live, 'none'],
  ['no blank', grammar, ({ tokens }) => `Bearer${tokens.live}`, 'none'],
  ['a tab for the blank', grammar, ({ tokens }) => `Bearer\t${tokens.live}`, 'none'],
  ['a colon behind the scheme', grammar, ({ tokens }) => `Bearer: ${tokens.live}`, 'none'],
  ['an equals sign behind the scheme', grammar, ({ tokens }) => `Bearer=${tokens.live}`, 'none'],
  ['scheme Basic', grammar, ({ tokens }) => `Basic ${tokens.live}`, 'none'],
  [
    'scheme Basic, in base64',
    grammar,
    ({ tokens }) => `Basic ${Buffer.from(`user:${tokens.live}`).toString('base64')}`,
    'none',
  ],
  ['scheme Token', grammar, ({ tokens }) => `Token ${tokens.live}`, 'none'],
  [
    'scheme DPoP',
    'RFC 9449: a proof would have to be with it',
    ({ tokens }) => `DPoP ${tokens.live}`,
    'none',
  ],
  ['scheme MAC', grammar, ({ tokens }) => `MAC ${tokens.live}`, 'none'],
  ['scheme SID', grammar, ({ tokens }) => `SID ${tokens.live}`, 'none'],
  ['scheme BearerX', grammar, ({ tokens }) => `BearerX ${tokens.live}`, 'none'],
  [
    'scheme Веarer with a Cyrillic letter',
    grammar,
    ({ tokens }) => Buffer.from(`\u0412earer ${tokens.live}`).toString('latin1'),
    'none',
  ],
  ['the scheme twice', grammar, ({ tokens }) => `Bearer Bearer ${tokens.live}`, 'none'],
  ['two tokens', grammar, ({ tokens }) => `Bearer ${tokens.expired} ${tokens.live}`, 'none'],
  [
    'two headers, the dead token first',
    grammar,
    ({ tokens }) => [`Bearer ${tokens.expired}`, `Bearer ${tokens.live}`],
    'none',
  ],
  [
    'two headers, the live token first',
    grammar,
    ({ tokens }) => [`Bearer ${tokens.live}`, `Bearer ${tokens.expired}`],
    'none',
  ],
  [
    'two headers, Basic first',
    grammar,
    ({ tokens }) => ['Basic Og==', `Bearer ${tokens.live}`],
    'none',
  ],
  ['a list of schemes', grammar, ({ tokens }) => `Basic Og==, Bearer ${tokens.live}`, 'none'],
  ['a parameter behind', grammar, ({ tokens }) => `Bearer ${tokens.live}, realm="x"`, 'none'],
  ['in double quotes', grammar, ({ tokens }) => `Bearer "${tokens.live}"`, 'bad'],
  ['in single quotes', grammar, ({ tokens }) => `Bearer '${tokens.live}'`, 'bad'],
  ['in angle brackets', grammar, ({ tokens }) => `Bearer <${tokens.live}>`, 'bad'],
  ['a comma behind', grammar, ({ tokens }) => `Bearer ${tokens.live},`, 'bad'],
  ['percent-encoded', whole, ({ tokens }) => `Bearer ${tokens.live.replace('!', '%21')}`, 'bad'],
  ['in base64', whole, ({ tokens }) => `Bearer ${encode(tokens.live)}`, 'bad'],
  ['access_token= in front', whole, ({ tokens }) => `Bearer access_token=${tokens.live}`, 'bad'],
  ['null', whole, () => 'Bearer null', 'bad'],
  ['undefined', whole, () => 'Bearer undefined', 'bad'],
  ['__proto__', whole, () => 'Bearer __proto__', 'bad'],
  ['one letter', whole, () => 'Bearer x', 'bad'],
  ['15,000 letters', 'work in step with the size', () => `Bearer ${'x'.repeat(15_000)}`, 'bad'],
  ['15,000 blanks', 'a pattern that backtracks', () => `Bearer ${' '.repeat(15_000)}x y`, 'none'],
  ['15,000 dots', 'a pattern that backtracks', () => `Bearer ${'.'.repeat(15_000)}`, 'bad'],
  ['bytes beyond ASCII', whole, () => 'Bearer \u00ff\u00fe\u00fd', 'bad'],
  ['the org’s prefix alone', whole, ({ tokens }) => `Bearer ${tokens.live.split('!')[0]}!`, 'bad'],
  ['the org’s id alone', whole, ({ org }) => `Bearer ${org.organization.id}`, 'bad'],
  [
    'the prefix with 18 characters',
    whole,
    ({ org, tokens }) => `Bearer ${org.organization.id}!${tokens.live.split('!')[1]}`,
    'bad',
  ],
  ['without its prefix', whole, ({ tokens }) => `Bearer ${tokens.live.split('!')[1]}`, 'bad'],
  [
    'the prefix of another org',
    whole,
    ({ tokens }) => `Bearer 00D000000000001!${tokens.live.split('!')[1]}`,
    'bad',
  ],
  [
    'two exclamation marks',
    whole,
    ({ tokens }) => `Bearer ${tokens.live.replace('!', '!!')}`,
    'bad',
  ],
  [
    'without its last character',
    whole,
    ({ tokens }) => `Bearer ${tokens.live.slice(0, -1)}`,
    'bad',
  ],
  ['without its proof', whole, ({ tokens }) => `Bearer ${tokens.live.slice(0, 31)}`, 'bad'],
  ['a character more', whole, ({ tokens }) => `Bearer ${tokens.live}A`, 'bad'],
  ['twice in a row', whole, ({ tokens }) => `Bearer ${tokens.live}${tokens.live}`, 'bad'],
  ['a semicolon and more behind', whole, ({ tokens }) => `Bearer ${tokens.live};x=1`, 'bad'],
  [
    'the last character changed',
    whole,
    ({ tokens }) => `Bearer ${changedAt(tokens.live, -1)}`,
    'bad',
  ],
  [
    'the first character of the proof changed',
    whole,
    ({ tokens }) => `Bearer ${changedAt(tokens.live, 31)}`,
    'bad',
  ],
  [
    'a character of the session changed',
    whole,
    ({ tokens }) => `Bearer ${changedAt(tokens.live, 30)}`,
    'bad',
  ],
  [
    'a character of the org changed',
    whole,
    ({ tokens }) => `Bearer ${changedAt(tokens.live, 14)}`,
    'bad',
  ],
  ['in capitals', whole, ({ tokens }) => `Bearer ${tokens.live.toUpperCase()}`, 'bad'],
  ['in small letters', whole, ({ tokens }) => `Bearer ${tokens.live.toLowerCase()}`, 'bad'],
  ['case swapped', whole, ({ tokens }) => `Bearer ${swapCase(tokens.live)}`, 'bad'],
  [
    'dashes for its dots',
    'two spellings of one proof',
    ({ tokens }) => `Bearer ${tokens.live.replace('.', '-')}-`,
    'bad',
  ],
  [
    'the session of one token, the proof of another',
    whole,
    ({ tokens }) => `Bearer ${tokens.live.slice(0, 31)}${tokens.otherApp.slice(31)}`,
    'bad',
  ],
  [
    'a session that is not there yet, the proof of another',
    whole,
    ({ tokens }) => `Bearer ${tokens.live.slice(0, 16)}0AkLOCAL0000zzz${tokens.live.slice(31)}`,
    'bad',
  ],
  [
    'a proof of zeros',
    whole,
    ({ tokens }) => `Bearer ${tokens.live.slice(0, 31)}${'A'.repeat(43)}`,
    'bad',
  ],
  ['expired', dead, ({ tokens }) => `Bearer ${tokens.expired}`, 'bad'],
  ['revoked', dead, ({ tokens }) => `Bearer ${tokens.revoked}`, 'bad'],
  [
    'of another org',
    'a token is good in its org alone',
    ({ tokens }) => `Bearer ${tokens.foreign}`,
    'bad',
  ],
  ['of a user who was deactivated', dead, ({ tokens }) => `Bearer ${tokens.inactiveUser}`, 'bad'],
  ['SQL that is always true', injection, () => `Bearer '/**/OR/**/'1'='1`, 'bad'],
  [
    'SQL behind the prefix',
    injection,
    ({ tokens }) => `Bearer ${tokens.live.slice(0, 16)}'/**/OR/**/1=1--`,
    'bad',
  ],
  ['SQL behind the token', injection, ({ tokens }) => `Bearer ${tokens.live}'--`, 'bad'],
  [
    'a wildcard behind the prefix',
    injection,
    ({ tokens }) => `Bearer ${tokens.live.slice(0, 16)}%`,
    'bad',
  ],
  [
    'underscores for the session',
    injection,
    ({ tokens }) => `Bearer ${tokens.live.slice(0, 16)}${'_'.repeat(15)}${tokens.live.slice(31)}`,
    'bad',
  ],
  ['a template', injection, () => 'Bearer ${jndi:ldap://127.0.0.1/a}', 'bad'],
  ['a path', injection, () => 'Bearer ../../../../etc/passwd', 'bad'],
  [
    'the consumer secret',
    'a secret of another kind',
    ({ app }) => `Bearer ${app.app.consumerSecret}`,
    'bad',
  ],
  [
    'the consumer key',
    'a name of another kind',
    ({ app }) => `Bearer ${app.app.consumerKey}`,
    'bad',
  ],
  [
    'the secret of the org',
    'a secret of another kind',
    ({ org }) => `Bearer ${org.organization.secret}`,
    'bad',
  ],
  [
    'the good assertion',
    'RFC 8725 section 3.12: one kind of JWT for another',
    (t) => `Bearer ${t.assertion()}`,
    'bad',
  ],
  [
    'a JWT, alg none',
    forged,
    (t) =>
      `Bearer ${compact({ header: { ...jwtHeader(t), alg: 'none' }, claims: tokenClaims(t), signer: constant('') })}`,
    'bad',
  ],
  [
    'a JWT, alg none, and a signature',
    forged,
    (t) =>
      `Bearer ${compact({ header: { ...jwtHeader(t), alg: 'none' }, claims: tokenClaims(t), signer: constant('x') })}`,
    'bad',
  ],
  [
    'a JWT, HS256 keyed with the published key',
    forged,
    (t) =>
      `Bearer ${compact({ header: { ...jwtHeader(t), alg: 'HS256' }, claims: tokenClaims(t), signer: hmac('sha256', createPublicKey(t.app.key).export({ type: 'spki', format: 'pem' })) })}`,
    'bad',
  ],
  [
    'a JWT, HS256 keyed with the secret of the org',
    forged,
    (t) =>
      `Bearer ${compact({ header: { ...jwtHeader(t), alg: 'HS256' }, claims: tokenClaims(t), signer: hmac('sha256', t.org.organization.secret) })}`,
    'bad',
  ],
  [
    'a JWT, signed by the key of the app',
    forged,
    (t) =>
      `Bearer ${compact({ header: jwtHeader(t), claims: tokenClaims(t), signer: rs256(t.app.key) })}`,
    'bad',
  ],
  [
    'a JWT, signed by a stranger',
    forged,
    (t) =>
      `Bearer ${compact({ header: jwtHeader(t), claims: tokenClaims(t), signer: rs256(t.stranger.rsa) })}`,
    'bad',
  ],
  [
    'a JWT with a key of its own',
    forged,
    (t) =>
      `Bearer ${compact({ header: { ...jwtHeader(t), jwk: createPublicKey(t.stranger.rsa).export({ format: 'jwk' }) }, claims: tokenClaims(t), signer: rs256(t.stranger.rsa) })}`,
    'bad',
  ],
  [
    'a JWT with a jku to a trap',
    forged,
    (t) =>
      `Bearer ${compact({ header: { ...jwtHeader(t), jku: t.trap.url }, claims: tokenClaims(t), signer: rs256(t.stranger.rsa) })}`,
    'bad',
  ],
  [
    'a JWT with SQL as kid',
    forged,
    (t) =>
      `Bearer ${compact({ header: { ...jwtHeader(t), kid: `' OR '1'='1` }, claims: tokenClaims(t), signer: rs256(t.stranger.rsa) })}`,
    'bad',
  ],
  [
    'a JWT with a list as kid',
    forged,
    (t) =>
      `Bearer ${compact({ header: { ...jwtHeader(t), kid: [1] }, claims: tokenClaims(t), signer: rs256(t.stranger.rsa) })}`,
    'bad',
  ],
  [
    'a JWT with a kid that is not there',
    forged,
    (t) =>
      `Bearer ${compact({ header: { ...jwtHeader(t), kid: 'x' }, claims: tokenClaims(t), signer: rs256(t.stranger.rsa) })}`,
    'bad',
  ],
  [
    'a JWT, its claims changed',
    forged,
    ({ tokens }) =>
      `Bearer ${tokens.jwt.replace(/\.(.*)\./, (_, claims: string) => `.${encode({ ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object), sub: 'uid:x' })}.`)}`,
    'bad',
  ],
  ['a JWT, its signature cut', forged, ({ tokens }) => `Bearer ${tokens.jwt.slice(0, -4)}`, 'bad'],
  [
    'a JWT, its signature gone',
    forged,
    ({ tokens }) => `Bearer ${tokens.jwt.replace(/[^.]*$/, '')}`,
    'bad',
  ],
  [
    'a JWT, its signature all zero',
    forged,
    ({ tokens }) => `Bearer ${tokens.jwt.replace(/[^.]*$/, encode(Buffer.alloc(256)))}`,
    'bad',
  ],
  [
    'a JWT, a bit of its signature flipped',
    forged,
    ({ tokens }) => `Bearer ${changedAt(tokens.jwt, -20)}`,
    'bad',
  ],
  [
    'a JWT, bits behind its last byte',
    'RFC 4648 section 3.5: two spellings of one token',
    ({ tokens }) => `Bearer ${withPadBit(tokens.jwt)}`,
    'bad',
  ],
  [
    'a JWT, padded',
    'RFC 7515 section 2: two spellings of one token',
    ({ tokens }) => `Bearer ${tokens.jwt}==`,
    'bad',
  ],
  ['a JWT, four parts', forged, ({ tokens }) => `Bearer ${tokens.jwt}.x`, 'bad'],
  [
    'a JWT, its header of nothing',
    forged,
    ({ tokens }) => `Bearer ${tokens.jwt.replace(/^[^.]*/, encode('{}'))}`,
    'bad',
  ],
  [
    'a JWT, its header null',
    forged,
    ({ tokens }) => `Bearer ${tokens.jwt.replace(/^[^.]*/, encode('null'))}`,
    'bad',
  ],
  [
    'a JWT, its header no JSON',
    forged,
    ({ tokens }) => `Bearer ${tokens.jwt.replace(/^[^.]*/, 'AAAA')}`,
    'bad',
  ],
  [
    'a JWT, its header nested 5,000 deep',
    'a parser that recurses',
    ({ tokens }) =>
      `Bearer ${tokens.jwt.replace(/^[^.]*/, encode('['.repeat(5000) + ']'.repeat(5000)))}`,
    'bad',
  ],
  ['three empty parts', forged, () => 'Bearer ..', 'bad'],
  ['alive', 'the forger’s own tools are right', ({ tokens }) => `Bearer ${tokens.live}`, 'good'],
  [
    'alive, a JWT',
    'the forger’s own tools are right',
    ({ tokens }) => `Bearer ${tokens.jwt}`,
    'good',
  ],
  [
    'alive, the scheme in capitals',
    'RFC 9110 section 11.1: schemes have no case',
    ({ tokens }) => `BEARER ${tokens.live}`,
    'good',
  ],
  [
    'alive, scheme OAuth',
    'Salesforce takes its older scheme',
    ({ tokens }) => `OAuth ${tokens.live}`,
    'good',
  ],
  [
    'alive, three blanks',
    'RFC 6750 section 2.1: one blank or more',
    ({ tokens }) => `Bearer   ${tokens.live}`,
    'good',
  ],
];

const elsewhere: readonly RequestRow[] = [
  ...['access_token', 'oauth_token', 'token', 'sid', 'sessionId'].map((name): RequestRow => [
    `REST: the token as ${name} in the query`,
    query,
    ({ tokens }) =>
      httpRequest({
        method: 'GET',
        path: `/services/data/v67.0?${name}=${encodeURIComponent(tokens.live)}`,
      }),
    noSession,
  ]),
  ...[
    'cookie',
    'x-access-token',
    'x-sfdc-session',
    'proxy-authorization',
    'x-authorization',
    'sforce-auto-assign',
  ].map((name): RequestRow => [
    `REST: the token in the header ${name}`,
    grammar,
    ({ tokens }) =>
      httpRequest({
        method: 'GET',
        path: '/services/data/v67.0',
        headers: { [name]: `sid=${tokens.live}` },
      }),
    noSession,
  ]),
  [
    'REST: the token in a form',
    'RFC 6750 section 2.2: Salesforce’s REST API reads the header alone',
    ({ tokens }) =>
      httpRequest({
        path: '/services/data/v67.0',
        body: `access_token=${encodeURIComponent(tokens.live)}`,
      }),
    noSession,
  ],
  [
    'userinfo: the token in the query',
    query,
    ({ tokens }) =>
      httpRequest({
        method: 'GET',
        path: `/services/oauth2/userinfo?access_token=${encodeURIComponent(tokens.live)}`,
      }),
    badToken,
  ],
  [
    'userinfo: a dead token in a form',
    'RFC 6750 section 2.2: a form may hold the token',
    ({ tokens }) =>
      httpRequest({
        path: '/services/oauth2/userinfo',
        body: `access_token=${encodeURIComponent(tokens.expired)}`,
      }),
    badToken,
  ],
  [
    'userinfo: a form of 1 MB',
    'a body without bounds',
    () => httpRequest({ path: '/services/oauth2/userinfo', body: 'a'.repeat(1_000_000) }),
    badToken,
  ],
  [
    'identity: a dead token in the query',
    'Salesforce takes oauth_token there',
    ({ org, tokens }) =>
      httpRequest({
        method: 'GET',
        path: `/id/${org.organization.id}/${org.administrator.id}?oauth_token=${encodeURIComponent(tokens.expired)}`,
      }),
    badToken,
  ],
  [
    'identity: a dead token in the header, the live one in the query',
    'the header decides',
    ({ org, tokens }) =>
      httpRequest({
        method: 'GET',
        path: `/id/${org.organization.id}/${org.administrator.id}?oauth_token=${encodeURIComponent(tokens.live)}`,
        headers: { authorization: `Bearer ${tokens.expired}` },
      }),
    badToken,
  ],
  ...(
    [
      [
        'another org',
        (t: Target) => `/id/00D000000000001AAA/${t.org.administrator.id}`,
        'Wrong_Org',
      ],
      ['an org of SQL', (t: Target) => `/id/00D'--/${t.org.administrator.id}`, 'Wrong_Org'],
      [
        'a user who is not there',
        (t: Target) => `/id/${t.org.organization.id}/005000000000001AAA`,
        'Bad_Id',
      ],
      [
        'a user of SQL',
        (t: Target) => `/id/${t.org.organization.id}/%27%20OR%20%271%27=%271`,
        'Bad_Id',
      ],
      [
        'a user of 10,000 characters',
        (t: Target) => `/id/${t.org.organization.id}/${'5'.repeat(10_000)}`,
        'Bad_Id',
      ],
      ['a user of one null byte', (t: Target) => `/id/${t.org.organization.id}/%00`, 'Bad_Id'],
      ['a path upwards', (t: Target) => `/id/${t.org.organization.id}/..%2f..%2fetc`, 'Bad_Id'],
      [
        'an id of another object',
        (t: Target) => `/id/${t.org.organization.id}/${t.app.app.id}`,
        'Bad_Id',
      ],
    ] as const
  ).map(([name, path, word]): RequestRow => [
    `identity: ${name}`,
    'an address that is not the owner’s',
    (t) =>
      httpRequest({
        method: 'GET',
        path: path(t),
        headers: { authorization: `Bearer ${t.tokens.live}` },
      }),
    { status: 403, body: word },
  ]),
];

const basic = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

const form = (fields: Readonly<Record<string, string>>): string =>
  new URLSearchParams(fields).toString();

/** Introspection with the credentials of the app, of a token that is not for its eyes. */
const introspected = (
  name: string,
  why: string,
  token: (t: Target) => string,
  expected: Expected = inactiveToken,
): RequestRow => [
  `introspect: ${name}`,
  why,
  (t) =>
    httpRequest({
      path: '/services/oauth2/introspect',
      body: form({
        token: token(t),
        client_id: t.app.app.consumerKey,
        client_secret: t.app.app.consumerSecret,
      }),
    }),
  expected,
];

/** Introspection of a live token, with credentials that are not right. */
const asked = (
  name: string,
  why: string,
  credentialsOf: (t: Target) => Readonly<Record<string, string>>,
  expected: Expected,
  authorization?: (t: Target) => string,
): RequestRow => [
  `introspect: ${name}`,
  why,
  (t) =>
    httpRequest({
      path: '/services/oauth2/introspect',
      headers: { authorization: authorization?.(t) },
      body: form({ token: t.tokens.live, ...credentialsOf(t) }),
    }),
  expected,
];

const clientAuthentication = 'RFC 7662 section 2.1: whoever asks proves who it is';
const ownTokens = 'RFC 7662 section 4: an app sees its own tokens';
const nothing = (): Record<string, string> => ({});

const introspection: readonly RequestRow[] = [
  introspected('no token', clientAuthentication, () => ''),
  introspected('garbage', whole, () => 'x'),
  introspected('an expired token', dead, ({ tokens }) => tokens.expired),
  introspected('a revoked token', dead, ({ tokens }) => tokens.revoked),
  introspected('a token of another org', ownTokens, ({ tokens }) => tokens.foreign),
  introspected('a token of another app', ownTokens, ({ tokens }) => tokens.otherApp),
  introspected('a JWT of another app', ownTokens, ({ tokens }) => tokens.jwt),
  introspected('a token of a deactivated user', dead, ({ tokens }) => tokens.inactiveUser),
  introspected('a token without its last character', whole, ({ tokens }) =>
    tokens.live.slice(0, -1),
  ),
  introspected('a token in capitals', whole, ({ tokens }) => tokens.live.toUpperCase()),
  introspected('a blank behind the token', whole, ({ tokens }) => `${tokens.live} `),
  introspected('Bearer in front of the token', whole, ({ tokens }) => `Bearer ${tokens.live}`),
  introspected('SQL', injection, () => `' OR '1'='1`),
  introspected('the good assertion', forged, (t) => t.assertion()),
  introspected('a token of 60,000 characters', 'work in step with the size', () =>
    'x'.repeat(60_000),
  ),
  introspected('a token of 1 MB', 'a body without bounds', () => 'x'.repeat(1_000_000), tooLarge),
  introspected(
    'a live token of its own',
    'the forger’s own tools are right',
    ({ tokens }) => tokens.live,
    status(200),
  ),
  asked('no credentials', clientAuthentication, nothing, unknownClient),
  asked(
    'no secret',
    clientAuthentication,
    ({ app }) => ({ client_id: app.app.consumerKey }),
    wrongSecret,
  ),
  asked(
    'an empty secret',
    clientAuthentication,
    ({ app }) => ({ client_id: app.app.consumerKey, client_secret: '' }),
    wrongSecret,
  ),
  asked(
    'a secret without its last character',
    clientAuthentication,
    ({ app }) => ({
      client_id: app.app.consumerKey,
      client_secret: app.app.consumerSecret.slice(0, -1),
    }),
    wrongSecret,
  ),
  asked(
    'a secret in small letters',
    clientAuthentication,
    ({ app }) => ({
      client_id: app.app.consumerKey,
      client_secret: app.app.consumerSecret.toLowerCase(),
    }),
    wrongSecret,
  ),
  asked(
    'a secret with a null byte behind',
    clientAuthentication,
    ({ app }) => ({ client_id: app.app.consumerKey, client_secret: `${app.app.consumerSecret}\0` }),
    wrongSecret,
  ),
  asked(
    'the secret of another app',
    clientAuthentication,
    ({ app, apps }) => ({
      client_id: app.app.consumerKey,
      client_secret: apps.rsa3072.app.consumerSecret,
    }),
    wrongSecret,
  ),
  asked(
    'SQL as secret',
    injection,
    ({ app }) => ({ client_id: app.app.consumerKey, client_secret: `' OR '1'='1` }),
    wrongSecret,
  ),
  asked(
    'SQL as consumer key',
    injection,
    () => ({ client_id: `' OR '1'='1`, client_secret: 'x' }),
    unknownClient,
  ),
  asked(
    'a wildcard as consumer key',
    injection,
    () => ({ client_id: '%', client_secret: 'x' }),
    unknownClient,
  ),
  asked(
    'the access token as bearer',
    clientAuthentication,
    nothing,
    unknownClient,
    ({ tokens }) => `Bearer ${tokens.live}`,
  ),
  asked(
    'Basic without a colon',
    clientAuthentication,
    nothing,
    wrongSecret,
    ({ app }) => `Basic ${Buffer.from(app.app.consumerKey).toString('base64')}`,
  ),
  asked('Basic of nothing', clientAuthentication, nothing, unknownClient, () => 'Basic Og=='),
  asked('Basic that is no base64', clientAuthentication, nothing, unknownClient, () => 'Basic !!!'),
  asked(
    'Basic with a wrong secret, the right one in the form',
    'RFC 6749 section 2.3: one way at a time, the header decides',
    ({ app }) => ({ client_id: app.app.consumerKey, client_secret: app.app.consumerSecret }),
    wrongSecret,
    ({ app }) => basic(app.app.consumerKey, 'x'),
  ),
  asked('Basic of 10,000 characters', 'work in step with the size', nothing, unknownClient, () =>
    basic('x'.repeat(5000), 'x'.repeat(5000)),
  ),
  asked(
    'Basic with half a percent-encoding',
    'RFC 6749 section 2.3.1: form-encoded',
    nothing,
    unknownClient,
    () => basic('%zz%', '%'),
  ),
  asked(
    'Basic with invalid UTF-8',
    'RFC 7617 section 2.1',
    nothing,
    unknownClient,
    () => `Basic ${Buffer.from([0xff, 0x3a, 0xfe]).toString('base64')}`,
  ),
  [
    'introspect: GET',
    'RFC 7662 section 2.1: by POST',
    ({ app, tokens }) =>
      httpRequest({
        method: 'GET',
        path: `/services/oauth2/introspect?${form({ token: tokens.live, client_id: app.app.consumerKey, client_secret: app.app.consumerSecret })}`,
      }),
    status(404),
  ],
];

/** Revocation of what is no token of this org. */
const revoked = (name: string, why: string, token: (t: Target) => string): RequestRow => [
  `revoke: ${name}`,
  why,
  (t) => httpRequest({ path: '/services/oauth2/revoke', body: form({ token: token(t) }) }),
  invalidToken,
];

const revocation: readonly RequestRow[] = [
  revoked('no token', whole, () => ''),
  revoked('garbage', whole, () => 'x'),
  revoked('expired', dead, ({ tokens }) => tokens.expired),
  revoked('revoked already', dead, ({ tokens }) => tokens.revoked),
  revoked('of another org', 'a token is good in its org alone', ({ tokens }) => tokens.foreign),
  revoked('without its last character', whole, ({ tokens }) => tokens.live.slice(0, -1)),
  revoked('a character more', whole, ({ tokens }) => `${tokens.live}A`),
  revoked('in capitals', whole, ({ tokens }) => tokens.live.toUpperCase()),
  revoked('without its proof', 'sessions of others are not to be ended by guessing', ({ tokens }) =>
    tokens.live.slice(0, 31),
  ),
  revoked(
    'the id of a session',
    'sessions of others are not to be ended by guessing',
    ({ tokens }) => tokens.live.slice(16, 31),
  ),
  revoked(
    'the session of one token, the proof of another',
    whole,
    ({ tokens }) => tokens.live.slice(0, 31) + tokens.otherApp.slice(31),
  ),
  revoked('a wildcard', injection, ({ tokens }) => `${tokens.live.slice(0, 16)}%`),
  revoked('SQL', injection, () => `' OR '1'='1`),
  revoked('SQL that deletes', injection, () => `'; DELETE FROM "AuthSession"; --`),
  revoked('a JWT, its signature cut', forged, ({ tokens }) => tokens.jwt.slice(0, -4)),
  revoked('a JWT, alg none', forged, (t) =>
    compact({
      header: { ...jwtHeader(t), alg: 'none' },
      claims: tokenClaims(t),
      signer: constant('x'),
    }),
  ),
  revoked('60,000 characters', 'work in step with the size', () => 'x'.repeat(60_000)),
  [
    'revoke: a JSON body',
    'RFC 7009 section 2.1: a form',
    ({ tokens }) =>
      httpRequest({
        path: '/services/oauth2/revoke',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: tokens.live }),
      }),
    invalidToken,
  ],
  [
    'revoke: the token as bearer alone',
    'RFC 7009 section 2.1: the parameter names the token',
    ({ tokens }) =>
      httpRequest({
        path: '/services/oauth2/revoke',
        headers: { authorization: `Bearer ${tokens.live}` },
      }),
    invalidToken,
  ],
  ...['DELETE', 'PUT', 'PATCH', 'OPTIONS'].map((method): RequestRow => [
    `revoke: ${method}`,
    'RFC 7009 section 2.1: by POST',
    ({ tokens }) =>
      httpRequest({
        method,
        path: `/services/oauth2/revoke?token=${encodeURIComponent(tokens.live)}`,
      }),
    status(404),
  ]),
];

const rows: readonly RequestRow[] = [
  ...endpoints.flatMap(({ name, path, answers }) =>
    credentials.map(([credential, why, authorization, verdict]): RequestRow => [
      `${name}: ${credential}`,
      why,
      (t) =>
        httpRequest({
          method: 'GET',
          path: path(t),
          headers: { authorization: authorization(t) },
        }),
      answers[verdict],
    ]),
  ),
  ...elsewhere,
  ...introspection,
  ...revocation,
];

function jwtHeader({ tokens }: Target): Record<string, unknown> {
  const [header = ''] = tokens.jwt.split('.');
  return JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, unknown>;
}

/** The claims of the live JWT-based token, for the administrator. */
function tokenClaims({ org, tokens }: Target): object {
  const [, claims = ''] = tokens.jwt.split('.');
  return {
    ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object),
    sub: `uid:${org.administrator.id}`,
  };
}

function changedAt(text: string, at: number): string {
  const index = at < 0 ? text.length + at : at;
  const other = text.charAt(index) === 'A' ? 'B' : 'A';
  return text.slice(0, index) + other + text.slice(index + 1);
}

function swapCase(text: string): string {
  return text.replaceAll(/[a-z]/gi, (letter) =>
    letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase(),
  );
}

function withPadBit(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return text.slice(0, -1) + alphabet.charAt(alphabet.indexOf(text.slice(-1)) | 1);
}

export const bearer = requestFamily('bearer', rows);
