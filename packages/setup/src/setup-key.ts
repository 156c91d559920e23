/** The private key that an app is set up for: the user's own, or a new one. */

import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { localSigner, parsePrivateKey } from '@sfjwt/client';
import type { Clock, Signer } from '@sfjwt/client';
import type { ResolvedApp } from './app-specification.ts';
import { createCertificate } from './certificate.ts';
import { readKnownCertificate } from './certificate-match.ts';
import type { KnownCertificate } from './certificate-match.ts';
import { SetupError } from './errors.ts';
import { createKeyPair } from './key-pair.ts';
import { keyFingerprintOf } from './proof.ts';

export interface SetupKey {
  signer: Signer;
  /** A secret. */
  privateKeyPem: string;
  /**
   * The certificate that the app should have: the one given, the one that the org has of this key, or
   * a new one. The same at every call.
   */
  certificate: (inOrg: KnownCertificate | undefined) => Promise<string>;
}

export interface SetupKeyOptions {
  policy: ResolvedApp['certificate'];
  /** PEM of a private key; a new one is made when left out. */
  privateKeyPem?: string | undefined;
  passphrase?: string | undefined;
  /** PEM of the certificate of that key. */
  certificatePem?: string | undefined;
  clock?: Clock | undefined;
}

/**
 * Makes or takes a key.
 *
 * @throws SetupError KEY_NOT_FOR_CERTIFICATE when key and certificate do not belong together,
 *   CERTIFICATE_UNREADABLE; ClientError for a key that cannot be read
 */
export async function openSetupKey(options: SetupKeyOptions): Promise<SetupKey> {
  const { policy, certificatePem, clock } = options;
  const privateKeyPem = options.privateKeyPem ?? (await createKeyPair(policy)).privateKeyPem;
  const signer = localSigner(await parsePrivateKey(privateKeyPem, options.passphrase));
  const given = certificatePem === undefined ? undefined : readGiven(certificatePem);
  let made: string | undefined;
  const key = (): KeyObject =>
    createPrivateKey({
      key: privateKeyPem,
      ...(options.passphrase === undefined ? {} : { passphrase: options.passphrase }),
    });
  if (given !== undefined && given.keyFingerprint256 !== keyFingerprintOf(key())) {
    throw new SetupError(
      'KEY_NOT_FOR_CERTIFICATE',
      'The private key is not that of the certificate',
      {
        hints: ['See what is in the files with: sfjwt key inspect salesforce.key salesforce.crt'],
      },
    );
  }
  return {
    signer,
    privateKeyPem,
    async certificate(inOrg) {
      if (given !== undefined) return given.pem;
      if (inOrg?.keyFingerprint256 === keyFingerprintOf(key())) return inOrg.pem;
      const { days, subject } = policy;
      made ??= (
        await createCertificate({
          privateKey: key(),
          days,
          subject,
          ...(clock === undefined ? {} : { clock }),
        })
      ).pem;
      return made;
    },
  };
}

function readGiven(pem: string): KnownCertificate {
  const certificate = readKnownCertificate(pem);
  if (certificate !== undefined) return certificate;
  throw new SetupError('CERTIFICATE_UNREADABLE', 'The certificate cannot be read', {
    hints: ['Give one X.509 certificate as PEM; sfjwt key new makes one.'],
  });
}
