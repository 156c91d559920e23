/**
 * Opens an encrypted PKCS#8 key (RFC 5958 section 3) by PBES2 (RFC 8018 section 6.2) with what Web
 * Crypto has: PBKDF2 and AES-CBC, which is what openssl has written since 2021.
 */

import { derTag, readElement, readElements, toDotted } from './der.ts';
import type { DerElement } from './der.ts';

/** RFC 8018 appendices A.4, A.2 and B.1.2; HMAC with SHA-1 where a key names none. */
const pbes2 = '1.2.840.113549.1.5.13';
const pbkdf2 = '1.2.840.113549.1.5.12';
const hashes: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'SHA-1',
  '1.2.840.113549.2.9': 'SHA-256',
  '1.2.840.113549.2.10': 'SHA-384',
  '1.2.840.113549.2.11': 'SHA-512',
};

/** AES-CBC (NIST), by the length of its key in bits. */
const ciphers: Readonly<Record<string, number>> = {
  '2.16.840.1.101.3.4.1.2': 128,
  '2.16.840.1.101.3.4.1.22': 192,
  '2.16.840.1.101.3.4.1.42': 256,
};

/** A passphrase is stretched for a second or so; a hostile file may ask for hours. */
const maximumIterations = 10_000_000;

interface Encryption {
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly iterations: number;
  readonly hash: string;
  readonly keyBits: number;
  readonly vector: Uint8Array<ArrayBuffer>;
  readonly encrypted: Uint8Array<ArrayBuffer>;
}

export type Opened =
  | { readonly der: Uint8Array<ArrayBuffer> }
  | { readonly failed: 'method unknown' | 'passphrase wrong' };

/** The PKCS#8 key inside, in DER. */
export async function openPbes2(der: Uint8Array, passphrase: string): Promise<Opened> {
  const encryption = readEncryption(der);
  if (encryption === undefined) return { failed: 'method unknown' };
  const { salt, iterations, hash, keyBits, vector, encrypted } = encryption;
  const { subtle } = globalThis.crypto;
  const secret = new TextEncoder().encode(passphrase);
  const base = await subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveKey']);
  const key = await subtle.deriveKey(
    { name: 'PBKDF2', salt, iterations, hash },
    base,
    { name: 'AES-CBC', length: keyBits },
    false,
    ['decrypt'],
  );
  try {
    const opened = await subtle.decrypt({ name: 'AES-CBC', iv: vector }, key, encrypted);
    const plain = new Uint8Array(opened);
    // One wrong passphrase in 256 leaves padding that looks right.
    return readElement(plain)?.size === plain.length
      ? { der: plain }
      : { failed: 'passphrase wrong' };
  } catch {
    return { failed: 'passphrase wrong' };
  }
}

function readEncryption(der: Uint8Array): Encryption | undefined {
  const [algorithm, encrypted] = inside(readElement(der));
  const [scheme, parameters] = inside(algorithm);
  const [derivation, cipher] = inside(parameters);
  const [derivationName, derivationParameters] = inside(derivation);
  const [cipherName, vector] = inside(cipher);
  if (named(scheme) !== pbes2 || named(derivationName) !== pbkdf2) return undefined;
  const [salt, count, ...rest] = inside(derivationParameters);
  const [prf] = inside(rest.at(-1));
  const hash = prf === undefined ? 'SHA-1' : hashes[named(prf)];
  const keyBits = ciphers[named(cipherName)];
  const iterations = count?.contents.reduce((sum, octet) => sum * 256 + octet, 0) ?? 0;
  if (hash === undefined || keyBits === undefined || iterations > maximumIterations) {
    return undefined;
  }
  if (salt === undefined || vector === undefined || encrypted === undefined) return undefined;
  const copy = ({ contents }: DerElement): Uint8Array<ArrayBuffer> => Uint8Array.from(contents);
  return {
    salt: copy(salt),
    iterations,
    hash,
    keyBits,
    vector: copy(vector),
    encrypted: copy(encrypted),
  };
}

/** The elements of a sequence; none of anything else. */
function inside(element: DerElement | undefined): DerElement[] {
  return element?.tag === derTag.sequence ? readElements(element.contents) : [];
}

function named(element: DerElement | undefined): string {
  return element?.tag === derTag.objectIdentifier ? toDotted(element) : '';
}
