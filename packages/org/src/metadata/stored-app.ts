/** A client app as Metadata sees it: one row, of which each component is a part. */

import type { ClientApp, ClientAppKind } from '../directory/client-app.ts';
import { orgSettings } from '../directory/organization.ts';
import type { Row } from '../store/database.ts';
import { to18 } from '../store/record-id.ts';
import type { Values } from '../store/records.ts';
import { componentNames } from '../store/views.ts';
import { textOf } from './component.ts';
import type { ComponentFields } from './component.ts';
import { DeployProblem } from './deploy-problem.ts';
import { noneNamed, sameName } from './component-store.ts';
import type { ComponentEntry, MetadataCall } from './component-store.ts';

/** The column that holds the name of a component of an external client app. */
export type NameColumn = keyof typeof componentNames;

export interface StoredApp {
  app: ClientApp;
  row: Row;
}

function stored(row: Row | undefined, { context }: MetadataCall): StoredApp | undefined {
  const app = row === undefined ? undefined : context.clientApps.findById(String(row['Id']));
  return app === undefined || row === undefined ? undefined : { app, row };
}

export function listApps(kind: ClientAppKind, call: MetadataCall): StoredApp[] {
  return call.context.records
    .list('_ClientApp', { _kind: kind }, { orderBy: '_apiName' })
    .flatMap((row) => stored(row, call) ?? []);
}

export function findApp(
  kind: ClientAppKind,
  apiName: string,
  call: MetadataCall,
): StoredApp | undefined {
  return stored(call.context.records.find('_ClientApp', { _kind: kind, _apiName: apiName }), call);
}

export function entryOf({ row }: StoredApp, fullName: string, id: string): ComponentEntry {
  const userOf = (name: string): string | undefined =>
    typeof row[name] === 'string' ? row[name] : undefined;
  return {
    fullName,
    id,
    createdById: userOf('CreatedById'),
    created: Number(row['CreatedDate']),
    modifiedById: userOf('LastModifiedById'),
    modified: Number(row['LastModifiedDate']),
  };
}

/** The name of a component of the app; undefined when there is none. */
export function nameOfPart({ row }: StoredApp, column: NameColumn): string | undefined {
  const name = row[column];
  if (typeof name !== 'string') return `${String(row['_apiName'])}${componentNames[column]}`;
  return name === '' ? undefined : name;
}

const partPrefixes: Readonly<Record<NameColumn, string>> = {
  _globalOauthName: '0xJ',
  _oauthName: '0xK',
  _oauthPolicyName: '0xL',
  _policyName: '0xM',
};

/** As SOQL tells it: the id of the app with another prefix. */
export function idOfPart({ app }: StoredApp, column: NameColumn): string {
  return to18(partPrefixes[column] + app.id.slice(3, 15));
}

export function listParts(column: NameColumn, call: MetadataCall): ComponentEntry[] {
  return listApps('externalClientApp', call).flatMap((one) => {
    const name = nameOfPart(one, column);
    return name === undefined ? [] : [entryOf(one, name, idOfPart(one, column))];
  });
}

export function findPart(
  column: NameColumn,
  fullName: string,
  call: MetadataCall,
): StoredApp | undefined {
  return listApps('externalClientApp', call).find((one) =>
    sameName(nameOfPart(one, column) ?? '', fullName),
  );
}

/**
 * The app that a component belongs to, when it may have this name.
 *
 * An app has one component of each kind. Policies are there as soon as the app is: a second one is a
 * duplicate, unless the app is made by the same deployment.
 *
 * @throws DeployProblem
 */
export function appOfPart(
  column: NameColumn,
  fullName: string,
  fields: ComponentFields,
  call: MetadataCall,
): StoredApp {
  const apiName = textOf(fields, 'externalClientApplication') ?? '';
  const found = findApp('externalClientApp', apiName, call);
  if (found === undefined) {
    throw noneNamed('externalClientApplication', 'ExternalClientApplication', apiName);
  }
  const owner = findPart(column, fullName, call);
  if (owner !== undefined && owner.app.id !== found.app.id) {
    throw new DeployProblem(
      'duplicate',
      'DeveloperName',
      `record with id: ${idOfPart(owner, column).slice(0, 15)}`,
    );
  }
  const present = nameOfPart(found, column);
  const isFresh = call.newApps.has(found.app.id) && found.row[column] === null;
  if (present !== undefined && !isFresh && !sameName(present, fullName)) {
    throw new DeployProblem('duplicate', 'ExternalClientApplicationId', present);
  }
  return found;
}

/** Elements that have no effect here, by type. */
export function keptElements({ row }: StoredApp, type: string): ComponentFields {
  const kept = row['_kept'];
  if (typeof kept !== 'string') return {};
  return (JSON.parse(kept) as Record<string, ComponentFields>)[type] ?? {};
}

/** The column that keeps them, with those of one type replaced. */
export function keeping({ row }: StoredApp, type: string, elements: ComponentFields): Values {
  const kept = typeof row['_kept'] === 'string' ? row['_kept'] : '{}';
  const before = JSON.parse(kept) as Record<string, ComponentFields>;
  const all = { ...before, [type]: inOrder(elements) };
  return { _kept: JSON.stringify(inOrder(all)) };
}

/** Whatever order they came in, the same elements are the same text. */
function inOrder<Value>(fields: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The elements of a component but those with these names. */
export function without(fields: ComponentFields, names: readonly string[]): ComponentFields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

/** Writes what differs; whether anything did. */
export function change(
  one: StoredApp,
  values: Values,
  { context, directory }: MetadataCall,
): boolean {
  const plain = (value: Values[string]): Values[string] =>
    typeof value === 'boolean' ? Number(value) : value;
  // Nothing is kept in two ways; of a name it says two things.
  const absent = (column: string, value: Values[string] | undefined): Values[string] =>
    value === '' && !(column in componentNames) ? null : (value ?? null);
  const differing = Object.entries(values).filter(
    ([column, value]) => absent(column, one.row[column]) !== absent(column, plain(value)),
  );
  if (differing.length === 0) return false;
  const { propagationSeconds } = orgSettings(context.database);
  directory.clientApps.noteDeployment(one.app.id, context.clock.now(), propagationSeconds);
  directory.records.update('_ClientApp', one.app.id, Object.fromEntries(differing));
  return true;
}
