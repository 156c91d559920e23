/** Takes an app out of an org, with all that was made for it and is used for nothing else. */

import { systemClock } from '@sfjwt/client';
import type { Clock } from '@sfjwt/client';
import type { AdminSession } from './admin-session.ts';
import { resolveSpecification } from './app-specification.ts';
import type { AppSpecification } from './specification-schema.ts';
import { SetupError } from './errors.ts';
import { externalClientAppParts, markerDescription } from './metadata/client-app.ts';
import { listComponents } from './metadata/component-list.ts';
import { nameOf } from './metadata/component.ts';
import { deploy } from './metadata/deployment.ts';
import type { ComponentName } from './metadata/package-archive.ts';
import type { Patience } from './metadata/polling.ts';
import { readComponents, readOrg } from './org-reading.ts';
import { findPermissionSet } from './setup-plan.ts';
import { soql } from './soql.ts';

export interface RemovalPlan {
  kind: 'externalClientApp' | 'connectedApp';
  apiName: string;
  /** In words, in their order; empty when there is nothing of the app. */
  removals: readonly string[];
  /** What is there and was not made by setup, or is used for something else. */
  leftAlone: readonly string[];
  app: ComponentName | undefined;
  permissionSets: readonly { id: string; name: string }[];
}

/** What would be removed. Changes nothing. @throws SetupError as `AdminSession.request` */
export async function planRemoval(
  session: AdminSession,
  specification: AppSpecification,
  patience: Patience,
): Promise<RemovalPlan> {
  const app = await resolveSpecification(specification);
  const reading = await readOrg(session, app, patience);
  const head = reading.found.get(
    app.kind === 'connectedApp' ? 'ConnectedApp' : 'ExternalClientApplication',
  );
  const removals: string[] = [];
  const leftAlone: string[] = [];
  const permissionSets: { id: string; name: string }[] = [];
  for (const name of app.permissionSets) {
    const set = findPermissionSet(reading, name);
    if (set === undefined) continue;
    if (set.description !== markerDescription(app.apiName)) {
      leftAlone.push(`PermissionSet ${set.name}: it was not made for this app`);
      continue;
    }
    const others = await session.query(
      soql`SELECT SetupEntityId FROM SetupEntityAccess WHERE ParentId = ${set.id}`,
    );
    if (others.some((row) => row['SetupEntityId'] !== reading.appId)) {
      leftAlone.push(`PermissionSet ${set.name}: it gives access to something else as well`);
      continue;
    }
    permissionSets.push({ id: set.id, name: set.name });
    removals.push(`PermissionSet ${set.name}, with its assignments`);
  }
  if (head !== undefined) removals.push(nameOf(head));
  const { kind, apiName } = app;
  return { kind, apiName, removals, leftAlone, app: head, permissionSets };
}

export interface RemovalOptions {
  clock?: Clock;
  signal?: AbortSignal | undefined;
}

/**
 * Removes it, and looks that nothing is left. The app goes first: from then on nobody gets a token.
 *
 * @throws DeploymentError (DEPLOYMENT_FAILED), SetupError NOT_AS_DEPLOYED
 */
export async function removeApp(
  session: AdminSession,
  plan: RemovalPlan,
  { clock = systemClock, signal }: RemovalOptions = {},
): Promise<void> {
  const patience = { clock, signal };
  if (plan.app !== undefined) {
    await deploy(session, { deletions: [plan.app] }, patience);
  }
  const types = ['ExternalClientApplication', ...externalClientAppParts] as const;
  if (plan.kind === 'externalClientApp' && plan.app !== undefined) {
    // Its parts go with it. Where they did not, they are deleted by name.
    const listed = await listComponents(session, types);
    const left = listed.filter(({ fullName }) => fullName.startsWith(`${plan.apiName}_`));
    const rest = await readComponents(session, plan, left, patience);
    if (rest.size > 0) await deploy(session, { deletions: [...rest.values()] }, patience);
  }
  for (const { id } of plan.permissionSets) {
    // Salesforce deletes no permission set that somebody has.
    const rows = await session.query<{ Id: string }>(
      soql`SELECT Id FROM PermissionSetAssignment WHERE PermissionSetId = ${id}`,
    );
    for (const { Id } of rows) {
      await session.request(`/sobjects/PermissionSetAssignment/${Id}`, { method: 'DELETE' });
    }
    await session.request(`/sobjects/PermissionSet/${id}`, { method: 'DELETE' });
  }
  const listed = await listComponents(
    session,
    plan.kind === 'connectedApp' ? ['ConnectedApp'] : types,
  );
  const left = listed.filter(
    ({ type, fullName }) => type === plan.app?.type && fullName === plan.app.fullName,
  );
  if (left.length > 0) {
    throw new SetupError('NOT_AS_DEPLOYED', `${nameOf(left[0] as ComponentName)} is still there`, {
      hints: ['Run the command again; if it stays, delete the app in Setup.'],
    });
  }
}
