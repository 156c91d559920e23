/** The consumer key of an app: chosen before the app is there, or read back from the org. */

import { randomBytes } from 'node:crypto';
import type { Clock } from '@sfjwt/client';
import type { AdminSession } from './admin-session.ts';
import type { ResolvedApp } from './app-specification.ts';
import { SetupError } from './errors.ts';
import { listField, textField } from './json-answer.ts';
import { retrieveComponents } from './metadata/retrieval.ts';
import type { OrgReading } from './org-reading.ts';
import { consumerKeyIn } from './setup-plan.ts';
import type { TemporaryAccess } from './temporary-access.ts';

/** In the shape of Salesforce's own: no two orgs may have the same, and this has 400 random bits. */
export function chooseConsumerKey(): string {
  return `3MVG9${randomBytes(50).toString('hex')}`;
}

export interface KeyReadingOptions {
  reading: OrgReading;
  app: Pick<ResolvedApp, 'kind' | 'apiName'>;
  clock: Clock;
  /** To open what hides the key; without it a hidden key stays hidden. */
  access?: TemporaryAccess | undefined;
}

/**
 * The consumer key, by either documented way: from Connect REST (Connect REST API Developer Guide, OAuth
 * credentials by app id), or as retrieved metadata has it. For both, a switch of the org and a
 * permission may have to be opened for a moment.
 *
 * @throws SetupError CONSUMER_KEY_UNREADABLE, and as `AdminSession.request`
 */
export async function readConsumerKey(
  session: AdminSession,
  { reading, app, clock, access }: KeyReadingOptions,
): Promise<string> {
  const shown = consumerKeyIn(reading);
  if (shown !== undefined) return shown;
  const fromConnect = (): Promise<string | undefined> => credentialsKey(session, app.apiName);
  const fromMetadata = async (): Promise<string | undefined> => {
    const type = app.kind === 'connectedApp' ? 'ConnectedApp' : 'ExtlClntAppGlobalOauthSettings';
    const fullName = reading.found.get(type)?.fullName ?? app.apiName;
    const components = await retrieveComponents(session, [{ type, fullName }], { clock });
    return consumerKeyIn({ found: new Map(components.map((one) => [one.type, one])) });
  };
  const open: readonly [() => Promise<void> | undefined, () => Promise<string | undefined>][] = [
    [() => undefined, fromConnect],
    [() => access?.openSwitch('enableClientSecretInRestApiAccess'), fromConnect],
    [
      () => access?.givePermission(reading.administrator.id, 'PermissionsViewClientSecret'),
      fromConnect,
    ],
    [() => access?.openSwitch('enableConsumerSecretApiAccess'), fromMetadata],
  ];
  let refusal: SetupError | undefined;
  for (const [opening, read] of access === undefined ? open.slice(0, 1) : open) {
    try {
      await opening();
      const key = await read();
      if (key !== undefined) return key;
    } catch (error) {
      if (!(error instanceof SetupError) || error.code === 'ADMIN_SESSION_INVALID') throw error;
      refusal = error;
    }
  }
  throw new SetupError(
    'CONSUMER_KEY_UNREADABLE',
    `The org does not show the consumer key of ${app.apiName}${refusal === undefined ? '' : `: ${refusal.message}`}`,
    {
      cause: refusal,
      hints: [
        'Copy it: Setup > External Client App Manager > the app > Settings > OAuth Settings (of a connected app: App Manager > the app > View), and give it as consumerKey.',
        'Or give the administrator "View Client Secret" and "Create, edit, and delete External Client Apps".',
      ],
    },
  );
}

async function credentialsKey(session: AdminSession, apiName: string): Promise<string | undefined> {
  const usage = await session.request('/apps/oauth/usage');
  const app = listField(usage, 'apps').find(
    (one) => textField(one, 'developerName').toLowerCase() === apiName.toLowerCase(),
  );
  const identifier = textField(app, 'identifier');
  if (!/^\w{15,18}$/.test(identifier)) return undefined;
  const credentials = await session.request(`/apps/oauth/credentials/${identifier}`);
  const key = textField(listField(credentials, 'consumers')[0], 'key');
  return /^[\w.]{8,256}$/.test(key) ? key : undefined;
}
