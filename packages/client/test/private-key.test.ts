import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parsePrivateKey, readPrivateKeyFile } from '../src/index.ts';
import { pem, pkcs1, pkcs8, privateKey, publicKey } from './key-pair.ts';

const thrown = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

test.each([
  ['PKCS#8 text', pkcs8],
  ['PKCS#1 text', pkcs1],
  ['bytes', Buffer.from(pkcs8)],
  ['a key object', privateKey],
  ['words around the key', `Bag Attributes\n  friendlyName: x\n${pkcs8}\n`],
  ['CRLF line ends', pkcs8.replaceAll('\n', '\r\n')],
])('accepts %s', (_name, input) => {
  expect(parsePrivateKey(input).equals(privateKey)).toBe(true);
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
  expect((await readPrivateKeyFile(file)).equals(privateKey)).toBe(true);
});

const encrypted = String(
  privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' }),
);

test('opens an encrypted key with its passphrase', () => {
  expect(parsePrivateKey(encrypted, 'open').equals(privateKey)).toBe(true);
});

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;

test.each([
  ['nothing', '', 'KEY_MISSING', /empty/],
  ['blanks', ' \n', 'KEY_MISSING', /empty/],
  ['words', 'hello', 'KEY_UNREADABLE', /not PEM/],
  ['a path', './keys/salesforce.key', 'KEY_UNREADABLE', /path of a file/],
  ['the first line only', '-----BEGIN PRIVATE KEY-----', 'KEY_UNREADABLE', /stops early/],
  ['a damaged key', pkcs8.replace(/\n[A-Za-z]/, '\n!'), 'KEY_UNREADABLE', /damaged/],
  [
    'a public key',
    String(publicKey.export({ type: 'spki', format: 'pem' })),
    'KEY_WRONG_KIND',
    /public key/,
  ],
  ['a public key object', publicKey, 'KEY_WRONG_KIND', /public key/],
  [
    'a certificate',
    '-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----',
    'KEY_WRONG_KIND',
    /certificate/,
  ],
  ['an EC key', pem(ec, 'pkcs8'), 'KEY_WRONG_KIND', /RSA keys only/],
  ['a short key', pem(short, 'pkcs8'), 'KEY_TOO_SHORT', /1024 bits/],
  ['an encrypted key', encrypted, 'KEY_ENCRYPTED', /no passphrase/],
])('refuses %s and says what it is', (_name, input, code, message) => {
  const error = thrown(() => parsePrivateKey(input));
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  expect(error).toHaveProperty('hints', expect.arrayContaining([expect.any(String)]));
});

test('a wrong passphrase is told from a missing one', () => {
  expect(thrown(() => parsePrivateKey(encrypted, 'shut'))).toMatchObject({
    code: 'KEY_ENCRYPTED',
    message: expect.stringMatching(/does not open/),
  });
});
