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
  return new Promise((resolve, reject) => {
    verify('sha256', Buffer.from(signingInput), publicKey, signature, (error, valid) => {
      if (error === null) resolve(valid);
      else reject(error);
    });
  });
}

/** base64url; padding is tolerated because Salesforce's older sample shows it. */
function decode(part: string, name: string): Buffer {
  if (!/^[\w-]+={0,2}$/.test(part)) throw new MalformedAssertion(`${name} is not base64url`);
  return Buffer.from(part, 'base64url');
}

function decodeObject(part: string, name: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(decode(part, name)));
  } catch (error) {
    if (error instanceof MalformedAssertion) throw error;
    throw new MalformedAssertion(`${name} is not JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MalformedAssertion(`${name} is not a JSON object`);
  }
  return value as Record<string, unknown>;
}
