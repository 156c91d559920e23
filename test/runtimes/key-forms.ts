/** One key in every form in which people hold it, and what they mistake for one. */

import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';

/** All of it is text, so that it can be handed to another process. Bytes are in base64. */
export interface KeyForms {
  /** PKCS#8 in PEM, as it should be. */
  pkcs8: string;
  texts: Record<string, string>;
  bytes: Record<string, string>;
  encrypted: Record<string, string>;
  passphrase: string;
  refused: Record<string, { text?: string; bytes?: string; code: string }>;
  privateJwk: JsonWebKey;
  publicJwk: JsonWebKey;
}

const passphrase = 'correct horse battery staple';

export function createKeyForms(key: KeyObject, certificate: string): KeyForms {
  const pkcs8 = pemOf(key, 'pkcs8');
  const pkcs1 = pemOf(key, 'pkcs1');
  const pkcs8Der = key.export({ type: 'pkcs8', format: 'der' });
  const pkcs1Der = key.export({ type: 'pkcs1', format: 'der' });
  const privateJwk = key.export({ format: 'jwk' });
  const publicKey = createPublicKey(key);
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const ed25519 = generateKeyPairSync('ed25519').privateKey;
  // Everything right but the numbers themselves.
  const numbersLost = Buffer.from(pkcs8Der).fill(0, 40);
  return {
    pkcs8,
    passphrase,
    privateJwk,
    publicJwk: publicKey.export({ format: 'jwk' }),
    texts: {
      'PKCS#8': pkcs8,
      'PKCS#1': pkcs1,
      'JWK as text': JSON.stringify(privateJwk),
      'written-out line breaks': pkcs8.replaceAll('\n', String.raw`\n`),
      'quotes around it': `"${pkcs1.trim()}"`,
      'line breaks turned to spaces': pkcs8.replaceAll('\n', ' '),
      'one line': pkcs1.replaceAll('\n', ''),
      'carriage returns and a byte order mark': `\uFEFF${pkcs8.replaceAll('\n', '\r\n')}`,
      indentation: pkcs8.replaceAll(/^/gm, '    '),
      'base64 around it': Buffer.from(pkcs8).toString('base64'),
      'base64 around it, with a line break every 76 characters': (
        Buffer.from(pkcs1)
          .toString('base64')
          .match(/.{1,76}/g) ?? []
      ).join('\n'),
      'percent signs of a URL': encodeURIComponent(pkcs8),
      'a body without BEGIN and END': pkcs8Der.toString('base64'),
      'text before and after': `Bag Attributes\n    friendlyName: x\n${pkcs8}\n${certificate}`,
    },
    bytes: {
      'PKCS#8 DER': pkcs8Der.toString('base64'),
      'PKCS#1 DER': pkcs1Der.toString('base64'),
      PEM: Buffer.from(pkcs1).toString('base64'),
      'PEM in UTF-16': Buffer.from(`\uFEFF${pkcs8}`, 'utf16le').toString('base64'),
    },
    encrypted: {
      'encrypted PKCS#8': String(
        key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }),
      ),
      'encrypted PKCS#1 of old': String(
        key.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase }),
      ),
    },
    refused: {
      nothing: { text: ' \n', code: 'KEY_MISSING' },
      'a certificate': { text: certificate, code: 'KEY_WRONG_KIND' },
      'a public key': {
        text: String(publicKey.export({ type: 'spki', format: 'pem' })),
        code: 'KEY_WRONG_KIND',
      },
      'an EC key': { text: pemOf(ec, 'pkcs8'), code: 'KEY_WRONG_KIND' },
      'an EC key in SEC 1': {
        text: String(ec.export({ type: 'sec1', format: 'pem' })),
        code: 'KEY_WRONG_KIND',
      },
      'an Ed25519 key': { text: pemOf(ed25519, 'pkcs8'), code: 'KEY_WRONG_KIND' },
      '1024 bits': { text: pemOf(short, 'pkcs8'), code: 'KEY_TOO_SHORT' },
      '1024 bits in PKCS#1': { text: pemOf(short, 'pkcs1'), code: 'KEY_TOO_SHORT' },
      'the first line alone': { text: pkcs8.split('\n')[0] ?? '', code: 'KEY_UNREADABLE' },
      'half of it': { text: pkcs8.slice(0, 800), code: 'KEY_UNREADABLE' },
      'half of its bytes': {
        bytes: pkcs8Der.subarray(0, 600).toString('base64'),
        code: 'KEY_UNREADABLE',
      },
      'numbers that are none': { bytes: numbersLost.toString('base64'), code: 'KEY_UNREADABLE' },
      'a path': { text: '/etc/salesforce/server.key', code: 'KEY_UNREADABLE' },
      'an assertion': { text: 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrIn0.c2ln', code: 'KEY_WRONG_KIND' },
      'a Java keystore': {
        bytes: Buffer.from([0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2]).toString('base64'),
        code: 'KEY_WRONG_KIND',
      },
    },
  };
}

function pemOf(key: KeyObject, type: 'pkcs8' | 'pkcs1'): string {
  return String(key.export({ type, format: 'pem' }));
}
