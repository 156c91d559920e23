/** Reading an assertion and checking its signature: RFC 7515 sections 5.2 and 7.1. */

import { verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export interface Assertion {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** The bytes that were signed. */
  readonly signingInput: string;
  readonly signature: Buffer;
}

/** Why a text is not a JWS in compact serialization; never holds a part of it. */
export class MalformedAssertion extends Error {
  override readonly name = 'MalformedAssertion';
}

/** @throws MalformedAssertion */
export function parseAssertion(text: string): Assertion {
  const parts = text.split('.');
  const [header, claims, signature] = parts;
  if (header === undefined || claims === undefined || signature === undefined || parts.length > 3) {
    throw new MalformedAssertion(`${parts.length} part(s) instead of three`);
  }
  return {
    header: decodeObject(header, 'header'),
    claims: decodeObject(claims, 'payload'),
    signingInput: `${header}.${claims}`,
    signature: decode(signature, 'signature'),
  };
}

/**
 * Whether the signature is RSASSA-PKCS1-v1_5 with SHA-256 by this key. The algorithm is fixed
 * here: the header of the assertion has no say in it.
 */
export function verifySignature(assertion: Assertion, publicKey: KeyObject): Promise<boolean> {
  const { signingInput, signature } = assertion;
  return new Promise((resolve) => {
    verify('sha256', Buffer.from(signingInput), publicKey, signature, (error, valid) => {
      // What cannot be verified is not verified.
      resolve(error === null && valid);
    });
  });
}

/**
 * base64url; padding is tolerated because Salesforce's older sample shows it. There is one spelling
 * of the same bytes and no other: RFC 4648 section 3.5.
 */
function decode(part: string, name: string): Buffer {
  const [, text = '', padding = ''] = /^([\w-]+)(={0,2})$/.exec(part) ?? [];
  const bytes = Buffer.from(text, 'base64url');
  const isPadded = padding === '' || part.length % 4 === 0;
  if (text === '' || !isPadded || bytes.toString('base64url') !== text) {
    throw new MalformedAssertion(`${name} is not base64url`);
  }
  return bytes;
}

/** JSON is UTF-8 without a byte order mark, RFC 8259 section 8.1. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Header and claims are flat in practice; what is deeper is built to exhaust a stack. */
const maximumDepth = 32;

function decodeObject(part: string, name: string): Readonly<Record<string, unknown>> {
  const bytes = decode(part, name);
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch {
    throw new MalformedAssertion(`${name} is not JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MalformedAssertion(`${name} is not a JSON object`);
  }
  if (!isWithin(value, maximumDepth)) {
    throw new MalformedAssertion(`${name} is nested more than ${maximumDepth} deep`);
  }
  return value as Record<string, unknown>;
}

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isWithin(inner, levels - 1));
}
