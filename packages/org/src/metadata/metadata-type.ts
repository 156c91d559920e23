/**
 * The metadata types of this org: where their files are, and the elements that each may have.
 *
 * Names, folders and elements are those of the Metadata API Developer Guide and of Salesforce's own
 * `@salesforce/types` 1.9.0, which is made from the WSDL. test/clients/metadata-types.test.ts compares
 * them with what the Salesforce CLI brings along.
 */

/** A list of words is an enumeration with its name; `any` is kept as it is and has no effect here. */
export type ElementKind =
  | 'text'
  | 'boolean'
  | 'int'
  | 'any'
  | { enumeration: string; values: readonly string[] }
  | { type: string; elements: Elements };

export type Elements = Readonly<Record<string, ElementKind | { each: ElementKind }>>;

export interface MetadataType {
  /** Such as `ExternalClientApplication`; of settings it is `Settings`, whatever the root is. */
  name: string;
  /** Name of the root element of a file, where it is not that of the type. */
  root?: string;
  /** End of the name of its files, and their folder. */
  suffix: string;
  directory: string;
  elements: Elements;
  required: readonly string[];
}

const each = (kind: ElementKind): { each: ElementKind } => ({ each: kind });
const enumeration = (name: string, ...values: string[]): ElementKind => ({
  enumeration: name,
  values,
});

/** Scopes by their names in metadata, and what they are on the wire. */
export const metadataScopes: Readonly<Record<string, string>> = {
  Basic: 'id',
  Api: 'api',
  Web: 'web',
  Full: 'full',
  Chatter: 'chatter_api',
  CustomApplications: 'visualforce',
  RefreshToken: 'refresh_token',
  OpenID: 'openid',
  Profile: 'profile',
  Email: 'email',
  Address: 'address',
  Phone: 'phone',
  OfflineAccess: 'offline_access',
  CustomPermissions: 'custom_permissions',
  Wave: 'wave_api',
  Eclair: 'eclair_api',
  Pardot: 'pardot_api',
  Lightning: 'lightning',
  Content: 'content',
  CDPIngest: 'cdp_ingest_api',
  CDPProfile: 'cdp_profile_api',
  CDPQuery: 'cdp_query_api',
  Chatbot: 'chatbot_api',
  CDPSegment: 'cdp_segment_api',
  CDPIdentityResolution: 'cdp_identityresolution_api',
  CDPCalculatedInsight: 'cdp_calculated_insight_api',
  ForgotPassword: 'forgot_password',
  UserRegistration: 'user_registration_api',
  SFAP: 'sfap_api',
  Interaction: 'interaction_api',
  CDP: 'cdp_api',
  EinsteinGPT: 'einstein_gpt_api',
  PwdlessLogin: 'pwdless_login_api',
  MCP: 'mcp_api',
  SCRT: 'scrt_api',
  DataCloudUserClaims: 'data_cloud_user_claims',
  A2A: 'a2a_api',
  CmdbDiscovery: 'cmdb_discovery_api',
  SemanticLayer: 'semantic_layer_api',
};

const jwtTimeoutType = enumeration('JWTSessionTimeoutType', 'UserSession', 'Custom');

const externalClientApplication: MetadataType = {
  name: 'ExternalClientApplication',
  suffix: 'eca',
  directory: 'externalClientApps',
  required: ['contactEmail', 'label'],
  elements: {
    contactEmail: 'text',
    contactPhone: 'text',
    description: 'text',
    distributionState: enumeration(
      'ExtlClntAppDistState',
      'Local',
      'Packaged',
      'Managed',
      'AutoInstalled',
    ),
    iconUrl: 'text',
    infoUrl: 'text',
    isProtected: 'boolean',
    label: 'text',
    logoUrl: 'text',
    managedType: enumeration('ExtlClntAppManagedType', 'Local', 'Global'),
    orgScopedExternalApp: 'text',
  },
};

const idTokenConfig = {
  type: 'ExternalAppIdTokenConfig',
  elements: {
    idTokenAudience: 'text',
    idTokenIncludeAttributes: 'boolean',
    idTokenIncludeCustomPermissions: 'boolean',
    idTokenIncludeStandardClaims: 'boolean',
    idTokenValidityInMinutes: 'int',
  },
} as const;

const globalOauthSettings: MetadataType = {
  name: 'ExtlClntAppGlobalOauthSettings',
  suffix: 'ecaGlblOauth',
  directory: 'extlClntAppGlobalOauthSets',
  required: ['callbackUrl', 'externalClientApplication', 'label'],
  elements: {
    callbackUrl: 'text',
    certificate: 'text',
    consumerKey: 'text',
    consumerSecret: 'text',
    externalClientApplication: 'text',
    idTokenConfig,
    isClientCredentialsFlowEnabled: 'boolean',
    isCodeCredFlowEnabled: 'boolean',
    isCodeCredPostOnly: 'boolean',
    isConsumerSecretOptional: 'boolean',
    isDPopEnabled: 'boolean',
    isDeviceFlowEnabled: 'boolean',
    isEnforceRefreshTokenTTL: 'boolean',
    isIntrospectAllTokens: 'boolean',
    isMtlsEnabled: 'boolean',
    isNamedUserJwtEnabled: 'boolean',
    isPkceRequired: 'boolean',
    isRefreshTokenRotationEnabled: 'boolean',
    isSecretRequiredForRefreshToken: 'boolean',
    isSecretRequiredForTokenExchange: 'boolean',
    isTokenExchangeEnabled: 'boolean',
    label: 'text',
    shouldRotateConsumerKey: 'boolean',
    shouldRotateConsumerSecret: 'boolean',
  },
};

const attribute = (type: string): ElementKind => ({
  type,
  elements: { key: 'text', formula: 'text' },
});

const oauthSettings: MetadataType = {
  name: 'ExtlClntAppOauthSettings',
  suffix: 'ecaOauth',
  directory: 'extlClntAppOauthSettings',
  required: ['externalClientApplication', 'label'],
  elements: {
    areAttributesIncludedInAssetToken: 'boolean',
    areCustomPermsIncludedInAssetToken: 'boolean',
    assetTokenAudiences: 'text',
    assetTokenSigningCertificate: 'text',
    assetTokenValidity: 'int',
    clientAssertionCertificate: 'text',
    commaSeparatedCustomScopes: 'text',
    commaSeparatedOauthScopes: 'text',
    customAttributes: each(attribute('ExtlClntAppOauthSettingsAttribute')),
    externalClientApplication: 'text',
    isFirstPartyAppEnabled: 'boolean',
    label: 'text',
    oauthLink: 'text',
    singleLogoutUrl: 'text',
    trustedIpRanges: each({
      type: 'ExtlClntAppOauthIpRange',
      elements: { description: 'text', endIpAddress: 'text', startIpAddress: 'text' },
    }),
  },
};

const oauthPolicies: MetadataType = {
  name: 'ExtlClntAppOauthConfigurablePolicies',
  suffix: 'ecaOauthPlcy',
  directory: 'extlClntAppOauthPolicies',
  required: ['externalClientApplication', 'label'],
  elements: {
    apexHandler: 'text',
    clientCredentialsFlowUser: 'text',
    commaSeparatedCustomScopes: 'text',
    commaSeparatedPermissionSet: 'text',
    commaSeparatedProfile: 'text',
    customAttributes: each(attribute('ExtlClntAppOauthPoliciesAttribute')),
    executeHandlerAs: 'text',
    externalClientApplication: 'text',
    guestJwtSessionTimeoutType: jwtTimeoutType,
    guestJwtTimeout: 'int',
    // A plain text in the WSDL; the values are those of the Developer Guide.
    ipRelaxationPolicyType: 'text',
    isClientCredentialsFlowEnabled: 'boolean',
    isGuestCodeCredFlowEnabled: 'boolean',
    isTokenExchangeFlowEnabled: 'boolean',
    label: 'text',
    namedUserJwtSessionTimeoutType: jwtTimeoutType,
    namedUserJwtTimeout: 'int',
    permittedUsersPolicyType: enumeration(
      'PermittedUsersPolicyType',
      'AllSelfAuthorized',
      'AdminApprovedPreAuthorized',
    ),
    policyAction: enumeration('PolicyAction', 'Block', 'RaiseSessionLevel', 'StepUpMFA'),
    refreshTokenPolicyType: enumeration(
      'RefreshTokenPolicyType',
      'Infinite',
      'Zero',
      'SpecificLifetime',
      'SpecificInactivity',
    ),
    refreshTokenValidityPeriod: 'int',
    refreshTokenValidityUnit: 'text',
    requiredSessionLevel: enumeration('SessionSecurityLevel', 'LOW', 'STANDARD', 'HIGH_ASSURANCE'),
    sessionTimeoutInMinutes: 'int',
    singleLogoutUrl: 'text',
    startUrl: 'text',
  },
};

const policies: MetadataType = {
  name: 'ExtlClntAppConfigurablePolicies',
  suffix: 'ecaPlcy',
  directory: 'extlClntAppPolicies',
  required: ['externalClientApplication', 'isEnabled', 'label'],
  elements: {
    externalClientApplication: 'text',
    isAttestPluginEnabled: 'boolean',
    isCanvasPluginEnabled: 'boolean',
    isEnabled: 'boolean',
    isMobilePluginEnabled: 'boolean',
    isNotificationPluginEnabled: 'boolean',
    isOauthPluginEnabled: 'boolean',
    isPushPluginEnabled: 'boolean',
    isSamlPluginEnabled: 'boolean',
    label: 'text',
    startPage: enumeration('ExtlClntAppStartPage', 'None', 'Custom', 'OAuth', 'SAML'),
    startUrl: 'text',
  },
};

const externalClientAppSettings: MetadataType = {
  name: 'Settings',
  root: 'ExternalClientAppSettings',
  suffix: 'settings',
  directory: 'settings',
  required: [],
  elements: {
    enableClientSecretInRestApiAccess: 'boolean',
    enableConsumerSecretApiAccess: 'boolean',
    enablePackageEcaOauthFromDevOrg: 'boolean',
  },
};

const connectedApp: MetadataType = {
  name: 'ConnectedApp',
  suffix: 'connectedApp',
  directory: 'connectedApps',
  required: ['contactEmail', 'label'],
  elements: {
    attributes: each({ type: 'ConnectedAppAttribute', elements: { formula: 'text', key: 'text' } }),
    canvas: 'any',
    canvasConfig: 'any',
    contactEmail: 'text',
    contactPhone: 'text',
    description: 'text',
    iconUrl: 'text',
    infoUrl: 'text',
    ipRanges: each({
      type: 'ConnectedAppIpRange',
      elements: { description: 'text', end: 'text', start: 'text' },
    }),
    label: 'text',
    logoUrl: 'text',
    mobileAppConfig: 'any',
    mobileStartUrl: 'text',
    oauthConfig: {
      type: 'ConnectedAppOauthConfig',
      elements: {
        assetTokenConfig: 'any',
        callbackUrl: 'text',
        certificate: 'text',
        consumerKey: 'text',
        consumerSecret: 'text',
        idTokenConfig: 'any',
        isAdminApproved: 'boolean',
        isClientCredentialEnabled: 'boolean',
        isCodeCredentialEnabled: 'boolean',
        isCodeCredentialPostOnly: 'boolean',
        isConsumerSecretOptional: 'boolean',
        isDPopEnabled: 'boolean',
        isDeviceFlowEnabled: 'boolean',
        isEnforceRefreshTokenTTL: 'boolean',
        isIntrospectAllTokens: 'boolean',
        isIpBindingEnabled: 'boolean',
        isNamedUserJwtEnabled: 'boolean',
        isPKImTLSEnabled: 'boolean',
        isPkceRequired: 'boolean',
        isRefreshTokenRotationEnabled: 'boolean',
        isSecretRequiredForRefreshToken: 'boolean',
        isSecretRequiredForTokenExchange: 'boolean',
        isTokenExchangeEnabled: 'boolean',
        oauthClientCredentialUser: 'text',
        scopes: each({
          enumeration: 'ConnectedAppOauthAccessScope',
          values: Object.keys(metadataScopes),
        }),
        singleLogoutUrl: 'text',
      },
    },
    oauthPolicy: {
      type: 'ConnectedAppOauthPolicy',
      elements: {
        ipRelaxation: 'text',
        isTokenExchangeFlowEnabled: 'boolean',
        refreshTokenPolicy: 'text',
        singleLogoutUrl: 'text',
      },
    },
    permissionSetName: each('text'),
    plugin: 'text',
    pluginExecutionUser: 'text',
    profileName: each('text'),
    samlConfig: 'any',
    sessionPolicy: {
      type: 'ConnectedAppSessionPolicy',
      elements: { policyAction: 'text', sessionLevel: 'text', sessionTimeout: 'int' },
    },
    startUrl: 'text',
  },
};

const permissionSet: MetadataType = {
  name: 'PermissionSet',
  suffix: 'permissionset',
  directory: 'permissionsets',
  required: ['label'],
  elements: {
    agentAccesses: each('any'),
    applicationVisibilities: each('any'),
    classAccesses: each('any'),
    customMetadataTypeAccesses: each('any'),
    customPermissions: each('any'),
    customSettingAccesses: each('any'),
    dataspaceScopes: each('any'),
    description: 'text',
    emailRoutingAddressAccesses: each('any'),
    enrichments: each('any'),
    externalCredentialPrincipalAccesses: each('any'),
    externalDataSourceAccesses: each('any'),
    fieldPermissions: each('any'),
    flowAccesses: each('any'),
    genComputingSummaryDefAccesses: each('any'),
    hasActivationRequired: 'boolean',
    label: 'text',
    license: 'text',
    objectPermissions: each('any'),
    pageAccesses: each('any'),
    recordTypeVisibilities: each('any'),
    servicePresenceStatusAccesses: each('any'),
    tabSettings: each('any'),
    userPermissions: each({
      type: 'PermissionSetUserPermission',
      elements: { enabled: 'boolean', name: 'text' },
    }),
  },
};

/** In the order in which they depend on each other. */
export const metadataTypes = {
  externalClientAppSettings,
  permissionSet,
  externalClientApplication,
  globalOauthSettings,
  oauthSettings,
  oauthPolicies,
  policies,
  connectedApp,
} as const;
