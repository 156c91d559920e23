// It signs every access token. From 9.1 on it knows the grant, and checks no signature; before, the
// nearest that it has is client_credentials. The user of its userinfo is the same for everyone.
import { readFileSync } from 'node:fs';
import { OAuth2Server } from 'oauth2-mock-server';

const manifest = new URL('../../node_modules/oauth2-mock-server/package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8'));

export async function open() {
  const server = new OAuth2Server();
  await server.issuer.keys.generate('RS256');
  await server.start(0, '127.0.0.1');
  const { port } = server.address();
  const url = `http://127.0.0.1:${port}`;
  server.issuer.url = url;
  return {
    tokenEndpoint: `${url}/token`,
    resource: `${url}/userinfo`,
    ...(parseInt(version, 10) < 9 && { form: 'grant_type=client_credentials&scope=api' }),
  };
}
