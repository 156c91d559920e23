/**
 * Sealing: AES-256-GCM (NIST SP 800-38D) with a key that is derived from a secret by HKDF-SHA256
 * (RFC 5869). What is sealed names the key that opens it, so that secrets can be replaced while
 * entries of the old one are still around; and it is bound to its place, so that an entry moved
 * under another name does not open.
 */

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { BrokerError } from './errors.ts';

/** At least 32 characters or bytes, from a random source: `openssl rand -base64 32`. */
export type Secret = string | Uint8Array;

export interface SealOptions {
  /** What seals from now on. */
  secret: Secret;
  /** Secrets of before, which still open what they sealed. */
  earlierSecrets?: readonly Secret[];
}

export interface Seal {
  /** Text that nobody opens without the secret, and that opens under the same place alone. */
  seal(text: string, place: string): string;
  /** @throws BrokerError STORE_ENTRY_UNREADABLE, STORE_ENTRY_NEWER */
  open(sealed: string, place: string): string;
}

const leastLength = 32;
const nonceLength = 12;
const tagLength = 16;

/** Stands first in what is sealed; a version that changes the algorithm gets another one. */
const version = '1';

interface SealingKey {
  /** Tells keys apart, and says nothing about them. */
  id: string;
  bytes: Uint8Array;
}

/** @throws BrokerError STORE_KEY_INVALID */
export function createSeal({ secret, earlierSecrets = [] }: SealOptions): Seal {
  const sealing = derive(secret);
  const keys = new Map([...earlierSecrets.map(derive), sealing].map((key) => [key.id, key]));
  return {
    seal(text, place) {
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv('aes-256-gcm', sealing.bytes, nonce);
      cipher.setAAD(bound(sealing, place));
      const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return [version, sealing.id, Buffer.concat(parts).toString('base64url')].join('.');
    },
    open(sealed, place) {
      const [, found = '', id = '', payload = ''] =
        /^(\d{1,9})\.([\da-f]{16})\.([\w-]+)$/.exec(sealed) ?? [];
      if (found === '') throw unreadable('it is not what was written there');
      if (found !== version) {
        throw new BrokerError('STORE_ENTRY_NEWER', `An entry has version ${found} of sealing`, {
          hints: ['A newer sfjwt wrote it: use that one.'],
        });
      }
      const key = keys.get(id);
      if (key === undefined) throw unreadable(`it was sealed with another key (${id})`);
      const bytes = Buffer.from(payload, 'base64url');
      const end = bytes.length - tagLength;
      if (end < nonceLength) throw unreadable('it is cut off');
      const nonce = bytes.subarray(0, nonceLength);
      const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce, {
        authTagLength: tagLength,
      });
      decipher.setAAD(bound(key, place));
      decipher.setAuthTag(bytes.subarray(end));
      try {
        const text = decipher.update(bytes.subarray(nonceLength, end));
        return Buffer.concat([text, decipher.final()]).toString('utf8');
      } catch {
        throw unreadable('it was changed, or belongs elsewhere');
      }
    },
  };
}

function bound({ id }: SealingKey, place: string): Buffer {
  return Buffer.from(JSON.stringify([version, id, place]));
}

function derive(secret: Secret): SealingKey {
  const given: unknown = secret;
  if (typeof given !== 'string' && !(given instanceof Uint8Array)) {
    throw invalid('is neither text nor bytes');
  }
  // The line break that `$(...)`, editors and secret files leave or take away is not part of it.
  const bytes = typeof given === 'string' ? Buffer.from(given.trim()) : given;
  if (bytes.length < leastLength) throw invalid(`is shorter than ${leastLength} characters`);
  const part = (use: string, length: number): Buffer =>
    Buffer.from(hkdfSync('sha256', bytes, '', `sfjwt ${use}`, length));
  return { id: part('seal id', 8).toString('hex'), bytes: part('seal key', 32) };
}

function invalid(why: string): BrokerError {
  return new BrokerError('STORE_KEY_INVALID', `The secret of the token store ${why}`, {
    hints: ['Make one with: openssl rand -base64 32'],
  });
}

function unreadable(why: string): BrokerError {
  return new BrokerError('STORE_ENTRY_UNREADABLE', `An entry cannot be opened: ${why}`);
}
