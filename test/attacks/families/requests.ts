/** The assertion is good; what is around it is not: methods, paths, content types, parameters. */

import {
  closed,
  granted,
  malformed,
  notPost,
  repeated,
  scopeGiven,
  status,
  tooLarge,
  unknownGrant,
} from '../attack.ts';
import type { Expected } from '../attack.ts';
import { httpRequest } from '../connection.ts';
import type { RequestParts } from '../connection.ts';
import { requestFamily } from '../family.ts';
import type { RequestRow } from '../family.ts';
import { jwtBearer } from '../target.ts';
import type { Target } from '../target.ts';

const formType = 'application/x-www-form-urlencoded';
const post = 'RFC 6749 section 3.2: the token endpoint is asked by POST';
const bodyUnread = 'Salesforce does not read a body of another content type';
const oneParameter = 'RFC 6749 section 3.2: a parameter is there once';
const grantType = 'RFC 6749 section 5.2: unsupported_grant_type';

/** The parameters of a good request. */
export function goodForm(target: Target): string {
  return new URLSearchParams({
    grant_type: jwtBearer,
    assertion: target.assertion(),
  }).toString();
}

/** A good request but for its parts. */
const row = (
  name: string,
  why: string,
  parts: RequestParts | ((target: Target) => RequestParts),
  expected: Expected,
): RequestRow => [
  name,
  why,
  (t) => httpRequest({ body: goodForm(t), ...(typeof parts === 'function' ? parts(t) : parts) }),
  expected,
];

const withForm = (
  name: string,
  why: string,
  change: (form: string, target: Target) => string,
  expected: Expected,
): RequestRow => row(name, why, (t) => ({ body: change(goodForm(t), t) }), expected);

const body = (name: string, why: string, text: string | Buffer, expected: Expected): RequestRow =>
  row(name, why, { body: text }, expected);

const notFound = status(404);

const rows: readonly RequestRow[] = [
  ...['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'].map((method) =>
    row(`method ${method}`, post, { method, headers: { 'content-type': formType } }, notPost),
  ),
  row('method HEAD', post, { method: 'HEAD', headers: { 'content-type': formType } }, status(400)),
  row('method CONNECT', 'a proxy that nobody is', { method: 'CONNECT' }, closed),
  ...['post', 'POSTX', 'FOO', 'G-T', 'P\0ST', 'A'.repeat(5000)].map((method) =>
    row(
      `method ${JSON.stringify(method.slice(0, 10))}`,
      'RFC 9110 section 9.1: methods are case-sensitive tokens',
      { method, headers: { 'content-type': formType } },
      status(400),
    ),
  ),
  ...['x-http-method-override', 'x-http-method', 'x-method-override'].map((name) =>
    row(
      `GET with ${name}: POST`,
      'a method that comes in a header',
      { method: 'GET', headers: { 'content-type': formType, [name]: 'POST' } },
      notPost,
    ),
  ),
  row(
    'GET with everything in the query',
    'a link that signs in',
    (t) => ({
      method: 'GET',
      path: `/services/oauth2/token?${goodForm(t)}`,
      body: '',
    }),
    notPost,
  ),

  ...[
    '/services//oauth2/token',
    '/services/oauth2/token/',
    '/services/oauth2/token/x',
    '/services/oauth2/token%00',
    '/services/oauth2/token%20',
    '/services/oauth2/token;x=1',
    '/services/oauth2/token.json',
    '/services/oauth2%2ftoken',
    '/services/oauth2/../token',
    '/SERVICES/OAUTH2/TOKEN',
    '/services/oauth2/%',
    '/services/oauth2/%zz',
    '/services/oauth2/%ff',
    '/services/oauth2/%c0%ae%c0%ae/token',
    '/services/oauth2/%252e%252e/token',
    '/../../../../etc/passwd',
    '/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
    '/__proto__',
    '/constructor/prototype',
    `/${'a/'.repeat(4000)}`,
    '/.git/config',
    '/.env',
  ].map((path) =>
    row(`path ${path.slice(0, 40)}`, 'a path that is read twice', { path }, notFound),
  ),
  ...[
    '/services/oauth2/../oauth2/token',
    '/services/oauth2/%74oken',
    '/services/oauth2/token?',
  ].map((path) => row(`path ${path}`, 'RFC 3986 section 6.2.2: the same path', { path }, granted)),
  row(
    'path //services/oauth2/token',
    'the Salesforce CLI begins paths with two slashes',
    { path: '//services/oauth2/token' },
    granted,
  ),
  ...[
    'services/oauth2/token',
    String.raw`\services\oauth2\token`,
    '/services/oauth2/toke\u0000n',
    '/a b',
    '*',
  ].map((path) =>
    row(
      `path ${JSON.stringify(path)}`,
      'RFC 9112 section 3.2: the target of a request',
      { path },
      status(400),
    ),
  ),

  ...[
    'text/plain',
    'text/html',
    'application/json',
    'application/xml',
    'application/octet-stream',
    'application/x-www-form-urlencoded2',
    'x-application/x-www-form-urlencoded',
    'application/x-www-form-urlencoded, text/plain',
    'text/plain; a=application/x-www-form-urlencoded',
    'application /x-www-form-urlencoded',
    '*/*',
    'form',
    '',
    '\u00ff',
  ].map((type) =>
    row(
      `content type ${JSON.stringify(type)}`,
      bodyUnread,
      { headers: { 'content-type': type } },
      unknownGrant,
    ),
  ),
  row('no content type', bodyUnread, { headers: { 'content-type': undefined } }, unknownGrant),
  ...[
    [formType, 'text/plain'],
    ['text/plain', formType],
    [formType, formType],
  ].map((types) =>
    row(
      `content types ${types.join(' and ')}`,
      'RFC 9110 section 5.3: a header that is there once',
      { headers: { 'content-type': types } },
      unknownGrant,
    ),
  ),
  ...[
    'APPLICATION/X-WWW-FORM-URLENCODED',
    `${formType};`,
    `${formType};charset=UTF-8`,
    `${formType}; charset=utf-16`,
    `${formType}; charset=evil`,
    `${formType} ; x="a;b"`,
    `${formType}\t`,
  ].map((type) =>
    row(
      `content type ${JSON.stringify(type)}`,
      'RFC 9110 section 8.3.1: case and parameters make no difference; the form is ASCII',
      { headers: { 'content-type': type } },
      granted,
    ),
  ),
  row(
    'a JSON body',
    bodyUnread,
    (t) => ({
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ grant_type: jwtBearer, assertion: t.assertion() }),
    }),
    unknownGrant,
  ),
  row(
    'a JSON body under the type of a form',
    grantType,
    (t) => ({ body: JSON.stringify({ grant_type: jwtBearer, assertion: t.assertion() }) }),
    unknownGrant,
  ),
  row(
    'multipart',
    bodyUnread,
    (t) => ({
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: [
        ...Object.entries({ grant_type: jwtBearer, assertion: t.assertion() }).flatMap(
          ([name, value]) => ['--x', `content-disposition: form-data; name="${name}"`, '', value],
        ),
        '--x--',
        '',
      ].join('\r\n'),
    }),
    unknownGrant,
  ),
  row(
    'multipart that never ends',
    bodyUnread,
    { headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x\r\n'.repeat(100) },
    unknownGrant,
  ),
  row(
    'XML with an external entity',
    'XXE',
    (t) => ({
      headers: { 'content-type': 'text/xml' },
      body: `<!DOCTYPE a [<!ENTITY b SYSTEM "${t.trap.url}">]><a>&b;</a>`,
    }),
    unknownGrant,
  ),

  body('empty', grantType, '', unknownGrant),
  body('a null byte', grantType, '\0', unknownGrant),
  body('only &', grantType, '&&&&&', unknownGrant),
  body('only =', grantType, '====', unknownGrant),
  body(
    'random bytes',
    grantType,
    Buffer.from(Array.from({ length: 2048 }, (_, index) => (index * 167) % 256)),
    unknownGrant,
  ),
  body('%00', grantType, '%00=%00', unknownGrant),
  body('invalid percent-encoding', grantType, '%=%zz&%u0041=%', unknownGrant),
  body('invalid UTF-8 in percent-encoding', grantType, 'grant_type=%ff%fe%c0%80', unknownGrant),
  body(
    '__proto__',
    'prototype pollution',
    '__proto__=x&__proto__[grant_type]=x&constructor=y',
    unknownGrant,
  ),
  body('1 MB', 'a body without bounds', 'a'.repeat(1_000_000), tooLarge),
  body('one byte more than 64 KB', 'a body without bounds', 'a'.repeat(65_537), tooLarge),
  body('64 KB', 'a body at its bounds', 'a'.repeat(65_536), unknownGrant),
  body('20,000 parameters', 'CVE-2011-4885: hash collisions', 'a=1&'.repeat(16_000), unknownGrant),
  withForm(
    '20,000 parameters and a good request',
    'work in step with the size',
    (form) => 'a=1&'.repeat(15_000) + form,
    granted,
  ),
  withForm(
    'parameters in another order',
    'order has no meaning',
    (form) => form.split('&').toReversed().join('&'),
    granted,
  ),
  withForm(
    'a byte order mark in front',
    'Fetch standard: a byte order mark is taken off a text',
    (form) => `\u00ef\u00bb\u00bf${form}`,
    granted,
  ),
  withForm('& in front and behind', 'empty parameters are none', (form) => `&&${form}&&`, granted),
  withForm(
    'semicolons for &',
    'WHATWG URL: & alone parts parameters',
    (form) => form.replaceAll('&', ';'),
    unknownGrant,
  ),
  withForm('a line break behind', 'a body is taken as it is', (form) => `${form}\r\n`, malformed),
  withForm('a null byte behind', 'a body is taken as it is', (form) => `${form}%00`, malformed),

  ...[
    'password',
    'client_credentials',
    'urn:ietf:params:oauth:grant-type:device_code',
    'urn:ietf:params:oauth:grant-type:saml2-bearer',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    'urn:ietf:params:oauth:grant-type:JWT-BEARER',
    'urn:ietf:params:oauth:grant-type:jwt-bearer ',
    ' urn:ietf:params:oauth:grant-type:jwt-bearer',
    'urn:ietf:params:oauth:grant-type:jwt-bearer\n',
    'urn:ietf:params:oauth:grant-type:jwt-bearer\0',
    'urn:ietf:params:oauth:grant-type:jwt\u2010bearer',
    'urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer',
    'URN:IETF:PARAMS:OAUTH:GRANT-TYPE:JWT-BEARER',
    'jwt-bearer',
    'assertion',
    'implicit',
    'hybrid_refresh',
    '',
    '__proto__',
    'constructor',
    'toString',
    `' OR '1'='1`,
    'x'.repeat(20_000),
  ].map((type) =>
    row(
      `grant type ${JSON.stringify(type.slice(0, 60))}`,
      grantType,
      (t) => ({
        body: new URLSearchParams({ grant_type: type, assertion: t.assertion() }).toString(),
      }),
      unknownGrant,
    ),
  ),
  withForm(
    'grant_type[] for grant_type',
    'PHP and Rails read a list',
    (form) => form.replace('grant_type', 'grant_type[]'),
    unknownGrant,
  ),
  withForm(
    'Grant_Type for grant_type',
    'names are case-sensitive',
    (form) => form.replace('grant_type', 'Grant_Type'),
    unknownGrant,
  ),
  withForm(
    'grant_type with a null byte',
    'names are compared whole',
    (form) => form.replace('grant_type', 'grant_type%00'),
    unknownGrant,
  ),
  withForm(
    'grant.type for grant_type',
    'PHP takes a dot for an underscore',
    (form) => form.replace('grant_type', 'grant.type'),
    unknownGrant,
  ),
  withForm(
    'no grant type',
    grantType,
    (form) => form.replace(/grant_type=[^&]*&/, ''),
    unknownGrant,
  ),
  withForm(
    'no assertion',
    'RFC 7521 section 4.1: assertion is required',
    (form) => form.replace(/&assertion=.*/, ''),
    malformed,
  ),
  withForm(
    'an assertion without =',
    'RFC 7521 section 4.1: assertion is required',
    (form) => form.replace(/assertion=.*/, 'assertion'),
    malformed,
  ),
  withForm(
    'an empty assertion',
    'RFC 7521 section 4.1: assertion is required',
    (form) => form.replace(/assertion=.*/, 'assertion='),
    malformed,
  ),
  withForm(
    'assertion[] for assertion',
    'PHP and Rails read a list',
    (form) => form.replace('assertion=', 'assertion[]='),
    malformed,
  ),
  withForm(
    'Assertion for assertion',
    'names are case-sensitive',
    (form) => form.replace('assertion=', 'Assertion='),
    malformed,
  ),
  withForm(
    'client_assertion for assertion',
    'RFC 7523 section 2.2: client authentication is something else',
    (form) => form.replace('assertion=', 'client_assertion_type=x&client_assertion='),
    malformed,
  ),
  withForm(
    'the same assertion twice',
    oneParameter,
    (form) => `${form}&${form.split('&')[1]}`,
    repeated,
  ),
  withForm('another assertion first', oneParameter, (form) => `assertion=a.b.c&${form}`, repeated),
  withForm('another assertion last', oneParameter, (form) => `${form}&assertion=a.b.c`, repeated),
  withForm(
    'two good assertions',
    oneParameter,
    (form, t) => `${form}&assertion=${t.assertion()}`,
    repeated,
  ),
  withForm('an empty assertion first', oneParameter, (form) => `assertion=&${form}`, repeated),
  withForm(
    '1,000 assertions',
    oneParameter,
    (form) => `${'assertion=a&'.repeat(1000)}${form}`,
    repeated,
  ),
  withForm(
    'a scope',
    'Salesforce Help: scopes cannot be specified in this flow',
    (form) => `${form}&scope=api`,
    scopeGiven,
  ),
  withForm(
    'an empty scope',
    'Salesforce Help: scopes cannot be specified in this flow',
    (form) => `${form}&scope=`,
    scopeGiven,
  ),
  withForm(
    'two scopes',
    'Salesforce Help: scopes cannot be specified in this flow',
    (form) => `${form}&scope=api&scope=full`,
    repeated,
  ),
  withForm(
    'SQL as scope',
    'Salesforce Help: scopes cannot be specified in this flow',
    (form) => `${form}&scope='--`,
    scopeGiven,
  ),
  withForm(
    'a client_id that is not the issuer’s',
    'jsforce sends what it is configured with',
    (form) => `${form}&client_id=other`,
    granted,
  ),
  withForm(
    'a redirect_uri to a trap',
    'no part of this flow; nothing is fetched',
    (form, t) => `${form}&redirect_uri=${t.trap.url}`,
    granted,
  ),
  withForm(
    'a resource and an audience as parameters',
    'RFC 8693: no part of this flow',
    (form) => `${form}&resource=https://evil.example&audience=https://evil.example`,
    granted,
  ),
  withForm(
    'a username and a password too',
    'no part of this flow',
    (form) => `${form}&username=admin@local-org.example&password=x`,
    granted,
  ),
  withForm('grant_type twice', oneParameter, (form) => `grant_type=password&${form}`, repeated),
  withForm('client_id twice', oneParameter, (form) => `${form}&client_id=a&client_id=b`, repeated),
  withForm('format twice', oneParameter, (form) => `${form}&format=json&format=xml`, repeated),
  ...['evil', '', 'xml\0', '../json', '__proto__'].map((format) =>
    withForm(
      `format ${JSON.stringify(format)}`,
      'a format that chooses a file',
      (form) => `${form}&format=${encodeURIComponent(format)}`,
      granted,
    ),
  ),
  withForm(
    'a refusal as XML, for an assertion with markup',
    'markup that comes back',
    () =>
      new URLSearchParams({
        grant_type: jwtBearer,
        assertion: ']]><script>alert(1)</script>',
        format: 'xml',
      }).toString(),
    {
      status: 400,
      body: '<?xml version="1.0" encoding="UTF-8"?><OAuth><error>invalid_grant</error><error_description>invalid assertion</error_description></OAuth>',
    },
  ),
  row(
    'everything in the query, the body empty',
    'public reports: parameters of the query are read',
    (t) => ({ path: `/services/oauth2/token?${goodForm(t)}`, body: '' }),
    granted,
  ),
  row(
    'everything in the query, the body JSON',
    'public reports: parameters of the query are read',
    (t) => ({
      path: `/services/oauth2/token?${goodForm(t)}`,
      headers: { 'content-type': 'application/json' },
      body: '{"grant_type":"password"}',
    }),
    granted,
  ),
  row(
    'another grant type in the query',
    oneParameter,
    { path: '/services/oauth2/token?grant_type=password' },
    repeated,
  ),
  row(
    'another assertion in the query',
    oneParameter,
    { path: '/services/oauth2/token?assertion=a.b.c' },
    repeated,
  ),
  row(
    'a scope in the query',
    'Salesforce Help: scopes cannot be specified in this flow',
    { path: '/services/oauth2/token?scope=full' },
    scopeGiven,
  ),
  row(
    'a query of 15,000 characters',
    'work in step with the size',
    { path: `/services/oauth2/token?${'a=1&'.repeat(3750)}` },
    granted,
  ),
  row(
    'a query with a second question mark',
    'a path that is read twice',
    { path: '/services/oauth2/token?x=1?scope=full' },
    granted,
  ),
  row(
    'a site that is not there',
    'Salesforce: an Experience Cloud site has a token endpoint',
    { path: `/nowhere'--/services/oauth2/token` },
    notFound,
  ),
  row(
    'a foreign Origin',
    'a page on the web that posts a form',
    { headers: { origin: 'https://evil.example' } },
    granted,
  ),
  row(
    'cookies of somebody',
    'no part of this flow',
    { headers: { cookie: 'sid=x; sid=y; __proto__=z' } },
    granted,
  ),
  row(
    'an Authorization of somebody',
    'no part of this flow',
    { headers: { authorization: 'Basic Og==' } },
    granted,
  ),
  row(
    'Accept: evil',
    'content that is negotiated',
    { headers: { accept: '\u00ff;q=a, */*;q=9e9' } },
    granted,
  ),
  row(
    'an address in X-Forwarded-For',
    'an address that the forger chooses',
    {
      headers: {
        'x-forwarded-for': `127.0.0.1' OR '1`,
        'x-real-ip': '10.0.0.1',
        forwarded: 'for=evil',
      },
    },
    granted,
  ),
  row(
    'a URL in the headers of rewriting proxies',
    'a path that comes in a header',
    { headers: { 'x-original-url': '/_org/reset', 'x-rewrite-url': '/_org/reset' } },
    granted,
  ),
];

export const requests = requestFamily('requests', rows);
