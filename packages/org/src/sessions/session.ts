import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Organization } from '../directory/organization.ts';
import type { Database, Row } from '../store/database.ts';
import { to15, to18 } from '../store/record-id.ts';
import type { Records, Values } from '../store/records.ts';

export interface Session {
  id: string;
  userId: string;
  /** Not set for a session that no app asked for, such as an administrator's own. */
  clientAppId: string | undefined;
  /** `Oauth2` for sessions of this flow. */
  type: string;
  /** How it began: `Remote Access 2.0` is OAuth, `Application` a person. */
  loginType: string;
  userType: string;
  scopes: readonly string[];
  sourceIp: string;
  /** Milliseconds since 1970. */
  created: number;
  /** Last use; the life of a session is counted from it. */
  updated: number;
  /** Seconds without activity after which it ends. */
  timeoutSeconds: number;
  /** Of a JWT-based access token: its end, which use does not put off. Milliseconds since 1970. */
  expires: number | undefined;
  /** The refresh token it was opened with, and with which it ends. */
  refreshTokenId: string | undefined;
}

export interface NewSession {
  userId: string;
  clientAppId?: string;
  /** `UI` in a browser, `API` for an administrator's own; `Oauth2` when left out. */
  type?: 'Oauth2' | 'UI' | 'API';
  scopes: readonly string[];
  sourceIp: string;
  timeoutSeconds: number;
  loginHistoryId?: string;
  refreshTokenId?: string | undefined;
  /** Makes a JWT-based access token for the session with this id. */
  jwt?: ((session: { id: string; expires: number }) => string) | undefined;
}

export interface ReopenedSession {
  userId: string;
  clientAppId: string;
  scopes: readonly string[];
  loginHistoryId: string;
}

export interface SessionsOptions {
  database: Database;
  records: Records;
  now: () => number;
  /** By the secret of the org an access token proves itself, so none is ever stored. */
  organization: Pick<Organization, 'id' | 'secret'>;
  /** The session that a JWT-based access token of this org names, when its signature is right. */
  sessionOfJwt: (token: string) => string | undefined;
}

// By statements of their own, as every login and every call makes one.
const using =
  'UPDATE "AuthSession" SET "LastModifiedDate" = ?, "SystemModstamp" = ? WHERE "Id" = ?';
const reopening = `UPDATE "AuthSession" SET "LoginHistoryId" = ?, "LastModifiedDate" = ?,
  "SystemModstamp" = ? WHERE "Id" = ? AND "LastModifiedDate" + "NumSecondsValid" * 1000 > ?`;

/** Session Management: what is signed in, and the access tokens that stand for it. */
export class Sessions {
  readonly #database: Database;
  readonly #records: Records;
  readonly #now: () => number;
  /** Sessions that were handed out again, by user, app and scopes; in memory alone. */
  readonly #reopened = new Map<string, { id: string; token: string }>();
  #reopenedAt = -1;
  readonly #organization: SessionsOptions['organization'];
  readonly #sessionOfJwt: SessionsOptions['sessionOfJwt'];

  constructor({ database, records, now, organization, sessionOfJwt }: SessionsOptions) {
    this.#database = database;
    this.#records = records;
    this.#now = now;
    this.#organization = organization;
    this.#sessionOfJwt = sessionOfJwt;
  }

  /** Opens a session and returns its access token: opaque (org id, `!`, secret part) or a JWT. */
  open(session: NewSession): string {
    const { type = 'Oauth2', timeoutSeconds, jwt } = session;
    const expires = this.#now() + timeoutSeconds * 1000;
    const id = this.#records.insert('AuthSession', {
      UsersId: session.userId,
      LoginType: type === 'Oauth2' ? 'Remote Access 2.0' : 'Application',
      SessionType: type,
      SessionSecurityLevel: 'STANDARD',
      UserType: 'Standard',
      SourceIp: session.sourceIp,
      NumSecondsValid: timeoutSeconds,
      LoginHistoryId: session.loginHistoryId ?? null,
      _clientAppId: session.clientAppId ?? null,
      _scopes: session.scopes.join(' '),
      _expires: jwt === undefined ? null : expires,
      _refreshTokenId: session.refreshTokenId ?? null,
    });
    return jwt === undefined ? this.#opaqueToken(id) : jwt({ id, expires });
  }

  /**
   * The access token of the session that this user and app have already, if one lives with these
   * scopes: Salesforce hands the same token out again. Its time-out starts anew.
   */
  reopen({ userId, clientAppId, scopes, loginHistoryId }: ReopenedSession): string | undefined {
    const key = `${userId} ${clientAppId} ${scopes.join(' ')}`;
    const known = this.#reopenable(key) ?? this.#findReopenable(userId, clientAppId, scopes);
    if (known === undefined) return undefined;
    const now = this.#now();
    const { changes } = this.#database
      .prepare(reopening)
      .run(loginHistoryId, now, now, known.id, now);
    if (changes === 0) {
      // One session at most is reused, so that the dead do not pile up.
      this.#reopened.delete(key);
      this.remove(known.id);
      return undefined;
    }
    this.#reopened.set(key, known);
    return known.token;
  }

  /** What was found the last time, unless another org was put in the place of this one. */
  #reopenable(key: string): { id: string; token: string } | undefined {
    const { revision } = this.#database;
    if (this.#reopenedAt !== revision || this.#reopened.size >= 1000) {
      this.#reopenedAt = revision;
      this.#reopened.clear();
    }
    return this.#reopened.get(key);
  }

  #findReopenable(
    userId: string,
    clientAppId: string,
    scopes: readonly string[],
  ): { id: string; token: string } | undefined {
    const row = this.#records.find('AuthSession', {
      UsersId: userId,
      _clientAppId: clientAppId,
      _scopes: scopes.join(' '),
      _expires: null,
      _refreshTokenId: null,
    });
    const id = String(row?.['Id']);
    return row === undefined ? undefined : { id, token: this.#opaqueToken(id) };
  }

  /** The living session behind an access token. Using it starts its time-out anew. */
  use(token: string): Session | undefined {
    const session = this.find(token);
    if (session !== undefined && session.expires === undefined) {
      const now = this.#now();
      this.#database.prepare(using).run(now, now, session.id);
    }
    return session;
  }

  /** The living session behind an access token, without using it. */
  find(token: string): Session | undefined {
    const prefix = this.#tokenPrefix();
    const id = token.startsWith(prefix)
      ? this.#sessionOfOpaque(token.slice(prefix.length))
      : this.#sessionOfJwt(token);
    const row = id === undefined ? undefined : this.#records.find('AuthSession', { Id: id });
    if (row === undefined) return undefined;
    const session = toSession(row);
    return this.#isAlive(session) ? session : undefined;
  }

  /** Living sessions, newest first. */
  list(): Session[] {
    return this.#records
      .list('AuthSession', {}, { orderBy: 'CreatedDate DESC, Id DESC' })
      .map(toSession)
      .filter((session) => this.#isAlive(session));
  }

  /** Ends a session: the next call with its token gets a 401. */
  remove(id: string): void {
    this.#records.delete('AuthSession', id);
  }

  removeOfUser(userId: string): void {
    this.#removeAll({ UsersId: userId });
  }

  removeOfRefreshToken(refreshTokenId: string): void {
    this.#removeAll({ _refreshTokenId: refreshTokenId });
  }

  #removeAll(where: Values): void {
    for (const row of this.#records.list('AuthSession', where)) this.remove(String(row['Id']));
  }

  #isAlive({ updated, timeoutSeconds, expires }: Session): boolean {
    return this.#now() < (expires ?? updated + timeoutSeconds * 1000);
  }

  #tokenPrefix(): string {
    return `${to15(this.#organization.id)}!`;
  }

  #opaqueToken(id: string): string {
    return this.#tokenPrefix() + to15(id) + this.#proof(id);
  }

  #sessionOfOpaque(secretPart: string): string | undefined {
    const shortId = secretPart.slice(0, 15);
    if (!/^\w{15}$/.test(shortId)) return undefined;
    const id = to18(shortId);
    return equal(secretPart.slice(15), this.#proof(id)) ? id : undefined;
  }

  /** Dot in place of dash: clients know access tokens as word characters and dots. */
  #proof(id: string): string {
    const mac = createHmac('sha256', this.#organization.secret).update(id).digest('base64url');
    return mac.replaceAll('-', '.');
  }
}

function equal(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function toSession(row: Row): Session {
  const { _expires, _refreshTokenId } = row;
  return {
    id: String(row['Id']),
    userId: String(row['UsersId']),
    clientAppId: typeof row['_clientAppId'] === 'string' ? row['_clientAppId'] : undefined,
    type: String(row['SessionType']),
    loginType: String(row['LoginType']),
    userType: String(row['UserType']),
    scopes: String(row['_scopes']).split(' '),
    sourceIp: String(row['SourceIp']),
    created: Number(row['CreatedDate']),
    updated: Number(row['LastModifiedDate']),
    timeoutSeconds: Number(row['NumSecondsValid']),
    expires: typeof _expires === 'number' ? _expires : undefined,
    refreshTokenId: typeof _refreshTokenId === 'string' ? _refreshTokenId : undefined,
  };
}
