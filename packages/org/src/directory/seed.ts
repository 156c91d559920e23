/** What an org begins with: the default directory, and a seed of the user's own merged over it. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { addCustomObjects, customFieldTypes } from '../data/custom-object.ts';
import type { CustomObject } from '../data/custom-object.ts';
import { seedValue } from '../data/field-value.ts';
import { OrgError } from '../org-error.ts';
import type { OrgContext } from '../org-context.ts';
import { ipRelaxationLabels } from '../policies/ip-ranges.ts';
import type { IpRange, IpRelaxation } from '../policies/ip-ranges.ts';
import { highestLoginsPerHour } from '../policies/login-rate.ts';
import { loginHoursFields } from '../policies/login-hours.ts';
import type { LoginHours } from '../policies/login-hours.ts';
import { jwtTimeoutChoices, sessionTimeoutLimits } from '../policies/session-timeout.ts';
import type { Records, Values } from '../store/records.ts';
import type { ClientAppKind, PermittedUsers } from './client-app.ts';
import { detailNames } from './client-app-details.ts';
import type { ClientAppDetails, Maybe } from './client-app-details.ts';
import { changeOrgSettings } from './organization.ts';
import type { ExternalClientAppSettings } from './organization.ts';
import { wellKnownPassword } from './password.ts';
import { administratorPermissions, userPermissions } from './user-permission.ts';
import type { UserPermission } from './user-permission.ts';

/** Plain data, names as in Salesforce; a file in JSON or YAML has the same shape. */
export interface Seed {
  kind?: 'production' | 'sandbox' | undefined;
  profiles?: SeedProfile[] | undefined;
  permissionSets?: SeedPermissionSet[] | undefined;
  users?: SeedUser[] | undefined;
  clientApps?: SeedClientApp[] | undefined;
  /** Experience Cloud sites, by the first segment of their path. */
  sites?: { path: string }[] | undefined;
  /** Custom objects, and custom fields of standard ones. */
  objects?: CustomObject[] | undefined;
  limits?: SeedLimits | undefined;
  /** Session Settings > Timeout Value; 120 when left out. */
  sessionTimeoutMinutes?: number | undefined;
  /** New connected apps are blocked, as in Salesforce since Spring '26; those of the seed are there. */
  newConnectedAppsBlocked?: boolean | undefined;
  /** How long a deployment takes; none when left out. */
  deploySeconds?: number | undefined;
  /** How long the token endpoint goes by what was before a deployment; none when left out. */
  propagationSeconds?: number | undefined;
  /** External Client App Settings of the org. */
  externalClientApps?:
    | { [Name in keyof ExternalClientAppSettings]?: boolean | undefined }
    | undefined;
  /** Records: object name -> field values. */
  records?: Record<string, Record<string, string | number | boolean | null>[]> | undefined;
}

export interface SeedLimits {
  loginsPerHour?: number | undefined;
  /** Requests of the REST API in 24 hours. */
  dailyApiRequests?: number | undefined;
}

export interface SeedPermissionSet {
  label: string;
  apiEnabled?: boolean | undefined;
  /** User permissions besides it, such as ModifyAllData. */
  permissions?: UserPermission[] | undefined;
}

export interface SeedProfile {
  name: string;
  apiEnabled?: boolean | undefined;
  apiUserOnly?: boolean | undefined;
  loginIpRanges?: IpRange[] | undefined;
  /** Minutes since midnight, such as `mondayStart` and `mondayEnd`. */
  loginHours?: LoginHours | undefined;
  sessionTimeoutMinutes?: number | undefined;
  /** User permissions besides API Enabled. */
  permissions?: UserPermission[] | undefined;
}

export interface SeedUser {
  username: string;
  profile: string;
  permissionSets?: string[] | undefined;
  firstName?: string | undefined;
  lastName?: string | undefined;
  email?: string | undefined;
  isActive?: boolean | undefined;
  isFrozen?: boolean | undefined;
  password?: string | undefined;
}

export interface SeedClientApp extends Maybe<ClientAppDetails> {
  kind?: ClientAppKind | undefined;
  name: string;
  contactEmail: string;
  apiName?: string | undefined;
  callbackUrl?: string | undefined;
  consumerKey?: string | undefined;
  consumerSecret?: string | undefined;
  /** PEM text, or the path of a file beside the seed file. */
  certificate?: string | { file: string } | undefined;
  scopes?: string[] | undefined;
  permittedUsers?: PermittedUsers | undefined;
  profiles?: string[] | undefined;
  permissionSets?: string[] | undefined;
  ipRelaxation?: IpRelaxation | undefined;
  sessionTimeoutMinutes?: number | undefined;
  isEnabled?: boolean | undefined;
  isBlocked?: boolean | undefined;
  /** An app of another org, when false. */
  isInstalled?: boolean | undefined;
  jwtAccessTokens?: boolean | undefined;
  jwtTimeoutMinutes?: number | undefined;
  isPkceRequired?: boolean | undefined;
  isConsumerSecretOptional?: boolean | undefined;
  isIntrospectAllTokens?: boolean | undefined;
  /** What users allowed the app to do, in a browser, before. */
  approvals?: { username: string; scopes: string[] }[] | undefined;
}

function keysOf<Key extends string>(labels: Readonly<Record<Key, string>>): Key[] {
  return Object.keys(labels) as Key[];
}

const text = v.pipe(v.string(), v.nonEmpty());

const flag = v.optional(v.boolean());
const sessionTimeout = v.optional(
  v.pipe(
    v.number(),
    v.integer(),
    v.minValue(sessionTimeoutLimits.minimum),
    v.maxValue(sessionTimeoutLimits.maximum),
  ),
);

const ipRange = v.strictObject({ startAddress: text, endAddress: text });
const minuteOfDay = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1440)));
const loginHours: v.GenericSchema<unknown, LoginHours> = v.strictObject(
  Object.fromEntries(loginHoursFields.map((name) => [name, minuteOfDay])),
);
const permissions = v.optional(v.array(v.picklist(userPermissions)));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const details = Object.fromEntries(
  detailNames.map((name) => [name, v.optional(v.string())]),
) as Record<keyof ClientAppDetails, v.OptionalSchema<v.StringSchema<undefined>, undefined>>;

const customObjectSchema: v.GenericSchema<unknown, CustomObject> = v.strictObject({
  name: text,
  label: v.optional(text),
  pluralLabel: v.optional(text),
  fields: v.optional(
    v.array(
      v.strictObject({
        name: text,
        type: v.picklist(customFieldTypes),
        label: v.optional(text),
        required: v.optional(v.boolean()),
        unique: v.optional(v.boolean()),
        externalId: v.optional(v.boolean()),
        length: v.optional(count),
        precision: v.optional(count),
        scale: v.optional(count),
        defaultValue: v.optional(v.union([v.string(), v.number(), v.boolean()])),
        values: v.optional(v.array(text)),
        restricted: v.optional(v.boolean()),
        referenceTo: v.optional(text),
        relationshipName: v.optional(text),
        displayFormat: v.optional(text),
      }),
    ),
  ),
});

export const seedSchema: v.GenericSchema<unknown, Seed> = v.strictObject({
  kind: v.optional(v.picklist(['production', 'sandbox'])),
  profiles: v.optional(
    v.array(
      v.strictObject({
        name: text,
        apiEnabled: flag,
        apiUserOnly: flag,
        loginIpRanges: v.optional(v.array(ipRange)),
        loginHours: v.optional(loginHours),
        sessionTimeoutMinutes: sessionTimeout,
        permissions,
      }),
    ),
  ),
  permissionSets: v.optional(
    v.array(v.strictObject({ label: text, apiEnabled: flag, permissions })),
  ),
  users: v.optional(
    v.array(
      v.strictObject({
        username: text,
        profile: text,
        permissionSets: v.optional(v.array(text)),
        firstName: v.optional(text),
        lastName: v.optional(text),
        email: v.optional(text),
        isActive: flag,
        isFrozen: flag,
        password: v.optional(text),
      }),
    ),
  ),
  clientApps: v.optional(
    v.array(
      v.strictObject({
        kind: v.optional(v.picklist(['connectedApp', 'externalClientApp'])),
        name: text,
        contactEmail: text,
        apiName: v.optional(text),
        callbackUrl: v.optional(text),
        ...details,
        consumerKey: v.optional(text),
        consumerSecret: v.optional(text),
        certificate: v.optional(v.union([text, v.strictObject({ file: text })])),
        scopes: v.optional(v.array(text)),
        permittedUsers: v.optional(v.picklist(['selfAuthorize', 'adminApproved'])),
        profiles: v.optional(v.array(text)),
        permissionSets: v.optional(v.array(text)),
        ipRelaxation: v.optional(v.picklist(keysOf(ipRelaxationLabels))),
        sessionTimeoutMinutes: sessionTimeout,
        isEnabled: flag,
        isBlocked: flag,
        isInstalled: flag,
        jwtAccessTokens: flag,
        jwtTimeoutMinutes: v.optional(v.picklist(jwtTimeoutChoices)),
        isPkceRequired: flag,
        isConsumerSecretOptional: flag,
        isIntrospectAllTokens: flag,
        approvals: v.optional(v.array(v.strictObject({ username: text, scopes: v.array(text) }))),
      }),
    ),
  ),
  sites: v.optional(v.array(v.strictObject({ path: text }))),
  limits: v.optional(
    v.strictObject({
      loginsPerHour: v.optional(
        v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(highestLoginsPerHour)),
      ),
      dailyApiRequests: v.optional(count),
    }),
  ),
  sessionTimeoutMinutes: sessionTimeout,
  newConnectedAppsBlocked: flag,
  deploySeconds: v.optional(count),
  propagationSeconds: v.optional(count),
  externalClientApps: v.optional(
    v.strictObject({
      enableClientSecretInRestApiAccess: flag,
      enableConsumerSecretApiAccess: flag,
      enablePackageEcaOauthFromDevOrg: flag,
    }),
  ),
  objects: v.optional(v.array(customObjectSchema)),
  records: v.optional(
    v.record(
      text,
      v.array(v.record(text, v.union([v.string(), v.number(), v.boolean(), v.null()]))),
    ),
  ),
});

/**
 * Checks a seed that was typed by hand or read from a file.
 *
 * @throws OrgError SEED_INVALID, naming the field
 */
export function parseSeed(value: unknown): Seed {
  const result = v.safeParse(seedSchema, value ?? {});
  if (result.success) return result.output;
  const issues = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'seed'}: ${told(issue)}`);
  throw new OrgError('SEED_INVALID', `The seed is not valid: ${issues.join('; ')}`, {
    hints: ['The fields of a seed are described in docs/local-org.md.'],
  });
}

function told({ expected, received, message }: v.BaseIssue<unknown>): string {
  if (expected === 'never') return 'there is no such field';
  return received === 'undefined' ? 'is missing' : message;
}

/**
 * Reads a seed file, JSON or YAML; certificate files are looked up beside it.
 *
 * @throws OrgError SEED_UNREADABLE, SEED_INVALID
 */
export async function readSeedFile(file: string): Promise<Seed> {
  const { parse } = await import('yaml');
  let value: unknown;
  try {
    // YAML 1.2 is a superset of JSON: one parser reads both.
    value = parse(await readFile(file, 'utf8'), { maxAliasCount: 100 });
  } catch (cause) {
    throw unreadable(`The seed file ${file} cannot be read`, cause);
  }
  const seed = parseSeed(value);
  for (const app of seed.clientApps ?? []) {
    if (typeof app.certificate !== 'object') continue;
    const path = resolve(dirname(file), app.certificate.file);
    try {
      app.certificate = await readFile(path, 'latin1');
    } catch (cause) {
      throw unreadable(`The certificate ${path} of "${app.name}" cannot be read`, cause);
    }
  }
  return seed;
}

function unreadable(message: string, cause: unknown): OrgError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new OrgError('SEED_UNREADABLE', `${message}: ${reason}`, {
    cause,
    hints: ['Check the path, and that it is JSON or YAML as in docs/local-org.md.'],
  });
}

/** Well-known identities, the same in every org, so that samples work by paste. */
export const administrator = 'admin@local-org.example';

/** The administrator's password at the login page, as printed in the documentation. */
export const administratorPassword = 'sfjwt-local-1';

const defaultProfiles: readonly SeedProfile[] = [
  { name: 'System Administrator', permissions: [...administratorPermissions] },
  { name: 'Standard User' },
  { name: 'Minimum Access - API Only Integrations', apiUserOnly: true },
];

const defaultUsers: readonly SeedUser[] = [
  {
    username: administrator,
    profile: 'System Administrator',
    firstName: 'Ada',
    lastName: 'Admin',
  },
  {
    username: 'integration@local-org.example',
    profile: 'Minimum Access - API Only Integrations',
    firstName: 'Iris',
    lastName: 'Integration',
  },
];

const defaultRecords: NonNullable<Seed['records']> = {
  Account: [
    { Name: 'Acme', Industry: 'Manufacturing', BillingCity: 'Portland', NumberOfEmployees: 120 },
    { Name: 'Global Media', Industry: 'Media', BillingCity: 'Toronto', NumberOfEmployees: 1800 },
    { Name: 'Salt & Sons', Industry: 'Food', BillingCity: 'Galway', NumberOfEmployees: 7 },
  ],
};

/** Contacts of the default accounts, by account name. */
const defaultContacts: Readonly<
  Record<string, readonly { FirstName: string; LastName: string }[]>
> = {
  Acme: [{ FirstName: 'Rose', LastName: 'Gonzalez' }],
  'Global Media': [
    { FirstName: 'Jon', LastName: 'Amos' },
    { FirstName: 'Carole', LastName: 'White' },
  ],
};

/** Fills a new org. */
export function plantDefaults(context: OrgContext): void {
  for (const profile of defaultProfiles) context.profiles.create(profile);
  for (const user of defaultUsers) plantUser(user, context);
  context.records.update('User', context.users.get(administrator).id, {
    _passwordHash: wellKnownPassword(administratorPassword),
  });
  plantRecords(defaultRecords, context);
  for (const [account, contacts] of Object.entries(defaultContacts)) {
    const accountId = String(context.records.find('Account', { Name: account })?.['Id']);
    for (const contact of contacts) {
      plantRecords({ Contact: [{ ...contact, AccountId: accountId }] }, context);
    }
  }
}

/**
 * Adds what a seed names. What is there already under the same name is kept.
 *
 * @throws OrgError of every field that does not fit
 */
export function plantSeed(seed: Seed, context: OrgContext): void {
  const { profiles, users, clientApps, sites, records, organization } = context;
  addCustomObjects(seed.objects ?? [], context);
  changeOrgSettings(records, organization, {
    loginsPerHour: seed.limits?.loginsPerHour,
    sessionTimeoutMinutes: seed.sessionTimeoutMinutes,
    newConnectedAppsBlocked: seed.newConnectedAppsBlocked,
    deploySeconds: seed.deploySeconds,
    propagationSeconds: seed.propagationSeconds,
    externalClientApps: seed.externalClientApps,
  });
  for (const profile of seed.profiles ?? []) {
    if (records.find('Profile', { Name: profile.name }) === undefined) profiles.create(profile);
  }
  for (const permissionSet of seed.permissionSets ?? []) plantPermissionSet(permissionSet, context);
  for (const site of seed.sites ?? []) {
    if (sites.find(site.path) === undefined) sites.create(site);
  }
  for (const user of seed.users ?? []) {
    if (users.find(user.username) === undefined) plantUser(user, context);
  }
  for (const app of seed.clientApps ?? []) {
    const isThere =
      app.consumerKey === undefined
        ? clientApps.list().some(({ name }) => name === app.name)
        : clientApps.find(app.consumerKey) !== undefined;
    if (!isThere) plantClientApp(app, context);
  }
  if (seed.limits?.dailyApiRequests !== undefined) {
    context.apiUsage.dailyLimit = seed.limits.dailyApiRequests;
  }
  plantRecords(seed.records ?? {}, context);
}

/** The same for a seed that is given at every start: its records are planted the first time. */
export function plantSeedOnce(seed: Seed, context: OrgContext): void {
  const print = createHash('sha256')
    .update(JSON.stringify(seed.records ?? {}))
    .digest('base64url');
  const { changes } = context.database
    .prepare('INSERT OR IGNORE INTO "_PlantedSeed" VALUES (?)')
    .run(print);
  plantSeed(changes === 0 ? { ...seed, records: {} } : seed, context);
}

function plantPermissionSet(
  permissionSet: SeedPermissionSet,
  { records, permissionSets }: OrgContext,
): void {
  if (records.find('PermissionSet', { Label: permissionSet.label }) === undefined) {
    permissionSets.create(permissionSet);
  }
}

function plantUser(user: SeedUser, context: OrgContext): void {
  const created = context.users.create(user);
  for (const label of user.permissionSets ?? []) {
    plantPermissionSet({ label }, context);
    context.permissionSets.assign(context.permissionSets.get(label), created);
  }
}

function plantClientApp(seed: SeedClientApp, context: OrgContext): void {
  const { clientApps, profiles, permissionSets } = context;
  if (typeof seed.certificate === 'object') {
    // What may come over the network names no file of this machine.
    throw new OrgError('SEED_INVALID', `The certificate of "${seed.name}" is not PEM text`, {
      hints: ['Only a seed that is read from a file may name the file of a certificate.'],
    });
  }
  const app = clientApps.create(seed, { evenIfBlocked: true });
  if (seed.certificate !== undefined) clientApps.uploadCertificate(app, seed.certificate);
  for (const name of seed.profiles ?? []) clientApps.assignProfile(app, profiles.get(name));
  for (const label of seed.permissionSets ?? []) {
    plantPermissionSet({ label }, context);
    clientApps.assignPermissionSet(app, permissionSets.get(label));
  }
  for (const { username, scopes } of seed.approvals ?? []) {
    context.approvals.grant(context.users.get(username), app, scopes);
  }
}

function plantRecords(
  seed: NonNullable<Seed['records']>,
  { records, catalogue }: OrgContext,
): void {
  for (const [object, rows] of Object.entries(seed)) {
    const sobject = catalogue.find(object);
    // The org's own tables are no objects.
    if (sobject === undefined) {
      throw new OrgError('FIELD_INVALID', `There is no object "${object}"`);
    }
    for (const row of rows) {
      const values = Object.entries(row).map(([name, value]) => {
        const field = sobject.field(name);
        return [field?.name ?? name, field === undefined ? value : seedValue(value, field)];
      });
      insertRecord(sobject.name, Object.fromEntries(values), records);
    }
  }
}

function insertRecord(object: string, values: Values, records: Records): void {
  try {
    records.insert(object, values);
  } catch (cause) {
    if (cause instanceof OrgError) throw cause;
    // What SQLite objects to: a value that is there already, or one that is missing.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OrgError('FIELD_INVALID', `A record of ${object} does not fit: ${reason}`, { cause });
  }
}
