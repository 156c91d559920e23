/**
 * How a PKCS#12 file is locked. Today: PBES2 with AES (RFC 8018). Until 2021, and by Windows for
 * longer: triple DES and RC2 with a key derivation of their own (RFC 7292 appendices B and C). RC2 is
 * in no Node any more and comes from node-forge; everything else is of `node:crypto`. node-forge could
 * open whole files, but spells a password in one way for both, and works as long as a file asks.
 */

import { createDecipheriv, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';
import type { asn1 } from 'node-forge';
import { SetupError } from './errors.ts';
import { damaged } from './key-store-errors.ts';
import { inside, octets, oid, parse, wholeNumber } from './pkcs12-structure.ts';

const stretch = promisify(pbkdf2);

/** openssl writes 2,048, Java 10,000. More than this only keeps somebody waiting. */
const maximumIterations = 1_000_000;

/** Of all derivations for one file: it may hold thousands of parts. */
const maximumWork = 2_000_000;

/** Far above every salt in use: eight to 32 bytes. */
const maximumSaltBytes = 1024;

/**
 * A password as the writers of files turned it into bytes: for PBES2 (`text`, in UTF-8), and for the
 * older derivation (`wide`, of which each character becomes two bytes, and two zeros follow).
 */
export interface Spelling {
  text: string;
  /** Null is not even the two zeros. */
  wide: string | null;
}

export function spellings(password: string): Spelling[] {
  if (password === '')
    return [
      { text: '', wide: '' },
      { text: '', wide: null },
    ];
  // Before OpenSSL 1.1 the bytes of UTF-8 were widened, one by one.
  const bytes = Buffer.from(password).toString('latin1');
  return [
    { text: password, wide: password },
    ...(bytes === password ? [] : [{ text: password, wide: bytes }]),
  ];
}

interface Derivation {
  salt: Buffer;
  iterations: number;
}

/** RFC 8018 appendix B.1.2, and the plain digests of RFC 7292's MacData. */
const hashes: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

const digests: Readonly<Record<string, () => forge.md.MessageDigest>> = {
  sha1: () => forge.md.sha1.create(),
  sha256: () => forge.md.sha256.create(),
  sha384: () => forge.md.sha384.create(),
  sha512: () => forge.md.sha512.create(),
};

const digestBytes: Readonly<Record<string, number>> = {
  sha1: 20,
  sha256: 32,
  sha384: 48,
  sha512: 64,
};

/** RFC 8018 appendix B.2 and the AES of NIST, by the bytes of their keys. */
const ciphers: Readonly<Record<string, readonly [name: string, keyBytes: number]>> = {
  '2.16.840.1.101.3.4.1.2': ['aes-128-cbc', 16],
  '2.16.840.1.101.3.4.1.22': ['aes-192-cbc', 24],
  '2.16.840.1.101.3.4.1.42': ['aes-256-cbc', 32],
  '1.2.840.113549.3.7': ['des-ede3-cbc', 24],
};

/** RFC 7292 appendix C. Its two with RC4 were never in wide use. */
const oldCiphers: Readonly<
  Record<string, readonly [name: 'des-ede3-cbc' | 'rc2', keyBytes: number]>
> = {
  '1.2.840.113549.1.12.1.3': ['des-ede3-cbc', 24],
  '1.2.840.113549.1.12.1.4': ['des-ede3-cbc', 16],
  '1.2.840.113549.1.12.1.5': ['rc2', 16],
  '1.2.840.113549.1.12.1.6': ['rc2', 5],
};

const pbes2 = '1.2.840.113549.1.5.13';
const pbkdf2Name = '1.2.840.113549.1.5.12';
const pbmac1 = '1.2.840.113549.1.5.14';

/** RFC 7292 appendix B.3: what a derived block is for. */
const purposes = { key: 1, vector: 2, mac: 3 } as const;

/** Opens the parts of one file, and gives up when it asks for too much work. */
export class Decryption {
  #work = 0;

  /** Undefined where the password does not open it. */
  async open(
    algorithm: asn1.Asn1 | undefined,
    encrypted: Buffer,
    password: string,
  ): Promise<Buffer | undefined> {
    for (const spelling of spellings(password)) {
      const opened = await this.#open(algorithm, encrypted, spelling);
      // One wrong password in 256 leaves padding that looks right: only a sequence can be in it.
      if (opened !== undefined && isSequence(opened)) return opened;
    }
    return undefined;
  }

  /** The key of the check sum, and its hash. */
  async macKey(
    algorithm: asn1.Asn1 | undefined,
    { text, wide }: Spelling,
    derivation: Derivation,
  ): Promise<{ hash: string; key: Buffer }> {
    const [name, parameters] = inside(algorithm);
    if (oid(name) === pbmac1) {
      const [keyDerivation, scheme] = inside(parameters);
      const hash = hashOf(inside(scheme)[0]);
      return { hash, key: await this.#stretch(keyDerivation, text) };
    }
    const hash = hashOf(name);
    return {
      hash,
      key: this.#derive(wide, derivation, purposes.mac, hash, digestBytes[hash] ?? 0),
    };
  }

  async #open(
    algorithm: asn1.Asn1 | undefined,
    encrypted: Buffer,
    { text, wide }: Spelling,
  ): Promise<Buffer | undefined> {
    const [name, parameters] = inside(algorithm);
    if (oid(name) === pbes2) {
      const [keyDerivation, scheme] = inside(parameters);
      const [cipherName, vector] = inside(scheme);
      const [cipher, keyBytes] = ciphers[oid(cipherName)] ?? unknown('cipher', cipherName);
      const key = await this.#stretch(keyDerivation, text, keyBytes);
      return decipher(cipher, key, octets(vector), encrypted);
    }
    const [cipher, keyBytes] = oldCiphers[oid(name)] ?? unknown('kind of encryption', name);
    const [salt, iterations] = inside(parameters);
    const derivation = { salt: octets(salt), iterations: wholeNumber(iterations) };
    const key = this.#derive(wide, derivation, purposes.key, 'sha1', keyBytes);
    const vector = this.#derive(wide, derivation, purposes.vector, 'sha1', 8);
    if (cipher === 'rc2') return decipherRc2(key, vector, encrypted);
    // Two keys are three of which the first is used again.
    const triple = keyBytes === 16 ? Buffer.concat([key, key.subarray(0, 8)]) : key;
    return decipher(cipher, triple, vector, encrypted);
  }

  /** PBKDF2 (RFC 8018 section 5.2). */
  async #stretch(
    keyDerivation: asn1.Asn1 | undefined,
    password: string,
    cipherKeyBytes?: number,
  ): Promise<Buffer> {
    const [name, parameters] = inside(keyDerivation);
    if (oid(name) !== pbkdf2Name) unknown('key derivation', name);
    const [salt, iterations, ...optional] = inside(parameters);
    const length = optional.find(({ type }) => type === forge.asn1.Type.INTEGER);
    const prf = optional.find(({ type }) => type === forge.asn1.Type.SEQUENCE);
    const hash = prf === undefined ? 'sha1' : hashOf(inside(prf)[0]);
    const keyBytes = cipherKeyBytes ?? (length === undefined ? 0 : wholeNumber(length));
    if (keyBytes < 1 || keyBytes > 64) throw damaged('the length of its key is missing or wrong');
    const count = wholeNumber(iterations);
    this.#spend(count);
    return stretch(Buffer.from(password), bounded(octets(salt)), count, keyBytes, hash);
  }

  /** RFC 7292 appendix B.2. */
  #derive(
    password: string | null,
    { salt, iterations }: Derivation,
    purpose: number,
    hash: string,
    length: number,
  ): Buffer {
    this.#spend(iterations);
    const digest = digests[hash]?.() ?? unknown('hash', undefined);
    const saltBytes = forge.util.createBuffer(bounded(salt).toString('latin1'));
    const key = forge.pkcs12.generateKey(password, saltBytes, purpose, iterations, length, digest);
    return Buffer.from(key.getBytes(), 'latin1');
  }

  #spend(iterations: number): void {
    if (iterations < 1) throw damaged('it asks for no key derivation at all');
    this.#work += iterations;
    if (iterations <= maximumIterations && this.#work <= maximumWork) return;
    throw new SetupError(
      'KEYSTORE_UNSUPPORTED',
      `The file asks for ${iterations} rounds of key derivation; at most ${maximumIterations} are done here`,
      { hints: ['If it comes from somebody you trust, export it again with fewer iterations.'] },
    );
  }
}

function bounded(salt: Buffer): Buffer {
  if (salt.length > maximumSaltBytes) throw damaged('a salt in it is far too long');
  return salt;
}

function hashOf(name: asn1.Asn1 | undefined): string {
  return hashes[oid(name)] ?? unknown('hash', name);
}

function unknown(what: string, name: asn1.Asn1 | undefined): never {
  const which = name === undefined ? '' : ` (${oid(name)})`;
  throw new SetupError(
    'KEYSTORE_UNSUPPORTED',
    `The file uses a ${what} that is not read here${which}`,
    {
      hints: [
        'Convert it: openssl pkcs12 -legacy -in FILE -noenc -out FILE.pem, then openssl pkcs12 -export -in FILE.pem -out NEW.p12',
        'Then: sfjwt key import NEW.p12',
      ],
    },
  );
}

function decipher(
  cipher: string,
  key: Buffer,
  vector: Buffer,
  encrypted: Buffer,
): Buffer | undefined {
  try {
    const decryption = createDecipheriv(cipher, key, vector);
    return Buffer.concat([decryption.update(encrypted), decryption.final()]);
  } catch {
    return undefined;
  }
}

function decipherRc2(key: Buffer, vector: Buffer, encrypted: Buffer): Buffer | undefined {
  const decryption = forge.rc2.createDecryptionCipher(key.toString('latin1'), key.length * 8);
  decryption.start(vector.toString('latin1'));
  decryption.update(forge.util.createBuffer(encrypted.toString('latin1')));
  return decryption.finish() ? Buffer.from(decryption.output.getBytes(), 'latin1') : undefined;
}

/** Whether it begins like a sequence that ends where the bytes end. */
function isSequence(bytes: Buffer): boolean {
  try {
    return parse(bytes).type === forge.asn1.Type.SEQUENCE;
  } catch {
    return false;
  }
}
