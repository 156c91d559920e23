import type { Row } from '../store/database.ts';
import type { Records } from '../store/records.ts';
import type { TraceEntry } from '../trace.ts';

export interface LoginAttempt {
  /** Milliseconds since 1970. */
  time: number;
  /** As the request named it; the user may not exist. */
  username: string | undefined;
  consumerKey: string | undefined;
  /** Name of the client app, when one was found. */
  application: string | undefined;
  sourceIp: string;
  /** `Success`, or why not, in the words of Salesforce's Login History. */
  status: string;
  trace: readonly TraceEntry[];
}

export interface NewLoginAttempt extends Omit<LoginAttempt, 'time'> {
  userId: string | undefined;
  loginUrl: string;
  /** `Application` in a browser; `Remote Access 2.0`, which is OAuth, when left out. */
  loginType?: 'Application';
}

/**
 * Login History: every token request with its outcome. Salesforce keeps attempts of known users
 * only; here an unknown user or app leaves a row too, since that is what people look for.
 */
export class LoginHistory {
  readonly #records: Records;
  readonly #now: () => number;

  constructor(records: Records, now: () => number) {
    this.#records = records;
    this.#now = now;
  }

  record(attempt: NewLoginAttempt): string {
    const time = this.#now();
    const id = this.#records.insert('LoginHistory', {
      UserId: attempt.userId ?? null,
      LoginTime: time,
      LoginType: attempt.loginType ?? 'Remote Access 2.0',
      LoginUrl: attempt.loginUrl,
      SourceIp: attempt.sourceIp,
      Status: attempt.status,
      Application: attempt.application ?? null,
      Browser: 'Unknown',
      Platform: 'Unknown',
      ApiType: 'N/A',
      ApiVersion: 'N/A',
      ClientVersion: 'N/A',
      _username: attempt.username ?? null,
      _consumerKey: attempt.consumerKey ?? null,
      _trace: JSON.stringify(attempt.trace),
    });
    if (attempt.userId !== undefined && attempt.status === 'Success') {
      this.#records.update('User', attempt.userId, { LastLoginDate: time });
    }
    return id;
  }

  /** Newest first. */
  list({ limit = 200 }: { limit?: number } = {}): LoginAttempt[] {
    return this.#records
      .list('LoginHistory', {}, { orderBy: 'LoginTime DESC, Id DESC', limit })
      .map(toAttempt);
  }
}

function toAttempt(row: Row): LoginAttempt {
  const text = (name: string): string | undefined =>
    typeof row[name] === 'string' ? row[name] : undefined;
  return {
    time: Number(row['LoginTime']),
    username: text('_username'),
    consumerKey: text('_consumerKey'),
    application: text('Application'),
    sourceIp: String(row['SourceIp']),
    status: String(row['Status']),
    trace: JSON.parse(text('_trace') ?? '[]') as TraceEntry[],
  };
}
