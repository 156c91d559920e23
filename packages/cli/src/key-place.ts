/** Where the key of a profile is, in words and as data. Nothing of the key itself. */

import type { KeyPlace } from './found-settings.ts';

export interface KeyReference {
  kind: KeyPlace['kind'];
  /** Path of the file, or name of the variable. */
  place?: string;
  words: string;
}

export function referenceTo(place: KeyPlace): KeyReference {
  switch (place.kind) {
    case 'file':
      return { kind: 'file', place: place.file, words: place.file };
    case 'variable':
      return { kind: 'variable', place: place.variable, words: `$${place.variable}` };
    case 'input':
      return { kind: 'input', words: 'standard input' };
    case 'kept':
      return { kind: 'kept', words: 'kept in the profile, sealed' };
  }
}
