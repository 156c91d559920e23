/** PermissionSet: label, description and user permissions; what else it holds is kept as it is. */

import {
  isUserPermission,
  permissionField,
  userPermissions,
} from '../directory/user-permission.ts';
import type { Row } from '../store/database.ts';
import type { Values } from '../store/records.ts';
import { flagOf, groupOf, listOf, textOf } from './component.ts';
import type { ComponentFields } from './component.ts';
import { DeployProblem, shortened } from './deploy-problem.ts';
import {
  nothingToDelete,
  requireAny,
  requireDeveloperName,
  requireLength,
} from './component-store.ts';
import type { ComponentEntry, ComponentStore, MetadataCall } from './component-store.ts';
import { deployed } from './external-client-application.ts';
import { metadataTypes } from './metadata-type.ts';
import { without } from './stored-app.ts';

const type = metadataTypes.permissionSet;

const ownElements = ['description', 'hasActivationRequired', 'label', 'userPermissions'];

export const permissionSets: ComponentStore = {
  type,
  list: ({ context }) =>
    context.records
      .list('PermissionSet', { IsOwnedByProfile: false }, { orderBy: 'Name' })
      .map(toEntry),
  read(fullName, call) {
    const row = find(fullName, call);
    if (row === undefined) return undefined;
    const granted = userPermissions.filter((name) => row[permissionField(name)] === 1);
    return {
      ...keptOf(row),
      description: String(row['Description'] ?? ''),
      hasActivationRequired: row['HasActivationRequired'] === 1,
      label: String(row['Label']),
      userPermissions: granted.toSorted().map((name) => ({ enabled: true, name })),
    };
  },
  deploy(fullName, fields, call) {
    requireAny(call, 'ManageProfilesPermissionsets');
    requireDeveloperName(fullName, 'Permission Set Name');
    const values = columnsOf(fields);
    const row = find(fullName, call);
    const { records } = call.directory;
    if (row === undefined) {
      const id = records.insert('PermissionSet', {
        Name: fullName,
        IsOwnedByProfile: false,
        ...values,
      });
      return { id, change: 'created' };
    }
    const differs = Object.entries(values).some(
      ([column, value]) =>
        (row[column] ?? null) !== (typeof value === 'boolean' ? Number(value) : value),
    );
    if (differs) records.update('PermissionSet', String(row['Id']), values);
    return { id: String(row['Id']), change: deployed(false, differs) };
  },
  delete(fullName, call) {
    requireAny(call, 'ManageProfilesPermissionsets');
    const row = find(fullName, call);
    if (row === undefined) throw nothingToDelete(type.name, fullName);
    const id = String(row['Id']);
    const { records } = call.directory;
    for (const [table, column] of [
      ['PermissionSetAssignment', 'PermissionSetId'],
      ['SetupEntityAccess', 'ParentId'],
    ] as const) {
      for (const child of records.list(table, { [column]: id })) {
        records.delete(table, String(child['Id']));
      }
    }
    records.delete('PermissionSet', id);
    return { id };
  },
};

function find(fullName: string, { context }: MetadataCall): Row | undefined {
  return context.records.find('PermissionSet', { Name: fullName, IsOwnedByProfile: false });
}

function toEntry(row: Row): ComponentEntry {
  return {
    fullName: String(row['Name']),
    id: String(row['Id']),
    createdById: String(row['CreatedById']),
    created: Number(row['CreatedDate']),
    modifiedById: String(row['LastModifiedById']),
    modified: Number(row['LastModifiedDate']),
  };
}

function keptOf(row: Row): ComponentFields {
  return typeof row['_kept'] === 'string' ? (JSON.parse(row['_kept']) as ComponentFields) : {};
}

/** A permission that is not named stays as it is in Setup; here a file says all. */
function columnsOf(fields: ComponentFields): Values {
  const label = textOf(fields, 'label') ?? '';
  const description = textOf(fields, 'description');
  requireLength(label, 'Label', 80);
  requireLength(description, 'Description', 255);
  const granted = new Set<string>();
  for (const permission of listOf(fields, 'userPermissions')) {
    const group = groupOf({ permission }, 'permission') ?? {};
    const name = textOf(group, 'name') ?? '';
    if (!isUserPermission(name)) throw new DeployProblem('userPermission', shortened(name));
    if (flagOf(group, 'enabled') === true) granted.add(name);
  }
  const kept = without(fields, ownElements);
  return {
    Label: label,
    Description: description ?? null,
    HasActivationRequired: flagOf(fields, 'hasActivationRequired') ?? false,
    ...Object.fromEntries(
      userPermissions.map((name) => [permissionField(name), granted.has(name)]),
    ),
    _kept: Object.keys(kept).length === 0 ? null : JSON.stringify(kept),
  };
}
