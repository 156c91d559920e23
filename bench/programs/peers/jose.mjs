// It signs; the rest is the global `fetch`.
import { importPKCS8, SignJWT } from 'jose';

export function open({ privateKey, clientId, username, loginUrl, tokenEndpoint }) {
  const key = importPKCS8(privateKey, 'RS256');
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
      const response = await fetch(tokenEndpoint, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: grant, assertion }),
      });
      return (await response.json()).access_token;
    },
  };
}
