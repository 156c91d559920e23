/** Who is pre-authorized for an app, by the names that Metadata has for permission sets and profiles. */

import type { ClientApp } from '../directory/client-app.ts';
import type { PermissionSet } from '../directory/permission-set.ts';
import type { Profile } from '../directory/profile.ts';
import { noneNamed } from './component-store.ts';
import type { MetadataCall } from './component-store.ts';

interface AccessNames {
  /** API names; undefined leaves what is assigned. */
  permissionSets: readonly string[] | undefined;
  /** As they are displayed, in the language of the org. */
  profiles: readonly string[] | undefined;
}

interface AccessList {
  permissionSets: readonly PermissionSet[] | undefined;
  profiles: readonly Profile[] | undefined;
}

/** @throws DeployProblem for a name that is not there */
export function namesOf(names: AccessNames, { directory }: MetadataCall): AccessList {
  const { records } = directory;
  return {
    permissionSets: names.permissionSets?.map((name) => {
      const row = records.find('PermissionSet', { Name: name, IsOwnedByProfile: false });
      const found =
        row === undefined ? undefined : directory.permissionSets.findById(String(row['Id']));
      if (found === undefined) throw noneNamed('permissionSet', 'PermissionSet', name);
      return found;
    }),
    profiles: names.profiles?.map((name) => {
      const row = records.find('Profile', { Name: name });
      const found = row === undefined ? undefined : directory.profiles.findById(String(row['Id']));
      if (found === undefined) throw noneNamed('profile', 'Profile', name);
      return found;
    }),
  };
}

/** What is named is assigned, and nothing else of that kind. Whether anything changed. */
export function assignExactly(
  app: ClientApp,
  { permissionSets, profiles }: AccessList,
  { directory }: MetadataCall,
): boolean {
  const before = directory.clientApps.assigned(app);
  if (permissionSets !== undefined) {
    const wanted = new Set(permissionSets.map(({ id }) => id));
    for (const one of directory.permissionSets.list()) {
      if (before.has(one.id) && !wanted.has(one.id)) {
        directory.clientApps.removePermissionSet(app, one);
      }
    }
    for (const one of permissionSets) directory.clientApps.assignPermissionSet(app, one);
  }
  if (profiles !== undefined) {
    const wanted = new Set(profiles.map(({ id }) => id));
    for (const one of directory.profiles.list()) {
      if (before.has(one.permissionSetId) && !wanted.has(one.id)) {
        directory.clientApps.removeProfile(app, one);
      }
    }
    for (const one of profiles) directory.clientApps.assignProfile(app, one);
  }
  const after = directory.clientApps.assigned(app);
  return before.size !== after.size || [...before].some((id) => !after.has(id));
}

export function assignedNames(
  app: ClientApp,
  { directory }: MetadataCall,
): { permissionSets: string[]; profiles: string[] } {
  const assigned = directory.clientApps.assigned(app);
  return {
    permissionSets: directory.permissionSets
      .list()
      .flatMap(({ id, name }) => (assigned.has(id) ? [name] : [])),
    profiles: directory.profiles
      .list()
      .flatMap(({ permissionSetId, name }) => (assigned.has(permissionSetId) ? [name] : [])),
  };
}
