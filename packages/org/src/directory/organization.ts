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
  /** How long a deployment takes, by the clock of the org. None in a new org. */
  deploySeconds: number;
  /**
   * How long the token endpoint goes on with an app as it was before a deployment, by the clock of
   * the org. Salesforce takes two to ten minutes; none in a new org.
   */
  propagationSeconds: number;
  externalClientApps: ExternalClientAppSettings;
}

/** External Client App Settings, by their names in Metadata. Off in a new org. */
export interface ExternalClientAppSettings {
  /** "Allow access to External Client App consumer secrets via REST API". */
  enableClientSecretInRestApiAccess: boolean;
  /** "Allow access to OAuth consumer secrets via Metadata API". */
  enableConsumerSecretApiAccess: boolean;
  enablePackageEcaOauthFromDevOrg: boolean;
}

export const externalClientAppSettings = [
  'enableClientSecretInRestApiAccess',
  'enableConsumerSecretApiAccess',
  'enablePackageEcaOauthFromDevOrg',
] as const satisfies readonly (keyof ExternalClientAppSettings)[];

/** Read anew at each login: Setup may have changed them. */
export function orgSettings(database: Database): OrgSettings {
  const row = database.prepare('SELECT * FROM "Organization"').get();
  const flag = (name: keyof ExternalClientAppSettings): boolean => row?.[`_${name}`] === 1;
  return {
    loginsPerHour: Number(row?.['_loginsPerHour'] ?? defaultLoginsPerHour),
    sessionTimeoutMinutes: Number(row?.['_sessionTimeoutMinutes'] ?? defaultSessionTimeoutMinutes),
    newConnectedAppsBlocked: row?.['_newConnectedAppsBlocked'] === 1,
    deploySeconds: Number(row?.['_deploySeconds'] ?? 0),
    propagationSeconds: Number(row?.['_propagationSeconds'] ?? 0),
    externalClientApps: {
      enableClientSecretInRestApiAccess: flag('enableClientSecretInRestApiAccess'),
      enableConsumerSecretApiAccess: flag('enableConsumerSecretApiAccess'),
      enablePackageEcaOauthFromDevOrg: flag('enablePackageEcaOauthFromDevOrg'),
    },
  };
}

export type OrgSettingsChange = {
  [Name in keyof Omit<OrgSettings, 'externalClientApps'>]?: OrgSettings[Name] | undefined;
} & {
  externalClientApps?:
    | { [Name in keyof ExternalClientAppSettings]?: boolean | undefined }
    | undefined;
};

/** Settings that are left out stay. A setting is kept in the column of its name. */
export function changeOrgSettings(
  records: Records,
  organization: Organization,
  { externalClientApps, ...settings }: OrgSettingsChange,
): void {
  const given = Object.entries({ ...settings, ...externalClientApps }).flatMap(([name, value]) =>
    value === undefined ? [] : [[`_${name}`, value] as const],
  );
  records.update('Organization', organization.id, Object.fromEntries(given));
}
