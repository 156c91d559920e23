/** What a shared store keeps of one identity, as JSON, before it is sealed. */

import { AccessToken, milliseconds } from '@sfjwt/client';
import { BrokerError } from './errors.ts';

/** Changes when a reader of before could take an entry for something that it is not. */
const version = 1;

export function writeTokenEntry(token: AccessToken): string {
  const { value, instanceUrl, scopes, organizationId, userId, identityUrl } = token;
  const { receivedAt, expiresAt } = token;
  return JSON.stringify({
    version,
    token: {
      value,
      instanceUrl,
      scopes,
      organizationId,
      userId,
      identityUrl,
      receivedAt,
      expiresAt,
    },
  });
}

/** @throws BrokerError STORE_ENTRY_UNREADABLE, STORE_ENTRY_NEWER */
export function readTokenEntry(text: string): AccessToken {
  const entry = fieldsOf(text);
  const found = entry['version'];
  if (typeof found === 'number' && found > version) {
    throw new BrokerError('STORE_ENTRY_NEWER', `A token entry has version ${found}`, {
      hints: ['A newer sfjwt wrote it: use that one.'],
    });
  }
  const { value, instanceUrl, scopes, organizationId, userId, identityUrl, receivedAt, expiresAt } =
    Object(entry['token']) as Record<string, unknown>;
  if (
    found !== version ||
    typeof value !== 'string' ||
    typeof instanceUrl !== 'string' ||
    !isTexts(scopes) ||
    typeof receivedAt !== 'number'
  ) {
    throw new BrokerError('STORE_ENTRY_UNREADABLE', 'An entry holds no token');
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
    throw new BrokerError('STORE_ENTRY_UNREADABLE', 'An entry is not JSON');
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
