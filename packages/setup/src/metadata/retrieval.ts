/** Reads components as they are in the org: the retrieve call, which REST does not have. */

import { sleep } from '@sfjwt/client';
import type { AdminSession } from '../admin-session.ts';
import { SetupError } from '../errors.ts';
import { escapeText, fieldsOf, readMetadata, textOf } from './metadata-xml.ts';
import type { ReadFields } from './metadata-xml.ts';
import { unzipped } from './package-archive.ts';
import type { ComponentName, RetrievedComponent } from './package-archive.ts';
import { pauseBefore } from './polling.ts';
import type { Patience } from './polling.ts';

/**
 * Retrieves components. Those that the org does not have are missing from what it gives.
 *
 * What comes back may hold consumer secrets: it is kept in memory, and never shown.
 *
 * @throws SetupError as `AdminSession.request`
 */
export async function retrieveComponents(
  session: AdminSession,
  names: readonly ComponentName[],
  { clock, signal }: Patience,
): Promise<RetrievedComponent[]> {
  if (names.length === 0) return [];
  const version = escapeText(session.apiVersion);
  const types = names
    .map(
      ({ type, fullName }) =>
        `<types><members>${escapeText(fullName)}</members><name>${type}</name></types>`,
    )
    .join('');
  const begun = await call(
    session,
    'retrieve',
    `<retrieveRequest><apiVersion>${version}</apiVersion><singlePackage>true</singlePackage>` +
      `<unpackaged>${types}<version>${version}</version></unpackaged></retrieveRequest>`,
  );
  const id = escapeText(textOf(begun, 'id'));
  const status = `<asyncProcessId>${id}</asyncProcessId><includeZip>true</includeZip>`;
  for (let look = 0; ; look += 1) {
    await sleep(clock, pauseBefore(look), signal);
    const result = await call(session, 'checkRetrieveStatus', status);
    if (textOf(result, 'done') !== 'true') continue;
    const zip = textOf(result, 'zipFile');
    if (textOf(result, 'status') === 'Failed' || zip === '') throw failed(result);
    return unzipped(Buffer.from(zip, 'base64'));
  }
}

async function call(session: AdminSession, name: string, body: string): Promise<ReadFields> {
  const answer = await readMetadata(await session.soap(name, body));
  return fieldsOf(fieldsOf(fieldsOf(answer?.fields, 'Body'), `${name}Response`), 'result') ?? {};
}

function failed(result: ReadFields): SetupError {
  const reason = textOf(result, 'errorMessage') || 'it does not say why';
  return new SetupError('ORG_REFUSED', `The org could not read its metadata: ${reason}`, {
    hints: ['Try again; if it stays, look at Setup > Deployment Status.'],
  });
}
