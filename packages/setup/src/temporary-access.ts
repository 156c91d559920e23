/**
 * What has to be open in an org for a moment, such as a switch of its settings: it is noted before it
 * is opened, and closed again whatever happens in between.
 */

import { randomBytes } from 'node:crypto';
import type { Clock } from '@sfjwt/client';
import type { AdminSession } from './admin-session.ts';
import { textField } from './json-answer.ts';
import { deploy } from './metadata/deployment.ts';
import { textOf } from './metadata/metadata-xml.ts';
import type { ReadFields } from './metadata/metadata-xml.ts';
import { retrieveComponents } from './metadata/retrieval.ts';
import { soql } from './soql.ts';

/** Something that was opened, as it is to be restored. */
export type Opening =
  | { kind: 'switch'; name: OrgSwitch; was: boolean }
  | { kind: 'permissionSet'; name: string };

/** Switches of Setup > External Client App Settings (ExternalClientAppSettings). */
export type OrgSwitch = 'enableClientSecretInRestApiAccess' | 'enableConsumerSecretApiAccess';

/** Remembers openings over the death of the process. */
export interface OpeningJournal {
  load(): Promise<readonly Opening[]>;
  save(openings: readonly Opening[]): Promise<void>;
}

export interface TemporaryAccessOptions {
  session: AdminSession;
  clock: Clock;
  journal?: OpeningJournal | undefined;
}

const settings = { type: 'Settings', fullName: 'ExternalClientApp' } as const;

/** Opens, and restores. */
export class TemporaryAccess {
  readonly #session: AdminSession;
  readonly #clock: Clock;
  readonly #journal: OpeningJournal | undefined;
  #openings: Opening[] = [];

  constructor({ session, clock, journal }: TemporaryAccessOptions) {
    this.#session = session;
    this.#clock = clock;
    this.#journal = journal;
  }

  /** Restores what an earlier run that was killed left open. Returns what that was. */
  async restoreEarlier(): Promise<readonly Opening[]> {
    const left = (await this.#journal?.load()) ?? [];
    if (left.length === 0) return left;
    this.#openings = [...left];
    await this.restore();
    return left;
  }

  /** Turns a switch on, if it is off. */
  async openSwitch(name: OrgSwitch): Promise<void> {
    const current = await this.#settings();
    if (textOf(current, name) === 'true') return;
    await this.#note({ kind: 'switch', name, was: false });
    await this.#setSwitch(current, name, true);
  }

  /** Gives the administrator a permission, by a permission set that lives as long as this. */
  async givePermission(administratorId: string, permission: string): Promise<void> {
    // One that a killed run left, under the same name, would be in the way.
    const suffix = randomBytes(4).toString('hex');
    const name = `sfjwt_setup_${suffix}`;
    await this.#note({ kind: 'permissionSet', name });
    const created = await this.#session.request('/sobjects/PermissionSet', {
      method: 'POST',
      body: JSON.stringify({ Name: name, Label: `sfjwt setup ${suffix}`, [permission]: true }),
    });
    const PermissionSetId = textField(created, 'id');
    await this.#session.request('/sobjects/PermissionSetAssignment', {
      method: 'POST',
      body: JSON.stringify({ AssigneeId: administratorId, PermissionSetId }),
    });
  }

  /** Puts everything back, last opened first. What fails stays noted for the next run. */
  async restore(): Promise<void> {
    for (const opening of this.#openings.toReversed()) {
      if (opening.kind === 'switch') {
        const current = await this.#settings();
        await this.#setSwitch(current, opening.name, opening.was);
      } else {
        await this.#deletePermissionSet(opening.name);
      }
      this.#openings = this.#openings.filter((one) => one !== opening);
      await this.#journal?.save(this.#openings);
    }
  }

  /** Before it is opened: who is killed in between finds it in the journal. */
  async #note(opening: Opening): Promise<void> {
    this.#openings.push(opening);
    await this.#journal?.save(this.#openings);
  }

  async #settings(): Promise<ReadFields> {
    const [found] = await retrieveComponents(this.#session, [settings], { clock: this.#clock });
    return found?.fields ?? {};
  }

  async #setSwitch(current: ReadFields, name: OrgSwitch, on: boolean): Promise<void> {
    const components = [{ ...settings, fields: { ...current, [name]: on } }];
    await deploy(this.#session, { components }, { clock: this.#clock });
  }

  async #deletePermissionSet(name: string): Promise<void> {
    const [set] = await this.#session.query<{ Id: string }>(
      soql`SELECT Id FROM PermissionSet WHERE Name = ${name}`,
    );
    if (set === undefined) return;
    const assignments = await this.#session.query<{ Id: string }>(
      soql`SELECT Id FROM PermissionSetAssignment WHERE PermissionSetId = ${set.Id}`,
    );
    for (const { Id } of assignments) {
      await this.#session.request(`/sobjects/PermissionSetAssignment/${Id}`, { method: 'DELETE' });
    }
    await this.#session.request(`/sobjects/PermissionSet/${set.Id}`, { method: 'DELETE' });
  }
}
