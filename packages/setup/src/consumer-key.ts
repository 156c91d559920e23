/** The consumer key of an app: chosen before the app is there, or read back from the org. */

import { randomBytes } from 'node:crypto';
import type { AdminSession } from './admin-session.ts';
import { SetupError } from './errors.ts';
import { listField, textField } from './json-answer.ts';
import { consumerKeyIn } from './setup-plan.ts';
import type { OrgReading } from './org-reading.ts';
import type { TemporaryAccess } from './temporary-access.ts';

/** In the shape of Salesforce's own: no two orgs may have the same, and this has 400 random bits. */
export function chooseConsumerKey(): string {
  return `3MVG9${randomBytes(50).toString('hex')}`;
}

export interface KeyReadingOptions {
  reading: OrgReading;
  /** Developer name of the external client app. */
  apiName: string;
  /** To open what hides the key; without it a hidden key stays hidden. */
  access?: TemporaryAccess | undefined;
}

/**
 * The consumer key, by either documented way: as the retrieved metadata has it, or from Connect REST
 * (Connect REST API Developer Guide, OAuth credentials by app id), for which a switch of the org and a
 * permission may have to be opened for a moment.
 *
 * @throws SetupError CONSUMER_KEY_UNREADABLE, and as `AdminSession.request`
 */
export async function readConsumerKey(
  session: AdminSession,
  { reading, apiName, access }: KeyReadingOptions,
): Promise<string> {
  const shown = consumerKeyIn(reading);
  if (shown !== undefined) return shown;
  const ways = [
    () => Promise.resolve(),
    () => access?.openSwitch('enableClientSecretInRestApiAccess'),
    () =>
      access?.givePermissions(
        reading.administrator.id,
        ['PermissionsViewClientSecret', 'PermissionsExternalClientAppDeveloper'],
        randomBytes(4).toString('hex'),
      ),
  ];
  let refusal: SetupError | undefined;
  for (const open of ways) {
    await open();
    try {
      return await credentialsKey(session, apiName);
    } catch (error) {
      if (!(error instanceof SetupError) || error.code === 'ADMIN_SESSION_INVALID') throw error;
      refusal = error;
      if (access === undefined) break;
    }
  }
  throw new SetupError(
    'CONSUMER_KEY_UNREADABLE',
    `The org does not show the consumer key of ${apiName}: ${refusal?.message ?? ''}`,
    {
      cause: refusal,
      hints: [
        'Setup > External Client App Manager > the app > Settings > OAuth Settings > Consumer Key and Secret; give it as consumerKey.',
        'Or give the administrator "View Client Secret" and "Create, edit, and delete External Client Apps".',
      ],
    },
  );
}

async function credentialsKey(session: AdminSession, apiName: string): Promise<string> {
  const usage = await session.request('/apps/oauth/usage');
  const app = listField(usage, 'apps').find(
    (one) => textField(one, 'developerName').toLowerCase() === apiName.toLowerCase(),
  );
  const identifier = textField(app, 'identifier');
  if (!/^\w{15,18}$/.test(identifier)) throw notListed(apiName);
  const credentials = await session.request(`/apps/oauth/credentials/${identifier}`);
  const key = textField(listField(credentials, 'consumers')[0], 'key');
  if (!/^[\w.]{8,255}$/.test(key)) throw notListed(apiName);
  return key;
}

function notListed(apiName: string): SetupError {
  return new SetupError('CONSUMER_KEY_UNREADABLE', `Connect REST does not list ${apiName}`);
}
