import { promisify } from 'node:util';
import { bareToken } from './bare-token.mjs';

export async function open(load) {
  const { default: client } = await load('salesforce-jwt-bearer-token-flow');
  const getToken = promisify(client.getToken);
  return bareToken(({ clientId, username, loginUrl, privateKey }) =>
    getToken({ iss: clientId, sub: username, aud: loginUrl, privateKey }),
  );
}

/** It hands the answer over as it is, and no Error. */
export const refusalOf = ({ refusal, error, error_description: description }) =>
  refusal ?? { error, description };
