import { randomBytes } from 'node:crypto';
import type { OrgKind } from '../oauth/accepted-audiences.ts';
import { defaultLoginsPerHour } from '../policies/login-rate.ts';
import { defaultSessionTimeoutMinutes } from '../policies/session-timeout.ts';
import type { Database } from '../store/database.ts';
import type { Records } from '../store/records.ts';

export interface Organization {
  id: string;
  name: string;
  kind: OrgKind;
  secret: string;
}

/** The organization of this store; made on the first opening. */
export function openOrganization(records: Records, kind: OrgKind): Organization {
  const row = records.find('Organization', {});
  if (row === undefined) {
    const name = 'Local Org';
    const secret = randomBytes(32).toString('base64url');
    const id = records.insert('Organization', {
      Name: name,
      InstanceName: 'LOCAL',
      IsSandbox: kind === 'sandbox',
      OrganizationType: 'Developer Edition',
      LanguageLocaleKey: 'en_US',
      TimeZoneSidKey: 'GMT',
      _secret: secret,
    });
    return { id, name, kind, secret };
  }
  return {
    id: String(row['Id']),
    name: String(row['Name']),
    kind: row['IsSandbox'] === 1 ? 'sandbox' : 'production',
    secret: String(row['_secret']),
  };
}

/** What holds for every user and app of the org. */
export interface OrgSettings {
  /** Logins that one user may make in an hour. */
  loginsPerHour: number;
  /** Session Settings > Timeout Value. */
  sessionTimeoutMinutes: number;
  /**
   * New connected apps are blocked, the default of Salesforce since Spring '26. Off in a new org
   * here, so that older instructions can be followed.
   */
  newConnectedAppsBlocked: boolean;
}

/** Read anew at each login: Setup may have changed them. */
export function orgSettings(database: Database): OrgSettings {
  const row = database
    .prepare(
      'SELECT "_loginsPerHour", "_sessionTimeoutMinutes", "_newConnectedAppsBlocked" FROM "Organization"',
    )
    .get();
  return {
    loginsPerHour: Number(row?.['_loginsPerHour'] ?? defaultLoginsPerHour),
    sessionTimeoutMinutes: Number(row?.['_sessionTimeoutMinutes'] ?? defaultSessionTimeoutMinutes),
    newConnectedAppsBlocked: row?.['_newConnectedAppsBlocked'] === 1,
  };
}

export function changeOrgSettings(
  records: Records,
  organization: Organization,
  {
    loginsPerHour,
    sessionTimeoutMinutes,
    newConnectedAppsBlocked,
  }: { [Name in keyof OrgSettings]?: OrgSettings[Name] | undefined },
): void {
  records.update('Organization', organization.id, {
    ...(loginsPerHour === undefined ? {} : { _loginsPerHour: loginsPerHour }),
    ...(sessionTimeoutMinutes === undefined
      ? {}
      : { _sessionTimeoutMinutes: sessionTimeoutMinutes }),
    ...(newConnectedAppsBlocked === undefined
      ? {}
      : { _newConnectedAppsBlocked: newConnectedAppsBlocked }),
  });
}
