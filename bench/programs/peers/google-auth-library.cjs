// Its token endpoint is Google's and fixed: the request is sent on to ours by its own interceptor.
const { JWT } = require('google-auth-library');

exports.open = ({ privateKey, clientId, username, tokenEndpoint }) => {
  const create = () => {
    const client = new JWT({
      email: clientId,
      key: privateKey,
      scopes: ['api'],
      subject: username,
    });
    client.transporter.interceptors.request.add({
      resolved: async (options) => Object.assign(options, { url: new URL(tokenEndpoint) }),
    });
    return client;
  };
  const shared = create();
  return {
    token: async () => (await shared.getAccessToken()).token,
    reuse: () => shared.getAccessToken(),
    exchange: async () => (await create().authorize()).access_token,
  };
};
