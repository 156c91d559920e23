/** All types of metadata that this org has, in the order in which they depend on each other. */

import { appPolicies } from './app-policies.ts';
import type { ComponentStore } from './component-store.ts';
import { connectedApps } from './connected-apps.ts';
import { externalClientAppSettings } from './external-client-app-settings.ts';
import { externalClientApplications } from './external-client-application.ts';
import { globalOauthSettings } from './global-oauth-settings.ts';
import { oauthPolicies } from './oauth-policies.ts';
import { oauthSettings } from './oauth-settings.ts';
import { permissionSets } from './permission-sets.ts';

export const componentStores: readonly ComponentStore[] = [
  externalClientAppSettings,
  permissionSets,
  externalClientApplications,
  globalOauthSettings,
  oauthSettings,
  oauthPolicies,
  appPolicies,
  connectedApps,
];

/** By the name of the type, to the letter. */
export function storeOf(typeName: string): ComponentStore | undefined {
  return componentStores.find(({ type }) => type.name === typeName);
}

/** Path of a component within a package, such as `externalClientApps/Nightly_Sync.eca`. */
export function pathOf({ type }: ComponentStore, fullName: string): string {
  return `${type.directory}/${fullName}.${type.suffix}`;
}
