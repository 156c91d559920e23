/** An assertion made by hand, for clients that want to be given one. Nothing of ours is in it. */

import { createSign } from 'node:crypto';

export const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

export function makeAssertion({ clientId, username, audience, privateKey }) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 180;
  const claims = { iss: clientId, sub: username, aud: audience, exp };
  const input = `${part({ alg: 'RS256' })}.${part(claims)}`;
  return `${input}.${createSign('RSA-SHA256').update(input).sign(privateKey, 'base64url')}`;
}
