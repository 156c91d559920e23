/**
 * From whatever people hold to the bytes of a private key, or to the precise reason why not. Told
 * by structure alone: reading the key itself is for the runtime.
 */

import { decodeBase64 } from './base64.ts';
import { derTag, readElement, readElements, toDotted } from './der.ts';
import type { DerElement } from './der.ts';
import { ClientError } from './errors.ts';
import { decodeText, mendKeyText } from './key-text.ts';

/** A JSON Web Key (RFC 7517) with the private numbers of RFC 7518 section 6.3.2. */
export interface Jwk {
  readonly kty?: string | undefined;
  readonly [member: string]: unknown;
}

export type EncryptedMaterial =
  | { readonly form: 'encryptedPkcs8'; readonly der: Uint8Array<ArrayBuffer> }
  | { readonly form: 'encryptedPem'; readonly pem: string };

export type KeyMaterial = { readonly mended: readonly string[] } & (
  | EncryptedMaterial
  | { readonly form: 'pkcs8' | 'pkcs1'; readonly der: Uint8Array<ArrayBuffer> }
  | { readonly form: 'jwk'; readonly jwk: Jwk }
);

const makeAKey = 'Make a key and certificate with: sfjwt key new';
const takeOut = 'Take key and certificate out of it with: sfjwt key import FILE';
const giveThePrivateKey =
  'The certificate (.crt) goes to Salesforce; give the private key (.key) that was made with it.';

/**
 * Reads PEM, DER or a JWK, as text or bytes.
 *
 * @throws ClientError KEY_MISSING, KEY_UNREADABLE, KEY_WRONG_KIND
 */
export function readKeyMaterial(input: string | Uint8Array | Jwk): KeyMaterial {
  if (typeof input === 'string') return readText(input);
  // A program without types, or JSON, gives anything at all.
  if (typeof input !== 'object' || input === null) {
    const what = input === null ? 'null' : typeof input;
    throw new ClientError('KEY_MISSING', `The private key is ${what}, not a key`, {
      hints: ['Give it as text, bytes or JWK: the variable that should hold it may be empty.'],
    });
  }
  if (!(input instanceof Uint8Array)) return readJwk(input, []);
  const first = input[0];
  // Text never begins with the tag of a sequence followed by its length, nor with a store's magic.
  if (first === derTag.sequence && /[^\t\n\r -~]/.test(String.fromCharCode(...input.slice(0, 4)))) {
    return readDer(Uint8Array.from(input), []);
  }
  refuseKeystore(input);
  return readText(decodeText(input));
}

function readText(given: string): KeyMaterial {
  // Before mending: the path C:\\new.key holds a backslash and an n.
  if (looksLikePath(given.trim())) {
    throw unreadable('looks like the path of a file, not like a key', [
      'Give the path as privateKeyFile instead of privateKey.',
    ]);
  }
  const { text, mended } = mendKeyText(given);
  if (text === '') {
    throw new ClientError('KEY_MISSING', 'The private key is empty', {
      hints: ['Check that the variable or file that should hold the key was filled.', makeAKey],
    });
  }
  if (text.startsWith('{')) return readJwk(parseJson(text), mended);
  if (/-----\s*BEGIN /.test(text)) return readPem(text, mended);
  refuseOtherText(text);
  const der = decodeBase64(text.replaceAll(/\s+/g, ''));
  if (der === undefined || der.length < 64) {
    throw unreadable('is not PEM: no "-----BEGIN PRIVATE KEY-----" line was found', [makeAKey]);
  }
  refuseKeystore(der);
  return readDer(der, [...mended, 'the lines BEGIN and END were missing']);
}

/** Names the mistake where the text is something else altogether. */
function refuseOtherText(text: string): void {
  if (/^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(text)) {
    throw wrongKind('An assertion (a JWT) was given where the private key is needed', [
      'Give the key that signs: sfjwt makes a fresh assertion for every token request.',
    ]);
  }
  if (/^00D\w{12,15}!/.test(text)) {
    throw wrongKind('An access token was given where the private key is needed', [
      giveThePrivateKey,
    ]);
  }
  if (/^3MVG[\w.]{20,}$/.test(text)) {
    throw wrongKind('A consumer key was given where the private key is needed', [
      'The consumer key is the clientId.',
    ]);
  }
  if (text.startsWith('PuTTY-User-Key-File-')) {
    throw wrongKind('A key of PuTTY was given: Salesforce and Node do not read its format', [
      'Convert it with: puttygen key.ppk -O private-openssh-new, then ssh-keygen -p -m PKCS8',
    ]);
  }
  if (/^ssh-(?:rsa|ed25519) /.test(text)) {
    throw wrongKind('A public key of OpenSSH was given where the private key is needed', [
      giveThePrivateKey,
    ]);
  }
  if (/^\*+$|^\[?(?:masked|redacted|hidden|secret)\]?$/i.test(text)) {
    throw unreadable('is a mask: somebody hid the key before it came here', [
      'Take the value from the secret store itself, not from a log or a screen.',
    ]);
  }
}

function looksLikePath(text: string): boolean {
  if (/[\n\r]|BEGIN |^[\w+/-]{80,}=*$/.test(text) || text.length > 1024) return false;
  return (
    /^[^{].*\.(?:key|pem|p8|der|crt|cer|pfx|p12|jks|jwk|json|txt)$/i.test(text) ||
    /^(?:(?:~|\.{1,2})?\/[^/\\]|\.{1,2}\\|[A-Za-z]:[/\\])/.test(text)
  );
}

interface PemBlock {
  readonly label: string;
  readonly body: string;
}

function readPem(text: string, mended: readonly string[]): KeyMaterial {
  const blocks = [
    ...text.matchAll(/-----\s*BEGIN ([A-Z0-9 ]+?)\s*-----([^]*?)-----\s*END \1\s*-----/g),
  ].map(([, label = '', body = '']): PemBlock => ({ label, body }));
  const block = blocks.find(({ label }) => label.endsWith('PRIVATE KEY')) ?? blocks[0];
  if (block === undefined) {
    throw unreadable('stops early: its "-----END" line is missing', [
      'A variable often keeps only the first line: quote the value, or give the key as a file.',
    ]);
  }
  const { label, body } = block;
  refuseLabel(label);
  const told = [...mended, ...layoutOf(body)];
  const encryption =
    /Proc-Type:\s*4,\s*ENCRYPTED\s+DEK-Info:\s*([\w-]+),\s*([0-9A-Fa-f]+)\s+([^]*)$/.exec(body);
  if (encryption !== null) {
    const [, cipher = '', vector = '', encrypted = ''] = encryption;
    const lines = compact(encrypted).match(/.{1,64}/g) ?? [];
    const headers = `Proc-Type: 4,ENCRYPTED\nDEK-Info: ${cipher},${vector}`;
    const pem = `-----BEGIN ${label}-----\n${headers}\n\n${lines.join('\n')}\n-----END ${label}-----\n`;
    return { form: 'encryptedPem', pem, mended: told };
  }
  const base64 = compact(body);
  // One character too many is what a cut leaves behind.
  const der = decodeBase64(base64.length % 4 === 1 ? base64.slice(0, -1) : base64);
  if (der === undefined || der.length === 0) {
    throw unreadable('is damaged: between BEGIN and END stands something that is not base64', [
      'Compare it with the original file: every line from BEGIN to END.',
    ]);
  }
  return readDer(der, told);
}

function compact(body: string): string {
  return body.replaceAll(/\s+/g, '');
}

function layoutOf(body: string): string[] {
  const inner = body.trim();
  if (!/[\n\r]/.test(inner) && inner.length > 76) return ['line breaks were put back'];
  return /^[ \t]+\S/m.test(inner) ? ['indentation was removed'] : [];
}

function refuseLabel(label: string): void {
  if (label === 'OPENSSH PRIVATE KEY') {
    throw wrongKind('The key is in the format of OpenSSH, which only OpenSSH reads', [
      'Convert a copy of it with: ssh-keygen -p -m PKCS8 -f copy.key',
    ]);
  }
  if (label === 'EC PRIVATE KEY' || label === 'DSA PRIVATE KEY') throw notRsa(label.slice(0, -12));
  if (label.endsWith('PRIVATE KEY')) return;
  const name = label.toLowerCase().replace('rsa', 'RSA');
  throw wrongKind(`A ${name} was given where the private key is needed`, [giveThePrivateKey]);
}

/** RFC 8017 appendix A.1, RFC 8017 appendix C, RFC 5480, RFC 8410. */
const algorithms: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.10': 'RSA-PSS',
  '1.2.840.10045.2.1': 'EC',
  '1.2.840.10040.4.1': 'DSA',
  '1.3.101.110': 'X25519',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
};

const rsaEncryption = '1.2.840.113549.1.1.1';

function readDer(bytes: Uint8Array<ArrayBuffer>, mended: readonly string[]): KeyMaterial {
  const outer = readElement(bytes);
  if (outer?.tag !== derTag.sequence) {
    throw unreadable('is damaged: its bytes are not those of any key', [
      'Compare it with the original file: every line from BEGIN to END.',
    ]);
  }
  if (outer.size > bytes.length) {
    throw unreadable(`is cut off: ${bytes.length} of ${outer.size} bytes are there`, [
      'Copy it again, whole; a variable or a form field may be too short for it.',
    ]);
  }
  const der = bytes.slice(0, outer.size);
  const elements = readElements(outer.contents);
  const [first, second, third] = elements;
  const shape = elements.map(({ tag }) => tag).join(' ');
  const { integer, sequence, octetString, bitString } = derTag;
  if (first?.tag === integer && second?.tag === sequence && third?.tag === octetString) {
    const algorithm = algorithmOf(second);
    if (algorithm !== rsaEncryption) throw notRsa(algorithms[algorithm] ?? 'unknown');
    return { form: 'pkcs8', der, mended };
  }
  if (elements.length >= 9 && elements.slice(0, 9).every(({ tag }) => tag === integer)) {
    return { form: 'pkcs1', der, mended };
  }
  if (shape === `${sequence} ${octetString}`) return { form: 'encryptedPkcs8', der, mended };
  if (first?.tag === integer && second?.tag === octetString) throw notRsa('EC');
  if (shape === `${sequence} ${bitString}` || shape === `${integer} ${integer}`) {
    throw wrongKind('A public key was given where the private key is needed', [giveThePrivateKey]);
  }
  if (shape === `${sequence} ${sequence} ${bitString}`) {
    throw wrongKind('A certificate was given where the private key is needed', [giveThePrivateKey]);
  }
  if (first?.tag === integer && first.contents[0] === 3 && second?.tag === sequence) {
    throw wrongKind('A PKCS#12 file (.p12, .pfx) was given: the key is locked inside it', [
      takeOut,
    ]);
  }
  throw unreadable('is in a format that is not known here', [makeAKey]);
}

function algorithmOf(identifier: DerElement): string {
  const [oid] = readElements(identifier.contents);
  return oid?.tag === derTag.objectIdentifier ? toDotted(oid) : '';
}

function refuseKeystore(bytes: Uint8Array): void {
  const magic = bytes.slice(0, 4).reduce((sum, octet) => sum * 256 + octet, 0);
  if (magic !== 0xfeedfeed && magic !== 0xcececece) return;
  throw wrongKind('A Java keystore was given: the key is locked inside it', [takeOut]);
}

function parseJson(text: string): Jwk {
  try {
    return JSON.parse(text) as Jwk;
  } catch {
    // Its message would quote the text.
    throw unreadable('begins like a JWK and is not JSON', ['Copy it again, whole.']);
  }
}

/** The private numbers that RFC 7518 section 6.3.2 asks for, once `d` is there. */
const privateNumbers = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'];

function readJwk(jwk: Jwk, mended: readonly string[]): KeyMaterial {
  if (jwk.kty === undefined && Array.isArray(jwk['keys'])) {
    throw wrongKind('A set of keys (JWKS) was given where one private key is needed', [
      'Give the one key of the set that signs.',
    ]);
  }
  if (jwk.kty !== 'RSA') {
    if (typeof jwk.kty === 'string') throw notRsa(jwk.kty === 'OKP' ? 'Ed25519' : jwk.kty);
    throw unreadable('is an object without "kty": not a JWK', [makeAKey]);
  }
  if (jwk['d'] === undefined) {
    throw wrongKind('A public key (JWK) was given where the private key is needed', [
      giveThePrivateKey,
    ]);
  }
  const missing = privateNumbers.filter((name) => typeof jwk[name] !== 'string');
  if (missing.length > 0) {
    throw unreadable(`is a JWK without ${missing.join(', ')}`, [
      'Export it again with all its private numbers.',
    ]);
  }
  return { form: 'jwk', jwk, mended };
}

function notRsa(algorithm: string): ClientError {
  return wrongKind(`The key is of type ${algorithm.trim()}; Salesforce accepts RSA keys only`, [
    makeAKey,
  ]);
}

function wrongKind(message: string, hints: readonly string[]): ClientError {
  return new ClientError('KEY_WRONG_KIND', message, { hints });
}

function unreadable(what: string, hints: readonly string[]): ClientError {
  return new ClientError('KEY_UNREADABLE', `The private key ${what}`, { hints });
}
