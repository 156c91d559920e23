import { randomBytes } from 'node:crypto';
import { OrgError } from '../org-error.ts';
import type { IpRelaxation } from '../policies/ip-ranges.ts';
import type { RefreshTokenPolicies } from '../policies/refresh-token.ts';
import { requireKnownScopes } from '../policies/scopes.ts';
import type { Row } from '../store/database.ts';
import type { Records, Values } from '../store/records.ts';
import { readCertificate } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import { detailErrors, detailNames, noDetails } from './client-app-details.ts';
import type { ClientAppDetails, Maybe } from './client-app-details.ts';
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

export interface ClientApp extends ClientAppPolicies, ClientAppDetails {
  id: string;
  kind: ClientAppKind;
  name: string;
  apiName: string;
  contactEmail: string;
  /** One in each line. */
  callbackUrl: string;
  consumerKey: string;
  consumerSecret: string;
  /** PEM of the uploaded certificate. */
  certificate: string | undefined;
  scopes: readonly string[];
}

/** What an administrator decides about an app, whoever made it. */
export interface ClientAppPolicies extends RefreshTokenPolicies {
  permittedUsers: PermittedUsers;
  ipRelaxation: IpRelaxation;
  /** Minutes without activity; the setting of the profile or the org when not set. */
  sessionTimeoutMinutes: number | undefined;
  /** Enable OAuth Settings. Off: no endpoint knows the consumer key. */
  isOauthEnabled: boolean;
  /** Off: nobody gets a token through the app. */
  isEnabled: boolean;
  /** The same of its OAuth plugin alone: an external client app has a switch for each. */
  isOauthPluginEnabled: boolean;
  /** Blocked on the page Connected Apps OAuth Usage. */
  isBlocked: boolean;
  /**
   * Off: an app of another org that no administrator installed here. Its policies do not count; a
   * connected app serves those who approved it, an external client app nobody.
   */
  isInstalled: boolean;
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

export interface NewClientApp extends Maybe<ClientAppPolicies>, Maybe<ClientAppDetails> {
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

/** What the Edit page of an app changes; fields left out stay. */
export type ClientAppChange = Partial<
  Pick<ClientApp, 'name' | 'apiName' | 'contactEmail' | 'callbackUrl' | 'scopes'> & ClientAppDetails
>;

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

  /**
   * Every way to a new app leads through here: Setup, the Metadata API, a program.
   *
   * @param options.evenIfBlocked for what the org is to have had all along, as a seed tells it
   * @throws OrgError CONNECTED_APPS_BLOCKED, FIELD_INVALID, NAME_TAKEN, SCOPE_UNKNOWN
   */
  create(app: NewClientApp, { evenIfBlocked = false } = {}): ClientApp {
    const { kind = 'externalClientApp', name, contactEmail, scopes = [] } = app;
    if (kind === 'connectedApp' && !evenIfBlocked && blocksNewConnectedApps(this.#records)) {
      throw new OrgError('CONNECTED_APPS_BLOCKED', "You can't create a connected app", {
        hints: [
          "Since Spring '26 new connected apps are blocked by default: create an external client app.",
          'The App Manager of the local org, and newConnectedAppsBlocked in its seed, allow them.',
        ],
      });
    }
    const apiName = app.apiName ?? apiNameOf(name.slice(0, 80));
    const consumerKey = app.consumerKey ?? randomConsumerKey();
    const details = { ...noDetails, ...definedOnly(detailNames, app) };
    this.#requireFields({ name, apiName, contactEmail, scopes, ...details });
    if (this.holderOfKey(consumerKey) !== undefined) {
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
      _consumerSecret: app.consumerSecret ?? randomConsumerSecret(),
      _scopes: scopes.join(' '),
      ...columnsOf(detailNames, details),
      ...columnsOf(policyNames, { ...defaultPolicies(kind), ...definedOnly(policyNames, app) }),
    });
    return this.getById(id);
  }

  /** @throws OrgError FIELD_INVALID, NAME_TAKEN, SCOPE_UNKNOWN */
  change(app: ClientApp, change: ClientAppChange): void {
    const changed = { ...app, ...change };
    this.#requireFields(changed);
    const { name, apiName, contactEmail, callbackUrl, scopes } = changed;
    this.#records.update('_ClientApp', app.id, {
      _name: name,
      _apiName: apiName,
      _contactEmail: contactEmail,
      _callbackUrl: callbackUrl,
      _scopes: scopes.join(' '),
      ...columnsOf(detailNames, changed),
    });
  }

  /** With everything that was given through it: approvals, sessions and refresh tokens. */
  delete(app: ClientApp): void {
    for (const table of ['_Approval', '_RefreshToken', '_StagedCredentials', 'AuthSession']) {
      for (const row of this.#records.list(table, { _clientAppId: app.id })) {
        this.#records.delete(table, String(row['Id']));
      }
    }
    for (const row of this.#records.list('SetupEntityAccess', { SetupEntityId: app.id })) {
      this.#records.delete('SetupEntityAccess', String(row['Id']));
    }
    this.#records.delete('_ClientApp', app.id);
  }

  #requireFields(
    app: Pick<ClientApp, 'name' | 'apiName' | 'contactEmail' | 'scopes'> &
      ClientAppDetails & { id?: string },
  ): void {
    const { name, apiName, contactEmail, scopes } = app;
    requireField(name.trim() !== '' && name.length <= 80, 'name', 'needs 1 to 80 characters');
    requireField(
      /^[A-Za-z](?:_?[A-Za-z0-9])*$/.test(apiName) && apiName.length <= 80,
      'apiName',
      'begins with a letter and has letters, digits and single underscores only',
    );
    requireField(
      /^[^\s@]+@[^\s@]+$/.test(contactEmail) && contactEmail.length <= 255,
      'contactEmail',
      'is an e-mail address',
    );
    for (const [field, error] of Object.entries(detailErrors(app))) {
      throw new OrgError('FIELD_INVALID', error, { field });
    }
    requireKnownScopes(scopes);
    const namesake = this.#records.find('_ClientApp', { _apiName: apiName });
    if (namesake !== undefined && namesake['Id'] !== app.id) {
      throw new OrgError('NAME_TAKEN', `There is an app with the API name "${apiName}" already`, {
        field: 'apiName',
      });
    }
  }

  /**
   * By consumer key, to the letter; one whose OAuth settings are not enabled has none. A pair of key
   * and secret that was rotated out is good for a while more.
   */
  find(consumerKey: string): ClientApp | undefined {
    const row = this.#records.find('_ClientApp', { _consumerKey: consumerKey, _isOauthEnabled: 1 });
    return row === undefined ? this.#findRotated(consumerKey) : toClientApp(row);
  }

  #findRotated(consumerKey: string): ClientApp | undefined {
    const pair = this.#records.find('_StagedCredentials', {
      _consumerKey: consumerKey,
      _state: 'Rotated',
    });
    const app = pair === undefined ? undefined : this.findById(String(pair['_clientAppId']));
    if (pair === undefined || app?.isOauthEnabled !== true) return undefined;
    return { ...app, consumerKey, consumerSecret: String(pair['_consumerSecret']) };
  }

  /** When an app was deployed the last time, and what it was before; undefined for a new one. */
  lastDeployment(id: string): { at: number; before: ClientApp | undefined } {
    const row = this.#records.find('_ClientApp', { Id: id });
    const before = row?.['_before'];
    return {
      at: Number(row?.['_deployed'] ?? -Infinity),
      before: typeof before === 'string' ? toClientApp(JSON.parse(before) as Row) : undefined,
    };
  }

  /** Notes that an app is being deployed, before it is changed. */
  noteDeployment(id: string, now: number, propagationSeconds: number): void {
    const row = this.#records.find('_ClientApp', { Id: id });
    if (row === undefined) return;
    const { _before, _deployed, _kept, ...before } = row;
    const isUnderWay = typeof _deployed === 'number' && now < _deployed + propagationSeconds * 1000;
    this.#records.update('_ClientApp', id, {
      _deployed: now,
      // What the login servers know is what was before the first of several deployments.
      ...(isUnderWay ? {} : { _before: JSON.stringify(before) }),
    });
  }

  /** Id of the app that has this consumer key, in use or not. */
  holderOfKey(consumerKey: string): string | undefined {
    const row =
      this.#records.find('_ClientApp', { _consumerKey: consumerKey }) ??
      this.#records.find('_StagedCredentials', { _consumerKey: consumerKey });
    return row === undefined ? undefined : String(row['_clientAppId'] ?? row['Id']);
  }

  findById(id: string): ClientApp | undefined {
    const row = this.#records.find('_ClientApp', { Id: id });
    return row === undefined ? undefined : toClientApp(row);
  }

  /** @throws OrgError NOT_FOUND */
  getById(id: string): ClientApp {
    const app = this.findById(id);
    if (app === undefined) throw new OrgError('NOT_FOUND', 'There is no app with this id');
    return app;
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

  /** "Use digital signatures" unchecked: no assertion is accepted any more. */
  removeCertificate(app: ClientApp): void {
    this.#records.update('_ClientApp', app.id, { _certificate: null });
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
    this.#records.update('_ClientApp', app.id, columnsOf(policyNames, policies));
  }

  /** Manage Profiles: pre-authorizes every user with this profile. */
  assignProfile(app: ClientApp, profile: Profile): void {
    this.setAccess(app, profile.permissionSetId, true);
  }

  /** Manage Permission Sets: pre-authorizes every user with this permission set. */
  assignPermissionSet(app: ClientApp, permissionSet: PermissionSet): void {
    this.setAccess(app, permissionSet.id, true);
  }

  removeProfile(app: ClientApp, profile: Profile): void {
    this.setAccess(app, profile.permissionSetId, false);
  }

  removePermissionSet(app: ClientApp, permissionSet: PermissionSet): void {
    this.setAccess(app, permissionSet.id, false);
  }

  /** Ids of the permission sets, those of profiles among them, that may use the app. */
  assigned(app: ClientApp): ReadonlySet<string> {
    const rows = this.#records.list('SetupEntityAccess', { SetupEntityId: app.id });
    return new Set(rows.map((row) => String(row['ParentId'])));
  }

  /** Of a permission set, or of the one that a profile is underneath. */
  setAccess(app: ClientApp, permissionSetId: string, isGiven: boolean): void {
    const access = { ParentId: permissionSetId, SetupEntityId: app.id };
    const row = this.#records.find('SetupEntityAccess', access);
    if (isGiven && row === undefined) {
      this.#records.insert('SetupEntityAccess', {
        ...access,
        SetupEntityType: entityTypes[app.kind],
      });
    }
    if (!isGiven && row !== undefined) {
      this.#records.delete('SetupEntityAccess', String(row['Id']));
    }
  }
}

/** The switch in the App Manager: `newConnectedAppsBlocked` of the settings of the org. */
function blocksNewConnectedApps(records: Records): boolean {
  return records.find('Organization', {})?.['_newConnectedAppsBlocked'] === 1;
}

/** As Setup fills it in: letters and digits of the name, with single underscores between. */
function apiNameOf(name: string): string {
  return name
    .trim()
    .replace(/\W+/g, '_')
    .replace(/^_+|_+$/g, '');
}

function requireField(valid: boolean, field: string, rule: string): void {
  if (valid) return;
  throw new OrgError('FIELD_INVALID', `The ${field} of a client app ${rule}`, { field });
}

/** 64 hexadecimal digits, the shape of Salesforce's own. */
export function randomConsumerSecret(): string {
  return randomBytes(32).toString('hex').toUpperCase();
}

/** 85 characters, the shape of Salesforce's own. */
export function randomConsumerKey(): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._';
  return `3MVG9${Array.from(randomBytes(80), (byte) => alphabet.charAt(byte % 64)).join('')}`;
}

const policyNames = [
  'permittedUsers',
  'ipRelaxation',
  'sessionTimeoutMinutes',
  'refreshTokenPolicy',
  'refreshTokenHours',
  'isOauthEnabled',
  'isEnabled',
  'isOauthPluginEnabled',
  'isBlocked',
  'isInstalled',
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
    refreshTokenPolicy: 'infinite',
    refreshTokenHours: undefined,
    isOauthEnabled: true,
    isEnabled: true,
    isOauthPluginEnabled: true,
    isBlocked: false,
    isInstalled: true,
    jwtAccessTokens: false,
    jwtTimeoutMinutes: undefined,
    isPkceRequired: kind === 'externalClientApp',
    isConsumerSecretOptional: false,
    isIntrospectAllTokens: false,
  };
}

function definedOnly<Fields extends object>(
  names: readonly (keyof Fields & string)[],
  fields: Maybe<Fields>,
): Partial<Fields> {
  return Object.fromEntries(
    names.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])),
  ) as Partial<Fields>;
}

/** A field is kept in the column of its name. */
function columnsOf<Name extends string>(
  names: readonly Name[],
  fields: { readonly [Field in Name]?: Values[string] | undefined },
): Values {
  return Object.fromEntries(
    names.flatMap((name) => (name in fields ? [[`_${name}`, fields[name] ?? null]] : [])),
  );
}

function toClientApp(row: Row): ClientApp {
  const number = (column: string): number | undefined =>
    typeof row[column] === 'number' ? row[column] : undefined;
  const flag = (column: string): boolean => row[column] === 1;
  return {
    id: String(row['Id']),
    kind: row['_kind'] as ClientAppKind,
    name: String(row['_name']),
    apiName: String(row['_apiName']),
    contactEmail: String(row['_contactEmail']),
    ...(Object.fromEntries(
      detailNames.map((name) => [name, String(row[`_${name}`] ?? '')]),
    ) as unknown as ClientAppDetails),
    callbackUrl: String(row['_callbackUrl']),
    consumerKey: String(row['_consumerKey']),
    consumerSecret: String(row['_consumerSecret']),
    certificate: typeof row['_certificate'] === 'string' ? row['_certificate'] : undefined,
    scopes: String(row['_scopes'])
      .split(' ')
      .filter((scope) => scope !== ''),
    permittedUsers: row['_permittedUsers'] as PermittedUsers,
    ipRelaxation: row['_ipRelaxation'] as IpRelaxation,
    sessionTimeoutMinutes: number('_sessionTimeoutMinutes'),
    refreshTokenPolicy: row['_refreshTokenPolicy'] as ClientApp['refreshTokenPolicy'],
    refreshTokenHours: number('_refreshTokenHours'),
    isOauthEnabled: flag('_isOauthEnabled'),
    isEnabled: flag('_isEnabled'),
    isOauthPluginEnabled: flag('_isOauthPluginEnabled'),
    isBlocked: flag('_isBlocked'),
    isInstalled: flag('_isInstalled'),
    jwtAccessTokens: flag('_jwtAccessTokens'),
    jwtTimeoutMinutes: number('_jwtTimeoutMinutes'),
    isPkceRequired: flag('_isPkceRequired'),
    isConsumerSecretOptional: flag('_isConsumerSecretOptional'),
    isIntrospectAllTokens: flag('_isIntrospectAllTokens'),
  };
}
