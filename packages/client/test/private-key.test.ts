import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, verify, webcrypto } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ClientError, clientErrorCodes, connect, readPrivateKeyFile } from '../src/node.ts';
import type { ClientEvent, Jwk, PrivateKey, PrivateKeyInput } from '../src/node.ts';
import { nodeRuntime } from '../src/runtime/node.ts';
import { webRuntime } from '../src/runtime/web.ts';
import { createAuthority, derOf } from './authority.ts';
import { pem, pkcs1, pkcs8, privateKey, publicKey } from './key-pair.ts';

const runtimes = { 'node:crypto': nodeRuntime, 'Web Crypto': webRuntime };

const data = Buffer.from('header.claims');

async function isOurKey(key: PrivateKey): Promise<boolean> {
  return verify('sha256', data, publicKey, await key.sign(data));
}

const jwk = privateKey.export({ format: 'jwk' }) as Jwk;
const pkcs8Der = privateKey.export({ type: 'pkcs8', format: 'der' });
const pkcs1Der = privateKey.export({ type: 'pkcs1', format: 'der' });
const oneLine = pkcs8.trim().replaceAll('\n', '');
const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le');

const rs256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const cryptoKey = await webcrypto.subtle.importKey('pkcs8', pkcs8Der, rs256, false, ['sign']);

/** What people hold -> what was mended, in the order in which it was. */
const accepted: readonly (readonly [string, PrivateKeyInput, readonly RegExp[]])[] = [
  ['PKCS#8', pkcs8, []],
  ['PKCS#1', pkcs1, []],
  ['bytes of PEM', Buffer.from(pkcs8), []],
  ['PKCS#8 in DER', pkcs8Der, []],
  ['PKCS#1 in DER', pkcs1Der, []],
  ['DER with more after it', Buffer.concat([pkcs8Der, Buffer.alloc(5)]), []],
  ['a JWK', jwk, []],
  ['a JWK for other uses', { ...jwk, use: 'sig', alg: 'RS256', kid: 'k', key_ops: ['sign'] }, []],
  ['a JWK as text', JSON.stringify(jwk, null, 2), []],
  ['a CryptoKey', cryptoKey, []],
  ['words around the key', `Bag Attributes\n  friendlyName: x\n${pkcs8}\n`, []],
  ['certificate and key in one', certificate + pkcs8, []],
  ['CRLF line ends', pkcs8.replaceAll('\n', '\r\n'), []],
  ['a byte order mark', `\uFEFF${pkcs8}`, [/byte order mark/]],
  ['a byte order mark in bytes', Buffer.from(`\uFEFF${pkcs8}`), [/byte order mark/]],
  ['UTF-16, as PowerShell writes', utf16(pkcs8), []],
  ['written-out \\n', pkcs8.replaceAll('\n', String.raw`\n`), [/written-out/]],
  ['written-out \\\\n', pkcs8.replaceAll('\n', String.raw`\\n`), [/written-out/]],
  ['written-out \\r\\n', pkcs8.replaceAll('\n', String.raw`\r\n`), [/written-out/]],
  ['quotes', `"${pkcs8}"`, [/quotes/]],
  ['single quotes', `'${pkcs8.trim()}'`, [/quotes/]],
  ['a JSON string', JSON.stringify(pkcs8), [/quotes/, /written-out/]],
  ['a JSON string in quotes', `'${JSON.stringify(pkcs8)}'`, [/quotes/, /quotes/, /written-out/]],
  ['base64', base64(pkcs8), [/base64/]],
  ['base64 in lines', base64(pkcs8).replace(/.{76}/g, '$&\n'), [/base64/]],
  ['base64url without padding', Buffer.from(pkcs8).toString('base64url'), [/base64/]],
  ['base64 twice', base64(base64(pkcs8)), [/base64/, /base64/]],
  [
    'base64 of written-out \\n',
    base64(pkcs8.replaceAll('\n', String.raw`\n`)),
    [/base64/, /written-out/],
  ],
  ['base64 of DER', base64(pkcs8Der), [/BEGIN and END/]],
  ['the body alone', pkcs8.split('\n').slice(1, -2).join('\n'), [/BEGIN and END/]],
  ['newlines turned to spaces', pkcs8.replaceAll('\n', ' '), [/line breaks/]],
  ['newlines turned to spaces, PKCS#1', pkcs1.replaceAll('\n', ' '), [/line breaks/]],
  ['one line', oneLine, [/line breaks/]],
  ['indentation', pkcs8.replaceAll(/^/gm, '    '), [/indentation/]],
  ['indentation of YAML', pkcs8.replaceAll('\n', '\n\t'), [/indentation/]],
  ['blank lines', pkcs8.replaceAll('\n', '\n\n'), []],
  ['backslashes of a shell', pkcs8.trim().replaceAll('\n', '\\\n'), [/backslashes/]],
  ['percent encoding', encodeURIComponent(pkcs8), [/percent/]],
  ['dashes of a word processor', pkcs8.replaceAll('-----', '—–—'), [/dashes/]],
  ['an e-mail', pkcs8.replaceAll(/^/gm, '> '), [/e-mail/]],
];

describe.each(Object.entries(runtimes))('with %s', (_runtime, runtime) => {
  test.each(accepted)('accepts %s', async (_name, input, mended) => {
    const key = await runtime.parsePrivateKey(input);
    expect(await isOurKey(key)).toBe(true);
    expect(key.bits).toBe(2048);
    expect(key.mended).toEqual(mended.map((told) => expect.stringMatching(told)));
  });
});

test('accepts a key object', async () => {
  expect(await isOurKey(await nodeRuntime.parsePrivateKey(privateKey))).toBe(true);
  await expect(webRuntime.parsePrivateKey(privateKey)).rejects.toMatchObject({
    code: 'KEY_WRONG_KIND',
  });
});

test('reads a file, and names it when it cannot be read', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sfjwt-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'salesforce.key');
  await expect(readPrivateKeyFile(file)).rejects.toMatchObject({
    code: 'KEY_FILE_UNREADABLE',
    message: expect.stringContaining(file),
  });
  await writeFile(file, pkcs1);
  await chmod(file, 0o600);
  expect(await isOurKey(await readPrivateKeyFile(file))).toBe(true);
});

test.each([
  ['the key', pkcs8],
  ['the key on one line', pkcs8.replaceAll('\n', String.raw`\n`)],
  ['the key in base64', Buffer.from(pkcs8).toString('base64')],
  ['a JWK', JSON.stringify(privateKey.export({ format: 'jwk' }))],
])('%s in place of the path of its file is not shown', async (_name, text) => {
  const error: unknown = await readPrivateKeyFile(text).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'KEY_FILE_UNREADABLE',
    message: 'The private key itself was given where the path of its file belongs',
  });
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain(text.slice(60, 100));
});

test.skipIf(process.platform === 'win32')('a file without end is given up', async () => {
  await expect(readPrivateKeyFile('/dev/zero')).rejects.toMatchObject({
    code: 'KEY_FILE_UNREADABLE',
    cause: expect.objectContaining({ message: expect.stringContaining('more than 65536 bytes') }),
  });
});

const lock = (type: 'pkcs8' | 'pkcs1'): string =>
  String(privateKey.export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' }));

const lockedDer = privateKey.export({
  type: 'pkcs8',
  format: 'der',
  cipher: 'aes-256-cbc',
  passphrase: 'open',
});

const lockedForms = {
  'PKCS#8': lock('pkcs8'),
  'PKCS#8 in one line': lock('pkcs8').replaceAll('\n', ' '),
  'PKCS#8 in DER': lockedDer,
};

const legacyForms = {
  'legacy PEM': lock('pkcs1'),
  'legacy PEM with CRLF': lock('pkcs1').replaceAll('\n', '\r\n'),
  'legacy PEM in one line': lock('pkcs1').replaceAll('\n', ' '),
  'legacy PEM in base64': base64(lock('pkcs1')),
};

describe.each([
  ...Object.entries({ ...lockedForms, ...legacyForms }).map(
    ([name, locked]) => [name, 'node:crypto', nodeRuntime, locked] as const,
  ),
  ...Object.entries(lockedForms).map(
    ([name, locked]) => [name, 'Web Crypto', webRuntime, locked] as const,
  ),
])('an encrypted key: %s, with %s', (_name, _runtime, runtime, locked) => {
  test('opens with its passphrase', async () => {
    expect(await isOurKey(await runtime.parsePrivateKey(locked, 'open'))).toBe(true);
  });

  test('tells a wrong passphrase from a missing one', async () => {
    await expect(runtime.parsePrivateKey(locked)).rejects.toMatchObject({
      code: 'KEY_ENCRYPTED',
      message: expect.stringMatching(/no passphrase was given/),
    });
    await expect(runtime.parsePrivateKey(locked, 'shut')).rejects.toMatchObject({
      code: 'KEY_ENCRYPTED',
      message: expect.stringMatching(/does not open/),
    });
  });
});

test('a wrong passphrase that seems to decrypt is told as a wrong passphrase', async () => {
  const locked = lock('pkcs1');
  const seemsToDecrypt = (passphrase: string): boolean => {
    try {
      createPrivateKey({ key: locked, passphrase });
      return false;
    } catch (error) {
      return (error as { code?: string }).code === 'ERR_OSSL_UNSUPPORTED';
    }
  };
  // One in 256 leaves padding that looks right.
  const wrong = Array.from({ length: 10_000 }, (_, n) => `shut ${n}`).find(seemsToDecrypt);
  await expect(nodeRuntime.parsePrivateKey(locked, wrong ?? '')).rejects.toMatchObject({
    code: 'KEY_ENCRYPTED',
    message: expect.stringMatching(/does not open/),
  });
});

test.each([
  ['-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA256'],
  ['-v2', 'aes-192-cbc', '-v2prf', 'hmacWithSHA512'],
  ['-v2', 'aes-256-cbc', '-v2prf', 'hmacWithSHA1', '-iter', '1000'],
])('Web Crypto opens what openssl pkcs8 %s %s %s %s locked', async (...options) => {
  const args = ['pkcs8', '-topk8', '-passout', 'pass:open', ...options];
  const locked = execFileSync('openssl', args, { input: pkcs8 });
  expect(await isOurKey(await webRuntime.parsePrivateKey(locked, 'open'))).toBe(true);
});

test.each([
  ...Object.entries(legacyForms),
  [
    'triple DES',
    execFileSync('openssl', ['pkcs8', '-topk8', '-passout', 'pass:open', '-v2', 'des3'], {
      input: pkcs8,
    }),
  ],
  [
    'scrypt',
    execFileSync('openssl', ['pkcs8', '-topk8', '-passout', 'pass:open', '-scrypt'], {
      input: pkcs8,
    }),
  ],
] as const)('Web Crypto says that it does not know the encryption: %s', async (_name, locked) => {
  await expect(webRuntime.parsePrivateKey(locked, 'open')).rejects.toMatchObject({
    code: 'KEY_UNREADABLE',
    message: expect.stringMatching(/does not know/),
  });
});

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey;
const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const publicPem = String(publicKey.export({ type: 'spki', format: 'pem' }));
const { certificate: realCertificate } = await createAuthority('127.0.0.1');

test.each<readonly [string, PrivateKeyInput, string, RegExp]>([
  ['nothing', '', 'KEY_MISSING', /empty/],
  ['no bytes', Buffer.alloc(0), 'KEY_MISSING', /empty/],
  ['blanks', ' \n', 'KEY_MISSING', /empty/],
  ['quotes around nothing', '""', 'KEY_MISSING', /empty/],
  ['words', 'hello', 'KEY_UNREADABLE', /not PEM/],
  ['a path', './keys/salesforce.key', 'KEY_UNREADABLE', /path of a file/],
  ['an absolute path', '/run/secrets/salesforce', 'KEY_UNREADABLE', /path of a file/],
  ['a path of Windows', String.raw`C:\new\salesforce.pem`, 'KEY_UNREADABLE', /path of a file/],
  ['the name of a file', 'server key.pem', 'KEY_UNREADABLE', /path of a file/],
  ['the first line only', '-----BEGIN PRIVATE KEY-----', 'KEY_UNREADABLE', /stops early/],
  ['the first two lines', pkcs8.slice(0, 90), 'KEY_UNREADABLE', /stops early/],
  ['a damaged key', pkcs8.replace(/\n[A-Za-z]/, '\n!'), 'KEY_UNREADABLE', /damaged/],
  ['a key with a line missing', pkcs8.replace(/\n.{64}\n/, '\n'), 'KEY_UNREADABLE', /./],
  [
    'half of the body',
    `${pkcs8.slice(0, 800)}\n-----END PRIVATE KEY-----`,
    'KEY_UNREADABLE',
    /cut off: \d+ of \d+ bytes/,
  ],
  ['a mask', '***', 'KEY_UNREADABLE', /mask/],
  ['an assertion', 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UifQ.c2ln', 'KEY_WRONG_KIND', /assertion/],
  ['an access token', '00DLOCAL0000001!AQEAQ', 'KEY_WRONG_KIND', /access token/],
  ['a consumer key', `3MVG9${'x'.repeat(80)}`, 'KEY_WRONG_KIND', /consumer key/],
  ['a public key', publicPem, 'KEY_WRONG_KIND', /public key/],
  [
    'a public key in PKCS#1',
    String(publicKey.export({ type: 'pkcs1', format: 'pem' })),
    'KEY_WRONG_KIND',
    /public key/,
  ],
  [
    'a public key in DER',
    publicKey.export({ type: 'spki', format: 'der' }),
    'KEY_WRONG_KIND',
    /public key/,
  ],
  ['a public JWK', publicKey.export({ format: 'jwk' }), 'KEY_WRONG_KIND', /public key/],
  [
    'a JWK without its primes',
    { kty: 'RSA', n: 'AQAB', e: 'AQAB', d: 'AQAB' },
    'KEY_UNREADABLE',
    /without p, q/,
  ],
  ['a JWK of EC', ec.export({ format: 'jwk' }), 'KEY_WRONG_KIND', /RSA keys only/],
  ['a set of JWKs', { keys: [jwk] }, 'KEY_WRONG_KIND', /one private key/],
  ['another object', { a: 1 }, 'KEY_UNREADABLE', /not a JWK/],
  ['broken JSON', '{"kty":"RSA",', 'KEY_UNREADABLE', /not JSON/],
  ['a certificate', certificate, 'KEY_WRONG_KIND', /certificate/],
  [
    'a certificate request',
    certificate.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'),
    'KEY_WRONG_KIND',
    /certificate request/,
  ],
  ['a certificate in DER', derOf(realCertificate), 'KEY_WRONG_KIND', /A certificate was given/],
  ['a real certificate', realCertificate, 'KEY_WRONG_KIND', /A certificate was given/],
  ['an EC key', pem(ec, 'pkcs8'), 'KEY_WRONG_KIND', /type EC.*RSA keys only/],
  [
    'an EC key in SEC 1',
    String(ec.export({ type: 'sec1', format: 'pem' })),
    'KEY_WRONG_KIND',
    /type EC/,
  ],
  ['an EC key in DER', ec.export({ type: 'sec1', format: 'der' }), 'KEY_WRONG_KIND', /type EC/],
  ['an Ed25519 key', pem(ed25519, 'pkcs8'), 'KEY_WRONG_KIND', /type Ed25519/],
  ['an RSA-PSS key', pem(pss, 'pkcs8'), 'KEY_WRONG_KIND', /type RSA-PSS/],
  ['a short key', pem(short, 'pkcs8'), 'KEY_TOO_SHORT', /1024 bits/],
  [
    'PKCS#12',
    Buffer.from(`3080020103${'3003020100'.repeat(20)}`.replace('3080', '3067'), 'hex'),
    'KEY_WRONG_KIND',
    /PKCS#12/,
  ],
  [
    'a Java keystore',
    Buffer.from(`feedfeed00000002${'00'.repeat(40)}`, 'hex'),
    'KEY_WRONG_KIND',
    /Java keystore/,
  ],
  [
    'a Java keystore in base64',
    base64(Buffer.from(`feedfeed00000002${'00'.repeat(60)}`, 'hex')),
    'KEY_WRONG_KIND',
    /Java keystore/,
  ],
  [
    'a key of OpenSSH',
    '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE=\n-----END OPENSSH PRIVATE KEY-----',
    'KEY_WRONG_KIND',
    /OpenSSH/,
  ],
  ['a key of PuTTY', 'PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none', 'KEY_WRONG_KIND', /PuTTY/],
  [
    'a public key of OpenSSH',
    'ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB me@here',
    'KEY_WRONG_KIND',
    /public key of OpenSSH/,
  ],
])('refuses %s and says what it is', async (_name, input, code, message) => {
  for (const runtime of Object.values(runtimes)) {
    const error: unknown = await runtime.parsePrivateKey(input).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect((error as ClientError).hints.length).toBeGreaterThan(0);
  }
});

test('a Java keystore is sent to the command that opens it', async () => {
  const keystore = Buffer.from(`feedfeed00000002${'00'.repeat(40)}`, 'hex');
  await expect(nodeRuntime.parsePrivateKey(keystore)).rejects.toMatchObject({
    hints: [expect.stringContaining('sfjwt key import FILE')],
  });
});

test.each([
  ['public', { key: publicKey }, /public key/],
  ['EC', { key: ec }, /type ec/],
])('refuses a key object that is %s', async (_name, { key }, message) => {
  await expect(nodeRuntime.parsePrivateKey(key)).rejects.toMatchObject({
    code: 'KEY_WRONG_KIND',
    message: expect.stringMatching(message),
  });
});

test.each([
  ['that may not sign', await importForUnwrapping(), /type RSA-OAEP/],
  ['of another hash', await importWithHash('SHA-512'), /SHA-512/],
])('refuses a CryptoKey %s', async (_name, key, message) => {
  await expect(nodeRuntime.parsePrivateKey(key)).rejects.toMatchObject({
    code: 'KEY_WRONG_KIND',
    message: expect.stringMatching(message),
  });
});

function importForUnwrapping(): Promise<webcrypto.CryptoKey> {
  const algorithm = { name: 'RSA-OAEP', hash: 'SHA-256' };
  return webcrypto.subtle.importKey('pkcs8', pkcs8Der, algorithm, false, ['decrypt']);
}

function importWithHash(hash: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', pkcs8Der, { ...rs256, hash }, false, ['sign']);
}

test('a connection says what it mended, once', async () => {
  const events: ClientEvent[] = [];
  const salesforce = connect({
    clientId: '3MVG9.key',
    username: 'worker@example.org',
    privateKey: pkcs8.replaceAll('\n', String.raw`\n`),
    loginUrl: 'http://127.0.0.1:1',
    maximumTries: 1,
    onEvent: (event) => events.push(event),
  });
  await expect(salesforce.token()).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' });
  await expect(salesforce.token()).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' });
  const warnings = events.filter(({ type }) => type === 'warning');
  expect(warnings).toEqual([
    { type: 'warning', message: expect.stringMatching(/mended: written-out \\n/) },
  ]);
});

const mangled = fc
  .tuple(
    fc.constantFrom(pkcs8, pkcs1, lock('pkcs8'), publicPem),
    fc.array(fc.tuple(fc.nat(), fc.nat(60), fc.string({ maxLength: 3 })), { maxLength: 4 }),
  )
  .map(([text, edits]) =>
    edits.reduce((left, [at, length, by]) => {
      const start = at % left.length;
      return left.slice(0, start) + by + left.slice(start + length);
    }, text),
  );

test('any text or bytes as key: a key or a coded error, and never an echo', async () => {
  const secret = pkcs8.split('\n')[5] ?? '';
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        mangled,
        fc.string(),
        fc.uint8Array(),
        fc.base64String(),
        fc.json(),
        // As a program without types may pass it, or JSON.parse may give it.
        fc.anything() as fc.Arbitrary<never>,
        fc.record({
          kty: fc.constantFrom('RSA', 'EC'),
          n: fc.anything(),
          e: fc.anything(),
          d: fc.anything(),
        }),
      ),
      fc.constantFrom(...Object.values(runtimes)),
      async (input, runtime) => {
        const verdict: unknown = await runtime
          .parsePrivateKey(input, 'open')
          .catch((error: unknown) => error);
        if (!(verdict instanceof Error)) return;
        expect(verdict).toBeInstanceOf(ClientError);
        expect(clientErrorCodes).toContain((verdict as ClientError).code);
        expect(JSON.stringify([verdict, verdict.message, String(verdict.cause)])).not.toContain(
          secret,
        );
      },
    ),
    { numRuns: 400 },
  );
});
