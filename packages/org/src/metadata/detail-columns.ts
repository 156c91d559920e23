/** What an app says of itself, in files of both kinds: description, phone, images and links. */

import { detailErrors, noDetails } from '../directory/client-app-details.ts';
import type { ClientAppDetails } from '../directory/client-app-details.ts';
import type { Values } from '../store/records.ts';
import { textOf } from './component.ts';
import type { ComponentFields } from './component.ts';
import { DeployProblem } from './deploy-problem.ts';

/** The columns of an app for them; empty where a file has none. @throws DeployProblem */
export function detailColumns(
  fields: ComponentFields,
  names: readonly (keyof ClientAppDetails)[],
): Values {
  const details = { ...noDetails };
  for (const name of names) details[name] = textOf(fields, name) ?? '';
  const [error] = Object.values(detailErrors(details));
  if (error !== undefined) throw new DeployProblem('details', error);
  return Object.fromEntries(names.map((name) => [`_${name}`, details[name]]));
}
