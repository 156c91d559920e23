import { fileURLToPath } from 'node:url';
import { installLocked } from '../installation.ts';
import type { Installation } from '../installation.ts';

const cache = fileURLToPath(new URL('../../.cache/clients/', import.meta.url));

/** The list of clients: those that Node 20 takes, or those that have left it behind. */
export type Floor = 'node-20' | 'node-22';

/**
 * Installs clients that nobody here wrote. They stay out of our own lock file: they are large, and
 * none of them may become a dependency by accident.
 */
export function installClients(
  floor: Floor,
  parent: string = cache,
  npmFlags: readonly string[] = [],
): Promise<Installation> {
  const list = fileURLToPath(new URL(`./${floor}/`, import.meta.url));
  // npm itself stays on the Node of this machine, whatever the clients are run on.
  return installLocked(list, parent, ['--engine-strict=false', ...npmFlags]);
}
