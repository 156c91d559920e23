import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { milliseconds } from '@sfjwt/client';
import type { Clock } from '@sfjwt/client';
import { afterAll } from 'vitest';

/** A day on which every test runs: nothing expires while we look away. */
export const now: number = Date.UTC(2026, 10, 23, 12, 0, 0);

export const clock: Clock = { now: () => milliseconds(now) };

/** Made once per file: making RSA keys is what takes time here. */
export const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

export const privateKeyPem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));

/** An oracle that is not ours. Missing, its tests are skipped by name; in CI that is a failure. */
export const missingOpenssl: boolean = isMissing('openssl', ['version']);
export const missingKeytool: boolean = isMissing('keytool', ['-help']);

/** A folder that goes away with the test file. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sfjwt-setup-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Runs openssl and gives what it printed, without the line break at the end. */
export function openssl(args: readonly string[], input?: string | Uint8Array): string {
  return opensslBytes(args, input).toString().replace(/\n$/, '');
}

export function opensslBytes(args: readonly string[], input?: string | Uint8Array): Buffer {
  return execFileSync('openssl', args, { input, stdio: 'pipe' });
}

function isMissing(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return false;
  } catch (cause) {
    if (process.env['CI']) throw new Error(`${command} is needed by the tests in CI`, { cause });
    return true;
  }
}
