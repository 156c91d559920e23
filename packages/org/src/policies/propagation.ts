/**
 * The login servers hear of a deployed app with a delay: until then they go by what was before.
 * Salesforce takes two to ten minutes; how long it takes here is a setting of the org.
 */

import type { ClientApp } from '../directory/client-app.ts';
import type { OrgContext } from '../org-context.ts';
import { currentSettings } from './standing.ts';

export interface Propagation {
  /** The app as the login servers know it; undefined while they do not know it at all. */
  app: ClientApp | undefined;
  /** For the trace. */
  found: string;
}

export function propagated(app: ClientApp, context: OrgContext): Propagation {
  const { propagationSeconds } = currentSettings(context);
  if (propagationSeconds === 0) return { app, found: 'there is no delay' };
  const deployment = context.memory.recall(`deployment ${app.id}`, () =>
    context.clientApps.lastDeployment(app.id),
  );
  const left = deployment.at + propagationSeconds * 1000 - context.clock.now();
  if (left <= 0) return { app, found: 'it has' };
  const seconds = Math.ceil(left / 1000);
  return {
    app: deployment.before,
    found:
      deployment.before === undefined
        ? `a new app, known here in ${seconds} s`
        : `known as before its last deployment for ${seconds} s more`,
  };
}
