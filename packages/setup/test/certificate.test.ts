// Before any X509Certificate: on Node 26, toLegacyObject() breaks `tls` for a process that has not
// loaded it yet.
// oxlint-disable-next-line import/no-unassigned-import
import 'node:tls';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { milliseconds } from '@sfjwt/client';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCertificate } from '../src/index.ts';
import {
  clock,
  missingOpenssl,
  now,
  openssl,
  privateKey,
  privateKeyPem,
  publicKey,
  temporaryDirectory,
} from './openssl.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

test('is signed by its own key, and describes itself', async () => {
  const made = await createCertificate({ privateKey, clock });
  const read = new X509Certificate(made.pem);
  expect(read.verify(publicKey)).toBe(true);
  expect(read.checkPrivateKey(privateKey)).toBe(true);
  expect(read.ca).toBe(true);
  expect(Buffer.from(made.der).equals(read.raw)).toBe(true);
  expect(made).toMatchObject({
    subject: 'CN=sfjwt',
    fingerprint256: read.fingerprint256,
    fingerprint1: read.fingerprint,
    serialNumber: read.serialNumber,
  });
});

describe('validity', () => {
  test('begins five minutes ago and lasts as long as in the walk-through', async () => {
    const { notBefore, notAfter, pem } = await createCertificate({ privateKey, clock });
    expect(notBefore.getTime()).toBe(now - 5 * minute);
    expect(notAfter.getTime()).toBe(now + 36_500 * day);
    expect(new X509Certificate(pem).validTo).toBe('Oct 30 12:00:00 2126 GMT');
  });

  test('names dates from 2050 on with four digits of the year', async () => {
    const later = { now: () => milliseconds(Date.UTC(2061, 0, 1)) };
    const { notBefore, notAfter } = await createCertificate({
      privateKey,
      days: 1,
      clock: later,
    });
    expect(notBefore.toISOString()).toBe('2060-12-31T23:55:00.000Z');
    expect(notAfter.toISOString()).toBe('2061-01-02T00:00:00.000Z');
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 3_000_000])(
    'refuses %d days',
    async (days) => {
      await expect(createCertificate({ privateKey, days, clock })).rejects.toMatchObject({
        code: 'CERTIFICATE_DAYS_INVALID',
        hints: [expect.stringContaining('whole number of days')],
      });
    },
  );
});

test('serial numbers are positive, 20 octets long and never the same', async () => {
  const serials = new Set<string>();
  for (let index = 0; index < 20; index++) {
    const { serialNumber } = await createCertificate({ privateKey });
    expect(serialNumber).toMatch(/^[4-7][0-9A-F]{39}$/);
    serials.add(serialNumber);
  }
  expect(serials.size).toBe(20);
});

test.each([
  ['a public key', publicKey],
  ['an EC key', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
  ['a short key', generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey],
])('refuses %s', async (_name, key) => {
  await expect(createCertificate({ privateKey: key })).rejects.toMatchObject({
    code: 'KEY_NOT_FOR_CERTIFICATE',
    hints: [expect.stringContaining('sfjwt key new')],
  });
});

describe('subject', () => {
  test.each([
    ['CN=Nightly Sync,O=Acme', 'CN=Nightly Sync,O=Acme'],
    ['/O=Acme/CN=Nightly Sync', 'CN=Nightly Sync,O=Acme'],
    ['cn = Nightly Sync , O = Acme', 'CN=Nightly Sync,O=Acme'],
    [String.raw`CN=Acme\, Inc.`, String.raw`CN=Acme\, Inc.`],
    [String.raw`CN=a\2Cb\C3\A9`, String.raw`CN=a\,bé`],
    [String.raw`CN=\"quoted\" \+ \<more\>\; \\`, String.raw`CN=\"quoted\" \+ \<more\>\; \\`],
    [String.raw`CN=\#1`, String.raw`CN=\#1`],
    [String.raw`CN=\ blank\ `, String.raw`CN=\ blank\ `],
    ['CN=a=b', 'CN=a=b'],
    [String.raw`/CN=a\/b, c`, String.raw`CN=a/b\, c`],
    ['CN=Zürich 東京 😀', 'CN=Zürich 東京 😀'],
    [`CN=${'x'.repeat(64)}`, `CN=${'x'.repeat(64)}`],
    ['C=CH,DC=example,emailAddress=a@b.example', 'C=CH,DC=example,emailAddress=a@b.example'],
  ])('%s', async (subject, written) => {
    const made = await createCertificate({ privateKey, subject, clock });
    expect(made.subject).toBe(written);
    expect(new X509Certificate(made.pem).issuer).toBe(new X509Certificate(made.pem).subject);
    if (missingOpenssl) return;
    const name = openssl(['x509', '-noout', '-subject', '-nameopt', 'RFC2253,-esc_msb'], made.pem);
    expect(name).toBe(`subject=${written}`);
  });

  test.each([
    ['nothing', ''],
    ['a blank', ' '],
    ['a lone slash', '/'],
    ['words', 'Nightly Sync'],
    ['no value', 'CN='],
    ['a comma at the end', 'CN=x,'],
    ['a comma in a value', 'CN=Acme, Inc.'],
    ['a slash in a value', '/CN=a/b'],
    ['quotes', 'CN="Acme, Inc."'],
    ['a plus sign', 'CN=a+b'],
    ['a plus sign after a slash', '/CN=a+O=b'],
    ['a semicolon', 'CN=a;b'],
    ['BER in hex', 'CN=#0c0161'],
    ['a backslash at the end', 'CN=x\\'],
    ['a line break', 'CN=a\nb'],
    ['a line break in hex', String.raw`CN=a\0Ab`],
    ['a NUL', 'CN=a\0b'],
    ['a terminal escape', 'CN=\u001B[31mred'],
    ['half a surrogate pair', 'CN=\uD800'],
    ['octets that are not UTF-8', String.raw`CN=\FF`],
    ['300 characters', `CN=${'x'.repeat(300)}`],
    ['65 characters', `CN=${'é'.repeat(65)}`],
    ['an unknown attribute', 'NICKNAME=x'],
    ['a name every object has', 'constructor=x'],
    ['a country in lower case', 'C=us'],
    ['a country by name', 'C=France'],
    ['an e-mail address beyond ASCII', 'emailAddress=ü@example.org'],
  ])('refuses %s', async (_name, subject) => {
    const refused = createCertificate({ privateKey, subject });
    await expect(refused).rejects.toMatchObject({
      code: 'CERTIFICATE_SUBJECT_INVALID',
      // A refusal is printed: what was typed must not reach the terminal as a control character.
      message: expect.not.stringMatching(/\p{Cc}/u),
      hints: expect.arrayContaining([expect.stringContaining('CN=Nightly Sync')]),
    });
  });

  test('whatever is typed is written exactly or refused', async () => {
    const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(value, async (text) => {
        const escaped = text.replaceAll(/[\\,+"<>;#= ]/g, String.raw`\$&`);
        const made = await createCertificate({ privateKey, subject: `CN=${escaped}` }).catch(
          (error: unknown) => error,
        );
        if (made instanceof Error) {
          expect(made).toHaveProperty('code', 'CERTIFICATE_SUBJECT_INVALID');
          return;
        }
        const { pem } = made as { pem: string };
        const read = new X509Certificate(pem).toLegacyObject().subject;
        expect(read).toEqual({ CN: text });
      }),
      { numRuns: 60 },
    );
  });

  test('refuses a certificate over 4 KB', async () => {
    const subject = Array.from({ length: 40 }, () => `OU=${'x'.repeat(64)}`).join(',');
    await expect(createCertificate({ privateKey, subject })).rejects.toMatchObject({
      code: 'CERTIFICATE_TOO_LARGE',
      message: expect.stringContaining('4096'),
    });
  });
});

describe.skipIf(missingOpenssl)('beside openssl', () => {
  const directory = temporaryDirectory();
  const keyFile = join(directory, 'salesforce.key');
  writeFileSync(keyFile, privateKeyPem, { mode: 0o600 });

  /** All that openssl prints, save what differs in every certificate. */
  const comparable = (pem: string): string =>
    openssl(['x509', '-noout', '-text', '-certopt', 'no_serial,no_validity,no_sigdump'], pem);

  test.each(['/CN=sfjwt', '/C=CH/O=Acme/CN=Zürich/emailAddress=a@b.example/DC=example'])(
    'equals what `openssl req -x509` makes of the same key: %s',
    async (subject) => {
      const theirs = openssl([
        ...'req -x509 -sha256 -days 36500 -utf8 -subj'.split(' '),
        subject,
        '-key',
        keyFile,
      ]);
      const ours = await createCertificate({ privateKey, subject });
      expect(comparable(ours.pem)).toBe(comparable(theirs));
      expect(comparable(ours.pem)).toContain('CA:TRUE');
      const names = (pem: string): string =>
        openssl(['asn1parse'], pem)
          .replaceAll(/^ *\d+:/gm, '')
          .split('UTCTIME')[0] ?? '';
      // The names are the same byte for byte: object identifiers and string types.
      expect(names(ours.pem).split('sha256With')[1]).toBe(names(theirs).split('sha256With')[1]);
    },
  );

  test('passes strict verification', async () => {
    const { pem } = await createCertificate({ privateKey });
    const file = join(directory, 'strict.crt');
    writeFileSync(file, pem);
    const verified = openssl(['verify', '-x509_strict', '-check_ss_sig', '-CAfile', file, file]);
    expect(verified).toBe(`${file}: OK`);
  });

  test('has the modulus of its key, and writes late dates as GeneralizedTime', async () => {
    const { pem } = await createCertificate({ privateKey, clock });
    expect(openssl(['x509', '-noout', '-modulus'], pem)).toBe(
      openssl(['rsa', '-noout', '-modulus'], privateKeyPem),
    );
    const asn1 = openssl(['asn1parse'], pem);
    expect(asn1).toMatch(/UTCTIME +:261123115500Z/);
    expect(asn1).toMatch(/GENERALIZEDTIME +:21261030120000Z/);
  });

  test('has the fingerprints that openssl prints', async () => {
    const { pem, fingerprint1, fingerprint256 } = await createCertificate({ privateKey });
    for (const [digest, value] of [
      ['-sha1', fingerprint1],
      ['-sha256', fingerprint256],
    ] as const) {
      expect(openssl(['x509', '-noout', '-fingerprint', digest], pem).split('=')[1]).toBe(value);
    }
  });
});
