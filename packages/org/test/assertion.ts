/** Assertions made by an independent library, honest ones and forged ones. */

import { createHmac, generateKeyPairSync, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as jose from 'jose';

export interface KeyAndCertificate {
  privateKeyPem: string;
  certificatePem: string;
}

/** The walk-through's own openssl line. */
export function openSslKeyAndCertificate(): KeyAndCertificate {
  const directory = mkdtempSync(join(tmpdir(), 'sfjwt-'));
  try {
    const [key, certificate] = [
      join(directory, 'salesforce.key'),
      join(directory, 'salesforce.crt'),
    ];
    const line = 'req -x509 -sha256 -nodes -days 36500 -newkey rsa:2048 -subj /CN=sfjwt';
    execFileSync('openssl', [...line.split(' '), '-keyout', key, '-out', certificate], {
      stdio: 'ignore',
    });
    return {
      privateKeyPem: readFileSync(key, 'utf8'),
      certificatePem: readFileSync(certificate, 'utf8'),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** One pair for the whole test run. */
export const appKey: KeyAndCertificate = openSslKeyAndCertificate();

export const strangerKey: KeyObject = generateKeyPairSync('rsa', {
  modulusLength: 2048,
}).privateKey;

export interface AssertionChange {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  key?: KeyObject;
}

/** A claim set to `undefined` is left out. */
export async function assertion(
  claims: Record<string, unknown>,
  { header = {}, key }: Omit<AssertionChange, 'claims'> = {},
): Promise<string> {
  const signingKey = key ?? (await jose.importPKCS8(appKey.privateKeyPem, 'RS256'));
  const defined = Object.fromEntries(
    Object.entries(claims).filter(([, value]) => value !== undefined),
  );
  return new jose.CompactSign(Buffer.from(JSON.stringify(defined)))
    .setProtectedHeader({ alg: 'RS256', ...header })
    .sign(signingKey);
}

export function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** No signature at all: RFC 7519 section 6. */
export function unsigned(claims: object): string {
  return `${part({ alg: 'none' })}.${part(claims)}.`;
}

/** The classic confusion: HMAC keyed with the public certificate. */
export function signedWithCertificate(claims: object): string {
  const input = `${part({ alg: 'HS256' })}.${part(claims)}`;
  const mac = createHmac('sha256', appKey.certificatePem).update(input).digest('base64url');
  return `${input}.${mac}`;
}

/** The same with the public key in place of the certificate. */
export function signedWithPublicKey(claims: object): string {
  const { publicKey } = new X509Certificate(appKey.certificatePem);
  const pem = publicKey.export({ type: 'spki', format: 'pem' });
  const input = `${part({ alg: 'HS256' })}.${part(claims)}`;
  return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`;
}
