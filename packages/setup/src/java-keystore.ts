/**
 * The Java keystore (JKS) as Sun made it in 1998 and as Salesforce exports it still: big-endian
 * numbers, certificates in the clear, each private key masked by a stream of SHA-1 digests, and one
 * digest over everything. Described by the sources of OpenJDK, `sun.security.provider.JavaKeyStore`
 * and `KeyProtector`; no library of its own is worth its weight.
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import { SetupError } from './errors.ts';
import { damaged, needsPassword, wrongKeyPassword, wrongPassword } from './key-store-errors.ts';
import type { KeyStorePasswords, OpenKeyStore, StoredKey } from './open-key-store.ts';

const digestBytes = 20;

/**
 * Checks the integrity of the whole, then takes it apart.
 *
 * @throws SetupError PASSWORD_MISSING, PASSWORD_WRONG, KEYSTORE_DAMAGED, KEYSTORE_UNSUPPORTED
 */
export function openJavaKeystore(
  bytes: Buffer,
  { password, keyPassword }: KeyStorePasswords,
): OpenKeyStore {
  const body = bytes.subarray(0, -digestBytes);
  // Nothing of the structure is secret, so damage shows before anybody is asked for a password.
  const { keys, certificates } = readEntries(body);
  const ofKeys = keyPassword ?? password ?? '';
  if (!timingSafeEqual(digestOf(password ?? '', body), bytes.subarray(-digestBytes))) {
    if (password === undefined) throw needsPassword();
    // A key has a digest of its own: when that one is right, the password was.
    const opened = keys.some(({ mask }) => unmask(mask, password) !== undefined);
    throw opened ? damaged('its digest is not that of its contents') : wrongPassword();
  }
  return {
    keys: keys.map(({ alias, chain, mask }): StoredKey => ({
      alias,
      chain,
      open: async () => {
        const key = unmask(mask, ofKeys);
        if (key === undefined) throw wrongKeyPassword(keyPassword !== undefined);
        return key;
      },
    })),
    certificates,
    warnings: [],
  };
}

interface MaskedKey {
  alias: string;
  chain: readonly Buffer[];
  mask: Buffer;
}

function readEntries(body: Buffer): { keys: MaskedKey[]; certificates: Buffer[] } {
  const reader = new Reader(body);
  reader.skip(4);
  const version = reader.number();
  if (version !== 1 && version !== 2) {
    throw new SetupError(
      'KEYSTORE_UNSUPPORTED',
      `Java keystores of version ${version} are not known`,
      {
        hints: [
          'Convert it: keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 -deststoretype PKCS12',
        ],
      },
    );
  }
  const certificate = (): Buffer => {
    if (version === 2) reader.text();
    return reader.block(reader.number());
  };
  const keys: MaskedKey[] = [];
  const certificates: Buffer[] = [];
  for (let left = reader.number(); left > 0; left -= 1) {
    const tag = reader.number();
    const alias = reader.text();
    // Since when the entry exists.
    reader.skip(8);
    if (tag === 1) {
      const mask = withoutAlgorithm(reader.block(reader.number()));
      const chain: Buffer[] = [];
      for (let more = reader.number(); more > 0; more -= 1) chain.push(certificate());
      keys.push({ alias, chain, mask });
      certificates.push(...chain);
    } else if (tag === 2) {
      certificates.push(certificate());
    } else {
      throw damaged(`an entry of kind ${tag} is in it`);
    }
  }
  if (!reader.atEnd) throw damaged('more follows than it says');
  return { keys, certificates };
}

/** Reads forward; whoever asks for more than is there learns that the file is cut off. */
class Reader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  number(): number {
    return this.block(4).readUInt32BE();
  }

  /** `DataInput.readUTF`: as good as UTF-8 for what people name their keys. */
  text(): string {
    return this.block(this.block(2).readUInt16BE()).toString('utf8');
  }

  skip(length: number): void {
    this.block(length);
  }

  block(length: number): Buffer {
    const end = this.#position + length;
    if (end > this.#bytes.length) {
      throw damaged(`it ends after ${this.#bytes.length} bytes, in the middle of an entry`);
    }
    const block = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return block;
  }
}

/**
 * The head of EncryptedPrivateKeyInfo (RFC 5208 section 6) in hex: two lengths vary, the algorithm
 * is always Sun's own, 1.3.6.1.4.1.42.2.17.1.1.
 */
const head =
  /^30(?:[0-7].|81..|82.{4}|83.{6})30(?:0e060a2b060104012a021101010500|0c060a2b060104012a02110101)04(?:[0-7].|81..|82.{4}|83.{6})/;

function withoutAlgorithm(info: Buffer): Buffer {
  const found = head.exec(info.toString('hex', 0, 32))?.[0];
  const mask = info.subarray((found ?? '').length / 2);
  if (found === undefined || mask.length < 2 * digestBytes) {
    throw damaged('a private key in it is not protected in the way of Java keystores');
  }
  return mask;
}

/** Java's characters: two bytes each, the high one first, and nothing at the end. */
function encode(password: string): Buffer {
  return Buffer.from(password, 'utf16le').swap16();
}

function digestOf(password: string, body: Buffer): Buffer {
  // The words are Sun's: they keep the digest from being one of the contents alone.
  return sha1(encode(password), Buffer.from('Mighty Aphrodite'), body);
}

/** Salt, masked key, digest of the key: undefined when the password does not bring that digest about. */
function unmask(mask: Buffer, password: string): Buffer | undefined {
  const secret = encode(password);
  const key = Buffer.from(mask.subarray(digestBytes, -digestBytes));
  let digest = mask.subarray(0, digestBytes);
  for (let start = 0; start < key.length; start += digestBytes) {
    digest = sha1(secret, digest);
    for (const [index, octet] of digest.entries()) {
      const at = start + index;
      if (at < key.length) key[at] = (key[at] ?? 0) ^ octet;
    }
  }
  return timingSafeEqual(sha1(secret, key), mask.subarray(-digestBytes)) ? key : undefined;
}

function sha1(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
