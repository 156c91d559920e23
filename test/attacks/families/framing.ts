/** Requests that two readers would cut apart at different places, and requests that are none. */

import { closed, granted, status } from '../attack.ts';
import type { Expected } from '../attack.ts';
import { httpRequest } from '../connection.ts';
import { requestFamily } from '../family.ts';
import type { RequestRow } from '../family.ts';
import type { Target } from '../target.ts';
import { goodForm } from './requests.ts';

const refused = status(400);
/** Not for this host: RFC 9110 section 15.5.20. */
const misdirected: Expected = { status: 421, body: 'This org answers to localhost only\n' };

const length = 'RFC 9112 section 6.3: one length, in digits';
const smuggling = 'RFC 9112 section 11.2: request smuggling';
const lines = 'RFC 9112 sections 2.2 and 5: lines and fields';
const rebinding = 'RFC 9110 section 7.2: a name that somebody else pointed here (DNS rebinding)';
const version = 'RFC 9112 section 2.3: the version of the protocol';
const foreign = 'another protocol on this port';

const raw = (text: string): Buffer => Buffer.from(text, 'latin1');

/** The lines of a good request, to be written otherwise. */
function written(
  target: Target,
  change: (head: string) => string,
  changeBody: (body: string) => string = (body) => body,
): Buffer {
  const text = httpRequest({ body: goodForm(target) }).toString('latin1');
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return raw(change(`${head}\r\n\r\n`) + changeBody(body));
}

const field = (name: string, why: string, line: string, expected: Expected): RequestRow => [
  `field: ${name}`,
  why,
  (t) => written(t, (head) => head.replace('\r\n', `\r\n${line}\r\n`)),
  expected,
];

const host = (value: string | readonly string[] | undefined, expected: Expected): RequestRow => [
  `host ${JSON.stringify(value) ?? 'missing'}`,
  rebinding,
  (t) => httpRequest({ headers: { host: value }, body: goodForm(t) }),
  expected,
];

const bytes = (name: string, text: string | Buffer, expected: Expected = refused): RequestRow => [
  name,
  foreign,
  () => (typeof text === 'string' ? raw(text) : text),
  expected,
];

const chunkedForm = (form: string): string => `${form.length.toString(16)}\r\n${form}\r\n0\r\n\r\n`;

/** A whole good request, to be hidden in the body of another. */
const hidden = (t: Target): string => httpRequest({ body: goodForm(t) }).toString('latin1');

const rows: readonly RequestRow[] = [
  [
    'a length and chunks',
    smuggling,
    (t) =>
      httpRequest({
        headers: { 'transfer-encoding': 'chunked' },
        body: chunkedForm(goodForm(t)),
      }),
    refused,
  ],
  [
    'chunks and a length',
    smuggling,
    (t) => written(t, (head) => head.replace('host:', 'transfer-encoding: chunked\r\nhost:')),
    refused,
  ],
  [
    'CL.TE: a request behind the chunks, within the length',
    smuggling,
    (t) =>
      httpRequest({
        headers: { connection: undefined, 'transfer-encoding': 'chunked' },
        body: `0\r\n\r\n${hidden(t)}`,
      }),
    refused,
  ],
  [
    'TE.CL: a request in a chunk, behind the length',
    smuggling,
    (t) =>
      httpRequest({
        headers: { connection: undefined, 'transfer-encoding': 'chunked', 'content-length': '4' },
        body: chunkedForm(hidden(t)),
      }),
    refused,
  ],
  [
    'TE.TE: one of two codings is hidden by a blank',
    smuggling,
    (t) =>
      httpRequest({
        headers: {
          'content-length': undefined,
          'transfer-encoding': 'chunked',
          'transfer-encoding ': 'x',
        },
        body: chunkedForm(goodForm(t)),
      }),
    refused,
  ],
  [
    'TE.0: chunks under a name with a tab',
    smuggling,
    (t) =>
      httpRequest({
        headers: { 'content-length': undefined, 'transfer-encoding\t': 'chunked' },
        body: chunkedForm(goodForm(t)),
      }),
    refused,
  ],
  [
    'CL.0: a length of 0 and a request for a body',
    smuggling,
    (t) =>
      httpRequest({ headers: { connection: undefined, 'content-length': '0' }, body: hidden(t) }),
    { ...granted, answers: 2 },
  ],
  [
    'GET with a body that is a request',
    smuggling,
    (t) => httpRequest({ method: 'GET', body: hidden(t) }),
    { ...status(400), rule: 'request is a POST' },
  ],
  [
    'two good requests in one write',
    'RFC 9112 section 9.3.2: pipelining; each is answered once',
    (t) =>
      Buffer.concat([
        httpRequest({ headers: { connection: undefined } }),
        httpRequest({ body: goodForm(t) }),
      ]),
    { ...granted, answers: 2 },
  ],
  [
    '100 requests in one write, the last is good',
    'RFC 9112 section 9.3.2: pipelining; each is answered once',
    (t) =>
      Buffer.concat([
        ...Array.from({ length: 99 }, () => httpRequest({ headers: { connection: undefined } })),
        httpRequest({ body: goodForm(t) }),
      ]),
    { ...granted, answers: 100 },
  ],
  [
    'a request behind one that closes',
    'RFC 9112 section 9.6: nothing is read after close',
    (t) => Buffer.concat([httpRequest({}), httpRequest({ body: goodForm(t) })]),
    refused,
  ],
  ...[
    '-1',
    '+5',
    '0x10',
    '1e2',
    '5.0',
    ' ',
    '',
    '5 5',
    '5,5',
    '5;5',
    '\u0665',
    'NaN',
    '999999999999999999999',
    '18446744073709551616',
  ].map((value): RequestRow => [
    `length ${JSON.stringify(value)}`,
    length,
    (t) => httpRequest({ headers: { 'content-length': value }, body: goodForm(t) }),
    refused,
  ]),
  ...(
    [
      ['twice the same', (size: number) => [String(size), String(size)]],
      ['two different ones', (size: number) => [String(size), '5']],
      ['two different ones, the small one first', (size: number) => ['5', String(size)]],
      ['a list of the same', (size: number) => `${size}, ${size}`],
    ] as const
  ).map(([name, value]): RequestRow => [
    `length: ${name}`,
    length,
    (t) => {
      const body = goodForm(t);
      return httpRequest({ headers: { 'content-length': value(body.length) }, body });
    },
    refused,
  ]),
  [
    'length: zeros in front',
    length,
    (t) => {
      const body = goodForm(t);
      return httpRequest({ headers: { 'content-length': `000${body.length}` }, body });
    },
    granted,
  ],
  [
    'length: none, and a body',
    length,
    (t) => httpRequest({ headers: { 'content-length': undefined }, body: goodForm(t) }),
    refused,
  ],
  [
    'length: too small by ten',
    length,
    (t) => {
      const body = goodForm(t);
      return httpRequest({ headers: { 'content-length': String(body.length - 10) }, body });
    },
    refused,
  ],

  [
    'lines: line feeds alone',
    lines,
    (t) => written(t, (head) => head.replaceAll('\r\n', '\n')),
    refused,
  ],
  [
    'lines: carriage returns alone',
    lines,
    (t) => written(t, (head) => head.replaceAll('\r\n', '\r')),
    refused,
  ],
  [
    'lines: one line feed alone',
    lines,
    (t) => written(t, (head) => head.replace('localhost\r\n', 'localhost\n')),
    refused,
  ],
  [
    'lines: two carriage returns',
    lines,
    (t) => written(t, (head) => head.replace('\r\n', '\r\r\n')),
    refused,
  ],
  [
    'lines: empty ones in front',
    'RFC 9112 section 2.2: a server should skip one',
    (t) => written(t, (head) => `\r\n\r\n${head}`),
    granted,
  ],
  [
    'lines: a blank in front of the method',
    lines,
    (t) => written(t, (head) => ` ${head}`),
    refused,
  ],
  [
    'lines: two blanks behind the method',
    'RFC 9112 section 3: a lenient reader may take them for one',
    (t) => written(t, (head) => head.replace('POST ', 'POST  ')),
    granted,
  ],
  [
    'lines: a tab behind the method',
    lines,
    (t) => written(t, (head) => head.replace('POST ', 'POST\t')),
    refused,
  ],
  [
    'lines: a field before the first one, folded',
    'RFC 9112 section 2.2: blanks before the first field',
    (t) => written(t, (head) => head.replace('\r\n', '\r\n transfer-encoding: chunked\r\n')),
    refused,
  ],
  field('folded', 'RFC 9112 section 5.2: obsolete line folding', 'x: a\r\n b', refused),
  field('folded with a tab', 'RFC 9112 section 5.2: obsolete line folding', 'x: a\r\n\tb', refused),
  field('a coding that is folded', smuggling, 'transfer-encoding:\r\n chunked', refused),
  field('no colon', lines, 'nonsense', refused),
  field('no name', lines, ': x', refused),
  field('a blank before the colon', 'RFC 9112 section 5.1', 'x : y', refused),
  field('a blank in the name', lines, 'x y: z', refused),
  field('a name in brackets', lines, '[x]: y', refused),
  field('an é in the name', lines, 'x\u00e9: y', refused),
  field('a null byte in the name', lines, 'x\0: y', refused),
  field('a null byte in the value', 'RFC 9110 section 5.5', 'x: a\0b', refused),
  field('a carriage return in the value', 'RFC 9110 section 5.5', 'x: a\rb', refused),
  field('a line feed in the value', 'RFC 9110 section 5.5', 'x: a\nb', refused),
  field('a control character in the value', 'RFC 9110 section 5.5', 'x: \u0001', refused),
  field('DEL in the value', 'RFC 9110 section 5.5', 'x: \u007f', refused),
  field(
    'bytes beyond ASCII in the value',
    'RFC 9110 section 5.5: obs-text',
    'x: \u00ff\u00fe',
    granted,
  ),
  field('an empty value', lines, 'x:', granted),
  field('__proto__', 'prototype pollution', '__proto__: x', granted),
  field('20,000 characters', 'a head without bounds', `x: ${'a'.repeat(20_000)}`, status(431)),
  field(
    'a name of 20,000 characters',
    'a head without bounds',
    `${'a'.repeat(20_000)}: x`,
    status(431),
  ),
  field(
    '2,000 of them',
    'the fields behind are dropped, Host among them',
    'a: \r\n'.repeat(2000).trim(),
    refused,
  ),
  field('500 of them', 'a head without bounds', 'a: \r\n'.repeat(500).trim(), granted),
  field('10,000 of them', 'a head without bounds', 'a: b\r\n'.repeat(10_000).trim(), status(431)),
  [
    'a target of 20,000 characters',
    'a head without bounds',
    (t) => httpRequest({ path: `/${'a'.repeat(20_000)}`, body: goodForm(t) }),
    status(431),
  ],

  host(undefined, refused),
  host('', misdirected),
  host('evil.example', misdirected),
  host('evil.example:7523', misdirected),
  host('login.salesforce.com', misdirected),
  host('localhost.evil.example', misdirected),
  host('127.0.0.1.evil.example', misdirected),
  host('evillocalhost', misdirected),
  host('localhost.', misdirected),
  host('127.0.0.1.', misdirected),
  host('127.1', misdirected),
  host('2130706433', misdirected),
  host('0x7f000001', misdirected),
  host('0177.0.0.1', misdirected),
  host('127.0.0.256', misdirected),
  host('127.999.999.999', misdirected),
  host('0.0.0.0', misdirected),
  host('10.0.0.1', misdirected),
  host('169.254.169.254', misdirected),
  host('[::]', misdirected),
  host('[::1', misdirected),
  host('::1', misdirected),
  host('[::ffff:127.0.0.1]', misdirected),
  host('localhost:abc', misdirected),
  host('localhost:', misdirected),
  host('localhost:80:80', misdirected),
  host('localhost:99999', refused),
  host('localhost@evil.example', misdirected),
  host('evil.example@localhost', misdirected),
  host('localhost,evil.example', misdirected),
  host('localhost evil.example', misdirected),
  host('localhost/evil', misdirected),
  host('localhost?evil', misdirected),
  host('localhost#evil', misdirected),
  host(String.raw`localhost\evil`, misdirected),
  host('l\u00f6calhost', misdirected),
  host('\u24dbocalhost', misdirected),
  host("localhost'--", misdirected),
  host('x'.repeat(5000), misdirected),
  host(['localhost', 'evil.example'], refused),
  host(['evil.example', 'localhost'], refused),
  host(['localhost', 'localhost'], refused),
  host('LOCALHOST', granted),
  host('[::1]:7523', granted),
  host('acme.localhost:1', granted),
  host('127.255.255.254', granted),
  ...(
    [
      ['http://evil.example/services/oauth2/token', misdirected],
      ['http://localhost@evil.example/services/oauth2/token', misdirected],
      ['http://evil.example:80@localhost/services/oauth2/token', misdirected],
      ['http://login.salesforce.com/services/oauth2/token', misdirected],
      ['http://127.999.999.999/services/oauth2/token', misdirected],
      ['HTTP://EVIL.EXAMPLE/services/oauth2/token', misdirected],
      ['http:///services/oauth2/token', misdirected],
      ['http://localhost/services/oauth2/token', granted],
      ['file:///etc/passwd', misdirected],
      ['evil.example:443', refused],
      ['http:evil.example', refused],
    ] as const
  ).map(([path, expected]): RequestRow => [
    `target ${path}`,
    'RFC 9112 section 3.2.2: the absolute form counts more than Host',
    (t) => httpRequest({ path, body: goodForm(t) }),
    expected,
  ]),
  [
    'a good target, and a bad Host',
    rebinding,
    (t) =>
      httpRequest({
        path: 'http://localhost/services/oauth2/token',
        headers: { host: 'evil.example' },
        body: goodForm(t),
      }),
    misdirected,
  ],
  [
    'another host in the headers of proxies',
    rebinding,
    (t) =>
      httpRequest({
        headers: {
          'x-forwarded-host': 'evil.example',
          'x-host': 'evil.example',
          forwarded: 'host=evil.example',
        },
        body: goodForm(t),
      }),
    granted,
  ],
  [
    'another host in HTTP/1.0',
    rebinding,
    (t) =>
      httpRequest({ version: 'HTTP/1.0', headers: { host: 'evil.example' }, body: goodForm(t) }),
    misdirected,
  ],
  [
    'no host in HTTP/1.0',
    rebinding,
    (t) => httpRequest({ version: 'HTTP/1.0', headers: { host: undefined }, body: goodForm(t) }),
    misdirected,
  ],

  ...[
    'HTTP/3.0',
    'HTTP/1.2',
    'HTTP/1.10',
    'HTTP/01.1',
    'HTTP/1',
    'http/1.1',
    'HTP/1.1',
    'HTTPS/1.1',
    'HTTP/1.1 x',
    'HTTP/-1.1',
    '',
  ].map((value): RequestRow => [
    `version ${JSON.stringify(value)}`,
    version,
    (t) => httpRequest({ version: value, body: goodForm(t) }),
    refused,
  ]),
  [
    'version HTTP/1.0',
    version,
    (t) => httpRequest({ version: 'HTTP/1.0', body: goodForm(t) }),
    granted,
  ],
  bytes('HTTP/0.9', 'GET /\r\n\r\n', misdirected),
  bytes('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  bytes('the greeting of TLS', Buffer.from('1603010200010001fc0303', 'hex')),
  bytes('SSH', 'SSH-2.0-OpenSSH_9.9\r\n'),
  bytes('SMTP', 'EHLO localhost\r\n'),
  bytes('Redis', '*1\r\n$4\r\nPING\r\n'),
  bytes('PostgreSQL', Buffer.from('0000000804d2162f', 'hex')),
  bytes('the header of a proxy', 'PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n'),
  bytes('RTSP', 'OPTIONS rtsp://localhost RTSP/1.0\r\n\r\n', misdirected),
  bytes('1,000 null bytes', Buffer.alloc(1000)),
  bytes('1,000 times FF', Buffer.alloc(1000, 0xff)),
  bytes('1 MB without a line break', Buffer.alloc(1_000_000, 0x41)),
  bytes('CONNECT', 'CONNECT evil.example:443 HTTP/1.1\r\nhost: localhost\r\n\r\n', closed),
  [
    'Expect: 100-continue',
    'RFC 9110 section 10.1.1: an answer in between',
    (t) => httpRequest({ headers: { expect: '100-continue' }, body: goodForm(t) }),
    { ...granted, answers: 2 },
  ],
  [
    'Expect: something',
    'RFC 9110 section 10.1.1',
    (t) => httpRequest({ headers: { expect: '200-ok' }, body: goodForm(t) }),
    status(417),
  ],
  [
    'Upgrade: h2c',
    'RFC 9110 section 7.8: an upgrade that nobody offers',
    (t) =>
      httpRequest({
        headers: {
          connection: 'upgrade, http2-settings, close',
          upgrade: 'h2c',
          'http2-settings': 'AAMAAABk',
        },
        body: goodForm(t),
      }),
    granted,
  ],
  [
    'Upgrade: websocket',
    'RFC 9110 section 7.8: an upgrade that nobody offers',
    (t) =>
      httpRequest({
        headers: {
          connection: 'upgrade, close',
          upgrade: 'websocket',
          'sec-websocket-key': 'x',
          'sec-websocket-version': '13',
        },
        body: goodForm(t),
      }),
    granted,
  ],
];

export const framing = requestFamily('framing', rows);
