// It has no signer for this grant: the assertion is made by what Node brings, the key parsed once.
import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import * as oauth from 'oauth4webapi';

export function open({ privateKey, clientId, username, loginUrl, tokenEndpoint }) {
  const key = createPrivateKey(privateKey);
  const server = { issuer: loginUrl, token_endpoint: tokenEndpoint };
  const client = { client_id: clientId };
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');

  function assertion() {
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: clientId, sub: username, aud: loginUrl, iat, exp: iat + 180 };
    const input = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ ...claims, jti: randomUUID() })}`;
    return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
  }

  return {
    async exchange() {
      const response = await oauth.genericTokenEndpointRequest(
        server,
        client,
        oauth.None(),
        'urn:ietf:params:oauth:grant-type:jwt-bearer',
        { assertion: assertion() },
        { [oauth.allowInsecureRequests]: true },
      );
      const answer = await oauth.processGenericTokenEndpointResponse(server, client, response);
      return answer.access_token;
    },
  };
}
