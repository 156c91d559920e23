/** What of an org decides whether the user may sign in through the app. */

import type { SfjwtError } from '@sfjwt/client';
import type { AppsInOrg } from './app-in-org.ts';

export interface UserInOrg {
  readonly id: string;
  readonly username: string;
  readonly isActive: boolean;
  readonly isFrozen: boolean;
  /** Of its `UserLogin`, which freezes it. */
  readonly loginId: string;
  readonly profile: string;
}

/** A permission set (one that a profile owns stands for the profile) that may use the app. */
export interface AccessRow {
  /** Of the `SetupEntityAccess`. */
  readonly id: string;
  readonly permissionSetId: string;
  readonly permissionSet: string;
  readonly profile: string | undefined;
  /** Whether the user has it. */
  readonly isAssigned: boolean;
}

export interface OrgState {
  /** Undefined when the metadata of the org could not be read. */
  readonly apps: AppsInOrg | undefined;
  /** Why not. */
  readonly unread: SfjwtError | undefined;
  readonly user: UserInOrg | undefined;
  readonly access: readonly AccessRow[];
  /** Of the permission set that the profile of the user owns. */
  readonly profilePermissionSetId: string | undefined;
}
