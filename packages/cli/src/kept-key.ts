/** A private key that a profile keeps: sealed for this user on this machine, and opened for signing. */

import type { Seal } from '@sfjwt/broker';
import { machineSeal } from '@sfjwt/broker/machine';
import { CommandLineError } from './errors.ts';

export interface KeyText {
  /** PEM, or whatever else the client reads. */
  readonly privateKey: string;
  /** Opens it, where it is encrypted of itself. */
  readonly passphrase?: string;
}

/** The place to which the seal binds: a key that was moved to the profile of another app stays shut. */
const placeOf = (clientId: string): string => `private key of ${clientId}`;

/** @throws CommandLineError KEPT_KEY_LOCKED; BrokerError STORE_KEY_INVALID, STORE_KEY_UNAVAILABLE */
export async function openKey(
  sealed: string,
  clientId: string,
  file: string,
  onWarning: (message: string) => void,
): Promise<KeyText> {
  const seal = await machineSeal({ onWarning });
  return JSON.parse(opened(seal, sealed, clientId, file)) as KeyText;
}

function opened(seal: Seal, sealed: string, clientId: string, file: string): string {
  try {
    return seal.open(sealed, placeOf(clientId));
  } catch (cause) {
    throw new CommandLineError('KEPT_KEY_LOCKED', `The private key kept in ${file} does not open`, {
      cause,
      hints: [
        'It opens for the user, on the machine and with the SFJWT_STORE_KEY that it was kept with.',
        'Keep it anew: sfjwt login --profile NAME --jwt-key-file FILE --keep-key',
      ],
    });
  }
}
