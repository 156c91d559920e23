import { verify } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import type { Check } from './examination.ts';
import { fault, ok, skipped } from './finding.ts';
import type { Result } from './finding.ts';

/** Signed by the key of the certificate, of ours or of the one that the app has? */
export const assertionSignature: Check = {
  ground: 'assertion',
  name: 'signature',
  run({ assertion, certificate, certificateOfApp }) {
    if (assertion?.header?.['alg'] !== 'RS256') return Promise.resolve([]);
    const { parts } = assertion;
    const signature = Buffer.from(parts[2] ?? '', 'base64url');
    if (signature.length === 0) {
      return Promise.resolve([
        fault({
          code: 'SIGNATURE_MISSING',
          says: 'The assertion has no signature',
          cure: { advice: 'Sign header.payload with the private key, RS256.' },
        }),
      ]);
    }
    const signed = `${parts[0] ?? ''}.${parts[1] ?? ''}`;
    const judge = (of: X509Certificate, whose: string): Result =>
      verify('sha256', Buffer.from(signed), of.publicKey, signature)
        ? ok(`Signed by the key of ${whose}`)
        : fault({
            code: 'SIGNATURE_OF_OTHER_KEY',
            says: `The assertion is not signed by the key of ${whose}`,
            evidence: [
              { label: 'certificate, SHA-256', value: of.fingerprint256 },
              { label: 'signature', value: `${signature.length * 8} bits` },
            ],
            cure: {
              advice:
                'Sign with the private key that belongs to it, over exactly the two parts that are sent.',
            },
          });
    if (certificateOfApp !== undefined) {
      return Promise.resolve([judge(certificateOfApp, 'the certificate of the app')]);
    }
    if (certificate !== undefined) return Promise.resolve([judge(certificate, 'the certificate')]);
    return Promise.resolve([skipped('needs the certificate: --certificate')]);
  },
};
