/** How a record is changed on the command line, as the administrator whose session is at hand. */

import type { AppInOrg } from './app-in-org.ts';
import type { AdminView } from './examination.ts';
import { quoted } from './shell-word.ts';

type Values = Readonly<Record<string, string | boolean>>;

/** One command that changes a record. */
export function updateCommand(
  { session, by }: AdminView,
  object: string,
  id: string,
  values: Values,
): string {
  if (by !== undefined && 'profile' in by) {
    const path = `/services/data/v${session.apiVersion}/sobjects/${object}/${id}`;
    return `sfjwt api PATCH ${path} --profile ${quoted(by.profile)} --body ${quoted(JSON.stringify(values))}`;
  }
  return `sf data update record --sobject ${object} --record-id ${id} --values ${quoted(pairs(values))} --target-org ${targetOf(by)}`;
}

/** One command that makes a record. */
export function createCommand({ session, by }: AdminView, object: string, values: Values): string {
  if (by !== undefined && 'profile' in by) {
    const path = `/services/data/v${session.apiVersion}/sobjects/${object}`;
    return `sfjwt api POST ${path} --profile ${quoted(by.profile)} --body ${quoted(JSON.stringify(values))}`;
  }
  return `sf data create record --sobject ${object} --values ${quoted(pairs(values))} --target-org ${targetOf(by)}`;
}

/** The command that makes the app as it should be, and shows its plan before. */
export function setupCommand(
  { by }: AdminView,
  { kind, label, apiName, contactEmail }: AppInOrg,
  { username, keyFile }: { username: string; keyFile: string | undefined },
): string {
  const admin =
    by !== undefined && 'profile' in by
      ? `--admin-profile ${quoted(by.profile)}`
      : `--sf ${targetOf(by)}`;
  const words = [
    ...(kind === 'connectedApp' ? ['--kind connectedApp'] : []),
    `--name ${quoted(label)}`,
    ...(apiName === label.replaceAll(/\W+/g, '_') ? [] : [`--api-name ${quoted(apiName)}`]),
    `--contact-email ${quoted(contactEmail === '' ? 'ADDRESS' : contactEmail)}`,
    `--username ${quoted(username)}`,
    ...(keyFile === undefined ? [] : [`--jwt-key-file ${quoted(keyFile)} --replace-certificate`]),
  ];
  return `sfjwt setup ${admin} ${words.join(' ')}`;
}

/** With nothing but a token, the name under which the CLI knows the administrator is not known. */
function targetOf(by: AdminView['by']): string {
  return by !== undefined && 'sf' in by ? quoted(by.sf) : 'ADMIN';
}

function pairs(values: Values): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}
