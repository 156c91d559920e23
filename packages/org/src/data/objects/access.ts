/** Client apps and their settings; sessions, logins, tokens. */

import {
  checkbox,
  datetime,
  field,
  id,
  integer,
  picklist,
  readOnly,
  reference,
  setupFields,
  system,
  systemModstamp,
  text,
  url,
  email,
} from '../field.ts';
import type { Field } from '../field.ts';
import { SObject } from '../sobject.ts';
import type { SObjectOptions } from '../sobject.ts';

/** Seen through the API, changed by Setup and Metadata alone. */
function readOnlyObject(options: Omit<SObjectOptions, 'setup'>): SObject {
  return new SObject({
    setup: true,
    createable: false,
    updateable: false,
    deletable: false,
    ...options,
  });
}

const connectedApplication = readOnlyObject({
  name: 'ConnectedApplication',
  label: 'Connected App',
  labelPlural: 'Connected Apps',
  keyPrefix: '0H4',
  fields: setupFields([
    text('Name', 80, { ...system, nameField: true }),
    checkbox('OptionsAllowAdminApprovedUsersOnly', readOnly),
    integer('SessionTimeout', readOnly),
    integer('RefreshTokenValidityPeriod', readOnly),
    text('ContactEmail', 80, readOnly),
  ]),
});

const externalClientApplication = readOnlyObject({
  name: 'ExternalClientApplication',
  label: 'External Client App',
  labelPlural: 'External Client Apps',
  keyPrefix: '0xI',
  fields: setupFields([
    text('DeveloperName', 80, system),
    text('MasterLabel', 80, { ...system, nameField: true }),
    picklist('Language', ['en_US'], readOnly),
    text('NamespacePrefix', 15, readOnly),
    email('ContactEmail', readOnly),
    text('Description', 255, readOnly),
    picklist('DistributionState', ['Local', 'Packaged'], readOnly),
    text('OrgScopedExternalApp', 255, readOnly),
  ]),
});

/** The settings of an external client app are objects of their own, one row for each app. */
function settingsObject(
  name: string,
  label: string,
  keyPrefix: string,
  fields: readonly Field[],
): SObject {
  const app = reference(
    'ExternalClientApplicationId',
    'ExternalClientApplication',
    undefined,
    system,
  );
  return readOnlyObject({
    name,
    label,
    labelPlural: label,
    keyPrefix,
    fields: setupFields([
      text('DeveloperName', 80, { ...system, nameField: true }),
      text('MasterLabel', 80, system),
      app,
      ...fields,
    ]),
  });
}

/** Scopes as columns of their own, such as `OauthScopesAPI` for `api`. */
export const scopeColumns: Readonly<Record<string, string>> = {
  OauthScopesAPI: 'api',
  OauthScopesWEB: 'web',
  OauthScopesFULL: 'full',
  OauthScopesREFRESH_TOKEN: 'refresh_token',
  OauthScopesOFFLINE_ACCESS: 'offline_access',
  OauthScopesOPENID: 'openid',
  OauthScopesPROFILE: 'profile',
  OauthScopesEMAIL: 'email',
};

const settings: readonly SObject[] = [
  settingsObject(
    'ExtlClntAppGlobalOauthSettings',
    'External Client App Global OAuth Settings',
    '0xJ',
    [url('CallbackUrl'), checkbox('IsJwtBearerFlowEnabled', readOnly)],
  ),
  settingsObject(
    'ExtlClntAppOauthSettings',
    'External Client App OAuth Settings',
    '0xK',
    Object.keys(scopeColumns).map((name) => checkbox(name, readOnly)),
  ),
  settingsObject('ExtlClntAppOauthPlcyCnfg', 'External Client App OAuth Policy', '0xL', [
    picklist(
      'PermittedUsersPolicyType',
      ['AdminApprovedPreAuthorized', 'AllSelfAuthorized'],
      readOnly,
    ),
    picklist(
      'IpRelaxationPolicyType',
      ['Enforce', 'Bypass', 'Bypass_2factor', 'Enforce_RelaxRefresh'],
      readOnly,
    ),
    integer('SessionTimeoutInMinutes', readOnly),
    picklist(
      'RefreshTokenPolicyType',
      ['Infinite', 'Zero', 'SpecificLifetime', 'SpecificInactivity'],
      readOnly,
    ),
    picklist('RequiredSessionLevel', ['STANDARD', 'HIGH_ASSURANCE'], readOnly),
  ]),
  settingsObject('ExtlClntAppPlcyCnfg', 'External Client App Policy', '0xM', [
    checkbox('IsEnabled', readOnly),
    picklist('OauthPluginStatus', ['Enabled', 'Disabled'], readOnly),
  ]),
];

const authSession = readOnlyObject({
  name: 'AuthSession',
  label: 'Auth Session',
  labelPlural: 'Auth Session',
  keyPrefix: '0Ak',
  deletable: true,
  fields: [
    id,
    reference('UsersId', 'User', undefined, { ...system, relationshipName: 'Users' }),
    datetime('CreatedDate', system),
    datetime('LastModifiedDate', system),
    integer('NumSecondsValid', system),
    picklist('UserType', ['Standard'], readOnly),
    text('SourceIp', 45, readOnly),
    text('LoginType', 40, readOnly),
    picklist('SessionType', ['API', 'Oauth2', 'UI'], readOnly),
    picklist('SessionSecurityLevel', ['STANDARD', 'HIGH_ASSURANCE'], readOnly),
    reference('LoginHistoryId', 'LoginHistory', undefined, readOnly),
    reference('ParentId', 'AuthSession', undefined, { ...readOnly, relationshipName: undefined }),
    checkbox('IsCurrent', { ...readOnly, calculated: true }),
    checkbox('IsAssociatedWithJwtAccessToken', { ...readOnly, calculated: true }),
    systemModstamp,
  ],
});

/** Made from the user; frozen, a user is signed in no more. */
const userLogin = readOnlyObject({
  name: 'UserLogin',
  label: 'User Login',
  labelPlural: 'User Logins',
  keyPrefix: '0Yw',
  updateable: true,
  fields: [
    id,
    reference('UserId', 'User', undefined, { ...system, relationshipName: undefined }),
    checkbox('IsFrozen', { createable: false }),
    checkbox('IsPasswordLocked', readOnly),
    datetime('LastModifiedDate', system),
    reference('LastModifiedById', 'User', undefined, system),
  ],
});

const loginHistory = readOnlyObject({
  name: 'LoginHistory',
  label: 'Login History',
  labelPlural: 'Login History',
  keyPrefix: '0Ya',
  fields: [
    id,
    reference('UserId', 'User', undefined, { ...readOnly, relationshipName: undefined }),
    datetime('LoginTime', { ...system, nameField: true }),
    text('LoginType', 80, readOnly),
    text('LoginSubType', 80, readOnly),
    text('SourceIp', 45, readOnly),
    text('LoginUrl', 255, readOnly),
    text('Browser', 64, readOnly),
    text('Platform', 64, readOnly),
    text('Status', 128, readOnly),
    text('Application', 255, readOnly),
    text('ClientVersion', 64, readOnly),
    text('ApiType', 64, readOnly),
    text('ApiVersion', 32, readOnly),
  ],
});

/** Refresh tokens; the JWT bearer flow gives none. */
const oauthToken = readOnlyObject({
  name: 'OauthToken',
  label: 'OAuth Token',
  labelPlural: 'OAuth Tokens',
  keyPrefix: '888',
  fields: [
    id,
    text('AppName', 255, { ...readOnly, nameField: true }),
    field('AppMenuItemId', 'reference', { ...readOnly, length: 18 }),
    reference('UserId', 'User', 'OauthTokens', readOnly),
    integer('UseCount', readOnly),
    datetime('LastUsedDate', readOnly),
    datetime('CreatedDate', readOnly),
  ],
});

export const accessObjects: readonly SObject[] = [
  connectedApplication,
  externalClientApplication,
  ...settings,
  authSession,
  userLogin,
  loginHistory,
  oauthToken,
];
