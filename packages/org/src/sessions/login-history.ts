import { rateExceeded } from '../policies/login-rate.ts';
import type { LoginRate } from '../policies/login-rate.ts';
import type { Database, Row } from '../store/database.ts';
import { lastLogin } from '../store/revision.ts';
import type { Records } from '../store/records.ts';
import type { TraceEntry } from '../trace.ts';

export interface LoginAttempt {
  id: string;
  /** Milliseconds since 1970. */
  time: number;
  /** Not set when no user of this org was named. */
  userId: string | undefined;
  /** As the request named it; the user may not exist. */
  username: string | undefined;
  consumerKey: string | undefined;
  /** Name of the client app, when one was found. */
  application: string | undefined;
  sourceIp: string;
  /** `Application` in a browser; `Remote Access 2.0` is OAuth. */
  loginType: string;
  /** Host that was called. */
  loginUrl: string;
  /** `Success`, or why not, in the words of Salesforce's Login History. */
  status: string;
  trace: readonly TraceEntry[];
}

export interface NewLoginAttempt extends Omit<LoginAttempt, 'id' | 'time' | 'loginType'> {
  /** `Remote Access 2.0` when left out. */
  loginType?: 'Application';
}

export interface LoginHistoryView {
  limit?: number;
  /** Id of an attempt: those before it. */
  before?: string;
  /** A part of the username, in any case. */
  username?: string;
  /** Only those that were refused. */
  isRefused?: boolean;
}

/** Salesforce Help, Monitor Login History: the page and the download have 20,000 entries. */
const mostAttempts = 20_000;
/** The steps of an attempt take ten times the room of the rest, and are looked at soon or never. */
const mostTraces = 5000;
const purgeEvery = 500;

/** All but the trace. */
const columns = `"Id", "UserId", "LoginTime", "LoginType", "LoginUrl", "SourceIp", "Status",
  "Application", "_username", "_consumerKey", "Browser", "Platform", "ApiType", "ApiVersion",
  "ClientVersion"`;

/**
 * Login History: every token request with its outcome. Salesforce keeps attempts of known users
 * only; here an unknown user or app leaves a row too, since that is what people look for.
 */
export class LoginHistory {
  readonly #database: Database;
  readonly #records: Records;
  readonly #loginRate: LoginRate;
  readonly #now: () => number;
  #untilPurge = 0;
  #lastLogin: { userId: string; second: number; revision: number } | undefined;

  constructor(options: {
    database: Database;
    records: Records;
    loginRate: LoginRate;
    now: () => number;
  }) {
    this.#database = options.database;
    this.#records = options.records;
    this.#loginRate = options.loginRate;
    this.#now = options.now;
  }

  /** Written by a statement of its own, as every login does it. */
  record(attempt: NewLoginAttempt): string {
    this.#purge();
    const time = this.#now();
    const id = this.#records.nextId('0Ya');
    const { userId, status } = attempt;
    this.#database
      .prepare(
        `INSERT INTO "LoginHistory" (${columns}, "_trace")
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'Unknown', 'Unknown', 'N/A', 'N/A', 'N/A', ?)`,
      )
      .run(
        id,
        userId ?? null,
        time,
        attempt.loginType ?? 'Remote Access 2.0',
        attempt.loginUrl,
        attempt.sourceIp,
        status,
        attempt.application ?? null,
        attempt.username ?? null,
        attempt.consumerKey ?? null,
        packTrace(attempt.trace),
      );
    if (userId !== undefined) {
      if (status === 'Success') this.#noteLastLogin(userId, time);
      if (status !== rateExceeded) this.#loginRate.add(userId);
    }
    return id;
  }

  /** Salesforce keeps the second, so that one write a second is enough. */
  #noteLastLogin(userId: string, time: number): void {
    const second = Math.floor(time / 1000);
    const { revision } = this.#database;
    const last = this.#lastLogin;
    if (last?.userId === userId && last.second === second && last.revision === revision) return;
    this.#lastLogin = { userId, second, revision };
    this.#database.prepare(lastLogin).run(second * 1000, userId);
  }

  /** Ids grow, so the newest are those with the highest. */
  #purge(): void {
    this.#untilPurge -= 1;
    if (this.#untilPurge > 0) return;
    this.#untilPurge = purgeEvery;
    this.#database
      .prepare(
        `DELETE FROM "LoginHistory" WHERE "Id" <=
           (SELECT "Id" FROM "LoginHistory" ORDER BY "Id" DESC LIMIT 1 OFFSET ?)`,
      )
      .run(mostAttempts - purgeEvery);
    // Written anew: SQLite gives no page back for a row that shrinks where it is.
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO "LoginHistory" (${columns}, "_trace")
         SELECT ${columns}, '[]' FROM "LoginHistory" WHERE "_trace" <> '[]' AND "Id" <=
           (SELECT "Id" FROM "LoginHistory" ORDER BY "Id" DESC LIMIT 1 OFFSET ?)`,
      )
      .run(mostTraces - purgeEvery);
  }

  /** Newest first. */
  list({
    limit = 200,
    before,
    username = '',
    isRefused = false,
  }: LoginHistoryView = {}): LoginAttempt[] {
    return this.#database
      .prepare(
        `SELECT * FROM "LoginHistory"
         WHERE (?1 IS NULL OR "Id" < ?1) AND (?2 = '' OR instr(lower("_username"), lower(?2)) > 0)
           AND (?3 = 0 OR "Status" <> 'Success')
         ORDER BY "Id" DESC LIMIT ?4`,
      )
      .all(before ?? null, username, isRefused ? 1 : 0, limit)
      .map(toAttempt);
  }

  find(id: string): LoginAttempt | undefined {
    const row = this.#records.find('LoginHistory', { Id: id });
    return row === undefined ? undefined : toAttempt(row);
  }
}

function toAttempt(row: Row): LoginAttempt {
  const text = (name: string): string | undefined =>
    typeof row[name] === 'string' ? row[name] : undefined;
  return {
    id: String(row['Id']),
    time: Number(row['LoginTime']),
    userId: text('UserId'),
    username: text('_username'),
    consumerKey: text('_consumerKey'),
    application: text('Application'),
    sourceIp: String(row['SourceIp']),
    loginType: String(row['LoginType']),
    loginUrl: String(row['LoginUrl']),
    status: String(row['Status']),
    trace: unpackTrace(text('_trace') ?? '[]'),
  };
}

type PackedEntry = readonly [rule: string, found: string, expected?: string];

/** Without the names of its fields: there is one for every login. */
function packTrace(trace: readonly TraceEntry[]): string {
  return JSON.stringify(
    trace.map(({ rule, found, expected }): PackedEntry =>
      expected === undefined ? [rule, found] : [rule, found, expected],
    ),
  );
}

/** What was expected is noted of the refusing step alone. */
function unpackTrace(text: string): TraceEntry[] {
  return (JSON.parse(text) as (PackedEntry | TraceEntry)[]).map((entry) => {
    if ('rule' in entry) return entry;
    const [rule, found, expected] = entry;
    return expected === undefined
      ? { rule, passed: true, found }
      : { rule, passed: false, found, expected };
  });
}
