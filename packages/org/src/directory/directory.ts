import type { Records } from '../store/records.ts';
import { Approvals } from './approval.ts';
import { ClientApps } from './client-app.ts';
import { PermissionSets } from './permission-set.ts';
import { Profiles } from './profile.ts';
import { Sites } from './site.ts';
import { Users } from './user.ts';

/** Who is in an org, and what they may do: everything that Setup changes. */
export interface Directory {
  readonly records: Records;
  readonly profiles: Profiles;
  readonly users: Users;
  readonly permissionSets: PermissionSets;
  readonly clientApps: ClientApps;
  readonly approvals: Approvals;
  readonly sites: Sites;
}

/** @param records stamped with whoever makes the changes: `records.as(userId)` */
export function openDirectory(records: Records): Directory {
  const profiles = new Profiles(records);
  return {
    records,
    profiles,
    users: new Users(records, profiles),
    permissionSets: new PermissionSets(records),
    clientApps: new ClientApps(records),
    approvals: new Approvals(records),
    sites: new Sites(records),
  };
}
