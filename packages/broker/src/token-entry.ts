/** What a shared store keeps of one identity, as JSON, before it is sealed. */

import { AccessToken, milliseconds } from '@sfjwt/client';
import { BrokerError } from './errors.ts';
import { readRefusal } from './refusal.ts';
import type { Refusal } from './refusal.ts';

export interface TokenEntry {
  token?: AccessToken | undefined;
  /** The last login was refused, or failed. */
  refusal?: Refusal | undefined;
}

/** Changes when a reader of before could take an entry for something that it is not. */
const version = 1;

export function writeTokenEntry({ token, refusal }: TokenEntry): string {
  if (token === undefined) return JSON.stringify({ version, refusal });
  const { value, instanceUrl, scopes, organizationId, userId, identityUrl } = token;
  const { receivedAt, expiresAt } = token;
  const times = { receivedAt, expiresAt };
  const fields = { value, instanceUrl, scopes, organizationId, userId, identityUrl, ...times };
  return JSON.stringify({ version, token: fields, refusal });
}

/** @throws BrokerError STORE_ENTRY_UNREADABLE, STORE_ENTRY_NEWER */
export function readTokenEntry(text: string): TokenEntry {
  const { version: found, token, refusal } = fieldsOf(text);
  if (typeof found === 'number' && found > version) {
    throw new BrokerError('STORE_ENTRY_NEWER', `A token entry has version ${found}`, {
      hints: ['A newer sfjwt wrote it: use that one.'],
    });
  }
  if (found !== version) throw unreadable('it has no version');
  return {
    token: token === undefined ? undefined : readToken(token),
    refusal: readRefusal(refusal),
  };
}

function readToken(fields: unknown): AccessToken {
  const { value, instanceUrl, scopes, organizationId, userId, identityUrl, receivedAt, expiresAt } =
    Object(fields) as Record<string, unknown>;
  if (
    typeof value !== 'string' ||
    typeof instanceUrl !== 'string' ||
    !isTexts(scopes) ||
    typeof receivedAt !== 'number'
  ) {
    throw unreadable('it holds no token');
  }
  return new AccessToken({
    value,
    instanceUrl,
    scopes,
    organizationId: typeof organizationId === 'string' ? organizationId : undefined,
    userId: typeof userId === 'string' ? userId : undefined,
    identityUrl: typeof identityUrl === 'string' ? identityUrl : undefined,
    receivedAt: milliseconds(receivedAt),
    expiresAt: typeof expiresAt === 'number' ? milliseconds(expiresAt) : undefined,
  });
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    // What JSON.parse complains of quotes the text.
    throw unreadable('it is not JSON');
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function unreadable(why: string): BrokerError {
  return new BrokerError('STORE_ENTRY_UNREADABLE', `An entry cannot be used: ${why}`);
}
