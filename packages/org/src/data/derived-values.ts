/** Fields that follow from others: names of persons, and where a process has come to. */

import type { Row, SqlValue } from '../store/database.ts';
import { opportunityStages } from './objects/sales.ts';

type Values = Readonly<Record<string, SqlValue | boolean>>;
type Derive = (row: Values, given: Values, now: number) => Values;

/** First and last name, as in lists. */
const personName: Derive = ({ FirstName, LastName }) => ({
  Name: [FirstName, LastName].filter((part) => typeof part === 'string' && part !== '').join(' '),
});

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === '';

const derivations: Readonly<Record<string, Derive>> = {
  User: (row, given, now) => ({
    ...personName(row, given, now),
    ...(isEmpty(row['CommunityNickname'])
      ? {
          CommunityNickname:
            String(row['Username'] ?? '')
              .split('@')[0]
              ?.slice(0, 40) ?? null,
        }
      : {}),
  }),
  Contact: personName,
  Lead: personName,
  Opportunity: (row, given) => {
    const stage = opportunityStages[String(row['StageName'] ?? '')];
    // A change of stage brings its probability along, unless one is given.
    const probability =
      'StageName' in given && isEmpty(given['Probability'])
        ? (stage?.probability ?? null)
        : (row['Probability'] ?? null);
    const amount = row['Amount'];
    return {
      Probability: probability,
      ExpectedRevenue:
        typeof amount === 'number' && typeof probability === 'number'
          ? (amount * probability) / 100
          : null,
      IsClosed: stage?.closed !== undefined,
      IsWon: stage?.closed === 'won',
      ForecastCategoryName: stage?.forecast ?? 'Pipeline',
    };
  },
  Case: (row, _, now) => {
    const isClosed = row['Status'] === 'Closed';
    const closedDate = isEmpty(row['ClosedDate']) ? now : row['ClosedDate'];
    return { IsClosed: isClosed, ClosedDate: isClosed ? (closedDate ?? null) : null };
  },
  Task: (row, _, now) => {
    const isClosed = row['Status'] === 'Completed';
    const completed = isEmpty(row['CompletedDateTime']) ? now : row['CompletedDateTime'];
    return {
      IsClosed: isClosed,
      CompletedDateTime: isClosed ? (completed ?? null) : null,
      IsHighPriority: row['Priority'] === 'High',
    };
  },
  PermissionSet: ({ IsOwnedByProfile }) => {
    const isOwned = IsOwnedByProfile === true || IsOwnedByProfile === 1;
    return { Type: isOwned ? 'Profile' : 'Regular', IsCustom: !isOwned };
  },
  CampaignMember: (row) => ({ HasResponded: row['Status'] === 'Responded' }),
  SetupEntityAccess: ({ SetupEntityId }) => ({
    SetupEntityType: String(SetupEntityId).startsWith('0H4')
      ? 'ConnectedApplication'
      : 'ExternalClientApplication',
  }),
};

export function derivesValues(table: string): boolean {
  return table in derivations;
}

/**
 * @param row the record as it will be
 * @param given what of it was just given
 * @param now milliseconds since 1970
 */
export function derivedValues(
  table: string,
  row: Values | Row,
  given: Values,
  now: number,
): Values {
  return derivations[table]?.(row, given, now) ?? {};
}
