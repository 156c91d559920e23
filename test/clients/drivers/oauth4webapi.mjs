import { grantType, makeAssertion } from './assertion.mjs';

export async function open(load) {
  const oauth = await load('oauth4webapi');
  let server, client, authentication, token;
  const insecure = { [oauth.allowInsecureRequests]: true };
  return {
    async signIn({ consumerSecret, ...settings }) {
      const issuer = new URL(settings.loginUrl);
      server = await oauth.processDiscoveryResponse(
        issuer,
        await oauth.discoveryRequest(issuer, insecure),
      );
      client = { client_id: settings.clientId };
      authentication = oauth.ClientSecretPost(consumerSecret);
      const response = await oauth.genericTokenEndpointRequest(
        server,
        client,
        oauth.None(),
        grantType,
        new URLSearchParams({ assertion: makeAssertion(settings) }),
        insecure,
      );
      token = await oauth.processGenericTokenEndpointResponse(server, client, response);
      return { instanceUrl: token.instance_url };
    },
    async query(soql) {
      const url = new URL('/services/data/v60.0/query', token.instance_url);
      url.searchParams.set('q', soql);
      const { access_token: value } = token;
      const response = await oauth.protectedResourceRequest(
        value,
        'GET',
        url,
        new Headers(),
        undefined,
        insecure,
      );
      const body = await response.json();
      if (!response.ok) throw Object.assign(new Error(), { body });
      return body;
    },
    async identity() {
      const response = await oauth.userInfoRequest(server, client, token.access_token, insecure);
      const claims = await oauth.processUserInfoResponse(server, client, token.id, response);
      return { username: claims.preferred_username };
    },
    async introspect() {
      const response = await oauth.introspectionRequest(
        server,
        client,
        authentication,
        token.access_token,
        insecure,
      );
      return oauth.processIntrospectionResponse(server, client, response);
    },
    async revoke() {
      await oauth.processRevocationResponse(
        await oauth.revocationRequest(server, client, oauth.None(), token.access_token, insecure),
      );
    },
  };
}

export const refusalOf = ({ body, error, error_description: description }) =>
  body === undefined
    ? { error, description }
    : { error: body[0].errorCode, description: body[0].message };
