import { bareToken } from './bare-token.mjs';

export async function open(load) {
  const { getToken } = await load('sf-jwt-token');
  return bareToken(({ clientId, username, loginUrl, privateKey }) =>
    getToken({ iss: clientId, sub: username, aud: loginUrl, privateKey }),
  );
}

export const refusalOf = ({ refusal, body }) =>
  refusal ?? { error: body?.error, description: body?.error_description };
