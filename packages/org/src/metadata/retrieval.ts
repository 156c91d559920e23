/** One retrieve: components of the org become a zip. */

import { writeArchive } from './archive.ts';
import { writeComponent } from './component.ts';
import type { ComponentEntry, ComponentStore, MetadataCall } from './component-store.ts';
import { pathOf, storeOf } from './component-stores.ts';
import { writeManifest } from './manifest.ts';

/** RetrieveRequest of the Metadata API Developer Guide. */
export interface RetrieveWish {
  apiVersion: string;
  singlePackage: boolean;
  /** Names of components by type. */
  types: readonly (readonly [type: string, members: readonly string[]])[];
}

export interface FileProperties {
  createdById: string;
  createdByName: string;
  createdDate: string;
  fileName: string;
  fullName: string;
  id: string;
  lastModifiedById: string;
  lastModifiedByName: string;
  lastModifiedDate: string;
  type: string;
  [name: string]: string;
}

export interface RetrieveOutcome {
  status: 'Succeeded' | 'Failed';
  fileProperties: readonly FileProperties[];
  messages: readonly { fileName: string; problem: string }[];
  /** base64 */
  zipFile: string;
}

export function runRetrieve(
  { apiVersion, singlePackage, types }: RetrieveWish,
  call: MetadataCall,
): RetrieveOutcome {
  const root = singlePackage ? '' : 'unpackaged/';
  const files = new Map<string, string>();
  const messages: { fileName: string; problem: string }[] = [];
  const fileProperties: FileProperties[] = [];
  const retrieved = new Map<string, string[]>();
  const complain = (problem: string): void => {
    messages.push({ fileName: `${root}package.xml`, problem });
  };
  for (const [typeName, members] of types) {
    const store = storeOf(typeName);
    if (store === undefined) {
      complain(`Entity type: '${typeName.slice(0, 80)}' is unknown`);
      continue;
    }
    const entries = store.list(call);
    const names = members.includes('*') ? entries.map(({ fullName }) => fullName) : members;
    for (const name of new Set(names)) {
      const entry = entries.find(({ fullName }) => fullName.toLowerCase() === name.toLowerCase());
      const fields = entry === undefined ? undefined : store.read(entry.fullName, call);
      if (entry === undefined || fields === undefined) {
        complain(`Entity of type '${typeName}' named '${name.slice(0, 80)}' cannot be found`);
        continue;
      }
      files.set(root + pathOf(store, entry.fullName), writeComponent(store.type, fields));
      fileProperties.push(propertiesOf(store, entry, root, call));
      retrieved.set(typeName, [...(retrieved.get(typeName) ?? []), entry.fullName]);
    }
  }
  files.set(`${root}package.xml`, writeManifest({ types: retrieved, version: apiVersion }));
  const zip = writeArchive(files, call.context.clock.now());
  return {
    status: 'Succeeded',
    fileProperties: [...fileProperties, manifestProperties(root, call)],
    messages,
    zipFile: Buffer.from(zip).toString('base64'),
  };
}

/** What lists and retrieves tell about a component. */
export function propertiesOf(
  store: ComponentStore,
  entry: ComponentEntry,
  root: string,
  call: MetadataCall,
): FileProperties {
  return properties(
    { ...entry, fileName: root + pathOf(store, entry.fullName), type: store.type.name },
    call,
  );
}

function manifestProperties(root: string, call: MetadataCall): FileProperties {
  const now = call.context.clock.now();
  return properties(
    {
      fileName: `${root}package.xml`,
      fullName: `${root}package.xml`,
      type: 'Package',
      id: '',
      createdById: call.userId,
      created: now,
      modifiedById: call.userId,
      modified: now,
    },
    call,
  );
}

function properties(
  entry: ComponentEntry & { fileName: string; type: string },
  { context, userId }: MetadataCall,
): FileProperties {
  const by = (id: string | undefined): { id: string; name: string } => {
    const user = context.users.findById(id ?? userId);
    return { id: user?.id ?? '', name: user?.name ?? '' };
  };
  const [creator, modifier] = [by(entry.createdById), by(entry.modifiedById)];
  return {
    createdById: creator.id,
    createdByName: creator.name,
    createdDate: new Date(entry.created).toISOString(),
    fileName: entry.fileName,
    fullName: entry.fullName,
    id: entry.id,
    lastModifiedById: modifier.id,
    lastModifiedByName: modifier.name,
    lastModifiedDate: new Date(entry.modified).toISOString(),
    type: entry.type,
  };
}
