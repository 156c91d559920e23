/** What stands between an org and an app that works, in words and as components to deploy. */

import type { AdminSession } from './admin-session.ts';
import type { ResolvedApp } from './app-specification.ts';
import type { AppSpecification } from './specification-schema.ts';
import { resolveSpecification } from './app-specification.ts';
import { readKnownCertificate } from './certificate-match.ts';
import type { KnownCertificate } from './certificate-match.ts';
import { SetupError } from './errors.ts';
import { desiredComponents, markerPermissionSet } from './metadata/client-app.ts';
import { nameOf } from './metadata/component.ts';
import type { MetadataType } from './metadata/component.ts';
import { changedComponent, differences, newComponent } from './metadata/desired-component.ts';
import type { DesiredComponent } from './metadata/desired-component.ts';
import { fieldsOf, textOf } from './metadata/metadata-xml.ts';
import type { Component } from './metadata/component.ts';
import type { Patience } from './metadata/polling.ts';
import { readOrg } from './org-reading.ts';
import type { FoundAccess, FoundPermissionSet, FoundUser, OrgReading } from './org-reading.ts';

export interface PlannedChange {
  action: 'create' | 'change' | 'assign' | 'authorize';
  /** What it is done to, such as `PermissionSet Nightly_Sync_Access`. */
  what: string;
  /** Of a change. */
  field?: string;
  /** Of a change; not set when the org has no value. */
  from?: string | undefined;
  to?: string;
}

/** What has to be cured before anything can be set up. */
export interface Obstacle {
  code:
    | 'ADMIN_PERMISSION_MISSING'
    | 'USER_NOT_FOUND'
    | 'USER_NOT_USABLE'
    | 'CERTIFICATE_DIFFERS'
    | 'OWN_SESSION';
  message: string;
  cure: string;
}

export interface SetupPlan {
  app: ResolvedApp;
  organization: OrgReading['organization'];
  administrator: OrgReading['administrator'];
  /** Empty when everything is as it should be. */
  changes: readonly PlannedChange[];
  /** What is there and right. */
  kept: readonly string[];
  /** What is there and nobody asked about. */
  leftAlone: readonly string[];
  obstacles: readonly Obstacle[];
  warnings: readonly string[];
}

/** A plan with all that carrying it out needs. */
export interface SetupPlanInDetail extends SetupPlan {
  reading: OrgReading;
  desired: readonly DesiredComponent[];
  /** Markers that are missing. */
  newPermissionSets: readonly DesiredComponent[];
  certificate: KnownCertificate;
}

export interface PlanOptions {
  /**
   * PEM of the certificate that the app should have; asked for once it is known which one the org has,
   * so that a certificate of our key is kept as it is.
   */
  certificate: (inOrg: KnownCertificate | undefined) => string | Promise<string>;
  /** Puts ours in the place of another certificate, which ends every client that signs with its key. */
  replaceCertificate?: boolean;
  /** The consumer key of the app that the admin session came from, where that is known. */
  ownClientId?: string;
}

/**
 * Reads the org and says what is missing. Changes nothing.
 *
 * @throws SetupError SPECIFICATION_INVALID, CERTIFICATE_UNREADABLE, and as `AdminSession.request`
 */
export async function planSetup(
  session: AdminSession,
  specification: AppSpecification,
  options: PlanOptions & Patience,
): Promise<SetupPlanInDetail> {
  const app = await resolveSpecification(specification);
  const reading = await readOrg(session, app, options);
  const pem = await options.certificate(certificateInOrg(reading));
  const certificate = readKnownCertificate(pem);
  if (certificate === undefined) {
    throw new SetupError('CERTIFICATE_UNREADABLE', 'The certificate for the app cannot be read', {
      hints: ['Give one X.509 certificate as PEM; sfjwt key new makes one.'],
    });
  }
  return comparePlan(app, reading, certificate, options);
}

/** The same for an org that has been read already. */
export function comparePlan(
  app: ResolvedApp,
  reading: OrgReading,
  certificate: KnownCertificate,
  options: Omit<PlanOptions, 'certificate'> = {},
): SetupPlanInDetail {
  const { found, organization, administrator } = reading;
  const desired = desiredComponents(app, {
    certificatePem: certificate.pem,
    consumerKey: undefined,
    found,
  });
  const newPermissionSets = app.permissionSets
    .filter((name) => findPermissionSet(reading, name) === undefined)
    .map((name) => markerPermissionSet(name, app));
  const components = desired.map((component) => compareComponent(component, found));
  const people = comparePeople(app, reading);
  return {
    app,
    organization,
    administrator,
    reading,
    desired,
    certificate,
    newPermissionSets,
    changes: [
      ...newPermissionSets.map((one) => ({ action: 'create' as const, what: nameOf(one) })),
      ...components.flatMap(({ changes }) => changes),
      ...people.changes,
    ],
    kept: [...components.flatMap(({ kept }) => kept), ...people.kept],
    leftAlone: leftAlone(app, reading),
    obstacles: [
      ...missingPermissions(reading),
      ...unusableUsers(app, reading),
      ...foreignCertificate(reading, certificate, options.replaceCertificate === true),
      ...ownSession(reading, options.ownClientId),
    ],
    warnings: warningsOf(app, reading, certificate),
  };
}

interface Comparison {
  changes: PlannedChange[];
  kept: string[];
}

function compareComponent(
  component: DesiredComponent,
  found: ReadonlyMap<MetadataType, { fullName: string; fields: Parameters<typeof differences>[1] }>,
): Comparison {
  const what = nameOf(component);
  const current = found.get(component.type);
  if (current === undefined) return { changes: [{ action: 'create', what }], kept: [] };
  const changes = differences(component, current.fields).map(
    ({ field, from, to }): PlannedChange => ({
      action: 'change',
      what,
      field,
      from,
      to,
    }),
  );
  return { changes, kept: changes.length === 0 ? [what] : [] };
}

/** Components to deploy, whole, for what differs. */
export function componentsToDeploy(
  desired: readonly DesiredComponent[],
  found: OrgReading['found'],
): Component[] {
  return desired.flatMap((component) => {
    const current = found.get(component.type);
    if (current === undefined) return [newComponent(component)];
    if (differences(component, current.fields).length === 0) return [];
    return [changedComponent(component, current.fields)];
  });
}

function comparePeople(app: ResolvedApp, reading: OrgReading): Comparison {
  const changes: PlannedChange[] = [];
  const kept: string[] = [];
  const note = (done: boolean, action: 'assign' | 'authorize', what: string): void => {
    if (done) kept.push(what);
    else changes.push({ action, what });
  };
  if (app.permittedUsers === 'adminApproved') {
    for (const name of app.permissionSets) {
      note(lets(reading, name), 'authorize', `permission set ${name} for ${app.apiName}`);
    }
    for (const name of app.profiles) {
      const done = reading.access.some(({ profile }) => profile === name);
      note(done, 'authorize', `profile ${name} for ${app.apiName}`);
    }
  }
  for (const { username, permissionSet } of assignmentsWanted(app, reading)) {
    note(
      isAssigned(reading, username, permissionSet),
      'assign',
      `permission set ${permissionSet} to ${username}`,
    );
  }
  return { changes, kept };
}

/** Every user gets the first permission set, unless a profile lets the user in already. */
export function assignmentsWanted(
  app: ResolvedApp,
  reading: OrgReading,
): { username: string; permissionSet: string }[] {
  const [permissionSet] = app.permissionSets;
  if (permissionSet === undefined) return [];
  return app.users.flatMap((username) => {
    const profile = findUser(reading, username)?.profile;
    const byProfile = profile !== undefined && app.profiles.includes(profile);
    return byProfile ? [] : [{ username, permissionSet }];
  });
}

function isAssigned(reading: OrgReading, username: string, permissionSet: string): boolean {
  const user = findUser(reading, username);
  const set = findPermissionSet(reading, permissionSet);
  return user !== undefined && set !== undefined && set.assignees.includes(user.id);
}

/** Whether a permission set lets its users into the app. */
export function lets(reading: OrgReading, name: string): boolean {
  return reading.access.some(({ permissionSet, profile }) => same(permissionSet, name) && !profile);
}

export function findPermissionSet(
  { permissionSets }: Pick<OrgReading, 'permissionSets'>,
  name: string,
): FoundPermissionSet | undefined {
  return permissionSets.find((set) => set.profile === undefined && same(set.name, name));
}

export function findUser(
  { users }: Pick<OrgReading, 'users'>,
  username: string,
): FoundUser | undefined {
  return users.find((user) => same(user.username, username));
}

/** API names and usernames are the same in upper and lower case. */
function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** What the app has beside what was asked for. */
function leftAlone(app: ResolvedApp, reading: OrgReading): string[] {
  const others = reading.access.filter(
    ({ permissionSet, profile }: FoundAccess) =>
      !(profile === undefined
        ? app.permissionSets.some((name) => same(name, permissionSet))
        : app.profiles.includes(profile)),
  );
  return others.map(({ permissionSet, profile }) =>
    profile === undefined
      ? `permission set ${permissionSet} may use the app as well`
      : `profile ${profile} may use the app as well`,
  );
}

function missingPermissions({ administrator }: OrgReading): Obstacle[] {
  const { username, missingPermissions: missing } = administrator;
  return missing.map((label) => ({
    code: 'ADMIN_PERMISSION_MISSING',
    message: `The administrator ${username} lacks "${label}"`,
    cure: 'Give it by a permission set, or use a session of a System Administrator.',
  }));
}

function unusableUsers({ users }: ResolvedApp, reading: OrgReading): Obstacle[] {
  return users.flatMap((username): Obstacle[] => {
    const user = findUser(reading, username);
    if (user === undefined) {
      const cure = reading.organization.isSandbox
        ? 'Usernames in a sandbox end in its name, such as .uat: check Setup > Users.'
        : 'Check Setup > Users for the name of the integration user.';
      return [{ code: 'USER_NOT_FOUND', message: `There is no user ${username}`, cure }];
    }
    const problems = [
      user.isActive ? [] : ['is not active', 'Setup > Users > the user > Edit: check Active.'],
      user.isFrozen ? ['is frozen', 'Setup > Users > the user > Unfreeze.'] : [],
      user.hasApi
        ? []
        : [
            'lacks "API Enabled"',
            'Give it by a permission set: with it, the token works; without it, the token can do nothing.',
          ],
    ];
    return problems.flatMap(([problem, cure]): Obstacle[] =>
      problem === undefined || cure === undefined
        ? []
        : [{ code: 'USER_NOT_USABLE', message: `The user ${username} ${problem}`, cure }],
    );
  });
}

/** The certificate that the app has in the org, if any. */
export function certificateInOrg({
  found,
}: Pick<OrgReading, 'found'>): KnownCertificate | undefined {
  const part = found.get('ExtlClntAppGlobalOauthSettings')?.fields;
  const config = fieldsOf(found.get('ConnectedApp')?.fields, 'oauthConfig');
  return readKnownCertificate(textOf(part ?? config, 'certificate'));
}

/** An app has one certificate: another one in its place ends every client that signs with its key. */
function foreignCertificate(
  reading: OrgReading,
  ours: KnownCertificate,
  replace: boolean,
): Obstacle[] {
  const theirs = certificateInOrg(reading);
  if (theirs === undefined || replace || theirs.fingerprint256 === ours.fingerprint256) return [];
  if (theirs.keyFingerprint256 === ours.keyFingerprint256) return [];
  return [
    {
      code: 'CERTIFICATE_DIFFERS',
      message: `The app has the certificate of another key: ${theirs.subject}, ${theirs.fingerprint256.slice(0, 23)}…`,
      cure: 'Give the key that belongs to it (--jwt-key-file), or put ours in its place (--replace-certificate): who signs with the other key is refused from then on.',
    },
  ];
}

/** Its policies end the sessions that came through it: the deployment would lose its own. */
function ownSession(reading: OrgReading, ownClientId: string | undefined): Obstacle[] {
  const consumerKey = consumerKeyIn(reading);
  if (ownClientId === undefined || consumerKey !== ownClientId) return [];
  return [
    {
      code: 'OWN_SESSION',
      message: 'The admin session came through the very app that is to be changed',
      cure: 'Use a session of another app: a change of its policies can end this one half-way.',
    },
  ];
}

/** As a retrieval shows it; undefined where the org hides it. */
export function consumerKeyIn({ found }: Pick<OrgReading, 'found'>): string | undefined {
  const part = found.get('ExtlClntAppGlobalOauthSettings')?.fields;
  const config = fieldsOf(found.get('ConnectedApp')?.fields, 'oauthConfig');
  const key = textOf(part ?? config, 'consumerKey');
  // Some orgs answer with words in place of the key.
  return key === '' || /redact|placeholder|hidden|\*{3}|\s/i.test(key) ? undefined : key;
}

function warningsOf(
  app: ResolvedApp,
  { organization, found }: OrgReading,
  certificate: KnownCertificate,
): string[] {
  const warnings: string[] = [];
  if (organization.isDevHub && app.kind === 'externalClientApp') {
    warnings.push(
      'This org is a Dev Hub: scratch orgs cannot be created through a session of an external client app (C-1016). Insert ScratchOrgInfo with ConnectedAppConsumerKey PlatformCLI, or keep a connected app for that.',
    );
  }
  if (app.named.has('scopes') && !app.scopes.some((scope) => /^(?:api|full)$/.test(scope))) {
    warnings.push('Without the scope api, a token of this app cannot call the REST API.');
  }
  if (!app.scopes.some((scope) => /^(?:refresh_token|offline_access)$/.test(scope))) {
    warnings.push(
      'Without the scope refresh_token, Salesforce refuses self-authorized users ("refresh_token scope is required").',
    );
  }
  if (app.profiles.length > 0) {
    warnings.push('Names of standard profiles are translated in orgs of other languages.');
  }
  if (
    app.permittedUsers === 'adminApproved' &&
    app.users.length === 0 &&
    app.profiles.length === 0
  ) {
    warnings.push('No user is named: nobody can sign in until one gets the permission set.');
  }
  if (certificate.bits < 2048) warnings.push(`The key has ${certificate.bits} bits only.`);
  if (found.size > 0 && app.kind === 'externalClientApp' && found.size < 5) {
    warnings.push('The app is half-made: it is finished, and stays closed until it is.');
  }
  return warnings;
}
