import { OrgError } from '../org-error.ts';
import type { Row } from '../store/database.ts';
import type { Records } from '../store/records.ts';
import { permissionColumns } from './user-permission.ts';
import type { UserPermission } from './user-permission.ts';
import type { User } from './user.ts';

export interface PermissionSet {
  id: string;
  name: string;
  label: string;
  /** Gives its users the permission "API Enabled". */
  apiEnabled: boolean;
}

export interface NewPermissionSet {
  label: string;
  /** Gives its users the permission "API Enabled". */
  apiEnabled?: boolean | undefined;
  /** What else its users may do. */
  permissions?: readonly UserPermission[] | undefined;
}

export class PermissionSets {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /**
   * @param label as people see it; the API name follows from it, as in Setup
   * @throws OrgError FIELD_INVALID, NAME_TAKEN
   */
  create({ label, apiEnabled = false, permissions = [] }: NewPermissionSet): PermissionSet {
    requireLabel(label);
    const name = label.replace(/\W+/g, '_').replace(/^_+|_+$/g, '');
    if (this.#records.find('PermissionSet', { Name: name }) !== undefined) {
      throw new OrgError('NAME_TAKEN', `There is a permission set named "${name}" already`, {
        field: 'label',
      });
    }
    const id = this.#records.insert('PermissionSet', {
      Name: name,
      Label: label,
      IsOwnedByProfile: false,
      ...permissionColumns(permissions),
      PermissionsApiEnabled: apiEnabled || permissions.includes('ApiEnabled'),
    });
    return { id, name, label, apiEnabled };
  }

  /** By label or API name. @throws OrgError NOT_FOUND */
  get(name: string): PermissionSet {
    const row =
      this.#records.find('PermissionSet', { Label: name, IsOwnedByProfile: false }) ??
      this.#records.find('PermissionSet', { Name: name, IsOwnedByProfile: false });
    if (row === undefined) {
      throw new OrgError('NOT_FOUND', `There is no permission set named "${name}"`);
    }
    return toPermissionSet(row);
  }

  /** @throws OrgError FIELD_INVALID */
  change(
    permissionSet: PermissionSet,
    { label, apiEnabled }: Pick<PermissionSet, 'label' | 'apiEnabled'>,
  ): void {
    requireLabel(label);
    this.#records.update('PermissionSet', permissionSet.id, {
      Label: label,
      PermissionsApiEnabled: apiEnabled,
    });
  }

  findById(id: string): PermissionSet | undefined {
    const row = this.#records.find('PermissionSet', { Id: id, IsOwnedByProfile: false });
    return row === undefined ? undefined : toPermissionSet(row);
  }

  /** By label; without those that stand for profiles. */
  list(): PermissionSet[] {
    return this.#records
      .list('PermissionSet', { IsOwnedByProfile: false }, { orderBy: 'Label' })
      .map(toPermissionSet);
  }

  /** Ids of the users who have it. */
  assignees({ id }: PermissionSet): ReadonlySet<string> {
    const rows = this.#records.list('PermissionSetAssignment', { PermissionSetId: id });
    return new Set(rows.map((row) => String(row['AssigneeId'])));
  }

  /** Those that a user has, besides the one of the profile. */
  listOf({ id }: User): PermissionSet[] {
    const rows = this.#records.list('PermissionSetAssignment', { AssigneeId: id });
    const ids = new Set(rows.map((row) => row['PermissionSetId']));
    return this.list().filter((permissionSet) => ids.has(permissionSet.id));
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

function requireLabel(label: string): void {
  // The API name is made of these.
  if (/[A-Za-z0-9]/.test(label) && label.length <= 80) return;
  throw new OrgError(
    'FIELD_INVALID',
    'The label of a permission set needs a letter from A to Z or a digit, and has 80 characters at most',
    { field: 'label' },
  );
}

function toPermissionSet(row: Row): PermissionSet {
  return {
    id: String(row['Id']),
    name: String(row['Name']),
    label: String(row['Label']),
    apiEnabled: row['PermissionsApiEnabled'] === 1,
  };
}
