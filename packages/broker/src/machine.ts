/**
 * What the command keeps on this machine for its user: the home folder, the key that seals what is
 * in it, and the tokens. See docs/decisions/0009-machine-key.md.
 */

import { homedir } from 'node:os';
import { join } from 'node:path';
import type { TokenStore } from '@sfjwt/client';
import { fileTokenStore } from './file-token-store.ts';
import type { Seal } from './seal.ts';

export interface MachineOptions {
  /** {@link sfjwtHome} when left out. */
  home?: string;
  /** `process.env` when left out. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** Told of what is not as it should be, and does not stop us. */
  onWarning?: (message: string) => void;
}

/**
 * Where sfjwt keeps what it keeps: `SFJWT_HOME`, else the folder for settings of the operating
 * system: `%APPDATA%\sfjwt`, `$XDG_CONFIG_HOME/sfjwt` or `~/.config/sfjwt`.
 */
export function sfjwtHome({ environment = process.env }: MachineOptions = {}): string {
  const set = (name: string): string | undefined => environment[name] || undefined;
  const home = set('SFJWT_HOME');
  if (home !== undefined) return home;
  const settings = process.platform === 'win32' ? set('APPDATA') : set('XDG_CONFIG_HOME');
  return join(settings ?? join(homedir(), '.config'), 'sfjwt');
}

/**
 * Seals for this user on this machine: with `SFJWT_STORE_KEY` where it is set, else with a key made
 * at first use, which the keychain of the operating system keeps, or a file where there is none.
 *
 * @throws BrokerError STORE_KEY_INVALID, STORE_KEY_UNAVAILABLE, STORE_ENTRY_NEWER
 */
export async function machineSeal(options: MachineOptions = {}): Promise<Seal> {
  const { readMachineKey } = await import('./machine-key.ts');
  const { createSeal } = await import('./seal.ts');
  const { environment = process.env, home = sfjwtHome(options), onWarning } = options;
  return createSeal(await readMachineKey({ environment, home, onWarning }));
}

/** The tokens of this user on this machine, shared by all processes. Nothing is read before use. */
export function machineTokenStore(options: MachineOptions = {}): TokenStore {
  const home = options.home ?? sfjwtHome(options);
  return fileTokenStore({ directory: join(home, 'tokens'), seal: () => machineSeal(options) });
}
