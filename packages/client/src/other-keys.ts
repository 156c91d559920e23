/**
 * Keys of a rotation. An app holds one certificate, so at some instant the key of before stops working
 * and the next one begins to; nobody can tell all processes at that instant. A key file, or a text,
 * that holds both lets each find out by itself. Loaded when an assertion was refused.
 */

import { mendKeyText } from './key-text.ts';
import type { PrivateKey } from './private-key.ts';
import { localSigner } from './signer.ts';
import type { Signer } from './signer.ts';

/** Far more than a rotation has: each may cost a refused login. */
const maximumKeys = 4;

/** Signatures of RS256 have nothing random in them: equal ones are of one key. */
const probe = new Uint8Array(1);

/**
 * Signers for the keys of a text, in their order, without the one that was refused. What cannot be
 * read as a key is passed over: the refusal is the better word.
 */
export async function otherSigners(
  text: string,
  refused: Signer,
  parse: (pem: string) => Promise<PrivateKey>,
): Promise<Signer[]> {
  const seen = new Set([await markOf(refused)]);
  const signers: Signer[] = [];
  for (const pem of privateKeyBlocks(text).slice(0, maximumKeys)) {
    try {
      const signer = localSigner(await parse(pem));
      const mark = await markOf(signer);
      if (!seen.has(mark)) signers.push(signer);
      seen.add(mark);
    } catch {
      // Half-written, or no key for RS256.
    }
  }
  return signers;
}

async function markOf(signer: Signer): Promise<string> {
  return String(await signer.sign(probe));
}

/** Of PEM; a key in any other form stands alone. */
function privateKeyBlocks(given: string): string[] {
  const { text } = mendKeyText(given);
  const blocks = text.match(
    /-----\s*BEGIN ([A-Z0-9 ]*PRIVATE KEY)\s*-----[^]*?-----\s*END \1\s*-----/g,
  );
  return blocks ?? [text];
}
