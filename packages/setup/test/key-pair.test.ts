import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { createCertificate, createKeyPair, maximumCertificateBytes } from '../src/index.ts';
import { missingOpenssl, openssl } from './openssl.ts';

test('makes 2048 bits unless told otherwise, in PKCS#8', async () => {
  const { privateKey, publicKey, privateKeyPem } = await createKeyPair();
  expect(privateKey.asymmetricKeyDetails).toMatchObject({
    modulusLength: 2048,
    publicExponent: 65_537n,
  });
  expect(privateKeyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  expect(createPrivateKey(privateKeyPem).equals(privateKey)).toBe(true);
  expect(publicKey.type).toBe('public');
});

test.each([3072, 4096] as const)(
  'makes %i bits, and a certificate that Salesforce takes',
  async (bits) => {
    const { privateKey } = await createKeyPair({ bits });
    expect(privateKey.asymmetricKeyDetails?.modulusLength).toBe(bits);
    const { pem, der } = await createCertificate({ privateKey });
    expect(pem.length).toBeLessThan(maximumCertificateBytes);
    expect(der.length).toBeLessThan(pem.length);
  },
);

test.each([0, 512, 1024, 2047, 8192, Number.NaN])('refuses %d bits', async (bits) => {
  // A caller without types.
  await expect(createKeyPair({ bits: bits as 2048 })).rejects.toMatchObject({
    code: 'KEY_SIZE_UNSUPPORTED',
    hints: [expect.stringContaining('2048, 3072, 4096')],
  });
});

test.skipIf(missingOpenssl)('openssl finds the key consistent', async () => {
  const { privateKeyPem } = await createKeyPair();
  expect(openssl(['pkey', '-check', '-noout'], privateKeyPem)).toBe('Key is valid');
});
