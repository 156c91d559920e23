import type { ClientError } from '../errors.ts';
import type { KeyMaterial } from '../key-material.ts';
import { readPlainPem } from '../plain-pem.ts';
import {
  damagedKey,
  encryptionUnknown,
  passphraseMissing,
  passphraseWrong,
  requireBits,
  requireRsaPrivateKey,
} from '../private-key.ts';
import type { PrivateKey, PrivateKeyInput } from '../private-key.ts';
import { NodeAgents } from '../transport/node-agents.ts';
import { nodeFetch } from '../transport/node-fetch.ts';
import { nodeTransport } from '../transport/node.ts';
import type { Runtime } from './runtime.ts';
import { isCryptoKey, webPrivateKey } from './web.ts';

type NodeCrypto = typeof import('node:crypto');
type KeyObject = import('node:crypto').KeyObject;
type JsonWebKey = import('node:crypto').JsonWebKey;

/** A key has a few thousand. */
const maximumKeyFileBytes = 64 * 1024;

/** Node, Bun and Deno. Each module of Node is loaded when it is first needed. */
export const nodeRuntime: Runtime = {
  async parsePrivateKey(input, passphrase) {
    if (isCryptoKey(input)) return webPrivateKey(input, []);
    const crypto = process.getBuiltinModule('node:crypto');
    if (isKeyObject(input, crypto)) return nodePrivateKey(crypto, input, []);
    const plain = openPlain(crypto, input);
    if (plain !== undefined) return nodePrivateKey(crypto, plain, []);
    const { readKeyMaterial } = await import('../key-material.ts');
    const material = readKeyMaterial(input as string);
    return nodePrivateKey(crypto, open(crypto, material, passphrase), material.mended);
  },
  async readFile(path) {
    const handle = await process.getBuiltinModule('node:fs/promises').open(path);
    try {
      // The size that a pipe or a device tells is not to be trusted: read, and stop in time.
      const bytes = new Uint8Array(maximumKeyFileBytes + 1);
      let length = 0;
      while (length < bytes.length) {
        const { bytesRead } = await handle.read(bytes, length, bytes.length - length, null);
        if (bytesRead === 0) return bytes.subarray(0, length);
        length += bytesRead;
      }
      throw new Error(`${path} has more than ${maximumKeyFileBytes} bytes: that is no key`);
    } finally {
      await handle.close();
    }
  },
  network(options) {
    const agents = new NodeAgents(options);
    return { transport: nodeTransport(agents), fetch: nodeFetch(agents) };
  },
  environment: () => process.env,
};

function isKeyObject(input: PrivateKeyInput, { KeyObject }: NodeCrypto): input is KeyObject {
  return input instanceof KeyObject;
}

/** @throws ClientError KEY_WRONG_KIND, KEY_TOO_SHORT */
function nodePrivateKey(crypto: NodeCrypto, key: KeyObject, mended: readonly string[]): PrivateKey {
  requireRsaPrivateKey(key.type, key.asymmetricKeyType ?? 'unknown');
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  requireBits(bits);
  return {
    bits,
    mended,
    // A quarter of a millisecond: handing it to the thread pool would cost more than it frees.
    sign: (data) => Promise.resolve(crypto.sign('sha256', data, key)),
  };
}

/** Undefined for all that is not plainly an RSA key: what it is then is told by its structure. */
function openPlain(crypto: NodeCrypto, input: PrivateKeyInput): KeyObject | undefined {
  const pem = readPlainPem(input);
  if (pem === undefined) return undefined;
  try {
    const key = crypto.createPrivateKey(pem.text);
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return undefined;
  }
}

function open(crypto: NodeCrypto, material: KeyMaterial, passphrase?: string): KeyObject {
  const { form } = material;
  const encrypted = form === 'encryptedPem' || form === 'encryptedPkcs8';
  if (encrypted && passphrase === undefined) throw passphraseMissing();
  try {
    if (form === 'jwk')
      return crypto.createPrivateKey({ key: material.jwk as JsonWebKey, format: 'jwk' });
    if (form === 'encryptedPem') {
      return crypto.createPrivateKey({ key: material.pem, passphrase });
    }
    const key = Buffer.from(material.der);
    return form === 'encryptedPkcs8'
      ? crypto.createPrivateKey({ key, format: 'der', type: 'pkcs8', passphrase })
      : crypto.createPrivateKey({ key, format: 'der', type: form });
  } catch (cause) {
    if (form === 'jwk') throw damagedKey();
    if (!encrypted) throw damagedKey(cause);
    throw unopened(cause);
  }
}

function unopened(cause: unknown): ClientError {
  const code = (cause as { code?: string }).code ?? '';
  // A wrong passphrase leaves bytes that at times look decrypted: no decoder supports those either.
  return /EVP_UNSUPPORTED|UNSUPPORTED_ENCRYPTION|UNKNOWN_CIPHER/.test(code)
    ? encryptionUnknown(cause)
    : passphraseWrong(cause);
}
