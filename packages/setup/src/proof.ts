/**
 * A real login through the app that was set up, and what the org says of it. An org takes minutes to
 * act on a change: a refusal that may pass is told from one that will not, because it is known that
 * the org has it as it should.
 */

import { createHash, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import {
  ClientError,
  createTransport,
  jwtBearerSource,
  resolveLoginUrl,
  sleep,
  systemClock,
} from '@sfjwt/client';
import type { AccessToken, Clock, Signer, Transport } from '@sfjwt/client';
import { openAdminSession } from './admin-session.ts';
import type { AdminSession } from './admin-session.ts';
import { SetupError } from './errors.ts';
import { textField } from './json-answer.ts';
import { soql } from './soql.ts';

export interface ProofOptions {
  /** My Domain of the org: an external client app is known nowhere else. */
  loginUrl: string;
  consumerKey: string;
  username: string;
  signer: Signer;
  /** Label of the app, as Login History shows it. */
  appName: string;
  /** When the app was last changed, in milliseconds since 1970; unknown when left out. */
  changedAt?: number | undefined;
  /** How long the org may take to act on a change, in milliseconds; ten minutes when left out. */
  budgetMilliseconds?: number;
  transport?: Transport;
  /** In place of the network, for API requests. */
  fetch?: (request: Request, init?: { signal?: AbortSignal }) => Promise<Response> | Response;
  clock?: Clock;
  signal?: AbortSignal | undefined;
  onWait?: (wait: ProofWait) => void;
}

/** A refusal that may pass. */
export interface ProofWait {
  code: string;
  message: string;
  /** Until the next try. */
  milliseconds: number;
}

export interface SignInProof {
  username: string;
  userId: string;
  organizationId: string;
  instanceUrl: string;
  scopes: readonly string[];
  /** The row of Login History that is this login; undefined when the org shows none (yet). */
  login: { id: string; time: string; status: string; application: string } | undefined;
  /** Token requests that were needed: more than one when the org had to settle. */
  tries: number;
}

/** Salesforce's help and vendors say two to ten minutes. */
export const usualSettlingMilliseconds = 10 * 60 * 1000;

/** Refusals that an app shows while the org has not yet acted on what it was told. */
const maySettle: ReadonlySet<string> = new Set([
  'CLIENT_ID_UNKNOWN',
  'CLIENT_APP_NOT_FOUND',
  'CLIENT_APP_BLOCKED',
  'USER_NOT_APPROVED',
  'USER_NOT_ADMIN_APPROVED',
  'ASSERTION_INVALID',
  'SCOPES_MISSING',
  'API_DISABLED',
  'SESSION_NOT_FOR_API',
]);

/**
 * Signs in as the user, asks who that is, and looks for the login in the user's own Login History.
 *
 * @throws SetupError PROOF_FAILED when the org refuses for good, NOT_YET_PROPAGATED when it did not
 *   settle in time; ClientError when it could not be reached
 */
export async function proveSignIn(options: ProofOptions): Promise<SignInProof> {
  const { clock = systemClock, budgetMilliseconds = usualSettlingMilliseconds } = options;
  const start = clock.now();
  // What has not been changed for longer than that does not settle any more.
  const settled =
    options.changedAt !== undefined && start - options.changedAt > usualSettlingMilliseconds;
  const end = settled ? start : start + budgetMilliseconds;
  for (let tries = 1; ; tries += 1) {
    try {
      return await prove(options, clock, tries);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (!maySettle.has(error.code)) throw wrong(error);
      const pause = Math.min(1000 * 2 ** (tries - 1), 30_000);
      if (clock.now() + pause > end)
        throw settled ? wrong(error) : notYet(error, budgetMilliseconds);
      options.onWait?.({ code: error.code, message: error.message, milliseconds: pause });
      await sleep(clock, pause, options.signal);
    }
  }
}

interface Refusal extends Error {
  code: string;
  hints: readonly string[];
}

/** An answer that says no, in contrast to no answer. */
function isRefusal(error: unknown): error is Refusal {
  if (error instanceof SetupError) return error.code === 'ADMIN_PERMISSION_MISSING';
  return error instanceof ClientError && error.status !== undefined && !error.transient;
}

async function prove(options: ProofOptions, clock: Clock, tries: number): Promise<SignInProof> {
  const { transport = createTransport(), username, consumerKey: clientId, signer } = options;
  const begun = clock.now();
  try {
    const { tokenEndpoint, audience } = resolveLoginUrl(options.loginUrl);
    const source = jwtBearerSource({
      tokenEndpoint,
      audience,
      clientId,
      username,
      signer,
      transport,
      clock,
      timeoutMilliseconds: 10_000,
    });
    const token = await source.token({ signal: options.signal });
    const session = await openAdminSession({
      accessToken: token.value,
      instanceUrl: token.instanceUrl,
      // Not asked for: this user may be allowed little.
      apiVersion: '60.0',
      ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    });
    return await witness(session, token, { ...options, begun, tries });
  } finally {
    if (options.transport === undefined) transport.close();
  }
}

async function witness(
  session: AdminSession,
  token: AccessToken,
  { username, appName, begun, tries }: ProofOptions & { begun: number; tries: number },
): Promise<SignInProof> {
  const response = await session.fetch('/services/oauth2/userinfo');
  const answer: unknown = response.ok ? await response.json() : undefined;
  const who = textField(answer, 'preferred_username');
  const userId = textField(answer, 'user_id');
  if (who.toLowerCase() !== username.toLowerCase()) {
    throw new SetupError(
      'PROOF_FAILED',
      `The org signed in ${who === '' ? 'nobody it tells of' : who}, and not ${username}`,
      { hints: ['Check the username: in a sandbox it ends in the name of the sandbox.'] },
    );
  }
  // A user may read the own rows since API 37. It shows as well that the token can call the API.
  const rows = await session.query<Readonly<Record<string, string>>>(
    soql`SELECT Id, LoginTime, Status, Application FROM LoginHistory WHERE UserId = ${userId} ORDER BY LoginTime DESC LIMIT 20`,
  );
  // Application cannot be filtered on. Clocks differ by a little, and rows are in whole seconds.
  const successes = rows.filter(
    (row) => row['Status'] === 'Success' && Date.parse(row['LoginTime'] ?? '') >= begun - 60_000,
  );
  const login = successes.find((row) => row['Application'] === appName);
  const other = successes[0]?.['Application'];
  if (login === undefined && other !== undefined) {
    throw new SetupError(
      'PROOF_FAILED',
      `The login went through the app ${other}, not ${appName}`,
      {
        hints: [
          'The consumer key is that of another app: take another alias, or give --consumer-key.',
        ],
      },
    );
  }
  return {
    username: who,
    userId,
    organizationId: textField(answer, 'organization_id'),
    instanceUrl: token.instanceUrl,
    scopes: token.scopes,
    login: login && {
      id: login['Id'] ?? '',
      time: login['LoginTime'] ?? '',
      status: login['Status'] ?? '',
      application: login['Application'] ?? '',
    },
    tries,
  };
}

function wrong(cause: Refusal): SetupError {
  const { error, errorDescription } = cause as { error?: string; errorDescription?: string };
  return new SetupError(
    'PROOF_FAILED',
    `The app is set up, and the login is refused: ${cause.message}`,
    {
      cause,
      error,
      errorDescription,
      hints: cause.hints,
    },
  );
}

function notYet(cause: Refusal, budget: number): SetupError {
  const { error, errorDescription } = cause as { error?: string; errorDescription?: string };
  return new SetupError(
    'NOT_YET_PROPAGATED',
    `The org has the app as it should, and did not act on it within ${Math.round(budget / 1000)} s: ${cause.message}`,
    {
      cause,
      error,
      errorDescription,
      transient: true,
      hints: [
        'Salesforce takes up to ten minutes: run the same command again in a while.',
        ...cause.hints,
      ],
    },
  );
}

/** SHA-256 of the public half of a key, in hex: what a certificate of that key has as well. */
export function keyFingerprintOf(key: KeyObject): string {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  return createHash('sha256')
    .update(half.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}
