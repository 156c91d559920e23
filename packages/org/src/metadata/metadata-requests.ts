/**
 * Deployments and retrieves that were asked for: waiting, under way, done.
 *
 * The work of one is done in one step, when its time has come by the clock of the org; until then it
 * waits, or is under way, and can be canceled. So what a client that polls sees does not depend on
 * how fast the machine is.
 */

import { openDirectory } from '../directory/directory.ts';
import { orgSettings } from '../directory/organization.ts';
import { permissionsOf } from '../directory/user-permission.ts';
import type { OrgContext } from '../org-context.ts';
import type { MetadataCall } from './component-store.ts';
import { runDeployment } from './deployment.ts';
import type { DeployOptions, DeployOutcome } from './deployment.ts';
import { runRetrieve } from './retrieval.ts';
import type { RetrieveOutcome, RetrieveWish } from './retrieval.ts';

interface DeployState {
  kind: 'deploy';
  options: DeployOptions;
  outcome?: DeployOutcome;
  /** Id of the user who canceled it. */
  canceledBy?: string;
  /** Of a quick deployment: the validation whose files it takes. */
  validatedDeployRequestId?: string;
}

interface RetrieveState {
  kind: 'retrieve';
  wish: RetrieveWish;
  outcome?: RetrieveOutcome;
}

type State = DeployState | RetrieveState;

export interface MetadataRequest<S extends State = State> {
  id: string;
  userId: string;
  created: number;
  /** When the work is done, or was. */
  due: number;
  state: S;
}

const keptRequests = 100;

export function metadataCall(userId: string, context: OrgContext): MetadataCall {
  return {
    context,
    directory: openDirectory(context.records.as(userId)),
    userId,
    permissions: permissionsOf(userId, context.database),
    newApps: new Set(),
  };
}

function submit(
  prefix: string,
  userId: string,
  state: State,
  zip: Uint8Array | undefined,
  context: OrgContext,
): string {
  const { records, database, clock } = context;
  const id = records.nextId(prefix);
  const created = clock.now();
  const seconds = orgSettings(database).deploySeconds;
  const due = created + seconds * 1000;
  records.insert('_MetadataRequest', {
    Id: id,
    _userId: userId,
    _created: created,
    _finished: due,
    _due: due,
    _state: JSON.stringify(state),
    _zip: zip === undefined ? null : Buffer.from(zip).toString('base64'),
  });
  database
    .prepare(
      `DELETE FROM "_MetadataRequest" WHERE "_due" IS NULL AND "Id" NOT IN
       (SELECT "Id" FROM "_MetadataRequest" ORDER BY "_created" DESC, "Id" DESC LIMIT ${keptRequests})`,
    )
    .run();
  return id;
}

export function submitDeploy(
  zip: Uint8Array,
  options: DeployOptions,
  userId: string,
  context: OrgContext,
): string {
  return submit('0Af', userId, { kind: 'deploy', options }, zip, context);
}

export function submitRetrieve(wish: RetrieveWish, userId: string, context: OrgContext): string {
  return submit('09S', userId, { kind: 'retrieve', wish }, undefined, context);
}

/** Salesforce: ten days after it a validation can no longer be deployed quickly. */
const validationMilliseconds = 10 * 24 * 3_600_000;

/** Why a validation cannot be deployed quickly. */
export class NotValidated extends Error {
  override readonly name = 'NotValidated';
}

/** Deploys what a validation has found good. @throws NotValidated */
export function submitQuickDeploy(
  validationId: string,
  userId: string,
  context: OrgContext,
): string {
  const row = context.records.find('_MetadataRequest', { Id: validationId });
  const validation = findRequest(validationId, context);
  if (row === undefined || validation?.state.kind !== 'deploy') {
    throw new NotValidated(`No validated deployment with id: ${validationId.slice(0, 18)}`);
  }
  const { options, outcome } = validation.state;
  const isRecent = context.clock.now() - validation.due < validationMilliseconds;
  const isGood = options.checkOnly && outcome?.status === 'Succeeded';
  const ranTests = options.testLevel !== undefined && options.testLevel !== 'NoTestRun';
  if (!isGood || !isRecent || !ranTests || typeof row['_zip'] !== 'string') {
    throw new NotValidated(
      'Cannot quick deploy: the deployment is not a validation with tests that succeeded within the last 10 days',
    );
  }
  const state: DeployState = {
    kind: 'deploy',
    options: { ...options, checkOnly: false },
    validatedDeployRequestId: validation.id,
  };
  return submit('0Af', userId, state, Buffer.from(row['_zip'], 'base64'), context);
}

export function findRequest(id: string, { records }: OrgContext): MetadataRequest | undefined {
  const row = records.find('_MetadataRequest', { Id: id });
  if (row === undefined) return undefined;
  return {
    id: String(row['Id']),
    userId: String(row['_userId']),
    created: Number(row['_created']),
    due: Number(row['_finished']),
    state: JSON.parse(String(row['_state'])) as State,
  };
}

/** A deployment that is done is past canceling. Whether it was canceled. */
export function cancelDeploy(id: string, userId: string, context: OrgContext): boolean {
  const request = findRequest(id, context);
  if (request?.state.kind !== 'deploy' || isDone(request)) return false;
  context.records.update('_MetadataRequest', request.id, {
    _due: null,
    _finished: context.clock.now(),
    _state: JSON.stringify({ ...request.state, canceledBy: userId }),
    _zip: null,
  });
  return true;
}

export function isDone({ state }: MetadataRequest): boolean {
  return state.outcome !== undefined || (state.kind === 'deploy' && state.canceledBy !== undefined);
}

/** Half of its time a request waits, the other half it is under way. */
export function statusOf(request: MetadataRequest, context: OrgContext): string {
  const { state, created, due } = request;
  if (state.kind === 'deploy' && state.canceledBy !== undefined) return 'Canceled';
  if (state.outcome !== undefined) return state.outcome.status;
  return context.clock.now() < created + (due - created) / 2 ? 'Pending' : 'InProgress';
}

/** A fault of the org is told as Salesforce tells its own, and never tried again. */
function outcomeOf(zip: Uint8Array, options: DeployOptions, call: MetadataCall): DeployOutcome {
  try {
    return runDeployment(zip, options, call);
  } catch (error) {
    console.error(error);
    return {
      status: 'Failed',
      messages: [],
      errorStatusCode: 'UNKNOWN_EXCEPTION',
      errorMessage: 'An unexpected error occurred.',
      numberFiles: 0,
    };
  }
}

/** Does the work of every request whose time has come. */
export function settle(context: OrgContext): void {
  const { database, records, clock } = context;
  for (;;) {
    const row = database
      .prepare(`SELECT * FROM "_MetadataRequest" WHERE "_due" <= ? ORDER BY "_due", "Id" LIMIT 1`)
      .get(clock.now());
    if (row === undefined) return;
    const id = String(row['Id']);
    const state = JSON.parse(String(row['_state'])) as State;
    const call = metadataCall(String(row['_userId']), context);
    if (state.kind === 'deploy') {
      const outcome = outcomeOf(Buffer.from(String(row['_zip']), 'base64'), state.options, call);
      const isKept = state.options.checkOnly && outcome.status === 'Succeeded';
      records.update('_MetadataRequest', id, {
        _due: null,
        _state: JSON.stringify({ ...state, outcome }),
        ...(isKept ? {} : { _zip: null }),
      });
    } else {
      const outcome = runRetrieve(state.wish, call);
      records.update('_MetadataRequest', id, {
        _due: null,
        _state: JSON.stringify({ ...state, outcome }),
      });
    }
  }
}
