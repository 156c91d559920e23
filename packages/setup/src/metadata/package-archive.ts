/** The zip that a deployment takes, and the one that a retrieval gives. */

import { SetupError } from '../errors.ts';
import { metadataTypes, pathOf, rootOf } from './component.ts';
import type { Component, MetadataType } from './component.ts';
import { readMetadata, writeMetadata } from './metadata-xml.ts';
import type { MetadataFields, ReadFields } from './metadata-xml.ts';

export type ComponentName = Pick<Component, 'type' | 'fullName'>;

/** What a retrieval found. */
export interface RetrievedComponent extends ComponentName {
  fields: ReadFields;
}

/** What a deployment brings: components to write, and some to delete. */
export interface PackageContent {
  components?: readonly Component[];
  /** Deleted after the others are written. */
  deletions?: readonly ComponentName[];
}

/** Files by path, `package.xml` first, as the Metadata API wants them without a package folder. */
export async function packageFiles(
  { components = [], deletions = [] }: PackageContent,
  apiVersion: string,
): Promise<Map<string, string>> {
  const files = new Map([['package.xml', await manifest(components, apiVersion)]]);
  for (const component of components) {
    files.set(pathOf(component), await writeMetadata(rootOf(component), component.fields));
  }
  if (deletions.length > 0) {
    files.set('destructiveChangesPost.xml', await manifest(deletions));
  }
  return files;
}

/** `package.xml`: what a package holds, or what is asked for. */
function manifest(names: readonly ComponentName[], version?: string): Promise<string> {
  return writeMetadata('Package', manifestFields(names, version));
}

/** The same as fields, for the retrieve call. */
function manifestFields(names: readonly ComponentName[], version?: string): MetadataFields {
  const members = grouped(names);
  return {
    types: [...members].map(([type, found]) => ({ members: found, name: type })),
    ...(version === undefined ? {} : { version }),
  };
}

function grouped(names: readonly ComponentName[]): Map<MetadataType, string[]> {
  const groups = new Map<MetadataType, string[]>();
  for (const { type, fullName } of names) {
    groups.set(type, [...(groups.get(type) ?? []), fullName]);
  }
  return groups;
}

export async function zipped(files: ReadonlyMap<string, string>): Promise<Uint8Array<ArrayBuffer>> {
  const { strToU8, zipSync } = await import('fflate');
  const entries = [...files].map(([path, text]) => [path, strToU8(text)] as const);
  return new Uint8Array(zipSync(Object.fromEntries(entries)));
}

/** Far above what a handful of files unpacks to. */
const mostBytes = 8 * 1024 * 1024;

/**
 * The components of a zip that a retrieval gave. They may hold consumer secrets, so they stay in
 * memory.
 *
 * @throws SetupError ORG_REFUSED for what is no such zip
 */
export async function unzipped(zip: Uint8Array): Promise<RetrievedComponent[]> {
  const { strFromU8, unzipSync } = await import('fflate');
  let size = 0;
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(zip, { filter: ({ originalSize }) => (size += originalSize) <= mostBytes });
  } catch (cause) {
    throw new SetupError('ORG_REFUSED', 'The org gave no zip that can be read', { cause });
  }
  const found: RetrievedComponent[] = [];
  for (const [path, bytes] of Object.entries(files)) {
    const name = componentAt(path);
    const document = name && (await readMetadata(strFromU8(bytes)));
    if (name !== undefined && document?.root === rootOf(name)) {
      found.push({ ...name, fields: document.fields });
    }
  }
  return found;
}

function componentAt(path: string): ComponentName | undefined {
  const [, folder = '', fullName = '', suffix = ''] =
    /^(?:.*\/)?([^/]+)\/([^/]+)\.([^./]+)$/.exec(path) ?? [];
  for (const [type, place] of Object.entries(metadataTypes)) {
    if (place.folder !== folder || place.suffix !== suffix) continue;
    return { type: type as MetadataType, fullName: decodeName(fullName) };
  }
  return undefined;
}

/** Names of files have signs that are no letters percent-encoded. */
function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
