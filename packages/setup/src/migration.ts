/** From a connected app to the external client app that equals it. */

import type { Clock } from '@sfjwt/client';
import type { AdminSession } from './admin-session.ts';
import { resolveSpecification } from './app-specification.ts';
import type { AppSpecification, IpRelaxation } from './specification-schema.ts';
import type { KnownCertificate } from './certificate-match.ts';
import { SetupError } from './errors.ts';
import { fieldsOf, textOf, textsOf } from './metadata/metadata-xml.ts';
import type { ReadFields } from './metadata/metadata-xml.ts';
import type { Patience } from './metadata/polling.ts';
import { readOrg } from './org-reading.ts';
import type { OrgReading } from './org-reading.ts';
import { scopeOf } from './scope-token.ts';
import { certificateInOrg, consumerKeyIn } from './setup-plan.ts';
import { soql } from './soql.ts';

export interface ConnectedAppFound {
  apiName: string;
  /** As Login History shows it. */
  label: string;
  certificate: KnownCertificate;
  /** Undefined where the org hides it. */
  consumerKey: string | undefined;
  /** The external client app that equals it, under a name of its own. */
  specification: AppSpecification;
  /** What an external client app does not take over. */
  warnings: readonly string[];
  reading: OrgReading;
}

export interface MigrationNames {
  /** API name of the connected app. */
  apiName: string;
  /** Label of the external client app; that of the connected app with "ECA" behind it when left out. */
  name?: string | undefined;
  /** Usernames that have to go on. */
  users?: readonly string[] | undefined;
}

const ipRelaxations: Readonly<Record<string, IpRelaxation>> = {
  ENFORCE: 'enforce',
  BYPASS: 'bypass',
  BYPASS_2FACTOR: 'bypassWithSecondFactor',
  ENFORCE_RELAX_REFRESH: 'relaxRefresh',
};

/**
 * Reads a connected app and writes down what its external client app has to be: the same certificate,
 * scopes, users and policies. Changes nothing.
 *
 * @throws SetupError APP_NOT_FOUND, CERTIFICATE_UNREADABLE, and as `AdminSession.request`
 */
export async function readConnectedApp(
  session: AdminSession,
  { apiName, name, users = [] }: MigrationNames,
  patience: Patience,
): Promise<ConnectedAppFound> {
  const app = await resolveSpecification({
    kind: 'connectedApp',
    name: apiName,
    apiName,
    contactEmail: 'nobody@example.org',
    users: [...users],
  });
  const reading = await readOrg(session, app, patience);
  const fields = reading.found.get('ConnectedApp')?.fields;
  if (fields === undefined) {
    throw new SetupError('APP_NOT_FOUND', `The org has no connected app ${apiName}`, {
      hints: ['Give its API name: Setup > App Manager > the app > View.'],
    });
  }
  const certificate = certificateInOrg(reading);
  if (certificate === undefined) {
    throw new SetupError(
      'CERTIFICATE_UNREADABLE',
      `The connected app ${apiName} has no certificate`,
      {
        hints: ['It is not used for the JWT bearer flow: there is nothing to move.'],
      },
    );
  }
  const label = textOf(fields, 'label');
  return {
    apiName,
    label,
    certificate,
    consumerKey: consumerKeyIn(reading),
    specification: {
      kind: 'externalClientApp',
      // Login History knows apps by their label: two of one name could not be told apart.
      name: name ?? `${label.slice(0, 76)} ECA`,
      ...(name === undefined ? { apiName: `${apiName.slice(0, 56)}_ECA` } : {}),
      contactEmail: textOf(fields, 'contactEmail'),
      ...specifiedBy(fields),
      ...accessOf(reading),
      users: [...users],
    },
    warnings: warningsOf(fields),
    reading,
  };
}

function specifiedBy(fields: ReadFields): Partial<AppSpecification> {
  const config = fieldsOf(fields, 'oauthConfig');
  const description = textOf(fields, 'description');
  const timeout = Number(textOf(fieldsOf(fields, 'sessionPolicy'), 'sessionTimeout'));
  const ipRelaxation = ipRelaxations[textOf(fieldsOf(fields, 'oauthPolicy'), 'ipRelaxation')];
  return {
    callbackUrl: textOf(config, 'callbackUrl').split(/\s+/)[0] ?? '',
    scopes: [...new Set(textsOf(config, 'scopes').map(scopeOf))],
    permittedUsers:
      textOf(config, 'isAdminApproved') === 'true' ? 'adminApproved' : 'selfAuthorize',
    ...(description === '' ? {} : { description }),
    ...(ipRelaxation === undefined ? {} : { ipRelaxation }),
    ...(timeout >= 15 && timeout <= 1440 ? { sessionTimeoutMinutes: timeout } : {}),
  };
}

/** The records decide, whatever the file says of permission sets. */
function accessOf({ access }: OrgReading): Partial<AppSpecification> {
  const profiles = access.flatMap(({ profile }) => profile ?? []);
  const permissionSets = access.flatMap(({ profile, permissionSet }) =>
    profile === undefined ? [permissionSet] : [],
  );
  return {
    ...(permissionSets.length > 0 ? { permissionSets } : {}),
    ...(profiles.length > 0 ? { profiles } : {}),
  };
}

function warningsOf(fields: ReadFields): string[] {
  const config = fieldsOf(fields, 'oauthConfig');
  const parts: Readonly<Record<string, string>> = {
    canvasConfig: 'its canvas app',
    samlConfig: 'its single sign-on by SAML',
    mobileAppConfig: 'its settings for mobile devices',
    ipRanges: 'its trusted IP ranges',
    plugin: 'its plug-in class',
    attributes: 'its custom attributes',
  };
  const lost = Object.entries(parts).flatMap(([field, words]) => (field in fields ? [words] : []));
  const flows = [
    'isClientCredentialEnabled',
    'isDeviceFlowEnabled',
    'isTokenExchangeEnabled',
  ].filter((flag) => textOf(config, flag) === 'true');
  return [
    ...(lost.length === 0 ? [] : [`Not taken over: ${lost.join(', ')}.`]),
    ...(flows.length === 0 ? [] : [`Flows that the new app does not have: ${flows.join(', ')}.`]),
  ];
}

export interface AppActivity {
  /** Logins of the last days, newest first. */
  logins: readonly { time: string; username: string; status: string }[];
  /** Undefined when there was none. */
  lastLogin: string | undefined;
  /** Since then, in hours, by the clock given. */
  silentHours: number | undefined;
}

/**
 * Who still signs in through an app: what has to be silent before it may go.
 *
 * @throws SetupError as `AdminSession.request`
 */
export async function readActivity(
  session: AdminSession,
  label: string,
  clock: Clock,
): Promise<AppActivity> {
  // Neither the app nor the user's name can be filtered on.
  const rows = await session.query<{
    LoginTime: string;
    Application: string | null;
    Status: string;
    UserId: string;
  }>(
    soql`SELECT LoginTime, Application, Status, UserId FROM LoginHistory WHERE LoginTime = LAST_N_DAYS:30 ORDER BY LoginTime DESC LIMIT 2000`,
  );
  const ours = rows.filter(({ Application }) => Application === label);
  const ids = [...new Set(ours.map(({ UserId }) => UserId))];
  const users =
    ids.length === 0
      ? []
      : await session.query<{ Id: string; Username: string }>(
          soql`SELECT Id, Username FROM User WHERE Id IN ${ids}`,
        );
  const names = new Map(users.map(({ Id, Username }) => [Id, Username]));
  const lastLogin = ours[0]?.LoginTime;
  return {
    logins: ours.map(({ LoginTime, UserId, Status }) => ({
      time: LoginTime,
      username: names.get(UserId) ?? UserId,
      status: Status,
    })),
    lastLogin,
    silentHours:
      lastLogin === undefined
        ? undefined
        : Math.max(0, (clock.now() - Date.parse(lastLogin)) / 3_600_000),
  };
}
