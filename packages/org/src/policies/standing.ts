/** What holds for a user at a login, remembered until somebody changes something in Setup. */

import { orgSettings } from '../directory/organization.ts';
import type { OrgSettings } from '../directory/organization.ts';
import type { ProfilePolicies } from '../directory/profile.ts';
import type { User } from '../directory/user.ts';
import type { OrgContext } from '../org-context.ts';

export function profilePolicies({ profileId }: User, context: OrgContext): ProfilePolicies {
  return context.memory.recall(`profile ${profileId}`, () => context.profiles.policies(profileId));
}

export function currentSettings({ memory, database }: OrgContext): OrgSettings {
  return memory.recall('settings', () => orgSettings(database));
}
