import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect as print } from 'node:util';
import { milliseconds } from '@sfjwt/client';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createCertificate,
  inspect,
  inspectFile,
  keyMatchesCertificate,
  writeKeyFiles,
} from '../src/index.ts';
import type { Inspection } from '../src/index.ts';
import {
  clock,
  missingKeytool,
  missingOpenssl,
  now,
  openssl,
  opensslBytes,
  privateKey,
  privateKeyPem,
  publicKey,
  temporaryDirectory,
} from './openssl.ts';

const directory = temporaryDirectory();
const certificate = await createCertificate({ privateKey, clock, days: 30 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

const spki = publicKey.export({ type: 'spki', format: 'der' });
const digest = createHash('sha256').update(spki).digest('hex').toUpperCase();
const publicKeyFingerprint = digest.replaceAll(/..(?=.)/g, '$&:');

const pemOf = (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1'): string =>
  String(key.export({ type, format: 'pem' }));
const derOf = (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1'): Buffer =>
  key.export({ type, format: 'der' });
const secret = { cipher: 'aes-256-cbc', passphrase: 'open' };

const only = (contents: Uint8Array | string): Inspection | undefined => {
  const entries = inspect(contents, { clock });
  expect(entries).toHaveLength(1);
  return entries[0];
};

const fileOf = (name: string, contents: string | Uint8Array, mode = 0o600): string => {
  const file = join(directory, name);
  writeFileSync(file, contents);
  chmodSync(file, mode);
  return file;
};

const rsa = { kind: 'privateKey', algorithm: 'RSA', bits: 2048, encrypted: false, hints: [] };

test.each([
  ['PKCS#8 PEM', pemOf(privateKey, 'pkcs8'), 'PKCS#8'],
  ['PKCS#8 DER', derOf(privateKey, 'pkcs8'), 'PKCS#8'],
  ['PKCS#1 PEM', pemOf(privateKey, 'pkcs1'), 'PKCS#1'],
  ['PKCS#1 DER', derOf(privateKey, 'pkcs1'), 'PKCS#1'],
  ['CRLF line ends', privateKeyPem.replaceAll('\n', '\r\n'), 'PKCS#8'],
  ['words around it', `Bag Attributes\n    friendlyName: ü\n${privateKeyPem}`, 'PKCS#8'],
])('RSA private key, %s', (_name, contents, format) => {
  expect(only(contents)).toEqual({ ...rsa, format, publicKeyFingerprint });
});

test.each([
  ['EC, SEC 1 PEM', pemOf(ec, 'sec1'), 'SEC 1', 'EC'],
  ['EC, SEC 1 DER', derOf(ec, 'sec1'), 'SEC 1', 'EC'],
  ['EC, PKCS#8', pemOf(ec, 'pkcs8'), 'PKCS#8', 'EC'],
  ['Ed25519', pemOf(generateKeyPairSync('ed25519').privateKey, 'pkcs8'), 'PKCS#8', 'Ed25519'],
])('a key that Salesforce cannot use: %s', (_name, contents, format, algorithm) => {
  expect(only(contents)).toMatchObject({
    kind: 'privateKey',
    format,
    algorithm,
    hints: [expect.stringContaining('RSA keys only')],
  });
});

test('a short RSA key', () => {
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  expect(only(pemOf(short, 'pkcs8'))).toMatchObject({
    bits: 1024,
    hints: [expect.stringContaining('2048 bits or more')],
  });
});

test.each([
  ['PKCS#8 PEM', privateKey.export({ type: 'pkcs8', format: 'pem', ...secret }), 'PKCS#8'],
  ['PKCS#8 DER', privateKey.export({ type: 'pkcs8', format: 'der', ...secret }), 'PKCS#8'],
  ['PKCS#1', privateKey.export({ type: 'pkcs1', format: 'pem', ...secret }), 'PKCS#1', 'RSA'],
  ['SEC 1', ec.export({ type: 'sec1', format: 'pem', ...secret }), 'SEC 1', 'EC'],
])('an encrypted key, %s', (_name, contents, format, algorithm?: string) => {
  expect(only(contents)).toEqual({
    kind: 'privateKey',
    format,
    algorithm,
    bits: undefined,
    encrypted: true,
    publicKeyFingerprint: undefined,
    hints: [expect.stringContaining('openssl pkey')],
  });
});

test.each([
  ['SPKI PEM', publicKey.export({ type: 'spki', format: 'pem' })],
  ['SPKI DER', spki],
  ['PKCS#1 PEM', publicKey.export({ type: 'pkcs1', format: 'pem' })],
  ['PKCS#1 DER', publicKey.export({ type: 'pkcs1', format: 'der' })],
])('a public key, %s', (_name, contents) => {
  expect(only(contents)).toEqual({
    kind: 'publicKey',
    algorithm: 'RSA',
    bits: 2048,
    publicKeyFingerprint,
    hints: [expect.stringContaining('certificate')],
  });
});

describe('certificate', () => {
  test.each([
    ['PEM', certificate.pem],
    ['DER', certificate.der],
    ['X509 label', certificate.pem.replaceAll('CERTIFICATE', 'X509 CERTIFICATE')],
  ])('%s', (_name, contents) => {
    const { serialNumber, fingerprint256, notBefore, notAfter } = certificate;
    expect(only(contents)).toEqual({
      kind: 'certificate',
      subject: 'CN=sfjwt',
      issuer: 'CN=sfjwt',
      serialNumber,
      fingerprint256,
      notBefore,
      notAfter,
      daysLeft: 30,
      algorithm: 'RSA',
      bits: 2048,
      selfSigned: true,
      publicKeyFingerprint,
      hints: [],
    });
  });

  const day = 24 * 60 * 60 * 1000;
  test.each([
    [29.5, 0, undefined],
    [30.5, -1, 'expired'],
    [400, -370, 'expired'],
    [-1, 31, 'not valid yet'],
  ])('after %d days %i are left', (after, daysLeft, hint) => {
    const later = { now: () => milliseconds(now + after * day) };
    expect(inspect(certificate.pem, { clock: later })[0]).toMatchObject({
      daysLeft,
      hints: hint === undefined ? [] : [expect.stringContaining(hint)],
    });
  });
});

describe('several things in one file', () => {
  test('each is named, in the order of the file', () => {
    const text = `${privateKeyPem}${certificate.pem}-----BEGIN DH PARAMETERS-----\nAA==\n-----END DH PARAMETERS-----\n`;
    const entries = inspect(text, { clock });
    expect(entries.map(({ kind }) => kind)).toEqual(['privateKey', 'certificate', 'otherBlock']);
    expect(entries[2]).toMatchObject({ label: 'DH PARAMETERS' });
  });

  test('a damaged block does not hide the others', () => {
    const entries = inspect(
      privateKeyPem.replace('-----END PRIVATE KEY-----', '') + certificate.pem,
    );
    expect(entries).toMatchObject([
      { kind: 'damagedBlock', label: 'PRIVATE KEY', hints: [expect.stringContaining('-----END')] },
      { kind: 'certificate' },
    ]);
  });
});

test.each([
  ['a character too many', privateKeyPem.replace(/\n[A-Za-z]/, '\n!'), 'original file'],
  ['line breaks written out', privateKeyPem.replaceAll('\n', String.raw`\n`), 'line breaks'],
  ['a certificate that is none', certificate.pem.replace('MII', 'AII'), 'original file'],
  [
    'OpenSSH without its magic',
    `-----BEGIN OPENSSH PRIVATE KEY-----\nAA==\n-----END OPENSSH PRIVATE KEY-----\n`,
    'original file',
  ],
])('damaged: %s', (_name, contents, hint) => {
  expect(only(contents)).toMatchObject({
    kind: 'damagedBlock',
    hints: [expect.stringContaining(hint)],
  });
});

test('key and certificate are matched by their public key', async () => {
  const [key, ours, stranger] = [
    only(privateKeyPem),
    only(certificate.pem),
    only(pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, 'pkcs1')),
  ];
  const hidden = only(privateKey.export({ type: 'pkcs8', format: 'pem', ...secret }));
  if (!key || !ours || !stranger || !hidden) throw new Error('Nothing was recognised');
  expect(keyMatchesCertificate(key, ours)).toBe(true);
  expect(keyMatchesCertificate(ours, key)).toBe(true);
  expect(keyMatchesCertificate(stranger, ours)).toBe(false);
  expect(keyMatchesCertificate(hidden, ours)).toBe(false);
  expect(keyMatchesCertificate(hidden, hidden)).toBe(false);
});

describe('file', () => {
  test.each([
    [0o600, []],
    [0o400, []],
    [0o640, [expect.stringContaining('its group')]],
    [0o644, [expect.stringContaining('every user')]],
  ])('a private key with mode %o', async (mode, warnings) => {
    const file = fileOf(`mode-${mode}.key`, privateKeyPem, mode);
    expect(await inspectFile(file)).toMatchObject({ file, entries: [rsa], warnings });
  });

  test('a certificate may be read by all', async () => {
    const file = fileOf('open.crt', certificate.pem, 0o644);
    expect((await inspectFile(file)).warnings).toEqual([]);
  });

  test('key beside certificate, and more than Salesforce takes', async () => {
    const both = fileOf('both.pem', privateKeyPem + certificate.pem);
    expect((await inspectFile(both)).warnings).toEqual([expect.stringContaining('never upload')]);
    const many = fileOf('many.pem', certificate.pem.repeat(5), 0o644);
    expect((await inspectFile(many)).warnings).toEqual([expect.stringContaining('4096')]);
  });

  test('what writeKeyFiles wrote belongs together', async () => {
    const { pem } = certificate;
    const files = await writeKeyFiles({ directory, privateKeyPem, certificatePem: pem });
    const key = await inspectFile(files.privateKeyFile);
    const crt = await inspectFile(files.certificateFile);
    const [a, b] = [key.entries[0], crt.entries[0]];
    expect(a && b && keyMatchesCertificate(a, b)).toBe(true);
    expect([...key.warnings, ...crt.warnings]).toEqual([]);
  });

  test.each(['missing.key', '.'])('%s cannot be read', async (name) => {
    await expect(inspectFile(join(directory, name))).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      cause: expect.any(Error),
    });
  });

  test('a private key in place of a path is not shown', async () => {
    const error: unknown = await inspectFile(privateKeyPem).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'FILE_UNREADABLE' });
    expect(print(error, { depth: null, showHidden: true })).not.toContain(
      privateKeyPem.split('\n')[1],
    );
  });

  test('more than 1 MB is refused, whatever size the file claims', async () => {
    const large = { code: 'FILE_TOO_LARGE' };
    const file = fileOf('large.pem', certificate.pem.padEnd(1024 * 1024 + 1));
    await expect(inspectFile(file)).rejects.toMatchObject(large);
    expect(() => inspect(' '.repeat(1024 * 1024 + 1))).toThrow(expect.objectContaining(large));
    if (process.platform === 'win32') return;
    await expect(inspectFile('/dev/zero')).rejects.toMatchObject(large);
  });
});

test.each([
  ['nothing', '', 'empty'],
  ['blanks', ' \n', 'empty'],
  ['words', 'hello', 'neither PEM'],
  ['JSON', '{"privateKey":"x"}', 'neither PEM'],
  ['base64 alone', certificate.pem.replaceAll(/-----.*-----\n/g, ''), 'base64'],
  ['UTF-16', Buffer.from(`\uFEFF${privateKeyPem}`, 'utf16le'), 'UTF-16'],
  ['an SSH public key', 'ssh-rsa AAAAB3NzaC1yc2E= me@here', 'SSH public key'],
  ['a PuTTY key', 'PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n', 'PuTTY'],
  ['a PNG', Buffer.from('89504e470d0a1a0a', 'hex'), 'neither PEM'],
  ['DER of something else', Buffer.from(`308180${'00'.repeat(128)}`, 'hex'), 'neither PEM'],
])('not recognised: %s', (_name, contents, reason) => {
  expect(() => inspect(contents)).toThrow(
    expect.objectContaining({
      code: 'FILE_NOT_RECOGNISED',
      message: expect.stringContaining(reason),
      hints: [expect.any(String), expect.any(String)],
    }),
  );
});

test('any bytes are described or refused, soon, and no key material comes out', () => {
  const pieces = fc.constantFrom(
    '-----BEGIN PRIVATE KEY-----\n',
    '-----END PRIVATE KEY-----\n',
    privateKeyPem,
    pemOf(privateKey, 'pkcs1'),
    certificate.pem,
    '\n',
  );
  const contents = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(fc.oneof(pieces, fc.string()), { maxLength: 6 }).map((all) => all.join('')),
  );
  const lines = [...privateKeyPem.split('\n'), ...pemOf(privateKey, 'pkcs1').split('\n')];
  const secrets = lines.filter((line) => line.length > 20 && !line.startsWith('---'));
  fc.assert(
    fc.property(contents, (input) => {
      let outcome: unknown;
      try {
        outcome = inspect(input, { clock });
      } catch (error) {
        expect(error).toHaveProperty('name', 'SetupError');
        outcome = error;
      }
      const shown = print(outcome, { depth: null, showHidden: true }) + JSON.stringify(outcome);
      expect(secrets.filter((line) => shown.includes(line))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('a megabyte of first lines takes no time', () => {
  const begin = '-----BEGIN PRIVATE KEY-----';
  const entries = inspect(begin.repeat(Math.floor((1024 * 1024) / begin.length)));
  expect(entries.every(({ kind }) => kind === 'damagedBlock')).toBe(true);
});

describe.skipIf(missingOpenssl)('made by openssl', () => {
  const key = join(directory, 'walkthrough.key');
  const crt = join(directory, 'walkthrough.crt');

  test("the walk-through's own command", async () => {
    openssl([
      ...'req -x509 -sha256 -nodes -days 36500 -newkey rsa:2048 -subj /CN=x'.split(' '),
      '-keyout',
      key,
      '-out',
      crt,
    ]);
    const [a] = (await inspectFile(key)).entries;
    const [b] = (await inspectFile(crt)).entries;
    expect(a).toMatchObject({ ...rsa, format: 'PKCS#8' });
    expect(b).toMatchObject({ kind: 'certificate', subject: 'CN=x', selfSigned: true, hints: [] });
    expect(a && b && keyMatchesCertificate(a, b)).toBe(true);
  });

  test('the fingerprint of the public key is what openssl computes', () => {
    const der = opensslBytes(['pkey', '-pubout', '-outform', 'DER'], privateKeyPem);
    const theirs = openssl(['dgst', '-sha256', '-c'], der).split('= ')[1];
    expect(theirs?.toUpperCase()).toBe(publicKeyFingerprint);
  });

  const keyFile = fileOf('openssl.key', privateKeyPem);
  const crtFile = fileOf('openssl.crt', certificate.pem);
  const pkcs12 = ['pkcs12', '-export', '-in', crtFile, '-inkey', keyFile, '-passout', 'pass:open'];

  test.each([
    ['PKCS#12', () => opensslBytes(pkcs12), 'pkcs12'],
    [
      'request, PEM',
      () => opensslBytes(['req', '-new', '-key', keyFile, '-subj', '/CN=x']),
      'certificateRequest',
    ],
    [
      'request, DER',
      () => opensslBytes(['req', '-new', '-key', keyFile, '-subj', '/CN=x', '-outform', 'DER']),
      'certificateRequest',
    ],
    ['PKCS#7, PEM', () => opensslBytes(['crl2pkcs7', '-nocrl', '-certfile', crtFile]), 'pkcs7'],
    [
      'PKCS#7, DER',
      () => opensslBytes(['crl2pkcs7', '-nocrl', '-certfile', crtFile, '-outform', 'DER']),
      'pkcs7',
    ],
  ])('%s', (_name, make, kind) => {
    expect(only(make())).toEqual({ kind, hints: expect.arrayContaining([expect.any(String)]) });
  });

  test('the hint for PKCS#12 leads to a pair that fits', () => {
    const file = fileOf('hint.p12', opensslBytes(pkcs12));
    const pem = openssl(['pkcs12', '-in', file, '-noenc', '-passin', 'pass:open']);
    const entries = inspect(pem);
    expect(entries.map(({ kind }) => kind).sort()).toEqual(['certificate', 'privateKey']);
    const [a, b] = entries;
    expect(a && b && keyMatchesCertificate(a, b)).toBe(true);
  });

  test('a key encrypted with scrypt', () => {
    const args = ['pkcs8', '-topk8', '-scrypt', '-passout', 'pass:open', '-outform', 'DER'];
    expect(only(opensslBytes(args, privateKeyPem))).toMatchObject({ encrypted: true });
  });

  test('a certificate of another issuer is not self-signed, nor is a copied name enough', () => {
    const strangerKey = pemOf(
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
      'pkcs8',
    );
    const stranger = fileOf('stranger.key', strangerKey);
    const sameName = ['req', '-new', '-key', stranger, '-subj', '/CN=sfjwt'];
    const issued = openssl(
      ['x509', '-req', '-CA', crtFile, '-CAkey', keyFile, '-CAcreateserial', '-days', '9'],
      opensslBytes(sameName),
    );
    expect(only(issued)).toMatchObject({
      subject: 'CN=sfjwt',
      issuer: 'CN=sfjwt',
      selfSigned: false,
    });
  });

  test('a subject that tries to pass for several lines, and one that is empty', () => {
    const make = (subject: string): string =>
      openssl(['req', '-x509', '-utf8', '-key', keyFile, '-subj', subject]);
    expect(only(make('/CN=a\nO=Salesforce'))).toMatchObject({
      subject: String.raw`CN=a\0AO=Salesforce`,
    });
    expect(only(make('/'))).toMatchObject({ subject: '', issuer: '' });
  });
});

// What Salesforce itself exports.
test.skipIf(missingKeytool)('a Java keystore made by keytool', async () => {
  const file = join(directory, 'salesforce.jks');
  const options =
    '-genkeypair -alias sfjwt -keyalg RSA -keysize 2048 -dname CN=sfjwt -storetype JKS ' +
    '-storepass changeit -keypass changeit -keystore';
  execFileSync('keytool', [...options.split(' '), file], { stdio: 'pipe' });
  expect((await inspectFile(file)).entries).toEqual([
    { kind: 'javaKeystore', hints: [expect.stringContaining('sfjwt key import')] },
  ]);
});

test('a key of OpenSSH, open and encrypted', ({ skip }) => {
  mkdirSync(join(directory, 'ssh'));
  for (const [type, passphrase, algorithm] of [
    ['rsa', 'opensesame', 'RSA'],
    ['ed25519', '', 'Ed25519'],
  ] as const) {
    const file = join(directory, 'ssh', `${type}${passphrase}`);
    const bits = type === 'rsa' ? ['-b', '2048'] : [];
    try {
      execFileSync('ssh-keygen', ['-q', '-t', type, ...bits, '-N', passphrase, '-f', file]);
    } catch (cause) {
      if (process.env['CI']) throw cause;
      skip('ssh-keygen is missing');
    }
    expect(only(readFileSync(file))).toMatchObject({
      kind: 'privateKey',
      format: 'OpenSSH',
      algorithm,
      encrypted: passphrase !== '',
      hints: [expect.any(String)],
    });
  }
});
