import { promisify } from 'node:util';
import { bareToken } from './bare-token.mjs';

export async function open(load) {
  const { default: client } = await load('sf-jwt-bearer-token-flow');
  const getToken = promisify(client.getToken);
  return bareToken(({ clientId, username, loginUrl, privateKey }) =>
    getToken({ iss: clientId, sub: username, aud: loginUrl, privateKey }),
  );
}

export const refusalOf = ({ refusal, response }) =>
  refusal ?? { error: response?.data.error, description: response?.data.error_description };
