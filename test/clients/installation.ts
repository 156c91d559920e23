import { fileURLToPath } from 'node:url';
import { installLocked } from '../installation.ts';
import type { Installation } from '../installation.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const cache = fileURLToPath(new URL('../../.cache/clients/', import.meta.url));

/**
 * Installs clients that nobody here wrote. They stay out of our own lock file: they are large, and
 * none of them may become a dependency by accident.
 */
export function installClients(
  parent: string = cache,
  npmFlags: readonly string[] = [],
): Promise<Installation> {
  return installLocked(here, parent, npmFlags);
}
