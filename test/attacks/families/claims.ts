/** Well-formed and well signed, but with claims that name nobody, or somebody else: RFC 7523. */

import {
  expired,
  granted,
  inactiveUser,
  incomplete,
  malformed,
  notApproved,
  notYetValid,
  replayed,
  unknownApp,
  unknownUser,
  wrongAudience,
  wrongSignature,
} from '../attack.ts';
import type { Expected } from '../attack.ts';
import { exchange } from '../connection.ts';
import { assertionFamily } from '../family.ts';
import type { AssertionRow } from '../family.ts';
import { rs256 } from '../forgery.ts';
import { tokenRequest, users } from '../target.ts';
import type { Target } from '../target.ts';

const required = 'RFC 7523 section 3: iss, sub, aud and exp are required, as text and number';
const injection = 'text that a careless query would run';
const homoglyph = 'letters that look alike or fold to each other';

/** No value of these types is a name. */
const notText: readonly unknown[] = [null, true, false, 0, 1, -1, '', [], ['x'], {}, { $ne: null }];

/** Text that another language would take for its own. */
const injections: readonly [name: string, text: string][] = [
  ['SQL that is always true', `' OR '1'='1`],
  ['SQL in double quotes', `" OR ""="`],
  ['SQL with a union', `' UNION SELECT * FROM "User" --`],
  ['SQL that drops a table', `'; DROP TABLE "User"; --`],
  ['SQL with a comment', `worker@example.org' --`],
  ['SQL with a sleep', `' AND randomblob(1000000000) --`],
  ['a wildcard of LIKE', '%'],
  ['wildcards of LIKE', 'w_rker@example.%'],
  ['a wildcard of GLOB', 'worker*'],
  ['SOQL', String.raw`\' OR Id != null OR Username = \'`],
  ['SOSL', 'FIND {*} IN ALL FIELDS'],
  ['LDAP', '*)(uid=*))(|(uid=*'],
  ['NoSQL', '{"$gt":""}'],
  ['XPath', `' or '1'='1' or ''='`],
  ['a command', '$(id)`id`;id|id'],
  ['a template', '{{constructor.constructor("return process")()}}'],
  ['HTML', '<script>alert(1)</script>'],
  ['a header', 'worker@example.org\r\nSet-Cookie: sid=1'],
  ['a null byte and more', 'worker@example.org\0@evil.example'],
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
  ['10,000 characters', 'x'.repeat(10_000)],
];

/** Names of the worker that are not quite his. */
const otherNames: readonly [name: string, username: (username: string) => string][] = [
  ['a blank in front', (name) => ` ${name}`],
  ['a blank behind', (name) => `${name} `],
  ['a line break behind', (name) => `${name}\n`],
  ['a null byte behind', (name) => `${name}\0`],
  ['a dot behind', (name) => `${name}.`],
  ['a no-break space behind', (name) => `${name}\u00a0`],
  ['a zero-width space inside', (name) => name.replace('@', '\u200b@')],
  ['a soft hyphen inside', (name) => name.replace('work', 'work\u00ad')],
  ['a right-to-left mark in front', (name) => `\u202e${name}`],
  ['a byte order mark in front', (name) => `\ufeff${name}`],
  ['a Cyrillic о', (name) => name.replace('o', '\u043e')],
  ['a Greek ο', (name) => name.replace('o', '\u03bf')],
  ['a fullwidth w', (name) => name.replace('w', '\uff57')],
  ['a fullwidth @', (name) => name.replace('@', '\uff20')],
  ['a Kelvin sign for k', (name) => name.replace('k', '\u212a')],
  ['a mathematical w', (name) => name.replace('w', '\u{1d430}')],
  ['a combining accent behind', (name) => name.replace('w', 'w\u0301')],
  ['a quoted local part', (name) => name.replace('worker', '"worker"')],
  ['a comment in the address', (name) => name.replace('worker', 'worker(x)')],
  ['a sub-address', (name) => name.replace('worker', 'worker+x')],
  ['in angle brackets', (name) => `Worker <${name}>`],
  ['mailto: in front', (name) => `mailto:${name}`],
  ['percent-encoded', (name) => name.replace('@', '%40')],
  ['twice', (name) => `${name},${name}`],
];

const audiences: readonly [name: string, aud: (t: Target) => unknown, expected?: Expected][] = [
  ['another host', () => 'https://evil.example'],
  ['the login host of sandboxes', () => 'https://test.salesforce.com'],
  ['plain http', () => 'http://login.salesforce.com'],
  ['no scheme', () => 'login.salesforce.com'],
  ['a scheme in capitals', () => 'HTTPS://login.salesforce.com'],
  ['a host in capitals', () => 'https://LOGIN.salesforce.com'],
  ['a user before the host', () => 'https://login.salesforce.com@evil.example'],
  ['a host behind the host', () => 'https://login.salesforce.com.evil.example'],
  ['a host before the host', () => 'https://evil-login.salesforce.com'],
  ['the port of https', () => 'https://login.salesforce.com:443'],
  ['two slashes behind', () => 'https://login.salesforce.com//'],
  ['a query', () => 'https://login.salesforce.com?x'],
  ['a fragment', () => 'https://login.salesforce.com#x'],
  ['a dot behind', () => 'https://login.salesforce.com.'],
  ['a backslash', () => String.raw`https://login.salesforce.com\evil.example`],
  ['a blank in front', () => ' https://login.salesforce.com'],
  ['a blank behind', () => 'https://login.salesforce.com '],
  ['a line break behind', () => 'https://login.salesforce.com\n'],
  ['a null byte behind', () => 'https://login.salesforce.com\0.evil.example'],
  ['a Cyrillic о', () => 'https://l\u043egin.salesforce.com'],
  ['a fullwidth dot', () => 'https://login\uff0esalesforce.com'],
  ['a wildcard', () => 'https://*.salesforce.com'],
  ['only *', () => '*'],
  ['two audiences in one text', ({ org }) => `${org.url} https://login.salesforce.com`],
  ['the org at another port', ({ org }) => org.url.replace(/\d+$/, '1')],
  ['the org by https', ({ org }) => org.url.replace('http:', 'https:')],
  ['the org with a slash', ({ org }) => `${org.url}/`, granted],
  ['the login host', () => 'https://login.salesforce.com', granted],
  ['the login host with a slash', () => 'https://login.salesforce.com/', granted],
  ['a list with the right one', ({ org }) => [org.url], incomplete],
  [
    'a list with the right one and another',
    ({ org }) => [org.url, 'https://evil.example'],
    incomplete,
  ],
  ['an object with the right one', ({ org }) => ({ 0: org.url, length: 1 }), incomplete],
];

const expiries: readonly [name: string, exp: (now: number) => unknown, expected: Expected][] = [
  ['digits in a text', (now) => String(now + 60), granted],
  ['milliseconds, as the Salesforce CLI sends them', (now) => now * 1000 + 300, granted],
  ['a fraction', (now) => now + 0.5, granted],
  ['within the three minutes of tolerance', (now) => now - 180, granted],
  ['one second beyond the tolerance', (now) => now - 181, expired],
  ['half a second beyond the tolerance', (now) => now - 180.5, expired],
  ['digits in a text, long past', () => '1', expired],
  ['0', () => 0, expired],
  ['-1', () => -1, expired],
  ['the smallest integer', () => Number.MIN_SAFE_INTEGER, expired],
  ['the most negative number', () => -Number.MAX_VALUE, expired],
  ['the end of 32 bits', () => 2_147_483_647, granted],
  ['microseconds', (now) => now * 1_000_000, granted],
  ['the largest integer', () => Number.MAX_SAFE_INTEGER, granted],
  ['2 to the power of 64', () => 2 ** 64, granted],
  ['the largest number', () => Number.MAX_VALUE, granted],
  ['an empty text', () => '', incomplete],
  ['a blank', () => ' ', incomplete],
  ['a signed number in a text', () => '-1', incomplete],
  ['a number with a plus in a text', (now) => `+${now + 60}`, incomplete],
  ['an exponent in a text', () => '2e10', incomplete],
  ['a hexadecimal number in a text', () => '0x7fffffff', incomplete],
  ['a fraction in a text', (now) => `${now + 60}.5`, incomplete],
  ['blanks around digits', (now) => ` ${now + 60} `, incomplete],
  ['digits and a letter', (now) => `${now + 60}s`, incomplete],
  ['digits and a null byte', (now) => `${now + 60}\0`, incomplete],
  [
    'Arabic digits',
    () => '\u0662\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660',
    incomplete,
  ],
  [
    'fullwidth digits',
    () => '\uff12\uff10\uff10\uff10\uff10\uff10\uff10\uff10\uff10\uff10',
    incomplete,
  ],
  ['1,000 digits in a text', () => '9'.repeat(1000), incomplete],
  ['Infinity in a text', () => 'Infinity', incomplete],
  ['NaN in a text', () => 'NaN', incomplete],
  ['a date', () => '2999-12-31T23:59:59Z', incomplete],
  ['a word', () => 'never', incomplete],
  ['null', () => null, incomplete],
  ['true', () => true, incomplete],
  ['a list with a number', (now) => [now + 60], incomplete],
  ['an object', (now) => ({ $gt: now }), incomplete],
];

const rows: readonly AssertionRow[] = [
  ...(['iss', 'sub', 'aud', 'exp'] as const).map((claim): AssertionRow => [
    `no ${claim}`,
    required,
    (t) => t.assertion({ change: { [claim]: undefined } }),
    incomplete,
  ]),
  ...(['iss', 'sub', 'aud', 'prn'] as const).flatMap((claim) =>
    notText.map((value): AssertionRow => [
      `${claim} is ${JSON.stringify(value)}`,
      required,
      (t) => t.assertion({ change: { [claim]: value } }),
      incomplete,
    ]),
  ),
  ...injections.flatMap(([name, text]): AssertionRow[] => [
    [`iss: ${name}`, injection, (t) => t.assertion({ change: { iss: text } }), unknownApp],
    [`sub: ${name}`, injection, (t) => t.assertion({ change: { sub: text } }), unknownUser],
    [`aud: ${name}`, injection, (t) => t.assertion({ change: { aud: text } }), wrongAudience],
    [
      `jti: ${name}`,
      `${injection}; as a jti it is as good as any other`,
      (t) => t.assertion({ change: { jti: `${text}${t.clock.now()}` } }),
      granted,
    ],
  ]),
  ...otherNames.map(([name, username]): AssertionRow => [
    `sub: ${name}`,
    homoglyph,
    (t) => t.assertion({ change: { sub: username(users.worker) } }),
    unknownUser,
  ]),
  [
    'sub: in capitals',
    'usernames have no case at Salesforce’s login',
    (t) => t.assertion({ change: { sub: users.worker.toUpperCase() } }),
    granted,
  ],
  [
    'sub: the id of the user',
    homoglyph,
    (t) => t.assertion({ change: { sub: t.org.users.get(users.worker).id } }),
    unknownUser,
  ],
  [
    'sub: uid: and the id',
    homoglyph,
    (t) => t.assertion({ change: { sub: `uid:${t.org.users.get(users.worker).id}` } }),
    unknownUser,
  ],
  [
    'sub: a user who is inactive',
    'RFC 7523 section 3: the subject must be valid',
    (t) => t.assertion({ change: { sub: users.inactive } }),
    inactiveUser,
  ],
  [
    'sub: a user who is not approved',
    'Salesforce Help: Permitted Users',
    (t) => t.assertion({ change: { sub: users.unapproved } }),
    notApproved,
  ],
  [
    'sub: the administrator',
    'Salesforce Help: Permitted Users, the administrator included',
    (t) => t.assertion({ change: { sub: t.org.administrator.username } }),
    notApproved,
  ],
  [
    'prn and sub: prn is a stranger',
    'Salesforce: prn wins',
    (t) => t.assertion({ change: { prn: 'nobody@example.org' } }),
    unknownUser,
  ],
  [
    'prn and sub: prn is inactive',
    'Salesforce: prn wins',
    (t) => t.assertion({ change: { prn: users.inactive } }),
    inactiveUser,
  ],
  [
    'prn and sub: sub is a stranger',
    'Salesforce: prn wins',
    (t) => t.assertion({ change: { prn: users.worker, sub: 'nobody@example.org' } }),
    granted,
  ],
  [
    'prn without sub',
    'Salesforce: the older name',
    (t) => t.assertion({ change: { prn: users.worker, sub: undefined } }),
    granted,
  ],
  [
    'Sub instead of sub',
    'RFC 7519 section 4: names are case-sensitive',
    (t) => t.assertion({ change: { sub: undefined, Sub: users.worker } }),
    incomplete,
  ],
  [
    'username instead of sub',
    'names of other flows',
    (t) => t.assertion({ change: { sub: undefined, username: users.worker } }),
    incomplete,
  ],
  [
    'iss: in lower case',
    'a consumer key has case',
    (t) => t.assertion({ change: { iss: t.app.app.consumerKey.toLowerCase() } }),
    unknownApp,
  ],
  [
    'iss: in upper case',
    'a consumer key has case',
    (t) => t.assertion({ change: { iss: t.app.app.consumerKey.toUpperCase() } }),
    unknownApp,
  ],
  [
    'iss: without its last character',
    'a consumer key is compared whole',
    (t) => t.assertion({ change: { iss: t.app.app.consumerKey.slice(0, -1) } }),
    unknownApp,
  ],
  [
    'iss: a blank behind',
    'a consumer key is compared whole',
    (t) => t.assertion({ change: { iss: `${t.app.app.consumerKey} ` } }),
    unknownApp,
  ],
  [
    'iss: a null byte behind',
    'a consumer key is compared whole',
    (t) => t.assertion({ change: { iss: `${t.app.app.consumerKey}\0` } }),
    unknownApp,
  ],
  [
    'iss: the id of the app',
    'an app is known by its consumer key',
    (t) => t.assertion({ change: { iss: t.app.app.id } }),
    unknownApp,
  ],
  [
    'iss: the API name of the app',
    'an app is known by its consumer key',
    (t) => t.assertion({ change: { iss: t.app.app.apiName } }),
    unknownApp,
  ],
  [
    'iss: the consumer secret',
    'an app is known by its consumer key',
    (t) => t.assertion({ change: { iss: t.app.app.consumerSecret } }),
    unknownApp,
  ],
  [
    'iss: another app of this org',
    'RFC 7523 section 3: signed by the issuer',
    (t) => t.assertion({ change: { iss: t.apps.rsa3072.app.consumerKey } }),
    wrongSignature,
  ],
  ...audiences.map(([name, aud, expected = wrongAudience]): AssertionRow => [
    `aud: ${name}`,
    'RFC 7523 section 3, item 3: the audience is this server',
    (t) => t.assertion({ change: { aud: aud(t) } }),
    expected,
  ]),
  ...expiries.map(([name, exp, expected]): AssertionRow => [
    `exp: ${name}`,
    'RFC 7523 section 3, item 4; Salesforce Help',
    (t) => t.assertion({ change: { exp: exp(Math.floor(t.clock.now() / 1000)) } }),
    expected,
  ]),
  [
    'iat: far in the future',
    'RFC 7523 section 3, item 6: optional, and Salesforce has no rule',
    (t) => t.assertion({ change: { iat: 4_102_444_800 } }),
    granted,
  ],
  [
    'iat: long ago',
    'RFC 7523 section 3, item 6: optional, and Salesforce has no rule',
    (t) => t.assertion({ change: { iat: 1 } }),
    granted,
  ],
  [
    'iat: a word',
    'RFC 7523 section 3, item 6: optional, and Salesforce has no rule',
    (t) => t.assertion({ change: { iat: 'now' } }),
    granted,
  ],
  ...(
    [
      ['an hour ahead', (now: number) => now + 3600, notYetValid],
      ['one second beyond the tolerance', (now: number) => now + 181, notYetValid],
      ['within the three minutes of tolerance', (now: number) => now + 180, granted],
      ['in milliseconds', (now: number) => now * 1000, notYetValid],
      ['long ago', () => 1, granted],
      ['negative', () => -1, granted],
      ['a word', () => 'now', incomplete],
      ['digits in a text', (now: number) => String(now), incomplete],
      ['null', () => null, incomplete],
      ['a list', (now: number) => [now], incomplete],
    ] as const
  ).map(([name, nbf, expected]): AssertionRow => [
    `nbf: ${name}`,
    'RFC 7523 section 3, item 5: not before this time',
    (t) => t.assertion({ change: { nbf: nbf(Math.floor(t.clock.now() / 1000)) } }),
    expected,
  ]),
  [
    'jti: sent twice',
    'RFC 7523 section 3, item 7: replay',
    (t) => replayOf(t, t.assertion()),
    replayed,
  ],
  [
    'jti: sent twice, other claims and signature',
    'RFC 7523 section 3, item 7: replay',
    async (t) => {
      const { jti } = t.claims();
      await spend(t, t.assertion({ change: { jti } }));
      return t.assertion({ change: { jti, x: 1 } });
    },
    replayed,
  ],
  [
    'jti: sent twice, the second time for a far exp',
    'a jti is remembered as long as the assertion lives',
    async (t) => {
      const { jti } = t.claims();
      await spend(t, t.assertion({ change: { jti, exp: Number.MAX_VALUE } }));
      return t.assertion({ change: { jti } });
    },
    replayed,
  ],
  [
    'jti: sent twice, exp long gone at the first',
    'a jti is remembered through the tolerance',
    (t) => replayOf(t, t.assertion({ change: { exp: Math.floor(t.clock.now() / 1000) - 170 } })),
    replayed,
  ],
  [
    'jti: of an assertion that was refused for its signature',
    'an outsider must not use up a jti',
    async (t) => {
      const { jti } = t.claims();
      await spend(t, t.assertion({ change: { jti }, signer: rs256(t.stranger.rsa) }));
      return t.assertion({ change: { jti } });
    },
    granted,
  ],
  [
    'jti: the same from another app',
    'RFC 7519 section 4.1.7: unique within its issuer',
    async (t) => {
      const { jti } = t.claims();
      await spend(t, t.assertion({ change: { jti } }));
      return t.assertion({
        change: { jti, iss: t.apps.rsa3072.app.consumerKey },
        signer: rs256(t.apps.rsa3072.key),
      });
    },
    granted,
  ],
  [
    'jti: the same in capitals',
    'RFC 7519 section 4.1.7: case-sensitive',
    async (t) => {
      const { jti } = t.claims();
      await spend(t, t.assertion({ change: { jti } }));
      return t.assertion({ change: { jti: String(jti).toUpperCase() } });
    },
    granted,
  ],
  [
    'jti: the same and a null byte',
    'compared whole',
    async (t) => {
      const { jti } = t.claims();
      await spend(t, t.assertion({ change: { jti } }));
      return t.assertion({ change: { jti: `${String(jti)}\0` } });
    },
    granted,
  ],
  ...[null, true, 7, ['x'], {}].map((jti): AssertionRow => [
    `jti is ${JSON.stringify(jti)}`,
    'RFC 7519 section 4.1.7: text',
    (t) => t.assertion({ change: { jti } }),
    incomplete,
  ]),
  [
    'no jti',
    'RFC 7523 section 3, item 7: optional',
    (t) => t.assertion({ change: { jti: undefined } }),
    granted,
  ],
  [
    'claims of an access token',
    'RFC 8725 section 3.12: one kind of JWT for another',
    (t) =>
      t.assertion({
        header: { alg: 'RS256', typ: 'at+jwt', tty: 'sfdc-core-token' },
        claims: {
          sub: `uid:${t.org.users.get(users.worker).id}`,
          mty: 'oauth',
          client_id: t.app.app.consumerKey,
          exp: 4_102_444_800,
        },
      }),
    incomplete,
  ],
  [
    'claims of an ID token',
    'RFC 8725 section 3.12: one kind of JWT for another',
    (t) =>
      t.assertion({
        claims: {
          iss: t.org.url,
          sub: `${t.org.url}/id/x/y`,
          aud: t.app.app.consumerKey,
          exp: 4_102_444_800,
        },
      }),
    wrongAudience,
  ],
  [
    'the claims as an assertion of their own',
    'RFC 7519 section 5.2',
    (t) => t.assertion({ claims: encodeURIComponent(t.assertion()) }),
    malformed,
  ],
];

/** Sends an assertion; whatever it brought is taken away again. */
async function spend(target: Target, assertion: string): Promise<void> {
  const before = new Set(target.org.sessions.list().map(({ id }) => id));
  await exchange(target.port, tokenRequest(assertion));
  for (const { id } of target.org.sessions.list()) {
    if (!before.has(id)) target.org.sessions.remove(id);
  }
}

async function replayOf(target: Target, assertion: string): Promise<string> {
  await spend(target, assertion);
  return assertion;
}

export const claims = assertionFamily('claims', rows);
