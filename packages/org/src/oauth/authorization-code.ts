/** Authorization codes of the web server flow: RFC 6749 section 4.1, with PKCE (RFC 7636). */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Database, Row } from '../store/database.ts';

export interface AuthorizationCode {
  clientAppId: string;
  userId: string;
  redirectUri: string;
  scopes: readonly string[];
  /** `code_challenge`, by S256; Salesforce knows no other method. */
  codeChallenge: string | undefined;
  nonce: string | undefined;
}

export interface StoredCode extends AuthorizationCode {
  /** Milliseconds since 1970. */
  expires: number;
  isUsed: boolean;
  /** What was given for it. */
  refreshTokenId: string | undefined;
}

/** Salesforce Help, OAuth 2.0 Web Server Flow: a code is good for 15 minutes. */
const lifeMilliseconds = 15 * 60 * 1000;

export class AuthorizationCodes {
  readonly #database: Database;
  readonly #now: () => number;

  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /** Of a code only its hash is kept. */
  create(code: AuthorizationCode): string {
    const text = `aPrx${randomBytes(48).toString('base64url')}`;
    const now = this.#now();
    this.#database.prepare('DELETE FROM "_AuthorizationCode" WHERE "_expires" < ?').run(now);
    this.#database
      .prepare(
        `INSERT INTO "_AuthorizationCode" ("_hash", "_clientAppId", "_userId", "_redirectUri",
           "_scopes", "_codeChallenge", "_nonce", "_expires") VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        hash(text),
        code.clientAppId,
        code.userId,
        code.redirectUri,
        code.scopes.join(' '),
        code.codeChallenge ?? null,
        code.nonce ?? null,
        now + lifeMilliseconds,
      );
    return text;
  }

  find(text: string): StoredCode | undefined {
    const row = this.#database
      .prepare('SELECT * FROM "_AuthorizationCode" WHERE "_hash" = ?')
      .get(hash(text));
    return row === undefined ? undefined : toStoredCode(row);
  }

  /** A code is good for one use. */
  use(text: string, refreshTokenId: string | undefined): void {
    this.#database
      .prepare(
        'UPDATE "_AuthorizationCode" SET "_used" = 1, "_refreshTokenId" = ? WHERE "_hash" = ?',
      )
      .run(refreshTokenId ?? null, hash(text));
  }
}

/** Whether the verifier is the one that the challenge was made of: RFC 7636 section 4.6. */
export function isVerifierOf(challenge: string, verifier: string): boolean {
  const [given, expected] = [Buffer.from(hash(verifier)), Buffer.from(challenge)];
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function toStoredCode(row: Row): StoredCode {
  const text = (column: string): string | undefined =>
    typeof row[column] === 'string' ? row[column] : undefined;
  return {
    clientAppId: String(row['_clientAppId']),
    userId: String(row['_userId']),
    redirectUri: String(row['_redirectUri']),
    scopes: String(row['_scopes']).split(' '),
    codeChallenge: text('_codeChallenge'),
    nonce: text('_nonce'),
    expires: Number(row['_expires']),
    isUsed: row['_used'] === 1,
    refreshTokenId: text('_refreshTokenId'),
  };
}
