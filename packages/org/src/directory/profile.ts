import { OrgError } from '../org-error.ts';
import type { Records } from '../store/records.ts';

export interface Profile {
  id: string;
  name: string;
  /**
   * The permission set that stands for the profile. In Salesforce every profile owns one, and
   * access to an app is always recorded against a permission set.
   */
  permissionSetId: string;
}

export class Profiles {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  create({ name, apiEnabled = true }: { name: string; apiEnabled?: boolean }): Profile {
    if (this.#records.find('Profile', { Name: name }) !== undefined) {
      throw new OrgError('NAME_TAKEN', `There is a profile named "${name}" already`);
    }
    const id = this.#records.insert('Profile', {
      Name: name,
      UserType: 'Standard',
      PermissionsApiEnabled: apiEnabled,
    });
    this.#records.insert('PermissionSet', {
      Name: `X${id}`,
      Label: id,
      IsOwnedByProfile: true,
      ProfileId: id,
      PermissionsApiEnabled: apiEnabled,
    });
    return this.get(name);
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
    const owned = this.#records.find('PermissionSet', { ProfileId: row['Id'] ?? '' });
    return {
      id: String(row['Id']),
      name: String(row['Name']),
      permissionSetId: String(owned?.['Id']),
    };
  }
}
