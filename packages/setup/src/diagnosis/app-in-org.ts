/** The app behind a consumer key, as the metadata of the org describes it. */

import type { Clock } from '@sfjwt/client';
import type { AdminSession } from '../admin-session.ts';
import { SetupError } from '../errors.ts';
import { listField, textField } from '../json-answer.ts';
import { readKnownCertificate } from '../certificate-match.ts';
import type { KnownCertificate } from '../certificate-match.ts';
import { externalClientAppParts } from '../metadata/client-app.ts';
import { listComponents } from '../metadata/component-list.ts';
import type { ListedComponent } from '../metadata/component-list.ts';
import { fieldsOf, textOf, textsOf } from '../metadata/metadata-xml.ts';
import type { RetrievedComponent } from '../metadata/package-archive.ts';
import { retrieveComponents } from '../metadata/retrieval.ts';
import { scopeOf } from '../scope-token.ts';
import { soql } from '../soql.ts';

export interface AppInOrg {
  readonly kind: 'connectedApp' | 'externalClientApp';
  /** Of the record, `0H4...` or `0xI...`; empty when it is not told. */
  readonly id: string;
  readonly label: string;
  readonly apiName: string;
  readonly contactEmail: string;
  readonly certificate: KnownCertificate | undefined;
  /** Their values on the wire. */
  readonly scopes: readonly string[];
  readonly isAdminApproved: boolean;
  readonly isEnabled: boolean;
  /** Whether its IP Relaxation keeps the login IP ranges of profiles in force. */
  readonly enforcesIpRanges: boolean;
  /** Who changed it last, and when, in words; of an app that was just changed it explains much. */
  readonly lastChange: string | undefined;
}

export interface AppsInOrg {
  readonly app: AppInOrg | undefined;
  /** How it was found, when its consumer key is hidden. */
  readonly foundBy: string | undefined;
  /** Some app hides its key, and nothing else tells which one it is. */
  readonly isHidden: boolean;
  /** The names of all of them, for those who took the wrong one. */
  readonly names: readonly string[];
}

/** What else tells which app it is: an org need not show the consumer keys of its apps. */
export interface Clues {
  readonly consumerKey: string;
  /** Salesforce has said that no app has this consumer key. */
  readonly isUnknown: boolean;
  /** The name of the app in the row that our sign-in left in Login History. */
  readonly application: string | undefined;
  /** Whether a certificate, PEM or base64, is of our key. */
  readonly isOfOurKey: (certificate: string) => Promise<boolean>;
}

/** @throws SetupError as `AdminSession.request` */
export async function findApp(
  session: AdminSession,
  clues: Clues,
  clock: Clock,
): Promise<AppsInOrg> {
  const listed = await listComponents(session, [
    'ConnectedApp',
    'ExternalClientApplication',
    ...externalClientAppParts,
  ]);
  const retrieve = (names: readonly ListedComponent[]): Promise<RetrievedComponent[]> =>
    retrieveComponents(session, names, { clock: { now: () => clock.now() } });
  const names = listed.flatMap(({ type, fullName }) =>
    type === 'ConnectedApp' || type === 'ExternalClientApplication' ? [fullName] : [],
  );
  // The consumer key is in these two alone.
  const keyed = await retrieve(
    listed.filter(({ type }) => /^(?:ConnectedApp|ExtlClntAppGlobalOauthSettings)$/.test(type)),
  );
  const exact = keyed.find((component) => keyOf(component) === clues.consumerKey);
  const hidden = keyed.filter((component) => isHidden(keyOf(component)));
  const guess =
    exact === undefined && !clues.isUnknown ? await guessed(session, hidden, clues) : undefined;
  const found = exact ?? guess?.component;
  const known = { names, foundBy: guess?.by, isHidden: hidden.length > 0 && !clues.isUnknown };
  if (found === undefined) return { app: undefined, ...known };
  if (found.type === 'ConnectedApp') {
    return { app: await connectedApp(session, found, listed), ...known };
  }
  const owner = ownerOf(found);
  const parts = await retrieve(
    listed.filter(({ type }) => type !== 'ConnectedApp' && type !== found.type),
  );
  const own = parts.filter((part) => part.fullName === owner || ownerOf(part) === owner);
  return { app: externalClientApp(owner, [found, ...own], listed), ...known };
}

function ownerOf({ fields }: RetrievedComponent): string {
  return textOf(fields, 'externalClientApplication');
}

function keyOf({ fields }: RetrievedComponent): string {
  return textOf(fieldsOf(fields, 'oauthConfig') ?? fields, 'consumerKey');
}

/** Salesforce keeps the keys of external client apps to itself unless a switch of the org is on. */
function isHidden(consumerKey: string): boolean {
  return consumerKey === '' || /redact|placeholder/i.test(consumerKey);
}

async function guessed(
  session: AdminSession,
  hidden: readonly RetrievedComponent[],
  { consumerKey, application, isOfOurKey }: Clues,
): Promise<{ component: RetrievedComponent; by: string } | undefined> {
  for (const component of hidden) {
    if ((await credentialsKey(session, ownerOf(component))) === consumerKey) {
      return { component, by: 'its credentials' };
    }
  }
  const label = application?.replaceAll(/\W+/g, '_').toLowerCase();
  const named = hidden.find((component) => ownerOf(component).toLowerCase() === label);
  if (named !== undefined) return { component: named, by: 'Login History' };
  for (const component of hidden) {
    if (await isOfOurKey(textOf(component.fields, 'certificate'))) {
      return { component, by: 'its certificate' };
    }
  }
  const [only, ...others] = hidden;
  if (only === undefined || others.length > 0) return undefined;
  return { component: only, by: 'being the only one that hides its key' };
}

/** Connect REST API Developer Guide, OAuth credentials by app id. Not every administrator may. */
async function credentialsKey(session: AdminSession, apiName: string): Promise<string | undefined> {
  try {
    const usage = await session.request('/apps/oauth/usage');
    const app = listField(usage, 'apps').find(
      (one) => textField(one, 'developerName').toLowerCase() === apiName.toLowerCase(),
    );
    const identifier = textField(app, 'identifier');
    if (!/^\w{15,18}$/.test(identifier)) return undefined;
    const credentials = await session.request(`/apps/oauth/credentials/${identifier}`);
    return textField(listField(credentials, 'consumers')[0], 'key');
  } catch (error) {
    if (error instanceof SetupError) return undefined;
    throw error;
  }
}

async function connectedApp(
  session: AdminSession,
  { fullName, fields }: RetrievedComponent,
  listed: readonly ListedComponent[],
): Promise<AppInOrg> {
  const oauth = fieldsOf(fields, 'oauthConfig');
  const label = textOf(fields, 'label') || fullName;
  const [row] = await session.query<{ Id: string }>(
    soql`SELECT Id FROM ConnectedApplication WHERE Name = ${label}`,
  );
  return {
    kind: 'connectedApp',
    id: row?.Id ?? '',
    label,
    apiName: fullName,
    contactEmail: textOf(fields, 'contactEmail'),
    certificate: readKnownCertificate(textOf(oauth, 'certificate')),
    scopes: textsOf(oauth, 'scopes').map(scopeOf),
    isAdminApproved: textOf(oauth, 'isAdminApproved') === 'true',
    isEnabled: true,
    enforcesIpRanges: !/^BYPASS$/i.test(textOf(fieldsOf(fields, 'oauthPolicy'), 'ipRelaxation')),
    lastChange: lastChangeOf(listed.filter((one) => one.fullName === fullName)),
  };
}

function externalClientApp(
  name: string,
  components: readonly RetrievedComponent[],
  listed: readonly ListedComponent[],
): AppInOrg {
  const fieldsOfType = (type: RetrievedComponent['type']): RetrievedComponent['fields'] =>
    components.find((component) => component.type === type)?.fields ?? {};
  const oauth = fieldsOfType('ExtlClntAppOauthSettings');
  const policies = fieldsOfType('ExtlClntAppOauthConfigurablePolicies');
  const policy = fieldsOfType('ExtlClntAppConfigurablePolicies');
  const own = listed.filter((one) =>
    components.some(({ type, fullName }) => type === one.type && fullName === one.fullName),
  );
  return {
    kind: 'externalClientApp',
    id: own.find(({ type }) => type === 'ExternalClientApplication')?.id ?? '',
    label: textOf(fieldsOfType('ExternalClientApplication'), 'label') || name,
    apiName: name,
    contactEmail: textOf(fieldsOfType('ExternalClientApplication'), 'contactEmail'),
    certificate: readKnownCertificate(
      textOf(fieldsOfType('ExtlClntAppGlobalOauthSettings'), 'certificate'),
    ),
    scopes: textOf(oauth, 'commaSeparatedOauthScopes')
      .split(/\s*,\s*/)
      .filter((token) => token !== '')
      .map(scopeOf),
    isAdminApproved: textOf(policies, 'permittedUsersPolicyType') === 'AdminApprovedPreAuthorized',
    isEnabled:
      textOf(policy, 'isEnabled') !== 'false' && textOf(policy, 'isOauthPluginEnabled') !== 'false',
    enforcesIpRanges: textOf(policies, 'ipRelaxationPolicyType') !== 'Bypass',
    lastChange: lastChangeOf(own),
  };
}

function lastChangeOf(components: readonly ListedComponent[]): string | undefined {
  const [last] = components.toSorted((a, b) => (a.lastModifiedDate < b.lastModifiedDate ? 1 : -1));
  if (last === undefined || last.lastModifiedDate === '') return undefined;
  const by = last.lastModifiedByName === '' ? '' : ` by ${last.lastModifiedByName}`;
  return `${last.lastModifiedDate}${by}`;
}
