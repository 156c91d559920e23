import { OrgError } from '../org-error.ts';
import type { Records } from '../store/records.ts';
import type { User } from './user.ts';

export interface PermissionSet {
  id: string;
  name: string;
  label: string;
}

export interface NewPermissionSet {
  label: string;
  /** Gives its users the permission "API Enabled". */
  apiEnabled?: boolean | undefined;
}

export class PermissionSets {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /** @param label as people see it; the API name follows from it, as in Setup */
  create({ label, apiEnabled = false }: NewPermissionSet): PermissionSet {
    const name = label.replace(/\W+/g, '_').replace(/^_+|_+$/g, '');
    if (this.#records.find('PermissionSet', { Name: name }) !== undefined) {
      throw new OrgError('NAME_TAKEN', `There is a permission set named "${name}" already`);
    }
    const id = this.#records.insert('PermissionSet', {
      Name: name,
      Label: label,
      IsOwnedByProfile: false,
      PermissionsApiEnabled: apiEnabled,
    });
    return { id, name, label };
  }

  /** By label or API name. @throws OrgError NOT_FOUND */
  get(name: string): PermissionSet {
    const row =
      this.#records.find('PermissionSet', { Label: name, IsOwnedByProfile: false }) ??
      this.#records.find('PermissionSet', { Name: name, IsOwnedByProfile: false });
    if (row === undefined) {
      throw new OrgError('NOT_FOUND', `There is no permission set named "${name}"`);
    }
    return { id: String(row['Id']), name: String(row['Name']), label: String(row['Label']) };
  }

  /** By label; without those that stand for profiles. */
  list(): PermissionSet[] {
    return this.#records
      .list('PermissionSet', { IsOwnedByProfile: false }, { orderBy: 'Label' })
      .map((row) => ({
        id: String(row['Id']),
        name: String(row['Name']),
        label: String(row['Label']),
      }));
  }

  assign(permissionSet: PermissionSet, user: User): void {
    const assignment = { AssigneeId: user.id, PermissionSetId: permissionSet.id };
    if (this.#records.find('PermissionSetAssignment', assignment) !== undefined) return;
    this.#records.insert('PermissionSetAssignment', assignment);
  }

  unassign(permissionSet: PermissionSet, user: User): void {
    const assignment = this.#records.find('PermissionSetAssignment', {
      AssigneeId: user.id,
      PermissionSetId: permissionSet.id,
    });
    if (assignment !== undefined) {
      this.#records.delete('PermissionSetAssignment', String(assignment['Id']));
    }
  }
}
