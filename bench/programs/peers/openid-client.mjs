// It has no signer for this grant; jose, by the same author, is among its dependencies.
import { importPKCS8, SignJWT } from 'jose';
import * as client from 'openid-client';

export function open({ privateKey, clientId, username, loginUrl, tokenEndpoint }) {
  const key = importPKCS8(privateKey, 'RS256');
  const server = { issuer: loginUrl, token_endpoint: tokenEndpoint };
  const configuration = new client.Configuration(server, clientId, undefined, client.None());
  client.allowInsecureRequests(configuration);
  return {
    async exchange() {
      const assertion = await new SignJWT()
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
        .setIssuer(clientId)
        .setSubject(username)
        .setAudience(loginUrl)
        .setIssuedAt()
        .setExpirationTime('3m')
        .setJti(crypto.randomUUID())
        .sign(await key);
      const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
      return (await client.genericGrantRequest(configuration, grant, { assertion })).access_token;
    },
  };
}
