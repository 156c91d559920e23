/** What the adapters adapt to, as a user installs it on the Node that runs this. */

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installLocked } from '../installation.ts';
import type { Installation } from '../installation.ts';
import { unlessOffline } from '../npm.ts';

/** jsforce, got and undici have left Node 20, and `@salesforce/core` never was there. */
export const floor = Number(process.versions.node.split('.')[0]) >= 22 ? 'node-22' : 'node-20';

const home = fileURLToPath(new URL(`./${floor}/`, import.meta.url));
const cache = fileURLToPath(new URL('../../.cache/adapters/', import.meta.url));

/** No foreign program finds, or leaves, anything in the home folder of whoever runs the tests. */
export const scratchHome = join(tmpdir(), `sfjwt-adapters-home-${process.pid}`);
Object.assign(process.env, {
  HOME: scratchHome,
  USERPROFILE: scratchHome,
  SF_DISABLE_TELEMETRY: 'true',
  SF_DISABLE_LOG_FILE: 'true',
});

export function installAdapted(): Promise<{ value: Installation } | { offline: string }> {
  return unlessOffline(installLocked(home, cache));
}
