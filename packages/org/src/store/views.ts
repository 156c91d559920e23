/**
 * Objects of Setup that are seen through: rows of the org's own tables under Salesforce's names.
 * No data of their own, so they are made anew whenever the shape of the store changes.
 */

import { scopeColumns } from '../data/objects/access.ts';
import { permissionField, userPermissions } from '../directory/user-permission.ts';

/** Same row, other object: only the third character of an id differs, so its checksum holds. */
const settingsId = (letter: string): string => `'0x${letter}' || substr("Id", 4)`;

/** Names that Setup makes of that of the app; Metadata may bring others. */
export const componentNames = {
  _globalOauthName: '_glbloauth',
  _oauthName: '_oauth',
  _oauthPolicyName: '_oauthPlcy',
  _policyName: '_plcy',
} as const;

const componentName = (column: keyof typeof componentNames): string =>
  `coalesce("${column}", "_apiName" || '${componentNames[column]}')`;

const settingsColumns = (
  column: keyof typeof componentNames,
): string => `${componentName(column)} AS "DeveloperName", "_name" AS "MasterLabel",
  "Id" AS "ExternalClientApplicationId",
  "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById",
  "SystemModstamp"`;

const hasScope = (scope: string): string => `instr(' ' || "_scopes" || ' ', ' ${scope} ') > 0`;

/** The id of a user with the prefix 0Yw. The capital counts in the first letter of the checksum. */
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const userLoginId = `'0Yw' || substr("Id", 4, 12)
  || substr('${letters}', instr('${letters}', substr("Id", 16, 1)) + 2, 1) || substr("Id", 17)`;

/** No data of their own: made anew at each opening, so that they need no migration. */
const setupViews: Readonly<Record<string, string>> = {
  ConnectedApplication: `SELECT "Id", "_name" AS "Name", "_contactEmail" AS "ContactEmail",
      "_permittedUsers" = 'adminApproved' AS "OptionsAllowAdminApprovedUsersOnly",
      "_sessionTimeoutMinutes" AS "SessionTimeout",
      "_refreshTokenHours" AS "RefreshTokenValidityPeriod",
      "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById",
      "SystemModstamp"
    FROM "_ClientApp" WHERE "_kind" = 'connectedApp'`,
  ExternalClientApplication: `SELECT "Id", "_apiName" AS "DeveloperName", "_name" AS "MasterLabel",
      'en_US' AS "Language", NULL AS "NamespacePrefix", "_contactEmail" AS "ContactEmail",
      nullif("_description", '') AS "Description", "_distributionState" AS "DistributionState",
      (SELECT substr("Id", 1, 15) FROM "Organization") || ':' || "_apiName" AS "OrgScopedExternalApp",
      "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById",
      "SystemModstamp"
    FROM "_ClientApp" WHERE "_kind" = 'externalClientApp'`,
  ExtlClntAppGlobalOauthSettings: `SELECT ${settingsId('J')} AS "Id", ${settingsColumns('_globalOauthName')},
      "_callbackUrl" AS "CallbackUrl", "_certificate" IS NOT NULL AS "IsJwtBearerFlowEnabled"
    FROM "_ClientApp" WHERE "_kind" = 'externalClientApp' AND ${componentName('_globalOauthName')} <> ''`,
  ExtlClntAppOauthSettings: `SELECT ${settingsId('K')} AS "Id", ${settingsColumns('_oauthName')},
      ${Object.entries(scopeColumns)
        .map(([column, scope]) => `${hasScope(scope)} AS "${column}"`)
        .join(', ')}
    FROM "_ClientApp" WHERE "_kind" = 'externalClientApp' AND ${componentName('_oauthName')} <> ''`,
  ExtlClntAppOauthPlcyCnfg: `SELECT ${settingsId('L')} AS "Id", ${settingsColumns('_oauthPolicyName')},
      CASE "_permittedUsers" WHEN 'adminApproved' THEN 'AdminApprovedPreAuthorized'
        ELSE 'AllSelfAuthorized' END AS "PermittedUsersPolicyType",
      CASE "_ipRelaxation" WHEN 'bypass' THEN 'Bypass' WHEN 'bypass2factor' THEN 'Bypass_2factor'
        WHEN 'enforceRelaxRefresh' THEN 'Enforce_RelaxRefresh'
        ELSE 'Enforce' END AS "IpRelaxationPolicyType",
      "_sessionTimeoutMinutes" AS "SessionTimeoutInMinutes",
      CASE "_refreshTokenPolicy" WHEN 'zero' THEN 'Zero' WHEN 'specificLifetime' THEN 'SpecificLifetime'
        WHEN 'specificInactivity' THEN 'SpecificInactivity' ELSE 'Infinite' END AS "RefreshTokenPolicyType", 'STANDARD' AS "RequiredSessionLevel"
    FROM "_ClientApp" WHERE "_kind" = 'externalClientApp'`,
  ExtlClntAppPlcyCnfg: `SELECT ${settingsId('M')} AS "Id", ${settingsColumns('_policyName')},
      "_isEnabled" AS "IsEnabled",
      CASE "_isOauthPluginEnabled" WHEN 1 THEN 'Enabled' ELSE 'Disabled' END AS "OauthPluginStatus"
    FROM "_ClientApp" WHERE "_kind" = 'externalClientApp'`,
  UserPermissionAccess: `SELECT '0Pz' || substr("Id", 4) AS "Id",
      ${userPermissions.map((permission) => `0 AS "${permissionField(permission)}"`).join(', ')}
    FROM "Organization"`,
  UserLogin: `SELECT ${userLoginId} AS "Id", "Id" AS "UserId", "_isFrozen" AS "IsFrozen",
      0 AS "IsPasswordLocked", "LastModifiedDate", "LastModifiedById"
    FROM "User"`,
  OauthToken: `SELECT t."Id", c."_name" AS "AppName", t."_clientAppId" AS "AppMenuItemId",
      t."_userId" AS "UserId", t."_useCount" AS "UseCount", t."_lastUsed" AS "LastUsedDate",
      t."_created" AS "CreatedDate"
    FROM "_RefreshToken" AS t JOIN "_ClientApp" AS c ON c."Id" = t."_clientAppId"`,
};

/** Objects that a relationship over several kinds can lead to, and their name fields. */
const namedObjects: Readonly<Record<string, string>> = {
  User: '"Name", "FirstName", "LastName", \'User\', "Username", "Title", "Email", "Phone"',
  Group: '"Name", NULL, NULL, \'Group\', NULL, NULL, "Email", NULL',
  Contact: '"Name", "FirstName", "LastName", \'Contact\', NULL, "Title", "Email", "Phone"',
  Lead: '"Name", "FirstName", "LastName", \'Lead\', NULL, "Title", "Email", "Phone"',
  Account: '"Name", NULL, NULL, \'Account\', NULL, NULL, NULL, "Phone"',
  Opportunity: '"Name", NULL, NULL, \'Opportunity\', NULL, NULL, NULL, NULL',
  Campaign: '"Name", NULL, NULL, \'Campaign\', NULL, NULL, NULL, NULL',
  Case: '"CaseNumber", NULL, NULL, \'Case\', NULL, NULL, NULL, NULL',
  Product2: '"Name", NULL, NULL, \'Product2\', NULL, NULL, NULL, NULL',
};

/** Written through the view: freezing a user is a change of the user. */
export const viewTriggers = `CREATE TRIGGER "UserLogin_update" INSTEAD OF UPDATE ON "UserLogin" BEGIN
    UPDATE "User" SET "_isFrozen" = NEW."IsFrozen", "LastModifiedDate" = NEW."LastModifiedDate",
      "LastModifiedById" = NEW."LastModifiedById" WHERE "Id" = OLD."UserId";
  END`;

/** Name of a view -> what it selects. */
export const views: Readonly<Record<string, string>> = {
  ...setupViews,
  Name: Object.entries(namedObjects)
    .map(
      ([name, columns], index) =>
        `SELECT "Id", ${index === 0 ? named(columns) : columns} FROM "${name}"`,
    )
    .join(' UNION ALL '),
};

/** A union takes the names of its columns from its first part. */
function named(columns: string): string {
  const names = ['Name', 'FirstName', 'LastName', 'Type', 'Username', 'Title', 'Email', 'Phone'];
  return columns
    .split(', ')
    .map((column, index) => `${column} AS "${names[index] ?? ''}"`)
    .join(', ');
}
