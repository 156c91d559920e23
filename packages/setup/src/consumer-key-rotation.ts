/**
 * A new consumer key for an external client app: staged credentials (Connect REST API, 65.0). Salesforce
 * takes the old key beside the new one for 30 days, so no client has to change at the same instant. How
 * far it is, the org itself knows: whoever is killed half-way is followed by running it again.
 */

import { systemClock } from '@sfjwt/client';
import type { Clock, Signer, Transport } from '@sfjwt/client';
import type { AdminSession } from './admin-session.ts';
import { SetupError } from './errors.ts';
import { listField, textField } from './json-answer.ts';
import { proveSignIn } from './proof.ts';
import type { ProofWait } from './proof.ts';
import { soql } from './soql.ts';
import { TemporaryAccess } from './temporary-access.ts';
import type { OpeningJournal } from './temporary-access.ts';

export interface ConsumerKeyRotationOptions {
  session: AdminSession;
  /** API name of the external client app. */
  app: string;
  /** To prove that the new consumer key signs in. */
  loginUrl: string;
  username: string;
  signer: Signer;
  /** Takes the old key away, once every client has the new one. */
  finish?: boolean;
  /** Told the new key when it is proved: where it has to be kept. */
  onConsumerKey?: (consumerKey: string) => void | Promise<void>;
  budgetMilliseconds?: number;
  /** Keeps note of switches that are open, over the death of the process. */
  journal?: OpeningJournal | undefined;
  transport?: Transport;
  fetch?: (request: Request, init?: { signal?: AbortSignal }) => Promise<Response> | Response;
  clock?: Clock;
  signal?: AbortSignal | undefined;
  onWait?: (wait: ProofWait) => void;
}

export interface ConsumerKeyRotationOutcome {
  /** `settling`: both keys work. `finished`: the new one alone. */
  state: 'settling' | 'finished';
  consumerKey: string;
  /** The key of before; undefined once it is gone. */
  before: string | undefined;
  /** Until when Salesforce takes it, ISO 8601. */
  beforeExpires: string | undefined;
}

/**
 * Stages a new key and makes it the one in use; with `finish`, takes the old one away.
 *
 * @throws SetupError CONSUMER_KEY_UNREADABLE where the org lets nobody stage one, ROTATION_CONFLICT when
 *   there is nothing to finish, PROOF_FAILED and NOT_YET_PROPAGATED when the new key does not sign in:
 *   the old one goes on working
 */
export async function rotateConsumerKey(
  options: ConsumerKeyRotationOptions,
): Promise<ConsumerKeyRotationOutcome> {
  const { session, clock = systemClock, journal, finish = false, onConsumerKey } = options;
  const access = new TemporaryAccess({ session, clock, journal });
  await access.restoreEarlier();
  try {
    const consumer = await readConsumer(options, access);
    let staged = consumer.staged;
    if (finish && staged?.state !== 'rotated') {
      throw new SetupError(
        'ROTATION_CONFLICT',
        `${options.app} has no consumer key that could go`,
        {
          hints: ['Only after a rotation of the consumer key there is one of before.'],
        },
      );
    }
    if (staged === undefined || staged.state === 'expired') {
      // Without a body this request hangs.
      const answer = await session.request(consumer.path, { method: 'POST', body: '{}' });
      staged = stagedIn(answer);
    }
    const changedAt = staged?.state === 'rotated' ? 0 : clock.now();
    if (staged?.state === 'active') {
      const body = JSON.stringify({ command: 'rotate' });
      const path = `${consumer.path}/${staged.id}`;
      await session.request(path, { method: 'PATCH', body });
    }
    const now = await readConsumer(options, access);
    await prove(options, now.key, changedAt);
    await onConsumerKey?.(now.key);
    if (!finish) {
      const { key: before, expires } = now.staged ?? {};
      return { state: 'settling', consumerKey: now.key, before, beforeExpires: expires };
    }
    await session.request(`${now.path}/${now.staged?.id ?? ''}`, { method: 'DELETE' });
    return { state: 'finished', consumerKey: now.key, before: undefined, beforeExpires: undefined };
  } finally {
    // Also when a person pressed Ctrl-C: these requests are not aborted.
    await access.restore();
  }
}

interface Staged {
  id: string;
  key: string;
  /** In lower case: Salesforce's documents and its answers differ. */
  state: string;
  expires: string;
}

interface Consumer {
  key: string;
  /** Of its staged credentials, below the version. */
  path: string;
  staged: Staged | undefined;
}

/** Opens what hides it, one thing after the other, until it can be read. */
async function readConsumer(
  options: ConsumerKeyRotationOptions,
  access: TemporaryAccess,
): Promise<Consumer> {
  const { session, app } = options;
  const openings = [
    async () => {},
    () => access.openSwitch('enableClientSecretInRestApiAccess'),
    async () =>
      access.givePermission(await administratorOf(session), 'PermissionsViewClientSecret'),
  ];
  let refusal: SetupError | undefined;
  for (const open of openings) {
    try {
      await open();
      return await askConsumer(session, app);
    } catch (error) {
      if (!(error instanceof SetupError) || error.code === 'ADMIN_SESSION_INVALID') throw error;
      refusal = error;
    }
  }
  throw new SetupError(
    'CONSUMER_KEY_UNREADABLE',
    `The org shows nobody the consumer key of ${app}: ${refusal?.message ?? ''}`,
    {
      cause: refusal,
      hints: [
        'Setup > External Client App Manager > the app > Settings > OAuth Settings > Consumer Key and Secret has "Stage" and "Rotate".',
        'Only external client apps have staged credentials; a connected app keeps its consumer key.',
      ],
    },
  );
}

async function askConsumer(session: AdminSession, app: string): Promise<Consumer> {
  const usage = await session.request('/apps/oauth/usage');
  const found = listField(usage, 'apps').find(
    (one) => textField(one, 'developerName').toLowerCase() === app.toLowerCase(),
  );
  const identifier = textField(found, 'identifier');
  const credentials = await session.request(`/apps/oauth/credentials/${pathPart(identifier, app)}`);
  const consumer = listField(credentials, 'consumers')[0];
  const id = pathPart(textField(consumer, 'id'), app);
  const path = `/apps/oauth/credentials/${identifier}/${id}/staged`;
  const staged = stagedIn(await session.request(path));
  return { key: textField(consumer, 'key'), path, staged };
}

/** What an org tells becomes part of a path: only ids do. */
function pathPart(id: string, app: string): string {
  if (/^\w{15,18}$/.test(id)) return id;
  throw new SetupError('CONSUMER_KEY_UNREADABLE', `Connect REST does not list ${app}`);
}

function stagedIn(answer: unknown): Staged | undefined {
  const [first] = listField(answer, 'stagedCredentials');
  const id = textField(first, 'id');
  if (!/^\w{15,18}$/.test(id)) return undefined;
  return {
    id,
    key: textField(first, 'key'),
    state: textField(first, 'state').toLowerCase(),
    expires: textField(first, 'expirationDate'),
  };
}

async function administratorOf(session: AdminSession): Promise<string> {
  const response = await session.fetch('/services/oauth2/userinfo');
  const answer: unknown = response.ok ? await response.json() : undefined;
  return textField(answer, 'user_id');
}

async function prove(
  options: ConsumerKeyRotationOptions,
  consumerKey: string,
  changedAt: number,
): Promise<void> {
  const { session, app, loginUrl, username, signer, budgetMilliseconds, transport, fetch } =
    options;
  const { clock, signal, onWait } = options;
  const [row] = await session.query<{ MasterLabel: string }>(
    soql`SELECT MasterLabel FROM ExternalClientApplication WHERE DeveloperName = ${app}`,
  );
  await proveSignIn({
    loginUrl,
    consumerKey,
    username,
    signer,
    appName: row?.MasterLabel ?? app,
    changedAt,
    signal,
    ...(budgetMilliseconds === undefined ? {} : { budgetMilliseconds }),
    ...(transport === undefined ? {} : { transport }),
    ...(fetch === undefined ? {} : { fetch }),
    ...(clock === undefined ? {} : { clock }),
    ...(onWait === undefined ? {} : { onWait }),
  });
}
