import { bareToken } from './bare-token.mjs';

export async function open(load) {
  const { getJWTToken } = await load('salesforce-jwt-promise');
  return bareToken(({ clientId, username, loginUrl, privateKey }) =>
    getJWTToken({ clientId, userName: username, audience: loginUrl, privateKey }),
  );
}

export function refusalOf({ refusal, message }) {
  const [, error, description] = /^Failed to Authenticate: (\w+) \((.*)\)$/.exec(message) ?? [];
  return refusal ?? { error, description };
}
