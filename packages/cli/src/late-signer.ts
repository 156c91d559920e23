import { environmentNames, localSigner, parsePrivateKey } from '@sfjwt/client';
import type { Signer } from '@sfjwt/client';
import type { KeyText } from './kept-key.ts';

/**
 * Signs with a key that is read when something has to be signed, and no sooner: most calls find a
 * token that is still good, and need no key.
 *
 * @param warnings told what had to be mended before the key could be read
 */
export function lateSigner(load: () => Promise<KeyText>, warnings: string[]): Signer {
  let signer: Promise<Signer> | undefined;
  async function open(): Promise<Signer> {
    const { privateKey, passphrase = passphraseAround() } = await load();
    const parsed = await parsePrivateKey(privateKey, passphrase);
    if (parsed.mended.length > 0) {
      warnings.push(`The private key was mended: ${parsed.mended.join(', ')}`);
    }
    return localSigner(parsed);
  }
  return {
    algorithm: 'RS256',
    sign: async (data) => (await (signer ??= open())).sign(data),
  };
}

function passphraseAround(): string | undefined {
  return environmentNames.passphrase
    .map((name) => process.env[name])
    .find((text) => text !== undefined && text !== '');
}
