// The floor: an assertion and a token request by what Node brings, and nothing around them. Nobody
// who does the whole exchange on Node can cost less.
import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { Agent, request } from 'node:http';

/** @type {import('./runner.mjs').Open} */
export function open({ privateKey, clientId, username, loginUrl, tokenEndpoint }) {
  const key = createPrivateKey(privateKey);
  const agent = new Agent({ keepAlive: true });
  const header = Buffer.from('{"alg":"RS256","typ":"JWT"}').toString('base64url');

  function assertion() {
    const iat = Math.floor(Date.now() / 1000);
    const times = { iat, exp: iat + 180, jti: randomUUID() };
    const claims = JSON.stringify({ iss: clientId, sub: username, aud: loginUrl, ...times });
    const input = `${header}.${Buffer.from(claims).toString('base64url')}`;
    return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
  }

  /** @type {() => Promise<string>} */
  const exchange = () =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const outgoing = request(tokenEndpoint, { method: 'POST', agent, headers }, (incoming) => {
        let body = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk) => (body += chunk));
        incoming.on('end', () => resolve(JSON.parse(body).access_token));
      });
      outgoing.on('error', reject);
      outgoing.end(
        `grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=${assertion()}`,
      );
    });
  return { exchange };
}
