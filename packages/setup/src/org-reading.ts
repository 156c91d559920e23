/** What an org has of an app, its users and its administrator, before anything is changed. */

import type { AdminSession } from './admin-session.ts';
import type { ResolvedApp } from './app-specification.ts';
import { SetupError } from './errors.ts';
import { textField } from './json-answer.ts';
import { externalClientAppParts } from './metadata/client-app.ts';
import type { MetadataType } from './metadata/component.ts';
import { listComponents } from './metadata/component-list.ts';
import type { ListedComponent } from './metadata/component-list.ts';
import { textOf } from './metadata/metadata-xml.ts';
import type { RetrievedComponent } from './metadata/package-archive.ts';
import type { Patience } from './metadata/polling.ts';
import { retrieveComponents } from './metadata/retrieval.ts';
import { queryTogether } from './query-batch.ts';
import type { Rows } from './query-batch.ts';
import { soql, Soql } from './soql.ts';

export interface OrgReading {
  organization: { id: string; name: string; isSandbox: boolean; isDevHub: boolean };
  administrator: Administrator;
  /** Components of the app, by type; empty when there is no such app. */
  found: ReadonlyMap<MetadataType, RetrievedComponent>;
  /** Of the app record, `0xI...` or `0H4...`; undefined when there is no such app. */
  appId: string | undefined;
  /** Who made and changed the components, newest change first. */
  listed: readonly ListedComponent[];
  permissionSets: readonly FoundPermissionSet[];
  users: readonly FoundUser[];
  /** Permission sets, those of profiles among them, that may use the app. */
  access: readonly FoundAccess[];
}

export interface Administrator {
  id: string;
  username: string;
  /** Permissions of Setup that are needed and that this user lacks, by their labels. */
  missingPermissions: readonly string[];
}

export interface FoundPermissionSet {
  id: string;
  /** API name. */
  name: string;
  description: string;
  /** Of the profile that owns it, for the permission set behind a profile. */
  profile: string | undefined;
  /** Ids of the users of the specification that have it. */
  assignees: readonly string[];
}

export interface FoundUser {
  id: string;
  username: string;
  isActive: boolean;
  isFrozen: boolean;
  hasApi: boolean;
  profile: string;
}

export interface FoundAccess {
  id: string;
  permissionSetId: string;
  permissionSet: string;
  profile: string | undefined;
}

/** Name of a permission -> label in Setup, for what each kind of app needs. */
const neededPermissions: Readonly<Record<string, string>> = {
  ModifyMetadata: 'Modify Metadata Through Metadata API Functions',
  CustomizeApplication: 'Customize Application',
  ViewSetup: 'View Setup and Configuration',
  AssignPermissionSets: 'Assign Permission Sets',
};

const neededForExternalClientApps: Readonly<Record<string, string>> = {
  ExternalClientAppDeveloper: 'Create, edit, and delete External Client Apps',
  ExternalClientAppAdmin:
    'View all External Client Apps, view their settings, and edit their policies',
};

/** Reads the org. Changes nothing. @throws SetupError as `AdminSession.request` */
export async function readOrg(
  session: AdminSession,
  app: ResolvedApp,
  patience: Patience,
): Promise<OrgReading> {
  const [listed, records] = await Promise.all([
    listComponents(
      session,
      app.kind === 'connectedApp'
        ? ['ConnectedApp']
        : ['ExternalClientApplication', ...externalClientAppParts],
    ),
    readRecords(session, app),
  ]);
  const found = await readComponents(session, app, listed, patience);
  const appId = await findAppId(session, app, found, listed);
  const access = appId === undefined ? [] : await readAccess(session, appId);
  const ours = listed.filter(({ type, fullName }) => found.get(type)?.fullName === fullName);
  return {
    ...records,
    found,
    appId,
    access,
    listed: ours.toSorted((a, b) => (a.lastModifiedDate < b.lastModifiedDate ? 1 : -1)),
  };
}

/**
 * The app's own components. Its parts may have any name: they say themselves which app they belong to.
 */
export async function readComponents(
  session: AdminSession,
  app: Pick<ResolvedApp, 'kind' | 'apiName'>,
  listed: readonly ListedComponent[],
  patience: Patience,
): Promise<ReadonlyMap<MetadataType, RetrievedComponent>> {
  const apiName = app.apiName.toLowerCase();
  const root = app.kind === 'connectedApp' ? 'ConnectedApp' : 'ExternalClientApplication';
  const head = listed.find(
    ({ type, fullName }) => type === root && fullName.toLowerCase() === apiName,
  );
  if (head === undefined) return new Map();
  const likely = listed.filter(
    (one) => one === head || (one.type !== root && one.fullName.toLowerCase().startsWith(apiName)),
  );
  const found = new Map<MetadataType, RetrievedComponent>();
  const keep = (components: readonly RetrievedComponent[]): void => {
    for (const component of components) {
      const owner = textOf(component.fields, 'externalClientApplication').toLowerCase();
      if (component.type === root || owner === apiName) found.set(component.type, component);
    }
  };
  keep(await retrieveComponents(session, likely, patience));
  // Named by somebody else: only then are those of other apps looked at.
  const others = listed.filter(
    (one) => one.type !== root && !found.has(one.type) && !likely.includes(one),
  );
  keep(await retrieveComponents(session, others, patience));
  return found;
}

async function findAppId(
  session: AdminSession,
  app: ResolvedApp,
  found: OrgReading['found'],
  listed: readonly ListedComponent[],
): Promise<string | undefined> {
  if (found.size === 0) return undefined;
  const head = found.get(
    app.kind === 'connectedApp' ? 'ConnectedApp' : 'ExternalClientApplication',
  );
  const id = listed.find(
    ({ type, fullName }) => type === head?.type && fullName === head.fullName,
  )?.id;
  if (id !== undefined && /^(?:0xI|0H4)/.test(id)) return id;
  // Which of the two APIs serves the object differs between versions.
  const label = textOf(head?.fields, 'label');
  const query =
    app.kind === 'connectedApp'
      ? soql`SELECT Id FROM ConnectedApplication WHERE Name = ${label}`
      : soql`SELECT Id FROM ExternalClientApplication WHERE DeveloperName = ${head?.fullName ?? ''}`;
  for (const tooling of [false, true]) {
    try {
      const [row] = await session.query<{ Id: string }>(query, { tooling });
      if (row !== undefined) return row.Id;
    } catch (error) {
      if (!(error instanceof SetupError) || error.error !== 'INVALID_TYPE') throw error;
    }
  }
  return undefined;
}

async function readAccess(session: AdminSession, appId: string): Promise<FoundAccess[]> {
  const rows = await session.query(
    soql`SELECT Id, ParentId, Parent.Name, Parent.Profile.Name FROM SetupEntityAccess WHERE SetupEntityId = ${appId}`,
  );
  return rows.map((row) => ({
    id: textField(row, 'Id'),
    permissionSetId: textField(row, 'ParentId'),
    permissionSet: textField(row, 'Parent', 'Name'),
    profile: textField(row, 'Parent', 'Profile', 'Name') || undefined,
  }));
}

type Records = Pick<OrgReading, 'organization' | 'administrator' | 'permissionSets' | 'users'>;

async function readRecords(session: AdminSession, app: ResolvedApp): Promise<Records> {
  const { permissionSets, profiles } = app;
  const me = await whoAmI(session);
  // SOQL has no empty list; nothing has an empty name.
  const users = orNothing(app.users);
  const named = orNothing(permissionSets);
  const wanted = {
    ...neededPermissions,
    ...(app.kind === 'externalClientApp' ? neededForExternalClientApps : {}),
  };
  const answers = await queryTogether(session, {
    organization: soql`SELECT Id, Name, IsSandbox FROM Organization`,
    devHub: soql`SELECT Id FROM ScratchOrgInfo LIMIT 1`,
    users: soql`SELECT Id, Username, IsActive, Profile.Name FROM User WHERE Username IN ${users}`,
    frozen: soql`SELECT UserId FROM UserLogin WHERE IsFrozen = true AND UserId IN (SELECT Id FROM User WHERE Username IN ${users})`,
    withApi: soql`SELECT AssigneeId FROM PermissionSetAssignment WHERE PermissionSet.PermissionsApiEnabled = true AND Assignee.Username IN ${users}`,
    permissionSets: soql`SELECT Id, Name, Description FROM PermissionSet WHERE IsOwnedByProfile = false AND Name IN ${named}`,
    profiles: soql`SELECT Id, Name, Profile.Name FROM PermissionSet WHERE IsOwnedByProfile = true AND Profile.Name IN ${orNothing(profiles)}`,
    assignments: soql`SELECT PermissionSetId, AssigneeId FROM PermissionSetAssignment WHERE PermissionSet.Name IN ${named} AND Assignee.Username IN ${users}`,
    // One query each: what an org of another version does not know must not hide the others.
    ...Object.fromEntries(
      Object.keys(wanted).map((permission) => [
        permission,
        soql`SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = ${me.id} AND ${new Soql(`PermissionSet.Permissions${permission}`)} = true LIMIT 1`,
      ]),
    ),
  });
  const rows = (name: keyof typeof answers): Rows => answers[name] ?? [];
  const [organization] = rows('organization');
  const frozen = new Set(rows('frozen').map((row) => textField(row, 'UserId')));
  const withApi = new Set(rows('withApi').map((row) => textField(row, 'AssigneeId')));
  const assignees = (id: string): string[] =>
    rows('assignments').flatMap((row) =>
      textField(row, 'PermissionSetId') === id ? [textField(row, 'AssigneeId')] : [],
    );
  const lacks = (permission: string): boolean =>
    answers[permission as keyof typeof answers]?.length === 0;
  return {
    organization: {
      id: textField(organization, 'Id'),
      name: textField(organization, 'Name'),
      isSandbox: organization?.['IsSandbox'] === true,
      isDevHub: answers.devHub !== undefined,
    },
    administrator: {
      ...me,
      missingPermissions:
        me.id === ''
          ? []
          : Object.entries(wanted).flatMap(([permission, label]) =>
              lacks(permission) ? [label] : [],
            ),
    },
    permissionSets: [...rows('permissionSets'), ...rows('profiles')].map((row) => ({
      id: textField(row, 'Id'),
      name: textField(row, 'Name'),
      description: textField(row, 'Description'),
      profile: textField(row, 'Profile', 'Name') || undefined,
      assignees: assignees(textField(row, 'Id')),
    })),
    users: rows('users').map((row) => ({
      id: textField(row, 'Id'),
      username: textField(row, 'Username'),
      isActive: row['IsActive'] === true,
      isFrozen: frozen.has(textField(row, 'Id')),
      // Where it cannot be asked, the login will tell.
      hasApi: answers.withApi === undefined || withApi.has(textField(row, 'Id')),
      profile: textField(row, 'Profile', 'Name'),
    })),
  };
}

function orNothing(names: readonly string[]): readonly string[] {
  return names.length === 0 ? [''] : names;
}

async function whoAmI(session: AdminSession): Promise<{ id: string; username: string }> {
  const response = await session.fetch('/services/oauth2/userinfo');
  if (!response.ok) return { id: '', username: '' };
  const answer: unknown = await response.json();
  return { id: textField(answer, 'user_id'), username: textField(answer, 'preferred_username') };
}
