/**
 * From whatever text or bytes people have to a key object, parsed once: parsing costs more than
 * signing, so nothing here runs per call.
 */

import { createPrivateKey, KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ClientError } from './errors.ts';

/**
 * A private key as people hold it: PEM text (PKCS#8 "BEGIN PRIVATE KEY", RFC 5208, or PKCS#1
 * "BEGIN RSA PRIVATE KEY", RFC 8017) as a string or as bytes, or a key object of `node:crypto`.
 */
export type PrivateKeyInput = string | Uint8Array | KeyObject;

/** RFC 7518 section 3.3: RS256 needs 2048 bits or more. */
const minimumBits = 2048;

const makeAKey = 'Make a key and certificate with: sfjwt key new';

/**
 * Parses a private key.
 *
 * @throws ClientError KEY_MISSING, KEY_UNREADABLE, KEY_ENCRYPTED, KEY_WRONG_KIND, KEY_TOO_SHORT
 */
export function parsePrivateKey(input: PrivateKeyInput, passphrase?: string): KeyObject {
  const key = input instanceof KeyObject ? input : parsePem(textOf(input), passphrase);
  if (key.type !== 'private') {
    throw new ClientError('KEY_WRONG_KIND', `A ${key.type} key was given: it cannot sign`, {
      hints: ['Give the private key that belongs to the certificate uploaded to Salesforce.'],
    });
  }
  if (key.asymmetricKeyType !== 'rsa') {
    throw new ClientError(
      'KEY_WRONG_KIND',
      `The key is of type ${key.asymmetricKeyType ?? 'unknown'}; Salesforce accepts RSA keys only`,
      { hints: [makeAKey] },
    );
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < minimumBits) {
    throw new ClientError(
      'KEY_TOO_SHORT',
      `The RSA key has ${bits} bits; at least ${minimumBits} are needed for RS256`,
      { hints: [makeAKey] },
    );
  }
  return key;
}

/**
 * Reads and parses a private key file.
 *
 * @throws ClientError KEY_FILE_UNREADABLE, and all that {@link parsePrivateKey} throws
 */
export async function readPrivateKeyFile(file: string, passphrase?: string): Promise<KeyObject> {
  let contents: Uint8Array;
  try {
    contents = await readFile(file);
  } catch (cause) {
    throw new ClientError('KEY_FILE_UNREADABLE', `The private key file ${file} cannot be read`, {
      cause,
      hints: ['Check the path and that this user may read the file.', makeAKey],
    });
  }
  return parsePrivateKey(contents, passphrase);
}

function textOf(input: string | Uint8Array): string {
  const text = typeof input === 'string' ? input : new TextDecoder().decode(input);
  if (text.trim() === '') {
    throw new ClientError('KEY_MISSING', 'The private key is empty', {
      hints: ['Check that the variable or file that should hold the key was filled.', makeAKey],
    });
  }
  return text;
}

function parsePem(text: string, passphrase: string | undefined): KeyObject {
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text)?.[1];
  refuseOtherThings(text, label);
  const encrypted = label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type:.*ENCRYPTED/m.test(text);
  if (encrypted && passphrase === undefined) {
    throw new ClientError(
      'KEY_ENCRYPTED',
      'The private key is encrypted and no passphrase was given',
      {
        hints: [
          'Give the passphrase option.',
          'Or decrypt the key with: openssl pkey -in encrypted.key -out salesforce.key',
        ],
      },
    );
  }
  const key = text.slice(text.indexOf('-----BEGIN'));
  try {
    return createPrivateKey(encrypted ? { key, passphrase } : { key });
  } catch (cause) {
    if (encrypted) {
      throw new ClientError('KEY_ENCRYPTED', 'The passphrase does not open the private key', {
        cause,
        hints: ['Check the passphrase: it was chosen when the key was made or exported.'],
      });
    }
    throw new ClientError('KEY_UNREADABLE', 'The private key is damaged: its PEM cannot be read', {
      cause,
      hints: [
        'Compare it with the original file: every line from BEGIN to END, line breaks included.',
      ],
    });
  }
}

/** Names the mistake where the text is something else than a key that can be used as it is. */
function refuseOtherThings(text: string, label: string | undefined): void {
  if (label === undefined) {
    const looksLikePath = /^[^\s]{1,4096}$/.test(text) && /[/\\]|\.(key|pem)$/.test(text);
    throw new ClientError(
      'KEY_UNREADABLE',
      looksLikePath
        ? 'The private key looks like the path of a file, not like a key'
        : 'The private key is not PEM: no "-----BEGIN PRIVATE KEY-----" line was found',
      {
        hints: looksLikePath
          ? ['Give the path as privateKeyFile instead of privateKey.']
          : [makeAKey],
      },
    );
  }
  if (label === 'CERTIFICATE' || label.endsWith('PUBLIC KEY')) {
    throw new ClientError(
      'KEY_WRONG_KIND',
      `A ${label.toLowerCase()} was given where the private key is needed`,
      {
        hints: [
          'The certificate (.crt) goes to Salesforce; give the private key (.key) that was made with it.',
        ],
      },
    );
  }
  if (!text.includes(`-----END ${label}-----`)) {
    throw new ClientError(
      'KEY_UNREADABLE',
      'The private key stops early: its "-----END" line is missing',
      {
        hints: [
          'A variable often keeps only the first line: quote the value, or give the key as a file.',
        ],
      },
    );
  }
}
