import { randomBytes } from 'node:crypto';
import { OrgError } from '../org-error.ts';
import type { IpRelaxation } from '../policies/ip-ranges.ts';
import { requireKnownScopes } from '../policies/scopes.ts';
import type { Row } from '../store/database.ts';
import type { Records, Values } from '../store/records.ts';
import { readCertificate } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import type { PermissionSet } from './permission-set.ts';
import type { Profile } from './profile.ts';

/** The two kinds of client app; new connected apps are blocked by default since Spring '26. */
export type ClientAppKind = 'connectedApp' | 'externalClientApp';

export const clientAppLabels: Readonly<Record<ClientAppKind, string>> = {
  connectedApp: 'Connected App',
  externalClientApp: 'External Client App',
};

/** OAuth policies > Permitted Users. */
export type PermittedUsers = 'selfAuthorize' | 'adminApproved';

export const permittedUsersLabels: Readonly<Record<PermittedUsers, string>> = {
  selfAuthorize: 'All users may self-authorize',
  adminApproved: 'Admin approved users are pre-authorized',
};

export interface ClientApp extends ClientAppPolicies {
  id: string;
  kind: ClientAppKind;
  name: string;
  apiName: string;
  contactEmail: string;
  callbackUrl: string;
  consumerKey: string;
  consumerSecret: string;
  /** PEM of the uploaded certificate. */
  certificate: string | undefined;
  scopes: readonly string[];
}

/** What an administrator decides about an app, whoever made it. */
export interface ClientAppPolicies {
  permittedUsers: PermittedUsers;
  ipRelaxation: IpRelaxation;
  /** Minutes without activity; the setting of the profile or the org when not set. */
  sessionTimeoutMinutes: number | undefined;
  /** Off: nobody gets a token through the app. */
  isEnabled: boolean;
  /** Blocked on the page Connected Apps OAuth Usage. */
  isBlocked: boolean;
  /** Issue JSON Web Token (JWT)-based access tokens for named users. */
  jwtAccessTokens: boolean;
  /** Life of such a token: 1, 5, 10, 15 or 30; the session timeout of the user when not set. */
  jwtTimeoutMinutes: number | undefined;
  /** Require Proof Key for Code Exchange (PKCE) in the web server flow. */
  isPkceRequired: boolean;
  /** The web server and refresh token flows do without the consumer secret. */
  isConsumerSecretOptional: boolean;
  /** May introspect tokens of other apps. */
  isIntrospectAllTokens: boolean;
}

type PolicyChange = { [Policy in keyof ClientAppPolicies]?: ClientAppPolicies[Policy] | undefined };

export interface NewClientApp extends PolicyChange {
  kind?: ClientAppKind | undefined;
  name: string;
  contactEmail: string;
  /** Letters, digits and single underscores; follows from the name when left out. */
  apiName?: string | undefined;
  /** One in each line. Required in Setup though the JWT bearer flow never uses it. */
  callbackUrl?: string | undefined;
  consumerKey?: string | undefined;
  consumerSecret?: string | undefined;
  scopes?: readonly string[] | undefined;
}

const keyPrefixes: Readonly<Record<ClientAppKind, string>> = {
  connectedApp: '0H4',
  externalClientApp: '0xI',
};

const entityTypes: Readonly<Record<ClientAppKind, string>> = {
  connectedApp: 'ConnectedApplication',
  externalClientApp: 'ExternalClientApplication',
};

export class ClientApps {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /** @throws OrgError FIELD_INVALID, NAME_TAKEN, SCOPE_UNKNOWN */
  create(app: NewClientApp): ClientApp {
    const { kind = 'externalClientApp', name, contactEmail, scopes = [] } = app;
    const apiName =
      app.apiName ??
      name
        .trim()
        .replace(/\W+/g, '_')
        .replace(/^_+|_+$/g, '');
    requireField(name.trim() !== '' && name.length <= 80, 'name', 'needs 1 to 80 characters');
    requireField(
      /^[A-Za-z](?:_?[A-Za-z0-9])*$/.test(apiName),
      'apiName',
      'begins with a letter and has letters, digits and single underscores only',
    );
    requireField(/^[^\s@]+@[^\s@]+$/.test(contactEmail), 'contactEmail', 'is an e-mail address');
    requireKnownScopes(scopes);
    const consumerKey = app.consumerKey ?? randomConsumerKey();
    if (this.#records.find('_ClientApp', { _apiName: apiName }) !== undefined) {
      throw new OrgError('NAME_TAKEN', `There is an app with the API name "${apiName}" already`);
    }
    if (this.find(consumerKey) !== undefined) {
      throw new OrgError('NAME_TAKEN', 'Another app has this consumer key already');
    }
    const id = this.#records.nextId(keyPrefixes[kind]);
    this.#records.insert('_ClientApp', {
      Id: id,
      _kind: kind,
      _name: name,
      _apiName: apiName,
      _contactEmail: contactEmail,
      _callbackUrl: app.callbackUrl ?? 'http://localhost/',
      _consumerKey: consumerKey,
      _consumerSecret: app.consumerSecret ?? randomBytes(32).toString('hex').toUpperCase(),
      _scopes: scopes.join(' '),
      ...policyColumns({ ...defaultPolicies(kind), ...definedOnly(app) }),
    });
    return this.get(consumerKey);
  }

  /** By consumer key, to the letter. */
  find(consumerKey: string): ClientApp | undefined {
    const row = this.#records.find('_ClientApp', { _consumerKey: consumerKey });
    return row === undefined ? undefined : toClientApp(row);
  }

  findById(id: string): ClientApp | undefined {
    const row = this.#records.find('_ClientApp', { Id: id });
    return row === undefined ? undefined : toClientApp(row);
  }

  /** @throws OrgError NOT_FOUND */
  get(consumerKey: string): ClientApp {
    const app = this.find(consumerKey);
    if (app === undefined)
      throw new OrgError('NOT_FOUND', 'There is no app with this consumer key');
    return app;
  }

  list(): ClientApp[] {
    return this.#records.list('_ClientApp', {}, { orderBy: '_name' }).map(toClientApp);
  }

  /**
   * "Use digital signatures": an upload replaces the certificate before it.
   *
   * @throws OrgError CERTIFICATE_INVALID
   */
  uploadCertificate(app: ClientApp, upload: string | Uint8Array): Certificate {
    const certificate = readCertificate(upload);
    this.#records.update('_ClientApp', app.id, { _certificate: certificate.pem });
    return certificate;
  }

  setScopes(app: ClientApp, scopes: readonly string[]): void {
    requireKnownScopes(scopes);
    this.#records.update('_ClientApp', app.id, { _scopes: scopes.join(' ') });
  }

  setPermittedUsers(app: ClientApp, permittedUsers: PermittedUsers): void {
    this.setPolicies(app, { permittedUsers });
  }

  /** Edit Policies: those left out stay. */
  setPolicies(app: ClientApp, policies: Partial<ClientAppPolicies>): void {
    this.#records.update('_ClientApp', app.id, policyColumns(policies));
  }

  /** Manage Profiles: pre-authorizes every user with this profile. */
  assignProfile(app: ClientApp, profile: Profile): void {
    this.#giveAccess(app, profile.permissionSetId);
  }

  /** Manage Permission Sets: pre-authorizes every user with this permission set. */
  assignPermissionSet(app: ClientApp, permissionSet: PermissionSet): void {
    this.#giveAccess(app, permissionSet.id);
  }

  removeProfile(app: ClientApp, profile: Profile): void {
    this.#takeAccess(app, profile.permissionSetId);
  }

  removePermissionSet(app: ClientApp, permissionSet: PermissionSet): void {
    this.#takeAccess(app, permissionSet.id);
  }

  #giveAccess(app: ClientApp, permissionSetId: string): void {
    const access = { ParentId: permissionSetId, SetupEntityId: app.id };
    if (this.#records.find('SetupEntityAccess', access) !== undefined) return;
    this.#records.insert('SetupEntityAccess', {
      ...access,
      SetupEntityType: entityTypes[app.kind],
    });
  }

  #takeAccess(app: ClientApp, permissionSetId: string): void {
    const access = { ParentId: permissionSetId, SetupEntityId: app.id };
    const row = this.#records.find('SetupEntityAccess', access);
    if (row !== undefined) this.#records.delete('SetupEntityAccess', String(row['Id']));
  }
}

function requireField(valid: boolean, field: string, rule: string): void {
  if (!valid) throw new OrgError('FIELD_INVALID', `The ${field} of a client app ${rule}`);
}

/** 85 characters, the shape of Salesforce's own. */
function randomConsumerKey(): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._';
  return `3MVG9${Array.from(randomBytes(80), (byte) => alphabet.charAt(byte % 64)).join('')}`;
}

const policyNames = [
  'permittedUsers',
  'ipRelaxation',
  'sessionTimeoutMinutes',
  'isEnabled',
  'isBlocked',
  'jwtAccessTokens',
  'jwtTimeoutMinutes',
  'isPkceRequired',
  'isConsumerSecretOptional',
  'isIntrospectAllTokens',
] as const satisfies readonly (keyof ClientAppPolicies)[];

/** A new external client app asks for PKCE, a connected app does not. */
function defaultPolicies(kind: ClientAppKind): ClientAppPolicies {
  return {
    permittedUsers: 'selfAuthorize',
    ipRelaxation: 'enforce',
    sessionTimeoutMinutes: undefined,
    isEnabled: true,
    isBlocked: false,
    jwtAccessTokens: false,
    jwtTimeoutMinutes: undefined,
    isPkceRequired: kind === 'externalClientApp',
    isConsumerSecretOptional: false,
    isIntrospectAllTokens: false,
  };
}

function definedOnly(change: PolicyChange): Partial<ClientAppPolicies> {
  return Object.fromEntries(
    policyNames.flatMap((name) => (change[name] === undefined ? [] : [[name, change[name]]])),
  );
}

/** A policy is kept in the column of its name. */
function policyColumns(policies: Partial<ClientAppPolicies>): Values {
  return Object.fromEntries(
    policyNames.flatMap((name) => (name in policies ? [[`_${name}`, policies[name] ?? null]] : [])),
  );
}

function toClientApp(row: Row): ClientApp {
  const minutes = (column: string): number | undefined =>
    typeof row[column] === 'number' ? row[column] : undefined;
  const flag = (column: string): boolean => row[column] === 1;
  return {
    id: String(row['Id']),
    kind: row['_kind'] as ClientAppKind,
    name: String(row['_name']),
    apiName: String(row['_apiName']),
    contactEmail: String(row['_contactEmail']),
    callbackUrl: String(row['_callbackUrl']),
    consumerKey: String(row['_consumerKey']),
    consumerSecret: String(row['_consumerSecret']),
    certificate: typeof row['_certificate'] === 'string' ? row['_certificate'] : undefined,
    scopes: String(row['_scopes'])
      .split(' ')
      .filter((scope) => scope !== ''),
    permittedUsers: row['_permittedUsers'] as PermittedUsers,
    ipRelaxation: row['_ipRelaxation'] as IpRelaxation,
    sessionTimeoutMinutes: minutes('_sessionTimeoutMinutes'),
    isEnabled: flag('_isEnabled'),
    isBlocked: flag('_isBlocked'),
    jwtAccessTokens: flag('_jwtAccessTokens'),
    jwtTimeoutMinutes: minutes('_jwtTimeoutMinutes'),
    isPkceRequired: flag('_isPkceRequired'),
    isConsumerSecretOptional: flag('_isConsumerSecretOptional'),
    isIntrospectAllTokens: flag('_isIntrospectAllTokens'),
  };
}
