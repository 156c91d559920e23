import { decodeBase64 } from '../base64.ts';
import { ClientError } from '../errors.ts';
import type { EncryptedMaterial, KeyMaterial } from '../key-material.ts';
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
import { fetchTransport } from '../transport/fetch.ts';
import type { Fetch } from '../transport/fetch.ts';
import type { Runtime } from './runtime.ts';

/** The types of Web Crypto, without asking anybody for the types of Node or the DOM. */
type CryptoKey = Awaited<ReturnType<typeof globalThis.crypto.subtle.importKey>>;

/** Members of an RSA private JWK (RFC 7518 section 6.3); key-material.ts has seen to all of them. */
type PrivateNumber = 'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi';

interface RsaAlgorithm {
  readonly hash: { readonly name: string };
  readonly modulusLength: number;
}

const rs256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const;

const globalFetch: Fetch = (request, init) => globalThis.fetch(request, init);

/** Any runtime with Web Crypto and `fetch`: workerd, edge functions, browsers. */
export const webRuntime: Runtime = {
  parsePrivateKey: parseWithWebCrypto,
  readFile: () => Promise.reject(new Error('This runtime has no files')),
  // Proxies and certificates are the runtime's own business there.
  network: () => ({ transport: fetchTransport(globalFetch), fetch: globalFetch }),
  environment: () =>
    (globalThis as { process?: { env?: Record<string, string> } }).process?.env ?? {},
};

/** A private key held by Web Crypto (W3C Web Cryptography API section 20). */
async function parseWithWebCrypto(
  input: PrivateKeyInput,
  passphrase?: string,
): Promise<PrivateKey> {
  if (isCryptoKey(input)) return webPrivateKey(input, []);
  if (input instanceof Object && 'asymmetricKeyType' in input) {
    throw new ClientError('KEY_WRONG_KIND', 'A key object of Node was given to Web Crypto', {
      hints: ['Give the key as PEM, JWK or CryptoKey.'],
    });
  }
  const plain = await openPlain(input);
  if (plain !== undefined) return webPrivateKey(plain, []);
  const { readKeyMaterial } = await import('../key-material.ts');
  const material = readKeyMaterial(input as string);
  return webPrivateKey(await importKey(material, passphrase), material.mended);
}

export function isCryptoKey(input: PrivateKeyInput): input is CryptoKey {
  return Object.prototype.toString.call(input) === '[object CryptoKey]';
}

/** @throws ClientError KEY_WRONG_KIND, KEY_TOO_SHORT */
export function webPrivateKey(key: CryptoKey, mended: readonly string[]): PrivateKey {
  requireRsaPrivateKey(key.type, key.algorithm.name);
  const { hash, modulusLength: bits } = key.algorithm as unknown as RsaAlgorithm;
  if (hash.name !== 'SHA-256' || !key.usages.includes('sign')) {
    throw new ClientError(
      'KEY_WRONG_KIND',
      hash.name === 'SHA-256'
        ? 'The CryptoKey was imported without the usage "sign"'
        : `The CryptoKey signs with ${hash.name}; RS256 needs SHA-256`,
      { hints: ['Import it with { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } and ["sign"].'] },
    );
  }
  requireBits(bits);
  return {
    bits,
    mended,
    sign: async (data) => new Uint8Array(await crypto.subtle.sign(rs256.name, key, data)),
  };
}

/** Undefined for all that is not plainly a PKCS#8 RSA key: what it is then is told by its structure. */
async function openPlain(input: PrivateKeyInput): Promise<CryptoKey | undefined> {
  const pem = readPlainPem(input);
  const der = pem?.form === 'pkcs8' ? decodeBase64(pem.base64.replaceAll('\n', '')) : undefined;
  if (der === undefined) return undefined;
  return importPkcs8(der).catch(() => undefined);
}

function importPkcs8(der: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return globalThis.crypto.subtle.importKey('pkcs8', der, rs256, false, ['sign']);
}

async function importKey(material: KeyMaterial, passphrase?: string): Promise<CryptoKey> {
  if (material.form === 'encryptedPem' || material.form === 'encryptedPkcs8') {
    return importKey(await open(material, passphrase));
  }
  const { subtle } = globalThis.crypto;
  try {
    if (material.form === 'jwk') {
      const { n, e, d, p, q, dp, dq, qi } = material.jwk as Record<PrivateNumber, string>;
      const jwk = { kty: 'RSA', n, e, d, p, q, dp, dq, qi };
      return await subtle.importKey('jwk', jwk, rs256, false, ['sign']);
    }
    if (material.form === 'pkcs8') return await importPkcs8(material.der);
    const { wrapPkcs1 } = await import('../der.ts');
    return await importPkcs8(wrapPkcs1(material.der));
  } catch {
    // What the runtime says of it may quote the key.
    throw damagedKey();
  }
}

async function open(material: EncryptedMaterial, passphrase?: string): Promise<KeyMaterial> {
  if (passphrase === undefined) throw passphraseMissing();
  const { openPbes2 } = await import('../pbes2.ts');
  // The encryption of the old PEM begins with MD5, which Web Crypto has not.
  const opened =
    material.form === 'encryptedPkcs8'
      ? await openPbes2(material.der, passphrase)
      : ({ failed: 'method unknown' } as const);
  if ('der' in opened) {
    const { readKeyMaterial } = await import('../key-material.ts');
    return readKeyMaterial(opened.der);
  }
  throw opened.failed === 'passphrase wrong' ? passphraseWrong() : encryptionUnknown();
}
