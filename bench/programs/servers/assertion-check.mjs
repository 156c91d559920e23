// What a token endpoint can do least for an assertion: read the form and the claims, and check the
// signature with a key that was parsed once, on another thread, as is cheapest in a server.
import { createPublicKey, verify } from 'node:crypto';

/** @param {string} publicKey PEM */
export function assertionCheck(publicKey) {
  const key = createPublicKey(publicKey);
  /** Whose token it is; rejects what is wrongly signed. @param {string} form @returns {Promise<string>} */
  return (form) =>
    new Promise((resolve, reject) => {
      const assertion = new URLSearchParams(form).get('assertion') ?? '';
      const [header = '', payload = '', signature = ''] = assertion.split('.');
      const input = Buffer.from(`${header}.${payload}`);
      verify('sha256', input, key, Buffer.from(signature, 'base64url'), (error, valid) => {
        if (error !== null || !valid) reject(error ?? new Error('wrongly signed'));
        else resolve(JSON.parse(Buffer.from(payload, 'base64url').toString()).sub);
      });
    });
}
