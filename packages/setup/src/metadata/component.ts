/** Components of the Metadata API that setup writes, and where their files belong. */

import type { MetadataFields } from './metadata-xml.ts';

/** Name of a metadata type -> folder and suffix (source-deploy-retrieve, metadataRegistry.json). */
export const metadataTypes = {
  ExternalClientApplication: { folder: 'externalClientApps', suffix: 'eca' },
  ExtlClntAppGlobalOauthSettings: {
    folder: 'extlClntAppGlobalOauthSets',
    suffix: 'ecaGlblOauth',
  },
  ExtlClntAppOauthSettings: { folder: 'extlClntAppOauthSettings', suffix: 'ecaOauth' },
  ExtlClntAppOauthConfigurablePolicies: {
    folder: 'extlClntAppOauthPolicies',
    suffix: 'ecaOauthPlcy',
  },
  ExtlClntAppConfigurablePolicies: { folder: 'extlClntAppPolicies', suffix: 'ecaPlcy' },
  ConnectedApp: { folder: 'connectedApps', suffix: 'connectedApp' },
  PermissionSet: { folder: 'permissionsets', suffix: 'permissionset' },
  Settings: { folder: 'settings', suffix: 'settings' },
} as const satisfies Readonly<Record<string, { folder: string; suffix: string }>>;

export type MetadataType = keyof typeof metadataTypes;

export interface Component {
  type: MetadataType;
  fullName: string;
  fields: MetadataFields;
}

/** Root element of its file. Settings are named after what they set. */
export function rootOf({ type, fullName }: Pick<Component, 'type' | 'fullName'>): string {
  return type === 'Settings' ? `${fullName}Settings` : type;
}

/** Path of its file below the root of a package. */
export function pathOf({ type, fullName }: Pick<Component, 'type' | 'fullName'>): string {
  const { folder, suffix } = metadataTypes[type];
  return `${folder}/${fullName}.${suffix}`;
}

/** `Type fullName`, as people speak of one. */
export function nameOf({ type, fullName }: Pick<Component, 'type' | 'fullName'>): string {
  return `${type} ${fullName}`;
}
