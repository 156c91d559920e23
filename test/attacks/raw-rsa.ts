/** RSA without padding rules: the arithmetic with which signatures are forged. */

import { constants, createHash, privateEncrypt } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** The algorithm identifier of SHA-256 with its NULL parameters, up to the hash: RFC 8017, 9.2. */
export const sha256Prefix = Buffer.from('3031300d060960864801650304020105000420', 'hex');

export function sha256(text: string | Buffer): Buffer {
  return createHash('sha256').update(text).digest();
}

export interface Modulus {
  n: bigint;
  bytes: number;
}

export function modulusOf(key: KeyObject): Modulus {
  const n = Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url');
  return { n: toInteger(n), bytes: n.length };
}

export function toInteger(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex') || '0'}`);
}

/** Big-endian; as many bytes as it takes when no number is given. */
export function toBytes(value: bigint, bytes = 0): Buffer {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return Buffer.from(even.padStart(bytes * 2, '0'), 'hex');
}

/** The private operation on any block: it is how a faulty encoding gets a true RSA signature. */
export function signBlock(key: KeyObject, block: Buffer): Buffer {
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, block);
}

export interface Encoding {
  start?: Buffer;
  /** The byte that fills, and how many; as many as fit when left out. */
  fill?: number;
  fillBytes?: number;
  separator?: Buffer;
  prefix?: Buffer;
  hash: Buffer;
  trailer?: Buffer;
}

/** EMSA-PKCS1-v1_5 of RFC 8017 section 9.2, with each of its parts open to change. */
export function encodeBlock(
  bytes: number,
  {
    start = Buffer.from([0, 1]),
    fill = 0xff,
    fillBytes,
    separator = Buffer.from([0]),
    prefix = sha256Prefix,
    hash,
    trailer = Buffer.alloc(0),
  }: Encoding,
): Buffer {
  const rest = bytes - start.length - separator.length - prefix.length - hash.length;
  const filler = Buffer.alloc(fillBytes ?? rest - trailer.length, fill);
  const block = Buffer.concat([start, filler, separator, prefix, hash, trailer]);
  // What is left when less is filled is garbage that a lenient verifier never looks at.
  return Buffer.concat([block, Buffer.alloc(Math.max(bytes - block.length, 0), 0x5a)]);
}

/** The smallest s with s³ >= value. */
function cubeRoot(value: bigint): bigint {
  let [low, high] = [0n, 1n << BigInt(Math.ceil(value.toString(2).length / 3) + 1)];
  while (low < high) {
    const middle = (low + high) / 2n;
    if (middle ** 3n < value) low = middle + 1n;
    else high = middle;
  }
  return low;
}

/**
 * Bleichenbacher's forgery of 2006 for keys with exponent 3: without the private key, a number
 * whose cube begins with a padding that is too short and the right hash; garbage follows.
 */
export function forgeByGarbageBehind(
  bytes: number,
  hash: Buffer,
  prefix: Buffer = sha256Prefix,
): Buffer {
  const head = Buffer.concat([
    Buffer.from([0, 1]),
    Buffer.alloc(8, 0xff),
    Buffer.from([0]),
    prefix,
    hash,
  ]);
  const floor = toInteger(Buffer.concat([head, Buffer.alloc(bytes - head.length)]));
  const forged = cubeRoot(floor);
  requireHonest(
    toBytes(forged ** 3n, bytes)
      .subarray(0, head.length)
      .equals(head),
  );
  return toBytes(forged, bytes);
}

/**
 * The other half: a number whose cube ends with separator, algorithm and hash, and begins with
 * 00 01; garbage stands where the padding belongs. The hash has to be odd.
 */
export function forgeByGarbageBefore(bytes: number, hash: Buffer): Buffer {
  const tail = Buffer.concat([Buffer.from([0]), sha256Prefix, hash]);
  const wanted = toInteger(tail);
  const bits = BigInt(tail.length * 8);
  // Cubing is a permutation of the odd numbers modulo a power of two: one bit after the other.
  let low = 1n;
  for (let bit = 1n; bit < bits; bit += 1n) {
    if ((low ** 3n - wanted) & (1n << bit)) low |= 1n << bit;
  }
  const head = toInteger(Buffer.concat([Buffer.from([0, 1, 0xff]), Buffer.alloc(bytes - 3)]));
  const forged = ((cubeRoot(head) >> bits) << bits) + (1n << bits) + low;
  const cube = toBytes(forged ** 3n, bytes);
  requireHonest(cube.length === bytes && cube.subarray(-tail.length).equals(tail));
  requireHonest(cube[0] === 0 && cube[1] === 1);
  return toBytes(forged, bytes);
}

/** A forgery that a careless verifier would see through, too, tests nothing. */
function requireHonest(good: boolean): void {
  if (!good) throw new Error('The forged signature is no forgery');
}
