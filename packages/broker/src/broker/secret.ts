import { readFile } from 'node:fs/promises';
import { digestOf } from './caller.ts';
import type { Caller } from './caller.ts';
import type { CallerSetting, SecretPlace } from './configuration.ts';
import { BrokerError } from '../errors.ts';

/** Less can be guessed by a patient process on the same machine. */
const minimumCharacters = 24;

/**
 * A caller with its secrets read. Only their digests stay in memory.
 *
 * @throws BrokerError SECRET_MISSING, SECRET_INVALID
 */
export async function readCaller(setting: CallerSetting): Promise<Caller> {
  const { name, secrets, profiles, requests, permissions } = setting;
  return {
    name,
    secretDigests: await Promise.all(secrets.map((place) => readDigest(place, name))),
    profiles,
    permissions: permissions ?? (requests === undefined ? ['token', 'proxy'] : ['proxy']),
    requests,
  };
}

async function readDigest(place: SecretPlace, caller: string): Promise<Uint8Array> {
  if ('sha256' in place) return Buffer.from(place.sha256, 'hex');
  const where = 'file' in place ? `the file ${place.file}` : `the variable ${place.environment}`;
  const text = (await readText(place)).trim();
  if (text === '') {
    throw new BrokerError('SECRET_MISSING', `The secret of ${caller} is not in ${where}`, {
      hints: ['Make one with: openssl rand -base64 32'],
    });
  }
  const problem =
    text.length < minimumCharacters
      ? `has less than ${minimumCharacters} characters`
      : /^[\w.~+/=-]+$/.test(text)
        ? undefined
        : 'has characters that no Authorization header carries (RFC 6750 section 2.1)';
  if (problem !== undefined) {
    throw new BrokerError('SECRET_INVALID', `The secret of ${caller} in ${where} ${problem}`, {
      hints: ['Make one with: openssl rand -base64 32'],
    });
  }
  return digestOf(text);
}

async function readText(place: { file: string } | { environment: string }): Promise<string> {
  if ('environment' in place) return process.env[place.environment] ?? '';
  return readFile(place.file, 'utf8').catch(() => '');
}
