/**
 * Setup Audit Trail: who changed what in Setup, and when. It listens to the store, so it makes no
 * difference whether a page, the REST API or a program made the change.
 *
 * Codes of `Action` are Salesforce's where it publishes them (SetupAuditTrail, Object Reference);
 * those of client apps it does not, and the ones here are an assumption.
 */

import type { Row } from '../store/database.ts';
import { to15 } from '../store/record-id.ts';
import type { Change, Records } from '../store/records.ts';
import type { ClientAppKind } from './client-app.ts';

interface Entry {
  action: string;
  section: string;
  display: string;
}

type Audit = (change: Change, records: Records) => readonly Entry[];

const users = 'Manage Users';

const audits: Readonly<Record<string, Audit>> = {
  User: ({ kind, before = {}, after = {} }, records) => {
    const name = String(after['Name']);
    const entry = (action: string, display: string): Entry => ({ action, section: users, display });
    if (kind === 'insert') return [entry('createduser', `Created new user ${name}`)];
    const entries: Entry[] = [];
    if (before['IsActive'] !== after['IsActive']) {
      entries.push(
        after['IsActive'] === 1
          ? entry('activateduser', `Activated user ${name}`)
          : entry('deactivateduser', `Deactivated user ${name}`),
      );
    }
    if (before['_isFrozen'] !== after['_isFrozen']) {
      entries.push(froze(name, after['_isFrozen']));
    }
    if (before['ProfileId'] !== after['ProfileId']) {
      const [from, to] = [before, after].map((row) => nameOf('Profile', row['ProfileId'], records));
      entries.push(
        entry('changedprofileforuser', `Changed profile for user ${name} from ${from} to ${to}`),
      );
    }
    for (const [column, code, what] of userFields) {
      const [from, to] = [before, after].map((row) => String(row[column] ?? ''));
      if (from !== to) {
        entries.push(entry(code, `Changed ${what} for user ${name} from ${from} to ${to}`));
      }
    }
    if (Number(before['_lockedUntil']) > 0 && after['_lockedUntil'] === 0) {
      entries.push(entry('unlockeduser', `Unlocked user ${name}`));
    }
    if (before['_passwordHash'] !== after['_passwordHash']) {
      entries.push(entry('changedpassword', `Changed password for user ${name}`));
    }
    return entries;
  },
  Organization: ({ before = {}, after = {} }) =>
    Object.entries(orgSwitches)
      .filter(([column]) => before[column] !== after[column])
      .map(([column, { action, section, on, off }]) => ({
        action,
        section,
        display: after[column] === 1 ? on : off,
      })),
  // The same seen from the side of the REST API.
  UserLogin: ({ before = {}, after = {} }, records) =>
    before['IsFrozen'] === after['IsFrozen']
      ? []
      : [froze(nameOf('User', after['UserId'], records), after['IsFrozen'])],
  PermissionSet: ({ kind, before, after }) => {
    const row = after ?? before ?? {};
    // That of a profile comes and goes with it.
    if (row['IsOwnedByProfile'] === 1) return [];
    const verbs = { insert: 'Created', update: 'Changed', delete: 'Deleted' };
    const codes = { insert: 'PermSetCreate', update: 'PermSetChange', delete: 'PermSetDelete' };
    const display = `${verbs[kind]} permission set ${String(row['Label'])}`;
    return [{ action: codes[kind], section: users, display }];
  },
  PermissionSetAssignment: ({ kind, before, after }, records) => {
    const row = after ?? before ?? {};
    const permissionSet = records.find('PermissionSet', { Id: row['PermissionSetId'] ?? null });
    if (permissionSet?.['IsOwnedByProfile'] === 1 || kind === 'update') return [];
    const user = nameOf('User', row['AssigneeId'], records);
    const label = String(permissionSet?.['Label']);
    const id = to15(String(row['AssigneeId']));
    const verb = kind === 'insert' ? 'assigned to' : 'unassigned from';
    return [
      {
        action: kind === 'insert' ? 'PermSetAssign' : 'PermSetUnassign',
        section: users,
        display: `Permission set ${label}: ${verb} user ${user} (UserID: [${id}])`,
      },
    ];
  },
  Profile: ({ kind, after = {} }) => [
    {
      action: kind === 'insert' ? 'createdprofile' : 'changedprofile',
      section: users,
      display: `${kind === 'insert' ? 'Created' : 'Changed'} profile ${String(after['Name'])}`,
    },
  ],
  SetupEntityAccess: ({ kind, before, after }, records) => {
    const row = after ?? before ?? {};
    const app = records.find('_ClientApp', { Id: row['SetupEntityId'] ?? null });
    if (app === undefined || kind === 'update') return [];
    const permissionSet = records.find('PermissionSet', { Id: row['ParentId'] ?? null });
    const owner =
      permissionSet?.['IsOwnedByProfile'] === 1
        ? `profile ${nameOf('Profile', permissionSet['ProfileId'], records)}`
        : `permission set ${String(permissionSet?.['Label'])}`;
    const verb = kind === 'insert' ? 'Gave' : 'Took away';
    return [ofApp(app, 'Access', `${verb} access to ${describeApp(app)} by ${owner}`)];
  },
  // Its rotation is a change of the app, and told there.
  _StagedCredentials: ({ kind, after = {} }, records) => {
    const app = records.find('_ClientApp', { Id: after['_clientAppId'] ?? null });
    if (app === undefined || kind !== 'insert' || after['_state'] !== 'Active') return [];
    return [ofApp(app, 'Changed', `Staged OAuth credentials of ${describeApp(app)}`)];
  },
  _ClientApp: ({ kind, before = {}, after = {} }) => {
    if (kind === 'insert') return [ofApp(after, 'Created', `Created ${describeApp(after)}`)];
    if (kind === 'delete') return [ofApp(before, 'Deleted', `Deleted ${describeApp(before)}`)];
    // What a secret was, and what it is now, is nobody's business.
    const changed = Object.entries(appSettings).filter(
      ([column]) => before[column] !== after[column],
    );
    return changed.map(([, setting]) =>
      ofApp(after, 'Changed', `Changed ${setting} of ${describeApp(after)}`),
    );
  },
};

const userFields = [
  ['Username', 'changedusername', 'username'],
  ['Name', 'changedname', 'name'],
  ['Email', 'changedemail', 'email'],
] as const;

function froze(name: string, isFrozen: Row[string] | undefined): Entry {
  return isFrozen === 1
    ? { action: 'frozeuser', section: users, display: `Froze user ${name}` }
    : { action: 'unfrozeuser', section: users, display: `Unfroze user ${name}` };
}

const secretAccess = (way: string): Omit<Entry, 'display'> & { on: string; off: string } => ({
  action: 'externalClientAppSettings',
  section: 'External Client Apps',
  on: `Allowed access to consumer secrets via ${way} API`,
  off: `Blocked access to consumer secrets via ${way} API`,
});

const orgSwitches: Readonly<Record<string, ReturnType<typeof secretAccess>>> = {
  _newConnectedAppsBlocked: {
    action: 'newConnectedApps',
    section: 'Connected Apps',
    on: 'Blocked new connected apps',
    off: 'Allowed new connected apps',
  },
  _enableClientSecretInRestApiAccess: secretAccess('REST'),
  _enableConsumerSecretApiAccess: secretAccess('Metadata'),
};

const appSettings: Readonly<Record<string, string>> = {
  _name: 'name',
  _contactEmail: 'contact email',
  _callbackUrl: 'callback URL',
  _consumerKey: 'consumer key',
  _consumerSecret: 'consumer secret',
  _certificate: 'certificate',
  _scopes: 'OAuth scopes',
  _permittedUsers: 'permitted users',
  _sessionTimeoutMinutes: 'session timeout',
  _isEnabled: 'state',
  _isOauthPluginEnabled: 'OAuth plugin',
  _distributionState: 'distribution state',
  _isBlocked: 'block',
  _isInstalled: 'installation',
  _ipRelaxation: 'IP relaxation',
  _jwtAccessTokens: 'JWT-based access tokens',
  _jwtTimeoutMinutes: 'timeout of JWT-based access tokens',
  _apiName: 'API name',
  _description: 'description',
  _contactPhone: 'contact phone',
  _logoUrl: 'logo image URL',
  _iconUrl: 'icon URL',
  _infoUrl: 'info URL',
  _startUrl: 'start URL',
  _isOauthEnabled: 'OAuth settings',
  _refreshTokenPolicy: 'refresh token policy',
  _refreshTokenHours: 'time of the refresh token policy',
  _isPkceRequired: 'PKCE requirement',
  _isConsumerSecretOptional: 'secret requirement',
  _isIntrospectAllTokens: 'introspection of all tokens',
};

const kindNames: Readonly<Record<ClientAppKind, string>> = {
  connectedApp: 'connected app',
  externalClientApp: 'external client app',
};

function describeApp(app: Row): string {
  return `${kindNames[app['_kind'] as ClientAppKind]} ${String(app['_name'])}`;
}

function ofApp(app: Row, what: string, display: string): Entry {
  return app['_kind'] === 'connectedApp'
    ? { action: `connectedApp${what}`, section: 'Connected Apps', display }
    : { action: `externalClientApp${what}`, section: 'External Client Apps', display };
}

function nameOf(table: string, id: Row[string] | undefined, records: Records): string {
  return String(records.find(table, { Id: id ?? null })?.['Name'] ?? '');
}

/** From now on each change leaves its row. */
export function keepAuditTrail(records: Records): void {
  records.watch(Object.keys(audits), (change) => {
    const writer = change.actor === undefined ? records : records.as(change.actor);
    for (const { action, section, display } of audits[change.table]?.(change, records) ?? []) {
      writer.insert('SetupAuditTrail', { Action: action, Section: section, Display: display });
    }
  });
}
