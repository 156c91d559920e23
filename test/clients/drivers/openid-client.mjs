import { grantType, makeAssertion } from './assertion.mjs';

export async function open(load) {
  const client = await load('openid-client');
  let configuration;
  let token;
  const resource = (path) =>
    client.fetchProtectedResource(
      configuration,
      token.access_token,
      new URL(path, token.instance_url),
      'GET',
    );
  return {
    async signIn({ consumerSecret, ...settings }) {
      const { loginUrl, clientId } = settings;
      configuration = await client.discovery(
        new URL(loginUrl),
        clientId,
        consumerSecret,
        undefined,
        {
          execute: [client.allowInsecureRequests],
        },
      );
      token = await client.genericGrantRequest(configuration, grantType, {
        assertion: makeAssertion(settings),
      });
      return { instanceUrl: token.instance_url };
    },
    async query(soql) {
      const path = `/services/data/v60.0/query?q=${encodeURIComponent(soql)}`;
      const response = await resource(path);
      const body = await response.json();
      if (!response.ok) throw Object.assign(new Error(), { body });
      return body;
    },
    async identity() {
      const { preferred_username: username } = await client.fetchUserInfo(
        configuration,
        token.access_token,
        token.id,
      );
      return { username };
    },
    introspect: () => client.tokenIntrospection(configuration, token.access_token),
    revoke: () => client.tokenRevocation(configuration, token.access_token),
  };
}

export const refusalOf = ({ body, error, error_description: description }) =>
  body === undefined
    ? { error, description }
    : { error: body[0].errorCode, description: body[0].message };
