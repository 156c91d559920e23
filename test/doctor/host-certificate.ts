// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

export interface HostCertificate {
  /** PEM, signed by its own key. */
  certificate: string;
  key: string;
}

interface Options {
  /** Host names, or addresses. */
  names: readonly string[];
  /** Milliseconds since 1970; now and ten years on when left out. */
  from?: number;
  to?: number;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A certificate for TLS that nobody trusts unless told to. */
export async function createHostCertificate({
  names,
  from,
  to,
}: Options): Promise<HostCertificate> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=Inspection of the network, O=Example Proxy',
      notBefore: new Date(from ?? now - 86_400_000),
      notAfter: new Date(to ?? now + 3650 * 86_400_000),
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true),
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: /^[\d.]+$/.test(value) ? 'ip' : 'dns', value })),
        ),
      ],
    },
    webcrypto,
  );
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificate: certificate.toString('pem'),
    key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
  };
}
