/** A second pair of consumer key and secret beside the one in use, for 30 days. */

import { randomConsumerKey, randomConsumerSecret } from '../directory/client-app.ts';
import type { ClientApp } from '../directory/client-app.ts';
import type { OrgContext } from '../org-context.ts';
import type { Row } from '../store/database.ts';

/** Connect REST API, App Oauth Staged Credentials. Rotated: the pair that was in use before. */
export type StagedState = 'Active' | 'Expired' | 'Rotated';

export interface StagedCredentials {
  id: string;
  consumerKey: string;
  consumerSecret: string;
  state: StagedState;
  createdById: string;
  /** Milliseconds since 1970. */
  created: number;
  expires: number;
}

const lifeMilliseconds = 30 * 24 * 3_600_000;

function toStaged(row: Row): StagedCredentials {
  return {
    id: String(row['Id']),
    consumerKey: String(row['_consumerKey']),
    consumerSecret: String(row['_consumerSecret']),
    state: row['_state'] as StagedState,
    createdById: String(row['_createdById']),
    created: Number(row['_expires']) - lifeMilliseconds,
    expires: Number(row['_expires']),
  };
}

export function stagedCredentialsOf(
  { id }: ClientApp,
  { records }: OrgContext,
): StagedCredentials | undefined {
  const row = records.find('_StagedCredentials', { _clientAppId: id });
  return row === undefined ? undefined : toStaged(row);
}

/** One pair at a time: an expired one makes room. */
export function stageCredentials(app: ClientApp, userId: string, context: OrgContext): void {
  const { clock } = context;
  const records = context.records.as(userId);
  const before = stagedCredentialsOf(app, context);
  if (before !== undefined) records.delete('_StagedCredentials', before.id);
  records.insert('_StagedCredentials', {
    Id: records.nextId('0xS'),
    _clientAppId: app.id,
    _consumerKey: randomConsumerKey(),
    _consumerSecret: randomConsumerSecret(),
    _state: 'Active',
    _createdById: userId,
    _expires: clock.now() + lifeMilliseconds,
  });
}

/** The staged pair is the one in use from now on, and the one in use is kept in its place. */
export function rotateCredentials(
  app: ClientApp,
  staged: StagedCredentials,
  userId: string,
  context: OrgContext,
): void {
  const { database, records } = context;
  database.transaction(() => {
    const writer = records.as(userId);
    writer.delete('_StagedCredentials', staged.id);
    writer.update('_ClientApp', app.id, {
      _consumerKey: staged.consumerKey,
      _consumerSecret: staged.consumerSecret,
    });
    writer.insert('_StagedCredentials', {
      Id: staged.id,
      _clientAppId: app.id,
      _consumerKey: app.consumerKey,
      _consumerSecret: app.consumerSecret,
      _state: 'Rotated',
      _createdById: staged.createdById,
      _expires: context.clock.now() + lifeMilliseconds,
    });
  });
}

export function deleteStagedCredentials(
  { id }: StagedCredentials,
  userId: string,
  { records }: OrgContext,
): void {
  records.as(userId).delete('_StagedCredentials', id);
}

/** What is over by the clock of the org is good for nothing any more. */
export function expireStagedCredentials({ database, records, clock }: OrgContext): void {
  const rows = database
    .prepare(
      `SELECT "Id" FROM "_StagedCredentials" WHERE "_expires" <= ? AND "_state" <> 'Expired'`,
    )
    .all(clock.now());
  for (const row of rows) {
    records.update('_StagedCredentials', String(row['Id']), { _state: 'Expired' });
  }
}
