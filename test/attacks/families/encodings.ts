/** Content and transfer codings: RFC 9110 section 8.4, RFC 9112 sections 6 and 7. */

import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { granted, malformed, status, tooLarge, unknownGrant } from '../attack.ts';
import type { Expected } from '../attack.ts';
import { httpRequest } from '../connection.ts';
import { requestFamily } from '../family.ts';
import type { RequestRow } from '../family.ts';
import { goodForm } from './requests.ts';

const unread = 'RFC 9110 section 8.4: a body that nobody decodes is no form';
const coding = 'RFC 9112 section 6.1: chunked, once and last';
const chunks = 'RFC 9112 section 7.1: the grammar of chunks';

/** A good form in one chunk, written by hand. */
function chunk(text: string, extension = ''): string {
  return `${text.length.toString(16)}${extension}\r\n${text}\r\n`;
}
const end = '0\r\n\r\n';

const transferCodings: readonly [value: string | readonly string[], expected: Expected][] = [
  ['chunked', granted],
  ['CHUNKED', granted],
  ['\tchunked', granted],
  ['chunked, chunked', status(400)],
  ['chunked, identity', status(400)],
  ['chunked, gzip', status(400)],
  ['identity', status(400)],
  ['gzip', status(400)],
  ['xchunked', status(400)],
  ['chunkedx', status(400)],
  ['chunke', status(400)],
  ['"chunked"', status(400)],
  ['\u000bchunked', status(400)],
  ['chunked\0', status(400)],
  ['chun\u212aed', status(400)],
  ['', status(400)],
  [['chunked', 'identity'], status(400)],
  [['chunked', 'chunked'], status(400)],
];

/** Bodies in chunks that are not quite. */
const chunked: readonly [name: string, write: (form: string) => string, expected: Expected][] = [
  [
    'one byte a chunk',
    (form) => Array.from(form, (letter) => chunk(letter)).join('') + end,
    granted,
  ],
  ['an extension', (form) => chunk(form, ';name=value') + end, granted],
  ['an extension in quotes', (form) => chunk(form, String.raw`;name="a\"b"`) + end, granted],
  [
    'an extension of 30,000 characters',
    (form) => chunk(form, `;${'x'.repeat(30_000)}`) + end,
    status(413),
  ],
  ['an extension with a line feed', (form) => chunk(form, ';a\nb') + end, status(400)],
  ['50 zeros before the size', (form) => `${'0'.repeat(50)}${chunk(form)}${end}`, granted],
  [
    'a size in capitals',
    (form) => chunk(form).replace(/^[^\r]*/, (size) => size.toUpperCase()) + end,
    granted,
  ],
  ['a blank behind the size', (form) => chunk(form, ' ') + end, status(400)],
  ['a blank before the size', (form) => ` ${chunk(form)}${end}`, status(400)],
  ['0x before the size', (form) => `0x${chunk(form)}${end}`, status(400)],
  ['+ before the size', (form) => `+${chunk(form)}${end}`, status(400)],
  ['- before the size', (form) => `-${chunk(form)}${end}`, status(400)],
  ['a size of -1', (form) => `-1\r\n${form}\r\n${end}`, status(400)],
  ['a size beyond 64 bits', (form) => `1${'0'.repeat(16)}\r\n${form}\r\n${end}`, status(400)],
  ['no size', (form) => `\r\n${form}\r\n${end}`, status(400)],
  ['a letter for the size', (form) => `g\r\n${form}\r\n${end}`, status(400)],
  [
    'a size that is too small',
    (form) => `${(form.length - 5).toString(16)}\r\n${form}\r\n${end}`,
    status(400),
  ],
  [
    'no line break behind the data',
    (form) => `${form.length.toString(16)}\r\n${form}${end}`,
    status(400),
  ],
  ['line feeds alone', (form) => (chunk(form) + end).replaceAll('\r\n', '\n'), status(400)],
  ['carriage returns alone', (form) => (chunk(form) + end).replaceAll('\r\n', '\r'), status(400)],
  ['a trailer', (form) => `${chunk(form)}0\r\nX-Checksum: 1\r\n\r\n`, granted],
  ['a trailer that frames', (form) => `${chunk(form)}0\r\nContent-Length: 3\r\n\r\n`, status(400)],
  ['a trailer that is none', (form) => `${chunk(form)}0\r\nX Checksum: 1\r\n\r\n`, status(400)],
  [
    'a trailer of 40,000 characters',
    (form) => `${chunk(form)}0\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`,
    status(431),
  ],
  ['the end first, then the form', (form) => end + chunk(form) + end, status(400)],
  ['100,000 bytes in chunks of 10', () => chunk('a'.repeat(10)).repeat(10_000) + end, tooLarge],
  ['1 MB in one chunk', () => chunk('a'.repeat(1_000_000)) + end, tooLarge],
];

const rows: readonly RequestRow[] = [
  ...(
    [
      ['gzip', gzipSync],
      ['x-gzip', gzipSync],
      ['deflate', deflateSync],
      ['br', brotliCompressSync],
    ] as const
  ).map(([name, compress]): RequestRow => [
    `content coding ${name}`,
    unread,
    (t) => httpRequest({ headers: { 'content-encoding': name }, body: compress(goodForm(t)) }),
    unknownGrant,
  ]),
  [
    'a gzip bomb of 30 MB',
    unread,
    () =>
      httpRequest({
        headers: { 'content-encoding': 'gzip' },
        body: gzipSync(Buffer.alloc(30_000_000)),
      }),
    unknownGrant,
  ],
  [
    'gzip ten times over',
    unread,
    (t) => {
      let body: Buffer = Buffer.from(goodForm(t));
      for (let times = 0; times < 10; times += 1) body = gzipSync(body);
      const all = Array.from({ length: 10 }, () => 'gzip').join(', ');
      return httpRequest({ headers: { 'content-encoding': all }, body });
    },
    unknownGrant,
  ],
  ...['gzip', 'identity', 'evil', '', 'gzip, gzip'].map((name): RequestRow => [
    `content coding ${JSON.stringify(name)} that was not applied`,
    'the body is read as it is',
    (t) => httpRequest({ headers: { 'content-encoding': name }, body: goodForm(t) }),
    granted,
  ]),
  ...(
    [
      ['UTF-16', (text: string) => Buffer.from(text, 'utf16le')],
      [
        'UTF-16 with its byte order mark',
        (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le'),
      ],
      ['UTF-7', (text: string) => Buffer.from(text.replaceAll('=', '+AD0-'))],
      ['base64', (text: string) => Buffer.from(Buffer.from(text).toString('base64'))],
      ['quoted-printable', (text: string) => Buffer.from(text.replaceAll('=', '=3D'))],
    ] as const
  ).map(([name, write]): RequestRow => [
    `a form in ${name}`,
    'WHATWG URL: a form is UTF-8',
    (t) =>
      httpRequest({
        headers: { 'content-type': `application/x-www-form-urlencoded; charset=${name}` },
        body: write(goodForm(t)),
      }),
    unknownGrant,
  ]),
  [
    'dots percent-encoded',
    'WHATWG URL: the same form',
    (t) => httpRequest({ body: goodForm(t).replaceAll('.', '%2E').replaceAll('_', '%5f') }),
    granted,
  ],
  [
    'dots percent-encoded twice',
    'a form that is decoded twice',
    (t) => httpRequest({ body: goodForm(t).replaceAll('.', '%252E') }),
    malformed,
  ],
  [
    'every character percent-encoded',
    'WHATWG URL: the same form',
    (t) =>
      httpRequest({
        body: goodForm(t)
          .split(/([&=])/)
          .map((text) => (/[&=]/.test(text) ? text : percentEncoded(decodeURIComponent(text))))
          .join(''),
      }),
    granted,
  ],
  ...transferCodings.map(([value, expected]): RequestRow => [
    `transfer coding ${JSON.stringify(value)}`,
    coding,
    (t) =>
      httpRequest({
        headers: { 'content-length': undefined, 'transfer-encoding': value },
        body: chunk(goodForm(t)) + end,
      }),
    expected,
  ]),
  [
    'transfer coding "gzip, chunked", with gzip inside',
    unread,
    (t) =>
      httpRequest({
        headers: { 'content-length': undefined, 'transfer-encoding': 'gzip, chunked' },
        body: chunk(gzipSync(goodForm(t)).toString('latin1')) + end,
      }),
    unknownGrant,
  ],
  [
    'transfer coding in HTTP/1.0',
    'RFC 9112 section 6.1: framing that nobody should trust',
    (t) =>
      httpRequest({
        version: 'HTTP/1.0',
        headers: {
          'content-length': undefined,
          'transfer-encoding': 'chunked',
          connection: 'keep-alive',
        },
        body: chunk(goodForm(t)) + end,
      }),
    status(400),
  ],
  [
    'a header that is nearly Transfer-Encoding',
    'CGI takes underscores for dashes',
    (t) => httpRequest({ headers: { transfer_encoding: 'chunked' }, body: goodForm(t) }),
    granted,
  ],
  ...chunked.map(([name, write, expected]): RequestRow => [
    `chunks: ${name}`,
    chunks,
    (t) =>
      httpRequest({
        headers: { 'content-length': undefined, 'transfer-encoding': 'chunked' },
        body: write(goodForm(t)),
      }),
    expected,
  ]),
];

function percentEncoded(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

export const encodings = requestFamily('encodings', rows);
