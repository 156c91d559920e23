import { OrgError } from '../org-error.ts';
import { requireIpRanges } from '../policies/ip-ranges.ts';
import type { IpRange } from '../policies/ip-ranges.ts';
import { requireLoginHours } from '../policies/login-hours.ts';
import type { LoginHours } from '../policies/login-hours.ts';
import type { Row } from '../store/database.ts';
import type { Records } from '../store/records.ts';
import { permissionColumns, permissionsIn } from './user-permission.ts';
import type { UserPermission } from './user-permission.ts';

export interface Profile extends ProfilePolicies {
  id: string;
  name: string;
  /**
   * The permission set that stands for the profile. In Salesforce every profile owns one, and
   * access to an app is always recorded against a permission set.
   */
  permissionSetId: string;
  /** What its users may do; API Enabled is among them. */
  permissions: readonly UserPermission[];
}

export interface ProfilePolicies {
  /** Without it the REST API refuses the user's tokens. */
  apiEnabled: boolean;
  /** No login in a browser. */
  apiUserOnly: boolean;
  /** Empty: logins from everywhere. */
  loginIpRanges: readonly IpRange[];
  /** Empty: logins at any time. */
  loginHours: LoginHours;
  /** Minutes without activity; the setting of the org when not set. */
  sessionTimeoutMinutes: number | undefined;
}

export interface NewProfile extends ProfileChange {
  name: string;
}

export type ProfileChange = {
  [Policy in keyof ProfilePolicies]?: ProfilePolicies[Policy] | undefined;
} & {
  /** All that its users may do but API Enabled, which is a policy of its own. */
  permissions?: readonly UserPermission[] | undefined;
};

export class Profiles {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /** @throws OrgError NAME_TAKEN, FIELD_INVALID */
  create({ name, ...policies }: NewProfile): Profile {
    if (this.#records.find('Profile', { Name: name }) !== undefined) {
      throw new OrgError('NAME_TAKEN', `There is a profile named "${name}" already`, {
        field: 'name',
      });
    }
    const { apiEnabled = true } = policies;
    const id = this.#records.insert('Profile', { Name: name, UserType: 'Standard' });
    this.#records.insert('PermissionSet', {
      Name: `X${id}`,
      Label: id,
      IsOwnedByProfile: true,
      ProfileId: id,
    });
    this.change(this.get(name), { ...policies, apiEnabled });
    return this.get(name);
  }

  /**
   * Changes policies of the profile; those left out stay.
   *
   * @throws OrgError FIELD_INVALID
   */
  change(profile: Profile, change: ProfileChange): void {
    const { apiEnabled, apiUserOnly, loginIpRanges, loginHours, permissions } = change;
    if (loginIpRanges !== undefined) requireIpRanges(loginIpRanges);
    if (loginHours !== undefined) requireLoginHours(loginHours);
    const { PermissionsApiEnabled: _, ...others } = permissionColumns(permissions ?? []);
    const granted = {
      ...(permissions === undefined ? {} : others),
      ...(apiEnabled === undefined ? {} : { PermissionsApiEnabled: apiEnabled }),
    };
    this.#records.update('PermissionSet', profile.permissionSetId, granted);
    this.#records.update('Profile', profile.id, {
      ...granted,
      ...(apiUserOnly === undefined ? {} : { _apiUserOnly: apiUserOnly }),
      ...(loginIpRanges === undefined ? {} : { _loginIpRanges: JSON.stringify(loginIpRanges) }),
      ...(loginHours === undefined ? {} : { _loginHours: JSON.stringify(loginHours) }),
      ...('sessionTimeoutMinutes' in change
        ? { _sessionTimeoutMinutes: change.sessionTimeoutMinutes ?? null }
        : {}),
    });
  }

  /** @throws OrgError NOT_FOUND */
  get(name: string): Profile {
    const row = this.#records.find('Profile', { Name: name });
    if (row === undefined) {
      const names = this.#records.list('Profile').map((profile) => String(profile['Name']));
      throw new OrgError('NOT_FOUND', `There is no profile named "${name}"`, {
        hints: [`Profiles of this org: ${names.join(', ')}`],
      });
    }
    return this.#toProfile(row);
  }

  /** By name. */
  list(): Profile[] {
    return this.#records
      .list('Profile', {}, { orderBy: 'Name' })
      .map((row) => this.#toProfile(row));
  }

  findById(id: string): Profile | undefined {
    const row = this.#records.find('Profile', { Id: id });
    return row === undefined ? undefined : this.#toProfile(row);
  }

  #toProfile(row: Row): Profile {
    const owned = this.#records.find('PermissionSet', { ProfileId: row['Id'] ?? '' });
    return {
      id: String(row['Id']),
      name: String(row['Name']),
      permissionSetId: String(owned?.['Id']),
      permissions: permissionsIn(row),
      ...toPolicies(row),
    };
  }

  /** The policies of the profile with this id. */
  policies(id: string): ProfilePolicies {
    return toPolicies(this.#records.find('Profile', { Id: id }) ?? {});
  }
}

/** Whose users see Setup. */
const administrators = 'System Administrator';

export function isAdministrator({ profileId }: { profileId: string }, profiles: Profiles): boolean {
  return profiles.findById(profileId)?.name === administrators;
}

function toPolicies(row: Row): ProfilePolicies {
  const { _loginIpRanges, _loginHours, _sessionTimeoutMinutes } = row;
  return {
    apiEnabled: row['PermissionsApiEnabled'] === 1,
    apiUserOnly: row['_apiUserOnly'] === 1,
    loginIpRanges:
      typeof _loginIpRanges === 'string' ? (JSON.parse(_loginIpRanges) as IpRange[]) : [],
    loginHours: typeof _loginHours === 'string' ? (JSON.parse(_loginHours) as LoginHours) : {},
    sessionTimeoutMinutes:
      typeof _sessionTimeoutMinutes === 'number' ? _sessionTimeoutMinutes : undefined,
  };
}
