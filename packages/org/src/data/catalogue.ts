/** The objects of an org: Salesforce's own, and those that its administrator added. */

import type { Field } from './field.ts';
import { accessObjects } from './objects/access.ts';
import { directoryObjects } from './objects/directory.ts';
import { nameObject } from './objects/name.ts';
import { salesObjects } from './objects/sales.ts';
import { workObjects } from './objects/work.ts';
import type { SObject } from './sobject.ts';

const standardObjects: readonly SObject[] = [
  ...directoryObjects,
  ...accessObjects,
  ...salesObjects,
  ...workObjects,
];

export interface ChildRelationship {
  child: SObject;
  field: Field;
}

export class Catalogue {
  readonly #byName = new Map<string, SObject>();
  readonly #origin: readonly SObject[];

  /** @param sobjects Salesforce's own when left out */
  constructor(sobjects: readonly SObject[] = standardObjects) {
    this.#origin = sobjects;
    this.reset();
  }

  /** Forgets what was added. */
  reset(): void {
    this.#byName.clear();
    for (const sobject of this.#origin) this.put(sobject);
  }

  /** Adds an object, or takes the place of the one with its name. */
  put(sobject: SObject): void {
    this.#byName.set(sobject.name.toLowerCase(), sobject);
  }

  list(): SObject[] {
    return [...this.#byName.values()];
  }

  /** Names are compared without regard to case. */
  find(name: string): SObject | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /** Whose record an id names, by its first three characters. */
  findById(id: string): SObject | undefined {
    const prefix = id.slice(0, 3);
    for (const sobject of this.#byName.values()) {
      if (sobject.keyPrefix === prefix) return sobject;
    }
    return undefined;
  }

  /** The object that a relationship leads to; over several kinds it is what they have in common. */
  parentOf({ relationshipName, referenceTo }: Field): SObject | undefined {
    if (relationshipName === undefined) return undefined;
    const [first, ...more] = referenceTo;
    if (more.length > 0) return nameObject;
    return first === undefined ? undefined : this.find(first);
  }

  /** The ways down from an object. */
  childRelationships(sobject: SObject): ChildRelationship[] {
    return this.list().flatMap((child) =>
      child.fields
        .filter(({ referenceTo }) => referenceTo.includes(sobject.name))
        .map((field) => ({ child, field })),
    );
  }

  /** The way down of this name. */
  findChildRelationship(sobject: SObject, name: string): ChildRelationship | undefined {
    const lower = name.toLowerCase();
    return this.childRelationships(sobject).find(
      ({ field }) => field.childRelationshipName?.toLowerCase() === lower,
    );
  }
}
