import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** One key pair for the whole test run: making one costs a tenth of a second. */
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

export { privateKey, publicKey };

export const pkcs8: string = pem(privateKey, 'pkcs8');
export const pkcs1: string = pem(privateKey, 'pkcs1');

export function pem(key: KeyObject, type: 'pkcs8' | 'pkcs1'): string {
  return String(key.export({ type, format: 'pem' }));
}
