/** What an org has, by name, and who changed it last: the listMetadata call. */

import type { AdminSession } from '../admin-session.ts';
import type { ComponentName } from './package-archive.ts';
import type { MetadataType } from './component.ts';
import { escapeText, fieldsOf, objectsOf, readMetadata, textOf } from './metadata-xml.ts';

export interface ListedComponent extends ComponentName {
  /** Of the record behind it, where it has one. */
  id: string;
  createdByName: string;
  lastModifiedByName: string;
  /** ISO 8601; empty where Salesforce does not tell. */
  lastModifiedDate: string;
}

/** Metadata API Developer Guide, listMetadata(): three types in one call. */
const typesInOneCall = 3;

/**
 * Lists components.
 *
 * @throws SetupError as `AdminSession.request`
 */
export async function listComponents(
  session: AdminSession,
  types: readonly MetadataType[],
): Promise<ListedComponent[]> {
  const found: ListedComponent[] = [];
  for (let start = 0; start < types.length; start += typesInOneCall) {
    const asked = types.slice(start, start + typesInOneCall);
    const queries = asked.map((type) => `<queries><type>${type}</type></queries>`).join('');
    const body = `${queries}<asOfVersion>${escapeText(session.apiVersion)}</asOfVersion>`;
    const answer = await readMetadata(await session.soap('listMetadata', body));
    const results = objectsOf(
      fieldsOf(fieldsOf(answer?.fields, 'Body'), 'listMetadataResponse'),
      'result',
    );
    for (const result of results) {
      const type = asked.find((one) => one === textOf(result, 'type'));
      if (type === undefined) continue;
      found.push({
        type,
        fullName: decodeURIComponent(textOf(result, 'fullName')),
        id: textOf(result, 'id'),
        createdByName: textOf(result, 'createdByName'),
        lastModifiedByName: textOf(result, 'lastModifiedByName'),
        lastModifiedDate: textOf(result, 'lastModifiedDate'),
      });
    }
  }
  return found;
}
