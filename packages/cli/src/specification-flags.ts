/** What an app should be: flags over the fields of a specification file. */

import type { AppSpecification } from '@sfjwt/setup';
import { choice, wholeNumber } from './declared-command.ts';
import type { DeclaredCommand } from './declared-command.ts';

export interface SpecificationFlags {
  spec?: string;
  kind?: AppSpecification['kind'];
  name?: string;
  apiName?: string;
  contactEmail?: string;
  username?: string;
  permissionSet?: string[];
  scope?: string[];
  sessionTimeout?: number;
  consumerKey?: string;
}

export function addSpecificationFlags(command: DeclaredCommand): DeclaredCommand {
  return command
    .optionsGroup('What the app should be:')
    .option('--spec <file>', 'its specification, JSON or YAML; flags win over its fields')
    .addOption(
      choice('--kind <kind>', 'externalClientApp when left out', [
        'externalClientApp',
        'connectedApp',
      ]),
    )
    .option('--name <label>', 'label of the app')
    .option('--api-name <name>', 'follows from the label when left out')
    .option('--contact-email <address>', 'whom Salesforce shows as contact')
    .option('-o, --username <name>', 'user who signs in through the app')
    .option('--permission-set <name...>', 'API names of those that let their users in')
    .option('--scope <scope...>', 'api and refresh_token when left out')
    .option('--session-timeout <minutes>', 'that of the profile when left out', wholeNumber)
    .option('--consumer-key <key>', 'chosen, generated, or the key itself');
}

/** The fields that were typed, over those of the file. Checked by whoever uses them. */
export async function readSpecification(flags: SpecificationFlags): Promise<AppSpecification> {
  const { readSpecificationFile } = await import('@sfjwt/setup');
  const file = flags.spec === undefined ? {} : await readSpecificationFile(flags.spec);
  const typed = {
    kind: flags.kind,
    name: flags.name,
    apiName: flags.apiName,
    contactEmail: flags.contactEmail,
    users: flags.username === undefined ? undefined : [flags.username],
    permissionSets: flags.permissionSet,
    scopes: flags.scope,
    sessionTimeoutMinutes: flags.sessionTimeout,
    consumerKey: flags.consumerKey,
  };
  const given = Object.entries(typed).filter(([, value]) => value !== undefined);
  return { ...file, ...Object.fromEntries(given) } as unknown as AppSpecification;
}
