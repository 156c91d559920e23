/** A private key that a profile keeps: sealed for this user on this machine, and opened for signing. */

import { basename } from 'node:path';
import { machineSeal } from '@sfjwt/broker/machine';
import { CommandLineError } from './errors.ts';
import type { KeptKey } from './found-settings.ts';

export interface KeyText {
  /** PEM, or whatever else the client reads. */
  readonly privateKey: string;
  /** Opens it, where it is encrypted of itself. */
  readonly passphrase?: string;
}

/** The place to which the seal binds: a key that was moved to the profile of another app stays shut. */
const placeOf = (clientId: string): string => `private key of ${clientId}`;

/** @throws BrokerError STORE_KEY_INVALID, STORE_KEY_UNAVAILABLE */
export async function sealKey(
  key: KeyText,
  clientId: string,
  onWarning: (message: string) => void,
): Promise<string> {
  return (await machineSeal({ onWarning })).seal(JSON.stringify(key), placeOf(clientId));
}

/** @throws CommandLineError KEPT_KEY_LOCKED; BrokerError STORE_KEY_INVALID, STORE_KEY_UNAVAILABLE */
export async function openKey(
  { sealed, clientId, file }: KeptKey,
  onWarning: (message: string) => void,
): Promise<KeyText> {
  const seal = await machineSeal({ onWarning });
  try {
    return JSON.parse(seal.open(sealed, placeOf(clientId))) as KeyText;
  } catch (cause) {
    throw new CommandLineError('KEPT_KEY_LOCKED', `The private key kept in ${file} does not open`, {
      cause,
      hints: [
        'It opens for the user, on the machine and with the SFJWT_STORE_KEY that it was kept with.',
        `Keep it anew: sfjwt login --profile ${basename(file, '.json')} --jwt-key-file FILE --keep-key`,
      ],
    });
  }
}
