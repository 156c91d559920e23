import { generateKeyPair } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { SetupError } from './errors.ts';

/** Bits of the RSA modulus. RS256 needs 2048 or more (RFC 7518 section 3.3). */
export type KeySize = 2048 | 3072 | 4096;

export interface KeyPair {
  privateKey: KeyObject;
  publicKey: KeyObject;
  /** PKCS#8 (RFC 5208), as openssl 3 writes it; not encrypted: a secret. */
  privateKeyPem: string;
}

export interface KeyPairOptions {
  /** 2048 when left out. 4096 can take seconds to make. */
  bits?: KeySize;
}

const sizes: readonly number[] = [2048, 3072, 4096] satisfies KeySize[];

const generate = promisify(generateKeyPair);

/**
 * Makes an RSA key pair without blocking the event loop. Salesforce takes RSA keys only; 2048 bits
 * are what RS256 asks for.
 *
 * @throws SetupError KEY_SIZE_UNSUPPORTED
 */
export async function createKeyPair({ bits = 2048 }: KeyPairOptions = {}): Promise<KeyPair> {
  if (!sizes.includes(bits)) {
    throw new SetupError('KEY_SIZE_UNSUPPORTED', `An RSA key of ${bits} bits cannot be made`, {
      hints: [`Choose one of ${sizes.join(', ')} bits; 2048 is what Salesforce asks for.`],
    });
  }
  const { privateKey, publicKey } = await generate('rsa', { modulusLength: bits });
  const privateKeyPem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return { privateKey, publicKey, privateKeyPem };
}
