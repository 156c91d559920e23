// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

export interface Authority {
  /** PEM of the certificate, which signs itself. */
  certificate: string;
  /** PEM of its private key. */
  key: string;
}

const algorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

/** One for the whole test run: making a key takes its time. */
let pair: Promise<webcrypto.CryptoKeyPair> | undefined;

/** When the certificate is valid, in milliseconds since 1970; from now on when left out. */
export interface Validity {
  validFrom?: number;
  validTo?: number;
}

/** A certificate for TLS that nobody trusts unless told to. */
export async function createAuthority(
  ip: string,
  { validFrom, validTo }: Validity = {},
): Promise<Authority> {
  const keys = await (pair ??= webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']));
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${ip}`,
      ...(validFrom === undefined ? {} : { notBefore: new Date(validFrom) }),
      ...(validTo === undefined ? {} : { notAfter: new Date(validTo) }),
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true),
        new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: ip }]),
      ],
    },
    webcrypto as unknown as NonNullable<Parameters<typeof x509.cryptoProvider.set>[0]>,
  );
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificate: certificate.toString('pem'),
    key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
  };
}

export function derOf(pem: string): Buffer {
  return Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
}
