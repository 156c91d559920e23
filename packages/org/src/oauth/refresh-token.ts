/**
 * Refresh tokens of the web server flow, which the JWT bearer flow never gives. As with access
 * tokens, no token is stored: it proves itself by the secret of the org.
 */

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Organization } from '../directory/organization.ts';
import type { Row } from '../store/database.ts';
import { to15, to18 } from '../store/record-id.ts';
import type { Records } from '../store/records.ts';

export interface RefreshToken {
  id: string;
  userId: string;
  clientAppId: string;
  scopes: readonly string[];
  /** Milliseconds since 1970. */
  created: number;
  lastUsed: number;
}

/** Salesforce keeps five approvals of one app by one user; the longest unused goes. */
const mostPerUserAndApp = 5;

const prefix = '5Aep';

export class RefreshTokens {
  readonly #records: Records;
  readonly #now: () => number;
  readonly #organization: Pick<Organization, 'secret'>;

  constructor(options: {
    records: Records;
    now: () => number;
    organization: Pick<Organization, 'secret'>;
  }) {
    this.#records = options.records;
    this.#now = options.now;
    this.#organization = options.organization;
  }

  /** Returns the token, and the ids of those that had to go for it. */
  create(approval: { userId: string; clientAppId: string; scopes: readonly string[] }): {
    id: string;
    token: string;
    replaced: string[];
  } {
    const { userId, clientAppId, scopes } = approval;
    const kept = this.#records
      .list('_RefreshToken', { _userId: userId, _clientAppId: clientAppId })
      .map(toRefreshToken)
      .toSorted((a, b) => b.lastUsed - a.lastUsed);
    const replaced = kept.slice(mostPerUserAndApp - 1).map(({ id }) => id);
    for (const id of replaced) this.remove(id);
    const id = this.#records.nextId('888');
    this.#records.insert('_RefreshToken', {
      Id: id,
      _userId: userId,
      _clientAppId: clientAppId,
      _scopes: scopes.join(' '),
      _created: this.#now(),
      _lastUsed: this.#now(),
    });
    return { id, token: prefix + to15(id) + this.#proof(id), replaced };
  }

  find(token: string): RefreshToken | undefined {
    const shortId = token.slice(prefix.length, prefix.length + 15);
    if (!token.startsWith(prefix) || !/^\w{15}$/.test(shortId)) return undefined;
    const id = to18(shortId);
    const [given, expected] = [
      Buffer.from(token.slice(prefix.length + 15)),
      Buffer.from(this.#proof(id)),
    ];
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    const row = this.#records.find('_RefreshToken', { Id: id });
    return row === undefined ? undefined : toRefreshToken(row);
  }

  /** Whether this user gave this app any. */
  has({ userId, clientAppId }: { userId: string; clientAppId: string }): boolean {
    const pair = { _userId: userId, _clientAppId: clientAppId };
    return this.#records.find('_RefreshToken', pair) !== undefined;
  }

  use(id: string): void {
    const uses = Number(this.#records.find('_RefreshToken', { Id: id })?.['_useCount'] ?? 0);
    this.#records.update('_RefreshToken', id, { _lastUsed: this.#now(), _useCount: uses + 1 });
  }

  remove(id: string): void {
    this.#records.delete('_RefreshToken', id);
  }

  #proof(id: string): string {
    // Not the proof of an access token: one must never pass for the other.
    return createHmac('sha256', this.#organization.secret)
      .update(`refresh:${id}`)
      .digest('base64url');
  }
}

function toRefreshToken(row: Row): RefreshToken {
  return {
    id: String(row['Id']),
    userId: String(row['_userId']),
    clientAppId: String(row['_clientAppId']),
    scopes: String(row['_scopes']).split(' '),
    created: Number(row['_created']),
    lastUsed: Number(row['_lastUsed']),
  };
}
