import type { PrivateKeyInput } from './private-key.ts';

export interface PlainPem {
  readonly text: string;
  readonly form: 'pkcs8' | 'pkcs1';
  /** The lines between BEGIN and END. */
  readonly base64: string;
}

const plain =
  /^-----BEGIN ((?:RSA )?)PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)-----END \1PRIVATE KEY-----\n?$/;

/**
 * Recognises a private key in the very form in which openssl writes it. Most keys are like that,
 * and need nothing of what is known of mangled ones (key-material.ts), which is loaded for the rest.
 */
export function readPlainPem(input: PrivateKeyInput): PlainPem | undefined {
  const text =
    input instanceof Uint8Array
      ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(input)
      : input;
  const [, label, base64] = (typeof text === 'string' && plain.exec(text)) || [];
  if (typeof text !== 'string' || base64 === undefined) return undefined;
  return { text, form: label === '' ? 'pkcs8' : 'pkcs1', base64 };
}
