/**
 * Tables are named as Salesforce's objects and made from their catalogue. Tables and columns that
 * begin with `_` are the org's own: SOQL, which knows the catalogue alone, cannot name them.
 */

import { findSObject, sobjects } from '../data/sobject.ts';
import type { Field, FieldType } from '../data/sobject.ts';
import type { Database } from './database.ts';

const views = new Set(['ConnectedApplication', 'ExternalClientApplication']);

const privateColumns: Readonly<Record<string, readonly string[]>> = {
  Organization: ['"_secret" TEXT NOT NULL'],
  AuthSession: ['"_clientAppId" TEXT', '"_scopes" TEXT NOT NULL'],
  LoginHistory: ['"_username" TEXT', '"_consumerKey" TEXT', '"_trace" TEXT NOT NULL'],
};

/** Salesforce compares text without regard to case. Instants are milliseconds since 1970. */
const columnTypes: Readonly<Record<FieldType, string>> = {
  id: 'TEXT PRIMARY KEY',
  reference: 'TEXT',
  string: 'TEXT COLLATE NOCASE',
  email: 'TEXT COLLATE NOCASE',
  phone: 'TEXT COLLATE NOCASE',
  url: 'TEXT COLLATE NOCASE',
  textarea: 'TEXT COLLATE NOCASE',
  picklist: 'TEXT COLLATE NOCASE',
  boolean: 'INTEGER NOT NULL DEFAULT 0',
  int: 'INTEGER',
  currency: 'REAL',
  datetime: 'INTEGER',
};

function createTable(name: string, fields: readonly Field[]): string {
  const columns = fields.map((field) => `"${field.name}" ${columnTypes[field.type]}`);
  return `CREATE TABLE "${name}" (${[...columns, ...(privateColumns[name] ?? [])].join(', ')});`;
}

const clientApps = `
  CREATE TABLE "_ClientApp" (
    "Id" TEXT PRIMARY KEY,
    "_kind" TEXT NOT NULL,
    "_name" TEXT NOT NULL COLLATE NOCASE,
    "_apiName" TEXT NOT NULL COLLATE NOCASE UNIQUE,
    "_contactEmail" TEXT NOT NULL,
    "_callbackUrl" TEXT NOT NULL,
    "_consumerKey" TEXT NOT NULL UNIQUE,
    "_consumerSecret" TEXT NOT NULL,
    "_certificate" TEXT,
    "_scopes" TEXT NOT NULL,
    "_permittedUsers" TEXT NOT NULL,
    "_sessionTimeoutMinutes" INTEGER,
    "CreatedDate" INTEGER NOT NULL,
    "LastModifiedDate" INTEGER NOT NULL,
    "SystemModstamp" INTEGER NOT NULL
  );
  CREATE VIEW "ConnectedApplication" AS
    SELECT "Id", "_name" AS "Name",
      "_permittedUsers" = 'adminApproved' AS "OptionsAllowAdminApprovedUsersOnly",
      "CreatedDate", "LastModifiedDate", "SystemModstamp"
    FROM "_ClientApp" WHERE "_kind" = 'connectedApp';
  CREATE VIEW "ExternalClientApplication" AS
    SELECT "Id", "_apiName" AS "DeveloperName", "_name" AS "MasterLabel",
      "_contactEmail" AS "ContactEmail",
      "CreatedDate", "LastModifiedDate", "SystemModstamp"
    FROM "_ClientApp" WHERE "_kind" = 'externalClientApp';
`;

const others = `
  CREATE TABLE "_Approval" (
    "Id" TEXT PRIMARY KEY,
    "_userId" TEXT NOT NULL,
    "_clientAppId" TEXT NOT NULL,
    "_scopes" TEXT NOT NULL,
    UNIQUE ("_userId", "_clientAppId")
  );
  CREATE TABLE "_UsedJti" (
    "_issuer" TEXT NOT NULL,
    "_jti" TEXT NOT NULL,
    "_expires" REAL NOT NULL,
    PRIMARY KEY ("_issuer", "_jti")
  ) WITHOUT ROWID;
  CREATE TABLE "_Counter" ("_keyPrefix" TEXT PRIMARY KEY, "_last" INTEGER NOT NULL);
  CREATE INDEX "_UsedJti_expires" ON "_UsedJti" ("_expires");
  CREATE UNIQUE INDEX "User_Username" ON "User" ("Username");
  CREATE UNIQUE INDEX "Profile_Name" ON "Profile" ("Name");
  CREATE UNIQUE INDEX "PermissionSet_Name" ON "PermissionSet" ("Name");
  CREATE UNIQUE INDEX "PermissionSetAssignment_pair"
    ON "PermissionSetAssignment" ("AssigneeId", "PermissionSetId");
  CREATE UNIQUE INDEX "SetupEntityAccess_pair"
    ON "SetupEntityAccess" ("SetupEntityId", "ParentId");
  CREATE INDEX "AuthSession_UsersId" ON "AuthSession" ("UsersId");
  CREATE INDEX "LoginHistory_LoginTime" ON "LoginHistory" ("LoginTime");
  CREATE INDEX "Contact_AccountId" ON "Contact" ("AccountId");
`;

/** Each is applied once, in order; PRAGMA user_version counts them. Never change one: add one. */
const migrations: readonly string[] = [
  [
    ...sobjects
      .filter(({ name }) => !views.has(name))
      .map(({ name, fields }) => createTable(name, fields)),
    clientApps,
    others,
  ].join('\n'),
];

/** Brings a database, new or older, to the present shape. */
export function migrate(database: Database): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  database.transaction(() => {
    for (const migration of migrations.slice(version)) database.exec(migration);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

/** Columns of a table that are filled in by the store itself. */
export interface StampedColumns {
  created: boolean;
  modified: boolean;
  systemModstamp: boolean;
}

export function stampedColumns(table: string): StampedColumns {
  if (table === '_ClientApp') return { created: true, modified: true, systemModstamp: true };
  const names = new Set(findSObject(table)?.fields.map(({ name }) => name));
  return {
    created: names.has('CreatedDate'),
    modified: names.has('LastModifiedDate'),
    systemModstamp: names.has('SystemModstamp'),
  };
}
