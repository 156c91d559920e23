/**
 * Carries a plan out. A new app stays closed until it is finished: what is half-made when this is
 * stopped lets nobody in, and the next run finishes it.
 */

import { systemClock } from '@sfjwt/client';
import type { Clock } from '@sfjwt/client';
import type { AdminSession } from './admin-session.ts';
import { chooseConsumerKey, readConsumerKey } from './consumer-key.ts';
import { SetupError } from './errors.ts';
import { desiredComponents, externalClientAppParts } from './metadata/client-app.ts';
import type { Component, MetadataType } from './metadata/component.ts';
import { listComponents } from './metadata/component-list.ts';
import { deploy, DeploymentError } from './metadata/deployment.ts';
import type { DeploymentProgress } from './metadata/deployment.ts';
import { problemOf } from './metadata/deploy-problem.ts';
import { changedComponent, newComponent } from './metadata/desired-component.ts';
import type { DesiredComponent } from './metadata/desired-component.ts';
import { textOf } from './metadata/metadata-xml.ts';
import type { RetrievedComponent } from './metadata/package-archive.ts';
import { readComponents, readOrg } from './org-reading.ts';
import type { OrgReading } from './org-reading.ts';
import {
  assignmentsWanted,
  certificateInOrg,
  comparePlan,
  componentsToDeploy,
  findPermissionSet,
  findUser,
  lets,
} from './setup-plan.ts';
import type { SetupPlanInDetail } from './setup-plan.ts';
import { soql } from './soql.ts';
import { TemporaryAccess } from './temporary-access.ts';
import type { OpeningJournal } from './temporary-access.ts';

/** Steps of a run, in their order; those with nothing to do are left out. */
export type SetupStep =
  | 'restore'
  | 'check'
  | 'app'
  | 'oauth'
  | 'assign'
  | 'open'
  | 'change'
  | 'verify'
  | 'authorize'
  | 'consumerKey';

export interface SetupRunOptions {
  clock?: Clock;
  signal?: AbortSignal | undefined;
  /** Before each step. */
  onStep?: (step: SetupStep, title: string) => void;
  onProgress?: (progress: DeploymentProgress) => void;
  /** Told before the app is there, so that it can be kept: not when the org makes the key. */
  onConsumerKey?: (consumerKey: string) => void | Promise<void>;
  /** Keeps note of switches that are open, over the death of the process. */
  journal?: OpeningJournal | undefined;
  /** Known from an earlier run, and not asked for again; sent with an app that is not there. */
  consumerKey?: string | undefined;
}

export interface SetupOutcome {
  consumerKey: string;
  appId: string;
  /** Of the certificate that the app now has in the org. */
  fingerprint256: string;
  /** Whether anything was changed. */
  changed: boolean;
  /** What the org is like now. */
  reading: OrgReading;
}

/**
 * Asks the org whether it would take the plan, and changes nothing.
 *
 * @throws SetupError SETUP_OBSTRUCTED; DeploymentError (DEPLOYMENT_FAILED)
 */
export async function checkSetup(
  session: AdminSession,
  plan: SetupPlanInDetail,
  options: SetupRunOptions = {},
): Promise<void> {
  refuseObstacles(plan);
  await new SetupRun(session, plan, options).check();
}

/**
 * Makes the org as the plan says, then reads it back.
 *
 * @throws SetupError SETUP_OBSTRUCTED before anything is changed; DeploymentError (DEPLOYMENT_FAILED),
 *   NOT_AS_DEPLOYED, CONSUMER_KEY_UNREADABLE, and as `AdminSession.request`
 */
export async function applySetup(
  session: AdminSession,
  plan: SetupPlanInDetail,
  options: SetupRunOptions = {},
): Promise<SetupOutcome> {
  refuseObstacles(plan);
  return new SetupRun(session, plan, options).apply();
}

function refuseObstacles({ obstacles }: SetupPlanInDetail): void {
  if (obstacles.length === 0) return;
  throw new SetupError(
    'SETUP_OBSTRUCTED',
    `Nothing was changed: ${obstacles.map(({ message }) => message).join('; ')}`,
    { hints: [...new Set(obstacles.map(({ cure }) => cure))] },
  );
}

class SetupRun {
  readonly #session: AdminSession;
  readonly #plan: SetupPlanInDetail;
  readonly #options: SetupRunOptions;
  readonly #clock: Clock;
  readonly #access: TemporaryAccess;
  /** Sent with a new app; undefined when the org makes one. */
  #consumerKey: string | undefined;
  /** Of an app that is there, from an earlier run. */
  #knownKey: string | undefined;
  #desired: readonly DesiredComponent[];
  #found: ReadonlyMap<MetadataType, RetrievedComponent>;

  constructor(session: AdminSession, plan: SetupPlanInDetail, options: SetupRunOptions) {
    const { clock = systemClock, journal } = options;
    const { consumerKey } = plan.app;
    this.#session = session;
    this.#plan = plan;
    this.#options = options;
    this.#clock = clock;
    this.#access = new TemporaryAccess({ session, clock, journal });
    this.#found = plan.reading.found;
    this.#desired = plan.desired;
    if (this.#hasKey()) {
      this.#knownKey = options.consumerKey;
      return;
    }
    if (consumerKey === 'chosen') this.#consumerKey = options.consumerKey ?? chooseConsumerKey();
    if (typeof consumerKey === 'object') this.#consumerKey = consumerKey.value;
    this.#desire();
  }

  async check(): Promise<void> {
    const components = this.#allComponents();
    if (components.length === 0) return;
    await this.#withKey(() => this.#deploy(this.#allComponents(), true));
  }

  async apply(): Promise<SetupOutcome> {
    const { changes } = this.#plan;
    try {
      const left = await this.#access.restoreEarlier();
      if (left.length > 0) this.#step('restore', 'Closed what an earlier run had left open');
      if (this.#allComponents().length > 0) {
        this.#step('check', 'Ask the org whether it would take all of it');
        await this.check();
        if (this.#consumerKey !== undefined) await this.#options.onConsumerKey?.(this.#consumerKey);
        if (this.#isOpen()) await this.#changeAtOnce();
        else if (this.#plan.app.kind === 'connectedApp') await this.#makeConnectedApp();
        else await this.#makeClosedApp();
      } else {
        await this.#assign();
      }
      return await this.#finish(changes.length > 0);
    } finally {
      // Also when a person pressed Ctrl-C: these requests are not aborted.
      await this.#access.restore();
    }
  }

  #step(step: SetupStep, title: string): void {
    this.#options.signal?.throwIfAborted();
    this.#options.onStep?.(step, title);
  }

  #hasKey(): boolean {
    return this.#found.has('ExtlClntAppGlobalOauthSettings') || this.#found.has('ConnectedApp');
  }

  #desire(): void {
    this.#desired = desiredComponents(this.#plan.app, {
      certificatePem: this.#plan.certificate.pem,
      consumerKey: this.#consumerKey,
      found: this.#found,
    });
  }

  #allComponents(): Component[] {
    return [...this.#markers(), ...componentsToDeploy(this.#desired, this.#found)];
  }

  #markers(): Component[] {
    return this.#plan.newPermissionSets.map(newComponent);
  }

  /** In use by somebody: it is changed, and not closed for it. */
  #isOpen(): boolean {
    if (this.#plan.app.kind === 'connectedApp') return this.#found.has('ConnectedApp');
    return this.#isEnabled() && certificateInOrg({ found: this.#found }) !== undefined;
  }

  #isEnabled(): boolean {
    const policy = this.#found.get('ExtlClntAppConfigurablePolicies')?.fields;
    return textOf(policy, 'isEnabled') === 'true';
  }

  async #changeAtOnce(): Promise<void> {
    this.#step('change', 'Change what differs');
    await this.#deploy(this.#allComponents());
    await this.#assign();
  }

  async #makeConnectedApp(): Promise<void> {
    this.#step('app', 'Create the connected app, which admits nobody yet');
    await this.#withKey(() => this.#deploy(this.#allComponents()));
    await this.#assign();
  }

  async #makeClosedApp(): Promise<void> {
    const of = (...types: MetadataType[]): Component[] =>
      componentsToDeploy(this.#desired, this.#found).filter(({ type }) => types.includes(type));
    const header = [...of('ExternalClientApplication'), ...this.#markers()];
    if (header.length > 0) {
      this.#step('app', 'Create the app, with no way in, and its permission set');
      await this.#deploy(header);
      await this.#findParts();
    }
    const closed = (): Component[] => [
      ...of('ExtlClntAppGlobalOauthSettings', 'ExtlClntAppOauthSettings'),
      ...this.#closing(),
    ];
    if (of('ExtlClntAppGlobalOauthSettings', 'ExtlClntAppOauthSettings').length > 0) {
      this.#step('oauth', 'Enable OAuth with the certificate; the app is disabled');
      await this.#withKey(() => this.#deploy(closed()));
    }
    await this.#assign();
    this.#step('open', 'Set the policies, and enable the app');
    await this.#findParts();
    await this.#deploy(
      of('ExtlClntAppOauthConfigurablePolicies', 'ExtlClntAppConfigurablePolicies'),
    );
  }

  /** The policy that disables the app. A new one is enabled by itself, as soon as it is there. */
  #closing(): Component[] {
    const desired = this.#desired.find(({ type }) => type === 'ExtlClntAppConfigurablePolicies');
    const current = this.#found.get('ExtlClntAppConfigurablePolicies')?.fields;
    if (desired === undefined) return [];
    const component =
      current === undefined ? newComponent(desired) : changedComponent(desired, current);
    return [{ ...component, fields: { ...component.fields, isEnabled: false } }];
  }

  /** Salesforce makes policies by itself, under names of its own: they are taken as they are. */
  async #findParts(): Promise<void> {
    const { app } = this.#plan;
    const types = ['ExternalClientApplication', ...externalClientAppParts] as const;
    const listed = await listComponents(this.#session, types);
    this.#found = await readComponents(this.#session, app, listed, {
      clock: this.#clock,
      signal: this.#options.signal,
    });
    this.#desire();
  }

  async #deploy(components: readonly Component[], checkOnly = false): Promise<void> {
    if (components.length === 0) return;
    const { signal, onProgress } = this.#options;
    await deploy(
      this.#session,
      { components },
      {
        clock: this.#clock,
        signal,
        checkOnly,
        ...(onProgress === undefined ? {} : { onProgress }),
      },
    );
  }

  /** Some orgs let nobody choose a consumer key: then theirs is taken. */
  async #withKey(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const refused =
        error instanceof DeploymentError &&
        error.failures.some(
          ({ problem }) => problemOf(problem)?.startsWith('consumerKey') === true,
        );
      if (!refused || this.#plan.app.consumerKey !== 'chosen' || this.#consumerKey === undefined) {
        throw error;
      }
      this.#consumerKey = undefined;
      this.#desire();
      await work();
    }
  }

  /** Before the app opens, so that it opens for whom it should. */
  async #assign(): Promise<void> {
    const { app, reading } = this.#plan;
    const wanted = assignmentsWanted(app, reading);
    if (wanted.length === 0) return;
    let sets = reading.permissionSets;
    if (
      wanted.some(({ permissionSet }) => findPermissionSet(reading, permissionSet) === undefined)
    ) {
      const rows = await this.#session.query<{ Id: string; Name: string }>(
        soql`SELECT Id, Name FROM PermissionSet WHERE IsOwnedByProfile = false AND Name IN ${app.permissionSets}`,
      );
      sets = rows.map(({ Id, Name }) => ({
        id: Id,
        name: Name,
        description: '',
        profile: undefined,
        assignees: findPermissionSet(reading, Name)?.assignees ?? [],
      }));
    }
    const missing = wanted.flatMap(({ username, permissionSet }) => {
      const user = findUser(reading, username);
      const set = findPermissionSet({ permissionSets: sets }, permissionSet);
      if (user === undefined || set === undefined || set.assignees.includes(user.id)) return [];
      return [{ user, set }];
    });
    if (missing.length === 0) return;
    this.#step('assign', 'Assign the permission set');
    for (const { user, set } of missing) {
      await this.#insert('PermissionSetAssignment', {
        AssigneeId: user.id,
        PermissionSetId: set.id,
      });
    }
  }

  /** Reads back what the org made of it; lets in whom the deployment did not let in. */
  async #finish(changed: boolean): Promise<SetupOutcome> {
    const { app, certificate } = this.#plan;
    const { signal } = this.#options;
    let { reading } = this.#plan;
    if (changed) {
      this.#step('verify', 'Read it back');
      reading = await readOrg(this.#session, app, { clock: this.#clock, signal });
    }
    const { appId } = reading;
    if (appId === undefined) {
      throw new SetupError('NOT_AS_DEPLOYED', `The org has no app ${app.apiName} after all`, {
        hints: ['Run the command again.'],
      });
    }
    if (app.permittedUsers === 'adminApproved') await this.#authorize(reading, appId);
    const left = comparePlan(app, reading, certificate, {
      replaceCertificate: true,
    }).changes.filter(({ action }) => action !== 'authorize');
    if (left.length > 0) throw notAsDeployed(left);
    if (this.#consumerKey === undefined && this.#knownKey === undefined) {
      this.#step('consumerKey', 'Read the consumer key');
    }
    const consumerKey =
      this.#consumerKey ??
      this.#knownKey ??
      (await readConsumerKey(this.#session, {
        reading,
        app,
        clock: this.#clock,
        access: this.#access,
      }));
    return { consumerKey, appId, fingerprint256: certificate.fingerprint256, changed, reading };
  }

  /** The policy names permission sets, and not every org makes the records for it. */
  async #authorize(reading: OrgReading, appId: string): Promise<void> {
    const { app } = this.#plan;
    const ids = [
      ...app.permissionSets
        .filter((name) => !lets(reading, name))
        .map((name) => findPermissionSet(reading, name)?.id),
      ...app.profiles
        .filter((name) => !reading.access.some(({ profile }) => profile === name))
        .map((name) => reading.permissionSets.find(({ profile }) => profile === name)?.id),
    ];
    if (ids.length === 0) return;
    this.#step('authorize', 'Let the permission set in');
    for (const id of ids) {
      if (id !== undefined)
        await this.#insert('SetupEntityAccess', { ParentId: id, SetupEntityId: appId });
    }
  }

  /** One that is there already is as good: somebody was quicker, or an earlier run. */
  async #insert(object: string, fields: Readonly<Record<string, string>>): Promise<void> {
    try {
      const body = JSON.stringify(fields);
      await this.#session.request(`/sobjects/${object}`, { method: 'POST', body });
    } catch (error) {
      if (error instanceof SetupError && error.error === 'DUPLICATE_VALUE') return;
      throw error;
    }
  }
}

function notAsDeployed(left: SetupPlanInDetail['changes']): SetupError {
  const told = left.map(({ what, field, from, to }) =>
    field === undefined ? what : `${what}: ${field} is ${from ?? 'empty'} and not ${to ?? ''}`,
  );
  return new SetupError(
    'NOT_AS_DEPLOYED',
    `The org took the deployment and is not as it says: ${told.join('; ')}`,
    {
      hints: [
        'Run the command again; orgs have been seen to drop a certificate at its first upload.',
        'If it stays, set the field in Setup by hand: the message names it.',
      ],
    },
  );
}
