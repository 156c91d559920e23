import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ClientApp } from '../directory/client-app.ts';
import { sessionTimeoutSeconds } from '../policies/session-timeout.ts';
import type { Row } from '../store/database.ts';
import { to15, to18 } from '../store/record-id.ts';
import type { Records } from '../store/records.ts';

export interface Session {
  id: string;
  userId: string;
  /** Not set for a session that no app asked for, such as an administrator's own. */
  clientAppId: string | undefined;
  /** `Oauth2` for sessions of this flow. */
  type: string;
  scopes: readonly string[];
  sourceIp: string;
  /** Milliseconds since 1970. */
  created: number;
  /** Last use; the life of a session is counted from it. */
  updated: number;
  /** Seconds without activity after which it ends. */
  timeoutSeconds: number;
}

export interface NewSession {
  userId: string;
  app?: ClientApp;
  scopes: readonly string[];
  sourceIp: string;
  loginHistoryId?: string;
}

export interface SessionsOptions {
  records: Records;
  now: () => number;
  organizationId: string;
  /** Secret of the org: an access token proves itself by it, so none is ever stored. */
  secret: string;
}

/** Session Management: what is signed in, and the access tokens that stand for it. */
export class Sessions {
  readonly #records: Records;
  readonly #now: () => number;
  readonly #tokenPrefix: string;
  readonly #secret: string;

  constructor({ records, now, organizationId, secret }: SessionsOptions) {
    this.#records = records;
    this.#now = now;
    this.#tokenPrefix = `${to15(organizationId)}!`;
    this.#secret = secret;
  }

  /** Opens a session and returns its opaque access token: org id, `!`, secret part. */
  open({ userId, app, scopes, sourceIp, loginHistoryId }: NewSession): string {
    const id = this.#records.insert('AuthSession', {
      UsersId: userId,
      LoginType: app === undefined ? 'Application' : 'Remote Access 2.0',
      SessionType: app === undefined ? 'API' : 'Oauth2',
      SessionSecurityLevel: 'STANDARD',
      UserType: 'Standard',
      SourceIp: sourceIp,
      NumSecondsValid: app === undefined ? 7200 : sessionTimeoutSeconds(app),
      LoginHistoryId: loginHistoryId ?? null,
      _clientAppId: app?.id ?? null,
      _scopes: scopes.join(' '),
    });
    return this.#tokenPrefix + to15(id) + this.#proof(id);
  }

  /** The living session behind an access token. Using it starts its time-out anew. */
  use(token: string): Session | undefined {
    const session = this.find(token);
    if (session !== undefined) this.#records.update('AuthSession', session.id, {});
    return session;
  }

  /** The living session behind an access token, without using it. */
  find(token: string): Session | undefined {
    if (!token.startsWith(this.#tokenPrefix)) return undefined;
    const secretPart = token.slice(this.#tokenPrefix.length);
    const shortId = secretPart.slice(0, 15);
    if (!/^\w{15}$/.test(shortId)) return undefined;
    const id = to18(shortId);
    if (!equal(secretPart.slice(15), this.#proof(id))) return undefined;
    const row = this.#records.find('AuthSession', { Id: id });
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
    for (const row of this.#records.list('AuthSession', { UsersId: userId })) {
      this.remove(String(row['Id']));
    }
  }

  #isAlive({ updated, timeoutSeconds }: Session): boolean {
    return this.#now() < updated + timeoutSeconds * 1000;
  }

  /** Dot in place of dash: clients know access tokens as word characters and dots. */
  #proof(id: string): string {
    const mac = createHmac('sha256', this.#secret).update(id).digest('base64url');
    return mac.replaceAll('-', '.');
  }
}

function equal(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function toSession(row: Row): Session {
  return {
    id: String(row['Id']),
    userId: String(row['UsersId']),
    clientAppId: typeof row['_clientAppId'] === 'string' ? row['_clientAppId'] : undefined,
    type: String(row['SessionType']),
    scopes: String(row['_scopes']).split(' '),
    sourceIp: String(row['SourceIp']),
    created: Number(row['CreatedDate']),
    updated: Number(row['LastModifiedDate']),
    timeoutSeconds: Number(row['NumSecondsValid']),
  };
}
