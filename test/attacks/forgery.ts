/** Assertions as a forger makes them: every part under control, down to the byte. */

import { constants, createHmac, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export type Signer = (signingInput: string) => Buffer;

/** RSASSA-PKCS1-v1_5 with SHA-256: what is right. */
export const rs256 =
  (key: KeyObject): Signer =>
  (input) =>
    sign('sha256', Buffer.from(input, 'latin1'), key);

/** RSASSA-PKCS1-v1_5 with another hash. */
export const rsaWith =
  (hash: string, key: KeyObject): Signer =>
  (input) =>
    sign(hash, Buffer.from(input, 'latin1'), key);

export const rsaPss =
  (hash: string, key: KeyObject): Signer =>
  (input) =>
    sign(hash, Buffer.from(input, 'latin1'), {
      key,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    });

export const ecdsa =
  (hash: string, key: KeyObject): Signer =>
  (input) =>
    sign(hash, Buffer.from(input, 'latin1'), { key, dsaEncoding: 'ieee-p1363' });

export const eddsa =
  (key: KeyObject): Signer =>
  (input) =>
    sign(null, Buffer.from(input, 'latin1'), key);

export const hmac =
  (hash: string, secret: string | Buffer): Signer =>
  (input) =>
    createHmac(hash, secret).update(input, 'latin1').digest();

/** The same bytes whatever is signed. */
export const constant =
  (signature: Buffer | string): Signer =>
  () =>
    Buffer.from(signature as string, 'latin1');

/** The right signature, changed. */
export const changed =
  (signer: Signer, change: (signature: Buffer) => Buffer): Signer =>
  (input) =>
    change(signer(input));

export interface Parts {
  /** An object, or the text to encode; text stands for UTF-8, a buffer for itself. */
  header?: object | string | Buffer;
  claims: object | string | Buffer;
  signer: Signer;
}

const defaultHeader = { alg: 'RS256' };

/** The compact serialization of RFC 7515 section 7.1. */
export function compact({ header = defaultHeader, claims, signer }: Parts): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${signer(input).toString('base64url')}`;
}

export function encode(value: object | string | Buffer): string {
  return bytesOf(value).toString('base64url');
}

function bytesOf(value: object | string | Buffer): Buffer {
  if (Buffer.isBuffer(value)) return value;
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value), 'utf8');
}
