import { ClientError } from './errors.ts';
import type { PrivateKey } from './private-key.ts';
import type { Runtime } from './runtime/runtime.ts';

/**
 * Reads and parses a private key file.
 *
 * @throws ClientError KEY_FILE_UNREADABLE, and all that `parsePrivateKey` throws
 */
export async function readPrivateKeyFile(
  runtime: Runtime,
  file: string,
  passphrase?: string,
): Promise<PrivateKey> {
  let contents: Uint8Array;
  try {
    contents = await runtime.readFile(file);
  } catch (cause) {
    if (looksLikeKey(file)) throw keyInPlaceOfPath();
    throw new ClientError('KEY_FILE_UNREADABLE', `The private key file ${file} cannot be read`, {
      cause,
      hints: [
        'Check the path and that this user may read the file.',
        'Make a key and certificate with: sfjwt key new',
      ],
    });
  }
  return runtime.parsePrivateKey(contents, passphrase);
}

/** No path that can be read, and what would be shown of it is the key. */
function looksLikeKey(path: string): boolean {
  return /[\n\r]|BEGIN |"kty"|^[\s"']*[\w+/-]{200,}[=\s"']*$/.test(path);
}

/** Without a cause: the failure of the file system names the path as well. */
function keyInPlaceOfPath(): ClientError {
  return new ClientError(
    'KEY_FILE_UNREADABLE',
    'The private key itself was given where the path of its file belongs',
    { hints: ['Give the path, or the key as privateKey (SFJWT_PRIVATE_KEY).'] },
  );
}
