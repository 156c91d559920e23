/** What can be wrong with a key store, in the same words for each format. */

import { SetupError } from './errors.ts';

export function damaged(reason: string, cause?: unknown): SetupError {
  return new SetupError('KEYSTORE_DAMAGED', `The file is damaged: ${reason}`, {
    cause,
    hints: [
      'Copy or export it again, as binary: a line end that was changed on the way is enough.',
    ],
  });
}

export function needsPassword(): SetupError {
  return new SetupError('PASSWORD_MISSING', 'The file is locked, and no password was given', {
    hints: ['To open it use password: the one that was set when it was exported.'],
  });
}

export function wrongPassword(): SetupError {
  return new SetupError('PASSWORD_WRONG', 'The password does not open the file', {
    hints: ['Give the one that was set when it was exported: upper case and blanks count.'],
  });
}

/** @param given whether it was a password of its own, and not that of the file */
export function wrongKeyPassword(given: boolean): SetupError {
  return new SetupError(
    'KEY_PASSWORD_WRONG',
    given
      ? 'The password of the key does not open the private key'
      : 'The password opens the file, but not the private key: that one has a password of its own',
    { hints: ['Beside that of the file, use keyPassword: the one of the private key.'] },
  );
}
