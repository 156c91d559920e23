/**
 * Every app of one or many orgs: whose certificate ends when, which key is used twice, who lets in
 * too many. Salesforce itself lists none of it: the certificate of an app is in its metadata alone.
 */

import { systemClock } from '@sfjwt/client';
import type { Clock } from '@sfjwt/client';
import type { AdminSession } from './admin-session.ts';
import { readKnownCertificate } from './certificate-match.ts';
import type { KnownCertificate } from './certificate-match.ts';
import { textField } from './json-answer.ts';
import { findingsOf, sharedKeyFindings } from './inventory-finding.ts';
import type { InventoriedApp, InventoriedCertificate, InventoriedOrg } from './inventoried-app.ts';
import { externalClientAppParts } from './metadata/client-app.ts';
import { listComponents } from './metadata/component-list.ts';
import type { ListedComponent } from './metadata/component-list.ts';
import type { MetadataType } from './metadata/component.ts';
import { fieldsOf, textOf, textsOf } from './metadata/metadata-xml.ts';
import type { ReadFields } from './metadata/metadata-xml.ts';
import type { RetrievedComponent } from './metadata/package-archive.ts';
import { retrieveComponents } from './metadata/retrieval.ts';
import { scopeOf } from './scope-token.ts';
import { soql } from './soql.ts';

export interface InventoryOptions {
  /** A certificate that ends sooner than this is told of, in days; 30 when left out. */
  warnDays?: number;
  /** When "now" is. */
  clock?: Clock;
  signal?: AbortSignal | undefined;
}

export interface Inventory {
  /** ISO 8601. */
  takenAt: string;
  orgs: readonly InventoriedOrg[];
  /** In the order of the orgs, then by name. */
  apps: readonly InventoriedApp[];
}

const dayMilliseconds = 24 * 60 * 60 * 1000;

/** Login History keeps six months; more rows than this are not looked at. */
const maximumLogins = 10_000;

/**
 * Reads every app of these orgs. Changes nothing.
 *
 * @throws SetupError as `AdminSession.request`
 */
export async function takeInventory(
  sessions: readonly AdminSession[],
  { warnDays = 30, clock = systemClock, signal }: InventoryOptions = {},
): Promise<Inventory> {
  const orgs: InventoriedOrg[] = [];
  const apps: InventoriedApp[] = [];
  for (const session of sessions) {
    const org = await readOrganization(session);
    // An org that is named twice must not look like a key that is used twice.
    if (orgs.some(({ id, instanceUrl }) => id === org.id && instanceUrl === org.instanceUrl))
      continue;
    orgs.push(org);
    apps.push(...(await readApps(session, org, { clock, signal })));
  }
  const shared = sharedKeyFindings(apps);
  const withFindings = (app: InventoriedApp): InventoriedApp => ({
    ...app,
    findings: [...findingsOf(app, warnDays), ...(shared.get(app) ?? [])],
  });
  return {
    takenAt: new Date(clock.now()).toISOString(),
    orgs,
    apps: apps.map(withFindings),
  };
}

async function readOrganization(session: AdminSession): Promise<InventoriedOrg> {
  const [row] = await session.query(soql`SELECT Id, Name, IsSandbox FROM Organization`);
  return {
    id: textField(row, 'Id'),
    name: textField(row, 'Name'),
    instanceUrl: session.instanceUrl,
    isSandbox: row?.['IsSandbox'] === true,
  };
}

type Patience = Required<Pick<InventoryOptions, 'clock'>> & Pick<InventoryOptions, 'signal'>;

async function readApps(
  session: AdminSession,
  org: InventoriedOrg,
  patience: Patience,
): Promise<InventoriedApp[]> {
  const listed = await listComponents(session, [
    'ExternalClientApplication',
    ...externalClientAppParts,
    'ConnectedApp',
  ]);
  const components = await retrieveComponents(session, listed, patience);
  const logins = await readLogins(session);
  const now = patience.clock.now();
  const of = (type: MetadataType): RetrievedComponent[] =>
    components.filter((component) => component.type === type);
  const about = (head: RetrievedComponent) => {
    const label = textOf(head.fields, 'label') || head.fullName;
    return {
      org,
      name: head.fullName,
      label,
      contactEmail: textOf(head.fields, 'contactEmail'),
      lastLogin: logins.get(label),
      ...modifiedOf(head, listed),
      findings: [],
    };
  };
  const externalClientApp = (head: RetrievedComponent): InventoriedApp => {
    const part = (type: MetadataType): ReadFields | undefined =>
      of(type).find(({ fields }) => textOf(fields, 'externalClientApplication') === head.fullName)
        ?.fields;
    const enabled = textOf(part('ExtlClntAppConfigurablePolicies'), 'isEnabled');
    const policy = part('ExtlClntAppOauthConfigurablePolicies');
    const scopes = textOf(part('ExtlClntAppOauthSettings'), 'commaSeparatedOauthScopes');
    return {
      ...about(head),
      kind: 'externalClientApp',
      isEnabled: enabled === '' ? undefined : enabled === 'true',
      certificate: certificateOf(part('ExtlClntAppGlobalOauthSettings'), now),
      scopes: scopes.split(',').flatMap((token) => scopeOf(token.trim()) || []),
      permittedUsers:
        textOf(policy, 'permittedUsersPolicyType') === 'AdminApprovedPreAuthorized'
          ? 'adminApproved'
          : 'selfAuthorized',
    };
  };
  const connectedApp = (head: RetrievedComponent): InventoriedApp => {
    const config = fieldsOf(head.fields, 'oauthConfig');
    return {
      ...about(head),
      kind: 'connectedApp',
      isEnabled: undefined,
      certificate: certificateOf(config, now),
      scopes: textsOf(config, 'scopes').map(scopeOf),
      permittedUsers:
        textOf(config, 'isAdminApproved') === 'true' ? 'adminApproved' : 'selfAuthorized',
    };
  };
  return [
    ...of('ExternalClientApplication').map(externalClientApp),
    ...of('ConnectedApp').map(connectedApp),
  ].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function modifiedOf(
  head: RetrievedComponent,
  listed: readonly ListedComponent[],
): Pick<InventoriedApp, 'lastModifiedBy' | 'lastModifiedDate'> {
  const found = listed.find(
    ({ type, fullName }) => type === head.type && fullName === head.fullName,
  );
  return {
    lastModifiedBy: found?.lastModifiedByName ?? '',
    lastModifiedDate: found?.lastModifiedDate ?? '',
  };
}

function certificateOf(
  fields: ReadFields | undefined,
  now: number,
): InventoriedCertificate | undefined {
  const known: KnownCertificate | undefined = readKnownCertificate(textOf(fields, 'certificate'));
  if (known === undefined) return undefined;
  const { subject, fingerprint256, keyFingerprint256, notAfter, bits } = known;
  const daysLeft = Math.floor((notAfter.getTime() - now) / dayMilliseconds);
  return { subject, fingerprint256, keyFingerprint256, notAfter, daysLeft, bits };
}

/** Label of an app -> its last login that succeeded. The app cannot be filtered on. */
async function readLogins(session: AdminSession): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query<{
    Application: string | null;
    LoginTime: string;
    Status: string;
  }>(
    soql`SELECT Application, LoginTime, Status FROM LoginHistory ORDER BY LoginTime DESC LIMIT ${maximumLogins}`,
  );
  const last = new Map<string, string>();
  for (const { Application, LoginTime, Status } of rows) {
    if (Application === null || Status !== 'Success' || last.has(Application)) continue;
    last.set(Application, LoginTime);
  }
  return last;
}
