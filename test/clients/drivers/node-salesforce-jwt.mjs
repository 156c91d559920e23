import { promisify } from 'node:util';
import { bareToken } from './bare-token.mjs';

export async function open(load) {
  const { default: client } = await load('node-salesforce-jwt');
  const getToken = promisify(client.getToken);
  return bareToken(({ clientId, username, loginUrl, privateKey }) =>
    getToken({
      clientId,
      user: username,
      audience: loginUrl,
      uri: `${loginUrl}/services/oauth2/token`,
      privateKey,
    }),
  );
}

export function refusalOf({ refusal, message }) {
  const [, error, description] = /^Unable to authenticate: (\w+) \((.*)\)$/.exec(message) ?? [];
  return refusal ?? { error, description };
}
