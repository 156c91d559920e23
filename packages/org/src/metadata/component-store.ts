/** What a kind of component is in the org: found, read, deployed, deleted. */

import type { Directory } from '../directory/directory.ts';
import type { OrgContext } from '../org-context.ts';
import type { UserPermission } from '../directory/user-permission.ts';
import type { ComponentFields } from './component.ts';
import { DeployProblem, shortened } from './deploy-problem.ts';
import type { MetadataType } from './metadata-type.ts';

/** Who asks for metadata, and what the call may know and do. */
export interface MetadataCall {
  context: OrgContext;
  /** Stamped with the user who asks. */
  directory: Directory;
  userId: string;
  permissions: ReadonlySet<UserPermission>;
  /** Ids of apps that this very deployment made: their settings may still be given names. */
  newApps: Set<string>;
}

/** A component as lists know it. */
export interface ComponentEntry {
  fullName: string;
  id: string;
  createdById: string | undefined;
  /** Milliseconds since 1970. */
  created: number;
  modifiedById: string | undefined;
  modified: number;
}

export interface Deployed {
  id: string;
  /** What the deployment did to it. */
  change: 'created' | 'changed' | 'unchanged';
}

export interface ComponentStore {
  type: MetadataType;
  list(call: MetadataCall): ComponentEntry[];
  /** Undefined when there is none of this name. */
  read(fullName: string, call: MetadataCall): ComponentFields | undefined;
  /**
   * Nothing is written before everything was checked.
   *
   * @throws DeployProblem
   */
  deploy(fullName: string, fields: ComponentFields, call: MetadataCall): Deployed;
  /** @throws DeployProblem */
  delete(fullName: string, call: MetadataCall): { id: string };
}

/** Names are compared without regard to case. */
export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Salesforce's rule for every name of an API. @throws DeployProblem */
export function requireDeveloperName(fullName: string, label: string): void {
  if (/^[A-Za-z](?:_?[A-Za-z0-9])*$/.test(fullName) && fullName.length <= 80) return;
  if (fullName.length > 80) {
    throw new DeployProblem('tooLong', label, shortened(fullName), 80);
  }
  throw new DeployProblem('name', label);
}

/** @throws DeployProblem */
export function requireLength(value: string | undefined, label: string, most: number): void {
  if (value === undefined || value.length <= most) return;
  throw new DeployProblem('tooLong', label, shortened(value), most);
}

/** A component that names one that is not there. */
export function noneNamed(field: string, type: string, name: string): DeployProblem {
  return new DeployProblem('reference', field, type, shortened(name));
}

/** Of what should be deleted and is not there. */
export function nothingToDelete(type: string, fullName: string): DeployProblem {
  return new DeployProblem('nothingToDelete', type, shortened(fullName));
}

/** @throws DeployProblem when the user has none of these permissions */
export function requireAny(call: MetadataCall, ...permissions: readonly UserPermission[]): void {
  if (permissions.some((permission) => call.permissions.has(permission))) return;
  throw new DeployProblem('access');
}
