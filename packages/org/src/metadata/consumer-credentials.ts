/** The consumer key and secret of an app in Metadata: who may choose them, who may read them. */

import { DeployProblem } from './deploy-problem.ts';
import type { ClientApp } from '../directory/client-app.ts';
import { orgSettings } from '../directory/organization.ts';

import type { MetadataCall } from './component-store.ts';

/** What stands in a retrieved file where a value may not be told, as in other types of metadata. */
export const redacted = 'Placeholder_Value';

/**
 * A key that the deployer has chosen for a new consumer.
 *
 * @throws DeployProblem
 */
export function requireFreeKey(key: string, own: ClientApp | undefined, call: MetadataCall): void {
  if (key === redacted) throw new DeployProblem('consumerKeyRefused');
  // ConnectedApp, Metadata API Developer Guide: 8 to 256 letters and digits. Those that Salesforce
  // makes itself have dots and underscores too.
  if (!/^[A-Za-z0-9._]{8,256}$/.test(key)) {
    throw new DeployProblem('consumerKeyShape');
  }
  const taken = call.context.clientApps.holderOfKey(key);
  if (taken !== undefined && taken !== own?.id) throw new DeployProblem('consumerKeyTaken');
}

/** Whether a file that is retrieved tells key and secret. */
export function mayReadCredentials({ context, permissions }: MetadataCall): boolean {
  const { enableConsumerSecretApiAccess } = orgSettings(context.database).externalClientApps;
  return enableConsumerSecretApiAccess && permissions.has('ViewClientSecret');
}
