// The floor for whoever builds on the global `fetch`.
import { createPrivateKey, randomUUID, sign } from 'node:crypto';

/** @type {import('./runner.mjs').Open} */
export function open({ privateKey, clientId, username, loginUrl, tokenEndpoint }) {
  const key = createPrivateKey(privateKey);
  const header = Buffer.from('{"alg":"RS256","typ":"JWT"}').toString('base64url');

  function assertion() {
    const iat = Math.floor(Date.now() / 1000);
    const times = { iat, exp: iat + 180, jti: randomUUID() };
    const claims = JSON.stringify({ iss: clientId, sub: username, aud: loginUrl, ...times });
    const input = `${header}.${Buffer.from(claims).toString('base64url')}`;
    return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
  }

  async function exchange() {
    const response = await fetch(tokenEndpoint, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: assertion(),
      }),
    });
    const { access_token: token } = /** @type {{ access_token: string }} */ (await response.json());
    return token;
  }
  return { exchange };
}
