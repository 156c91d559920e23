/** Writes components: the Metadata REST resource (Metadata API Developer Guide, Deploy with REST). */

import { sleep } from '@sfjwt/client';
import type { AdminSession } from '../admin-session.ts';
import { SetupError } from '../errors.ts';
import { fieldOf, textField } from '../json-answer.ts';
import { metadataTypes } from './component.ts';
import { cureOf } from './deploy-problem.ts';
import { packageFiles, zipped } from './package-archive.ts';
import type { PackageContent } from './package-archive.ts';
import { pauseBefore } from './polling.ts';
import type { Patience } from './polling.ts';

export interface DeploymentOptions extends Patience {
  /** Only asks whether it would be taken: nothing is changed. */
  checkOnly?: boolean;
  /** What was seen at each look. */
  onProgress?: (progress: DeploymentProgress) => void;
}

export interface DeploymentProgress {
  /** In Salesforce's words, such as `Pending`, `InProgress`, `Succeeded`. */
  status: string;
  deployed: number;
  total: number;
}

/** What the org did not take. */
export interface ComponentFailure {
  type: string;
  fullName: string;
  /** In Salesforce's words. */
  problem: string;
}

/** Nothing of the deployment was kept: it is rolled back as a whole. */
export class DeploymentError extends SetupError {
  readonly failures: readonly ComponentFailure[];

  constructor(message: string, failures: readonly ComponentFailure[], hints: readonly string[]) {
    super('DEPLOYMENT_FAILED', message, { hints });
    this.failures = failures;
  }
}

/**
 * Deploys a package, all of it or nothing, and waits for the outcome.
 *
 * @throws DeploymentError (DEPLOYMENT_FAILED) naming each component that was refused, and its cure;
 *   SetupError as `AdminSession.request`
 */
export async function deploy(
  session: AdminSession,
  content: PackageContent,
  options: DeploymentOptions,
): Promise<void> {
  const { clock, signal, checkOnly = false, onProgress } = options;
  const zip = await zipped(await packageFiles(content, session.apiVersion));
  const form = new FormData();
  const deployOptions = {
    checkOnly,
    rollbackOnError: true,
    singlePackage: true,
    // There is no Apex in it, so there is nothing to test.
    testLevel: 'NoTestRun',
    allowMissingFiles: false,
  };
  const json = new Blob([JSON.stringify({ deployOptions })], { type: 'application/json' });
  form.append('entity_content', json);
  form.append('file', new Blob([zip], { type: 'application/zip' }), 'package.zip');
  const begun = await session.request('/metadata/deployRequest', { method: 'POST', body: form });
  const id = textField(begun, 'id');
  if (!/^\w{15,18}$/.test(id)) {
    throw new SetupError('ORG_REFUSED', 'The org did not say which deployment it began');
  }
  try {
    for (let look = 0; ; look += 1) {
      await sleep(clock, pauseBefore(look), signal);
      const answer = await statusOf(session, id);
      onProgress?.({
        status: textField(answer, 'status'),
        deployed: Number(fieldOf(answer, 'numberComponentsDeployed') ?? 0),
        total: Number(fieldOf(answer, 'numberComponentsTotal') ?? 0),
      });
      if (fieldOf(answer, 'done') !== true) continue;
      if (fieldOf(answer, 'success') === true) return;
      throw failure(answer);
    }
  } catch (error) {
    if (signal?.aborted === true) await cancel(session, id, clock);
    throw error;
  }
}

async function statusOf(session: AdminSession, id: string): Promise<unknown> {
  try {
    const answer = await session.request(`/metadata/deployRequest/${id}?includeDetails=true`);
    return fieldOf(answer, 'deployResult');
  } catch (error) {
    if (!(error instanceof SetupError) || error.code !== 'ADMIN_SESSION_INVALID') throw error;
    // It was accepted a moment ago.
    throw new SetupError(
      'ADMIN_SESSION_INVALID',
      'The admin session ended during the deployment, which goes on without it',
      {
        cause: error,
        hints: [
          'A session that came from the app that is being set up ends when its policies change: use a session of another app, such as the Salesforce CLI’s, and run the command again.',
        ],
      },
    );
  }
}

/** Best effort, for a person who pressed Ctrl-C: what is complete by then stays. */
async function cancel(session: AdminSession, id: string, clock: Patience['clock']): Promise<void> {
  try {
    const body = JSON.stringify({ deployResult: { status: 'Canceling' } });
    await session.request(`/metadata/deployRequest/${id}`, { method: 'PATCH', body });
    for (let look = 1; look < 6; look += 1) {
      if (fieldOf(await statusOf(session, id), 'done') === true) return;
      await sleep(clock, pauseBefore(look));
    }
  } catch {
    // It had ended already, or the org is out of reach: the next run reads what is there.
  }
}

function failure(result: unknown): DeploymentError {
  const details = fieldOf(result, 'details');
  const listed = fieldOf(details, 'componentFailures');
  const entries: unknown[] = Array.isArray(listed) ? listed : listed === undefined ? [] : [listed];
  const failures = entries.map((entry): ComponentFailure => {
    const fullName = textField(entry, 'fullName');
    return {
      type: textField(entry, 'componentType') || typeAt(textField(entry, 'fileName')),
      fullName,
      problem: textField(entry, 'problem').slice(0, 500),
    };
  });
  const told = failures.map(
    ({ type, fullName, problem }) => `${`${type} ${fullName}`.trim()}: ${problem}`,
  );
  const words = textField(result, 'errorMessage') || textField(result, 'status');
  const message = `The org refused the deployment: ${told.length > 0 ? told.join('; ') : words}`;
  const problems = failures.length > 0 ? failures.map(({ problem }) => problem) : [words];
  const hints = [...new Set(problems.flatMap((problem) => cureOf(problem) ?? []))];
  return new DeploymentError(
    message,
    failures,
    hints.length > 0
      ? hints
      : ['The message is Salesforce’s own; Setup > Deployment Status keeps it.'],
  );
}

function typeAt(fileName: string): string {
  const folder = fileName.split('/').at(-2) ?? '';
  return Object.entries(metadataTypes).find(([, place]) => place.folder === folder)?.[0] ?? '';
}
