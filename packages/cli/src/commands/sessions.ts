import type { Connection } from '@sfjwt/client';
import { connected } from '../connected.ts';
import type { ConnectedFlags } from '../connected.ts';
import { limitNumber } from '../declared-command.ts';
import type { DeclaredCommand } from '../declared-command.ts';
import { addSettingFlags } from '../settings.ts';
import { renderRecords } from '../table.ts';
import type { Column } from '../table.ts';
import { painterFor, writeData } from '../terminal.ts';

interface SessionsFlags extends ConnectedFlags {
  all?: boolean;
  limit: number;
}

export function declare(command: DeclaredCommand): void {
  command
    .description(
      'Show the sessions that live in the org and the last logins, refused ones too, as Session Management and Login History in Setup do.',
    )
    .example('Of this user', 'sfjwt sessions')
    .example('Of everybody, for who may see that', 'sfjwt sessions --all --limit 50')
    .prints(
      'two tables',
      'sessions[]{ id user loginType sessionType sourceIp createdAt endsAt current } logins[]{ id user at loginType application sourceIp status }',
    )
    .option('--all', 'of every user, not of this one alone')
    .option('--limit <number>', 'at most so many of each, newest first', limitNumber, 20)
    .action(sessions);
  addSettingFlags(command);
}

async function sessions(flags: SessionsFlags): Promise<void> {
  await connected(flags, async (connection) => {
    const found = await find(connection, flags);
    return { result: found, print: () => print(found) };
  });
}

interface Session {
  id: string;
  user: string;
  loginType: string;
  sessionType: string;
  sourceIp: string;
  createdAt: string;
  endsAt: string;
  /** The one that asked. */
  current: boolean;
}

interface Login {
  id: string;
  user: string;
  at: string;
  loginType: string;
  application: string;
  sourceIp: string;
  status: string;
}

interface Found {
  sessions: Session[];
  logins: Login[];
}

interface AuthSessionRow {
  Id: string;
  UsersId: string;
  LoginType: string | null;
  SessionType: string | null;
  SourceIp: string | null;
  CreatedDate: string;
  LastModifiedDate: string;
  NumSecondsValid: number;
  IsCurrent: boolean;
}

interface LoginHistoryRow {
  Id: string;
  UserId: string;
  LoginTime: string;
  LoginType: string | null;
  Application: string | null;
  SourceIp: string | null;
  Status: string | null;
}

async function find(connection: Connection, { all = false, limit }: SessionsFlags): Promise<Found> {
  const { openAdminSession, soql } = await import('@sfjwt/setup');
  const userId = (await connection.token()).userId ?? (await connection.userinfo()).user_id;
  const org = await openAdminSession({ client: connection });
  const sessionRows = await org.query<AuthSessionRow>(
    soql`SELECT Id, UsersId, LoginType, SessionType, SourceIp, CreatedDate, LastModifiedDate, NumSecondsValid, IsCurrent
      FROM AuthSession ${all ? soql`` : soql`WHERE UsersId = ${userId}`}
      ORDER BY CreatedDate DESC LIMIT ${limit}`,
  );
  const loginRows = await org.query<LoginHistoryRow>(
    soql`SELECT Id, UserId, LoginTime, LoginType, Application, SourceIp, Status
      FROM LoginHistory ${all ? soql`` : soql`WHERE UserId = ${userId}`}
      ORDER BY LoginTime DESC LIMIT ${limit}`,
  );
  const ids = new Set([
    ...sessionRows.map(({ UsersId }) => UsersId),
    ...loginRows.map(({ UserId }) => UserId),
  ]);
  const users =
    ids.size === 0
      ? []
      : await org.query<{ Id: string; Username: string }>(
          soql`SELECT Id, Username FROM User WHERE Id IN ${[...ids]}`,
        );
  const names = new Map(users.map(({ Id, Username }) => [Id, Username]));
  return {
    sessions: sessionRows.map((row) => ({
      id: row.Id,
      user: names.get(row.UsersId) ?? row.UsersId,
      loginType: row.LoginType ?? '',
      sessionType: row.SessionType ?? '',
      sourceIp: row.SourceIp ?? '',
      createdAt: timeOf(row.CreatedDate).toISOString(),
      endsAt: endOf(row).toISOString(),
      current: row.IsCurrent,
    })),
    logins: loginRows.map((row) => ({
      id: row.Id,
      user: names.get(row.UserId) ?? row.UserId,
      at: timeOf(row.LoginTime).toISOString(),
      loginType: row.LoginType ?? '',
      application: row.Application ?? '',
      sourceIp: row.SourceIp ?? '',
      status: row.Status ?? '',
    })),
  };
}

/** Salesforce writes `+0000` where ISO 8601 has `+00:00`. */
function timeOf(text: string): Date {
  return new Date(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
}

/** A session ends so long after its last use; Object Reference, AuthSession. */
function endOf({ LastModifiedDate, NumSecondsValid }: AuthSessionRow): Date {
  return new Date(timeOf(LastModifiedDate).getTime() + NumSecondsValid * 1000);
}

function print({ sessions: living, logins }: Found): void {
  const minute = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)}Z`;
  const sessionColumns: Column[] = [
    column('CREATED', living, ({ createdAt }) => minute(createdAt)),
    column('ENDS', living, ({ endsAt }) => minute(endsAt)),
    column('USER', living, ({ user }) => user),
    column('LOGIN', living, ({ loginType }) => loginType),
    column('TYPE', living, ({ sessionType }) => sessionType),
    column('SOURCE IP', living, ({ sourceIp }) => sourceIp),
    column('', living, ({ current }) => (current ? '(this one)' : '')),
  ];
  const loginColumns: Column[] = [
    column('AT', logins, ({ at }) => minute(at)),
    column('STATUS', logins, ({ status }) => status),
    column('USER', logins, ({ user }) => user),
    column('APPLICATION', logins, ({ application }) => application),
    column('LOGIN', logins, ({ loginType }) => loginType),
    column('SOURCE IP', logins, ({ sourceIp }) => sourceIp),
  ];
  const paint = painterFor(process.stdout);
  for (const [title, columns] of [
    ['Sessions', sessionColumns],
    ['Logins', loginColumns],
  ] as const) {
    if (title === 'Logins') writeData('\n');
    writeData(`${paint('bold', title)}\n`);
    for (const line of renderRecords(columns, process.stdout.columns)) writeData(`${line}\n`);
  }
}

function column<Row>(heading: string, rows: readonly Row[], cell: (row: Row) => string): Column {
  return { heading, cells: rows.map(cell) };
}
