/**
 * Tables are named as Salesforce's objects and made from their catalogue. Tables and columns that
 * begin with `_` are the org's own: SOQL, which knows the catalogue alone, cannot name them.
 *
 * The shape is declared once. A file of an older version is brought to it by adding what it lacks,
 * so a new table, or a new column that may be null or has a default, needs no migration.
 */

import { createHash } from 'node:crypto';
import type { Catalogue } from '../data/catalogue.ts';
import type { FieldType } from '../data/field.ts';
import { administratorPermissions, permissionField } from '../directory/user-permission.ts';
import { OrgError } from '../org-error.ts';
import type { Database } from './database.ts';
import { viewTriggers, views } from './views.ts';

/** Columns of the org's own in Salesforce's objects. */
const privateColumns: Readonly<Record<string, Columns>> = {
  Organization: {
    _secret: 'TEXT NOT NULL',
    _dailyApiRequests: 'INTEGER',
    _loginsPerHour: 'INTEGER',
    _sessionTimeoutMinutes: 'INTEGER',
    _newConnectedAppsBlocked: 'INTEGER NOT NULL DEFAULT 0',
    _deploySeconds: 'INTEGER NOT NULL DEFAULT 0',
    _propagationSeconds: 'INTEGER NOT NULL DEFAULT 0',
    _enableClientSecretInRestApiAccess: 'INTEGER NOT NULL DEFAULT 0',
    _enableConsumerSecretApiAccess: 'INTEGER NOT NULL DEFAULT 0',
    _enablePackageEcaOauthFromDevOrg: 'INTEGER NOT NULL DEFAULT 0',
  },
  // What Metadata brought that has no effect here, to be given back.
  PermissionSet: { _kept: 'TEXT' },
  User: {
    _isFrozen: 'INTEGER NOT NULL DEFAULT 0',
    _passwordHash: 'TEXT',
    _wrongPasswords: 'INTEGER NOT NULL DEFAULT 0',
    _lockedUntil: 'INTEGER NOT NULL DEFAULT 0',
  },
  Profile: {
    _apiUserOnly: 'INTEGER NOT NULL DEFAULT 0',
    _loginIpRanges: 'TEXT',
    _loginHours: 'TEXT',
    _sessionTimeoutMinutes: 'INTEGER',
  },
  AuthSession: {
    _clientAppId: 'TEXT',
    _scopes: 'TEXT NOT NULL',
    // Of a JWT-based access token: its end, which use does not put off.
    _expires: 'INTEGER',
    _refreshTokenId: 'TEXT',
  },
  LoginHistory: { _username: 'TEXT', _consumerKey: 'TEXT', _trace: 'TEXT NOT NULL' },
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
  multipicklist: 'TEXT COLLATE NOCASE',
  boolean: 'INTEGER NOT NULL DEFAULT 0',
  int: 'INTEGER',
  double: 'REAL',
  currency: 'REAL',
  percent: 'REAL',
  date: 'TEXT',
  datetime: 'INTEGER',
};

/** Name of a column -> its type and rules in SQL. */
type Columns = Readonly<Record<string, string>>;

interface Table {
  name: string;
  columns: Columns;
  /** Rules of the table as a whole; they cannot be added to a table that is there already. */
  rules?: string;
  withoutRowId?: true;
}

/** Tables of the org's own. */
const ownTables: readonly Table[] = [
  {
    name: '_ClientApp',
    columns: {
      Id: 'TEXT PRIMARY KEY',
      _kind: 'TEXT NOT NULL',
      _name: 'TEXT NOT NULL COLLATE NOCASE',
      _apiName: 'TEXT NOT NULL COLLATE NOCASE UNIQUE',
      _contactEmail: 'TEXT NOT NULL',
      _callbackUrl: 'TEXT NOT NULL',
      _consumerKey: 'TEXT NOT NULL UNIQUE',
      _consumerSecret: 'TEXT NOT NULL',
      _certificate: 'TEXT',
      _scopes: 'TEXT NOT NULL',
      _permittedUsers: 'TEXT NOT NULL',
      _sessionTimeoutMinutes: 'INTEGER',
      _isEnabled: 'INTEGER NOT NULL DEFAULT 1',
      _isBlocked: 'INTEGER NOT NULL DEFAULT 0',
      _isInstalled: 'INTEGER NOT NULL DEFAULT 1',
      _ipRelaxation: "TEXT NOT NULL DEFAULT 'enforce'",
      _jwtAccessTokens: 'INTEGER NOT NULL DEFAULT 0',
      _jwtTimeoutMinutes: 'INTEGER',
      _isPkceRequired: 'INTEGER NOT NULL DEFAULT 0',
      _isConsumerSecretOptional: 'INTEGER NOT NULL DEFAULT 0',
      _isIntrospectAllTokens: 'INTEGER NOT NULL DEFAULT 0',
      _description: 'TEXT',
      _contactPhone: 'TEXT',
      _logoUrl: 'TEXT',
      _iconUrl: 'TEXT',
      _infoUrl: 'TEXT',
      _startUrl: 'TEXT',
      _isOauthEnabled: 'INTEGER NOT NULL DEFAULT 1',
      _refreshTokenPolicy: "TEXT NOT NULL DEFAULT 'infinite'",
      _refreshTokenHours: 'INTEGER',
      _isOauthPluginEnabled: 'INTEGER NOT NULL DEFAULT 1',
      _distributionState: "TEXT NOT NULL DEFAULT 'Local'",
      // Names of its components in Metadata: made of the API name when null, not there when empty.
      _globalOauthName: 'TEXT COLLATE NOCASE',
      _oauthName: 'TEXT COLLATE NOCASE',
      _oauthPolicyName: 'TEXT COLLATE NOCASE',
      _policyName: 'TEXT COLLATE NOCASE',
      // What Metadata brought that has no effect here, to be given back.
      _kept: 'TEXT',
      // Until the login servers have heard of a deployment, they go by the row before it.
      _deployed: 'INTEGER',
      _before: 'TEXT',
      CreatedDate: 'INTEGER NOT NULL',
      CreatedById: 'TEXT',
      LastModifiedDate: 'INTEGER NOT NULL',
      LastModifiedById: 'TEXT',
      SystemModstamp: 'INTEGER NOT NULL',
    },
  },
  {
    name: '_Approval',
    columns: {
      Id: 'TEXT PRIMARY KEY',
      _userId: 'TEXT NOT NULL',
      _clientAppId: 'TEXT NOT NULL',
      _scopes: 'TEXT NOT NULL',
    },
    rules: 'UNIQUE ("_userId", "_clientAppId")',
  },
  {
    name: '_UsedJti',
    columns: { _issuer: 'TEXT NOT NULL', _jti: 'TEXT NOT NULL', _expires: 'REAL NOT NULL' },
    rules: 'PRIMARY KEY ("_issuer", "_jti")',
    withoutRowId: true,
  },
  {
    name: '_Site',
    columns: { Id: 'TEXT PRIMARY KEY', _path: 'TEXT NOT NULL UNIQUE COLLATE NOCASE' },
  },
  {
    name: '_SigningKey',
    columns: { _kid: 'TEXT PRIMARY KEY', _privateKey: 'TEXT NOT NULL' },
  },
  {
    name: '_AuthorizationCode',
    columns: {
      _hash: 'TEXT PRIMARY KEY',
      _clientAppId: 'TEXT NOT NULL',
      _userId: 'TEXT NOT NULL',
      _redirectUri: 'TEXT NOT NULL',
      _scopes: 'TEXT NOT NULL',
      _codeChallenge: 'TEXT',
      _nonce: 'TEXT',
      _expires: 'INTEGER NOT NULL',
      // Once it was traded: what was given for it, to be taken back when it is shown again.
      _used: 'INTEGER NOT NULL DEFAULT 0',
      _refreshTokenId: 'TEXT',
    },
  },
  {
    name: '_RefreshToken',
    columns: {
      Id: 'TEXT PRIMARY KEY',
      _clientAppId: 'TEXT NOT NULL',
      _userId: 'TEXT NOT NULL',
      _scopes: 'TEXT NOT NULL',
      _created: 'INTEGER NOT NULL',
      _lastUsed: 'INTEGER NOT NULL',
      _useCount: 'INTEGER NOT NULL DEFAULT 0',
    },
  },
  // Requests of the REST API by hour, counted against the daily limit.
  { name: '_ApiUsage', columns: { _hour: 'INTEGER PRIMARY KEY', _requests: 'INTEGER NOT NULL' } },
  // Deployments and retrieves, those that are done too.
  {
    name: '_MetadataRequest',
    columns: {
      Id: 'TEXT PRIMARY KEY',
      _userId: 'TEXT NOT NULL',
      _created: 'INTEGER NOT NULL',
      // When its work is done, or was; and the same until it is done.
      _finished: 'INTEGER NOT NULL',
      _due: 'INTEGER',
      _state: 'TEXT NOT NULL',
      _zip: 'TEXT',
    },
  },
  // A second pair of consumer key and secret: made and not in use yet, or the one before.
  {
    name: '_StagedCredentials',
    columns: {
      Id: 'TEXT PRIMARY KEY',
      _clientAppId: 'TEXT NOT NULL UNIQUE',
      _consumerKey: 'TEXT NOT NULL UNIQUE',
      _consumerSecret: 'TEXT NOT NULL',
      _state: 'TEXT NOT NULL',
      _createdById: 'TEXT NOT NULL',
      _expires: 'INTEGER NOT NULL',
    },
  },
  // Objects and fields that a seed added.
  { name: '_CustomObject', columns: { _name: 'TEXT NOT NULL', _definition: 'TEXT NOT NULL' } },
  { name: '_Counter', columns: { _keyPrefix: 'TEXT PRIMARY KEY', _last: 'INTEGER NOT NULL' } },
  // Which records of seeds are in already: a seed that is given at every start is planted once.
  { name: '_PlantedSeed', columns: { _print: 'TEXT PRIMARY KEY' } },
  // What the store knows of itself: the print of this very declaration, the baseline of resets.
  { name: '_Setting', columns: { _name: 'TEXT PRIMARY KEY', _value: 'TEXT NOT NULL' } },
];

/** Name of an index -> what it is on. */
const indexes: Readonly<Record<string, string>> = {
  AuthSession_UsersId: '"AuthSession" ("UsersId")',
  AuthSession_refreshTokenId: '"AuthSession" ("_refreshTokenId")',
  RefreshToken_pair: '"_RefreshToken" ("_userId", "_clientAppId")',
  LoginHistory_UserId: '"LoginHistory" ("UserId", "LoginTime")',
};

const uniqueIndexes: Readonly<Record<string, string>> = {
  User_Username: '"User" ("Username")',
  Profile_Name: '"Profile" ("Name")',
  PermissionSet_Name: '"PermissionSet" ("Name")',
  PermissionSetAssignment_pair: '"PermissionSetAssignment" ("AssigneeId", "PermissionSetId")',
  SetupEntityAccess_pair: '"SetupEntityAccess" ("SetupEntityId", "ParentId")',
};

/** Every table of an org, as this version of the code and its catalogue want it. */
function declaredTables(catalogue: Catalogue): Table[] {
  const objects = catalogue
    .list()
    .filter(({ name }) => !(name in views))
    .map(({ name, fields }) => {
      const columns = fields.map((field) => [field.name, columnTypes[field.type]] as const);
      return {
        name,
        columns: {
          ...Object.fromEntries(columns),
          ...privateColumns[name],
        },
      };
    });
  return [...objects, ...ownTables];
}

/** The ways down from a record are indexes: child records are found by them. */
function relationshipIndexes(catalogue: Catalogue): Record<string, string> {
  return Object.fromEntries(
    catalogue
      .list()
      .filter(({ name }) => !(name in views))
      .flatMap(({ name, fields }) =>
        fields
          .filter(
            ({ childRelationshipName, unique, externalId }) =>
              childRelationshipName !== undefined || unique || externalId,
          )
          .map((field) => [`${name}_${field.name}`, `"${name}" ("${field.name}")`]),
      ),
  );
}

/** Tables that hold the org itself: neither what the store knows of itself, nor its private keys. */
export function dataTables(catalogue: Catalogue): string[] {
  return declaredTables(catalogue)
    .map(({ name }) => name)
    .filter((name) => name !== '_Setting' && name !== '_SigningKey');
}

/**
 * What adding tables and columns cannot do: each is applied once, in order, and PRAGMA user_version
 * counts them. Never change one: add one. A version of the code that knows fewer refuses the file.
 */
const migrations: readonly string[] = [
  // 1: the first shape. Nothing to do: a file without it is a new one.
  '',
  // 2: the mark of a file of ours ("SFJW"), so that the data of another program is told apart.
  'PRAGMA application_id = 0x53464A57',
  // 3: user permissions, see below.
  '',
];

/** The same for what needs the new columns; by the number of the migration. */
const fillings: Readonly<Record<number, string>> = {
  // Whoever could do everything before permissions were told apart still can.
  3: ['Profile', 'PermissionSet']
    .map((table) => {
      const owner = table === 'Profile' ? '"Id"' : '"ProfileId"';
      return `UPDATE "${table}" SET ${administratorPermissions
        .map((permission) => `"${permissionField(permission)}" = 1`)
        .join(', ')} WHERE ${owner} IN
        (SELECT "Id" FROM "Profile" WHERE "Name" = 'System Administrator')`;
    })
    .join(';\n'),
};

export const schemaVersion: number = migrations.length;

/**
 * Brings a database, new or older, to the present shape.
 *
 * @throws OrgError DATA_FILE_NEWER, DATA_FILE_INVALID
 */
export function migrate(database: Database, catalogue: Catalogue): void {
  const version = pragma(database, 'user_version');
  if (version > schemaVersion) {
    throw new OrgError(
      'DATA_FILE_NEWER',
      `The data is of schema version ${version}; this version of the org knows ${schemaVersion}`,
      { hints: ['Use the version of sfjwt that wrote it, or a later one.'] },
    );
  }
  const found = tableNames(database);
  const isOurs = version === 0 ? found.size === 0 : found.has('Organization');
  if (!isOurs) {
    throw new OrgError('DATA_FILE_INVALID', 'The file is the data of another program', {
      hints: ['Choose another file: one that is not there yet becomes a new org.'],
    });
  }
  const print = fingerprint(catalogue);
  if (version === schemaVersion && readSetting(database, 'schema') === print) return;
  database.transaction(() => {
    for (const migration of migrations.slice(version)) database.exec(migration);
    shapeTables(database, catalogue);
    for (const [number, filling] of Object.entries(fillings)) {
      if (version > 0 && Number(number) > version) database.exec(filling);
    }
    const statements = [
      ...Object.entries(views).flatMap(([name, select]) => [
        `DROP VIEW IF EXISTS "${name}"`,
        `CREATE VIEW "${name}" AS ${select}`,
      ]),
      viewTriggers,
      ...Object.entries(indexes).map(
        ([name, on]) => `CREATE INDEX IF NOT EXISTS "${name}" ON ${on}`,
      ),
      ...Object.entries(uniqueIndexes).map(
        ([name, on]) => `CREATE UNIQUE INDEX IF NOT EXISTS "${name}" ON ${on}`,
      ),
    ];
    database.exec(statements.join(';\n'));
    writeSetting(database, 'schema', print);
    database.exec(`PRAGMA user_version = ${schemaVersion}`);
  });
}

/** Gives every object of the catalogue its table, and every field its column. Takes nothing away. */
export function shapeTables(database: Database, catalogue: Catalogue): void {
  const found = tableNames(database);
  const statements: string[] = [];
  for (const table of declaredTables(catalogue)) {
    if (found.has(table.name)) statements.push(...missingColumns(database, table));
    else statements.push(createTable(table));
  }
  for (const [name, on] of Object.entries(relationshipIndexes(catalogue))) {
    statements.push(`CREATE INDEX IF NOT EXISTS "${name}" ON ${on}`);
  }
  database.exec(statements.join(';\n'));
}

function tableNames(database: Database): Set<string> {
  const rows = database.prepare(`SELECT "name" FROM sqlite_schema WHERE "type" = 'table'`).all();
  return new Set(rows.map(({ name }) => String(name)));
}

function createTable({ name, columns, rules, withoutRowId }: Table): string {
  const parts = Object.entries(columns).map(([column, type]) => `"${column}" ${type}`);
  if (rules !== undefined) parts.push(rules);
  return `CREATE TABLE "${name}" (${parts.join(', ')})${withoutRowId ? ' WITHOUT ROWID' : ''}`;
}

function missingColumns(database: Database, { name, columns }: Table): string[] {
  const present = columnNames(database, name);
  return Object.entries(columns)
    .filter(([column]) => !present.has(column))
    .map(([column, type]) => `ALTER TABLE "${name}" ADD COLUMN "${column}" ${type}`);
}

/** The columns that a table, or a view, has; none when there is no such table. */
export function columnNames(database: Database, table: string): ReadonlySet<string> {
  const rows = database.prepare('SELECT name FROM pragma_table_info(?)').all(table);
  return new Set(rows.map(({ name }) => String(name)));
}

/** Alike for two versions of the code that want the same tables. */
function fingerprint(catalogue: Catalogue): string {
  const declaration = JSON.stringify([
    declaredTables(catalogue),
    relationshipIndexes(catalogue),
    views,
    viewTriggers,
    indexes,
    uniqueIndexes,
  ]);
  return createHash('sha256').update(declaration).digest('base64url');
}

function pragma(database: Database, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}

export function readSetting(database: Database, name: string): string | undefined {
  const row = database.prepare('SELECT "_value" FROM "_Setting" WHERE "_name" = ?').get(name);
  return row === undefined ? undefined : String(row['_value']);
}

export function writeSetting(database: Database, name: string, value: string): void {
  database.prepare('INSERT OR REPLACE INTO "_Setting" VALUES (?, ?)').run(name, value);
}

/** Columns of a table that are filled in by the store itself. */
export interface StampedColumns {
  created: boolean;
  modified: boolean;
  systemModstamp: boolean;
  createdBy: boolean;
  modifiedBy: boolean;
}

export function stampedColumns(table: string, catalogue: Catalogue): StampedColumns {
  const sobject = catalogue.find(table);
  const has = (name: string): boolean =>
    sobject?.field(name) !== undefined || table === '_ClientApp';
  return {
    created: has('CreatedDate'),
    modified: has('LastModifiedDate'),
    systemModstamp: has('SystemModstamp'),
    createdBy: has('CreatedById'),
    modifiedBy: has('LastModifiedById'),
  };
}
