/** The attack corpus, family by family. */

import type { Family } from './attack.ts';
import { algorithms } from './families/algorithms.ts';
import { base64 } from './families/base64.ts';
import { bearer } from './families/bearer.ts';
import { claims } from './families/claims.ts';
import { sieges } from './families/connections.ts';
import { control } from './families/control.ts';
import { encodings } from './families/encodings.ts';
import { framing } from './families/framing.ts';
import { headers } from './families/headers.ts';
import { json } from './families/json.ts';
import { metadata } from './families/metadata.ts';
import { requests } from './families/requests.ts';
import { shapes } from './families/shapes.ts';
import { signatures } from './families/signatures.ts';

export const corpus: readonly Family[] = [
  algorithms,
  signatures,
  headers,
  shapes,
  base64,
  json,
  claims,
  requests,
  encodings,
  framing,
  bearer,
  control,
  metadata,
];

/** Families by name, with the number of attacks in each; `SECURITY.md` has the same table. */
export function familySizes(): readonly (readonly [name: string, size: number])[] {
  return [
    ...corpus.map(({ name, attacks }) => [name, attacks.length] as const),
    ['connections', sieges.length] as const,
  ];
}
