import { ClientError } from './errors.ts';
import type { Jwk } from './key-material.ts';

/** A key object of `node:crypto`, by shape: this package asks nobody for the types of Node. */
export interface KeyObjectLike {
  readonly type: string;
  readonly asymmetricKeyType?: string | undefined;
  export(options?: never): unknown;
}

/** A key of Web Crypto, by shape. */
export interface CryptoKeyLike {
  readonly type: string;
  readonly algorithm: { readonly name: string };
  readonly usages: readonly string[];
  readonly extractable: boolean;
}

/**
 * A private key as people hold it: PEM (PKCS#8, RFC 5208, or PKCS#1, RFC 8017; encrypted or not),
 * DER or JWK (RFC 7517), as text or bytes, however an environment variable has mangled it; or a key
 * object of `node:crypto` or Web Crypto.
 */
export type PrivateKeyInput = string | Uint8Array | Jwk | KeyObjectLike | CryptoKeyLike;

/** A private key, parsed once: parsing costs more than signing. It shows nothing of itself. */
export interface PrivateKey {
  /** Size of the RSA modulus. */
  readonly bits: number;
  /** What had to be undone before it could be read, in words for a person. */
  readonly mended: readonly string[];
  /** RSASSA-PKCS1-v1_5 with SHA-256 over exactly these bytes. */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

/** RFC 7518 section 3.3: RS256 needs 2048 bits or more. */
const minimumBits = 2048;

const makeAKey = 'Make a key and certificate with: sfjwt key new';

/** @throws ClientError KEY_TOO_SHORT */
export function requireBits(bits: number): void {
  if (bits >= minimumBits) return;
  throw new ClientError(
    'KEY_TOO_SHORT',
    `The RSA key has ${bits} bits; at least ${minimumBits} are needed for RS256`,
    { hints: [makeAKey] },
  );
}

/** @throws ClientError KEY_WRONG_KIND unless it is a private key for RSA signatures */
export function requireRsaPrivateKey(type: string, algorithm: string): void {
  if (type !== 'private') {
    throw new ClientError('KEY_WRONG_KIND', `A ${type} key was given: it cannot sign`, {
      hints: ['Give the private key that belongs to the certificate uploaded to Salesforce.'],
    });
  }
  if (algorithm !== 'rsa' && algorithm !== 'RSASSA-PKCS1-v1_5') {
    throw new ClientError(
      'KEY_WRONG_KIND',
      `The key is of type ${algorithm}; Salesforce accepts RSA keys with PKCS#1 v1.5 signatures only`,
      { hints: [makeAKey] },
    );
  }
}

export function passphraseMissing(): ClientError {
  return new ClientError(
    'KEY_ENCRYPTED',
    'The private key is encrypted and no passphrase was given',
    {
      hints: [
        'Give the passphrase: option passphrase, or SFJWT_PASSPHRASE in the environment.',
        'Or decrypt the key with: openssl pkey -in encrypted.key -out salesforce.key',
      ],
    },
  );
}

export function passphraseWrong(cause?: unknown): ClientError {
  return new ClientError('KEY_ENCRYPTED', 'The passphrase does not open the private key', {
    cause,
    hints: ['Check the passphrase: it was chosen when the key was made or exported.'],
  });
}

export function encryptionUnknown(cause?: unknown): ClientError {
  return new ClientError(
    'KEY_UNREADABLE',
    'The private key is encrypted by a method that this runtime does not know',
    {
      cause,
      hints: [
        'Decrypt it with: openssl pkey -provider default -provider legacy -in encrypted.key -out salesforce.key',
      ],
    },
  );
}

export function damagedKey(cause?: unknown): ClientError {
  return new ClientError('KEY_UNREADABLE', 'The private key is damaged: its numbers make no key', {
    cause,
    hints: ['Compare it with the original file: every line from BEGIN to END.'],
  });
}
