// Its token endpoint is Google's and fixed: the request is sent on to ours by its own interceptor,
// to the path whose tokens have an `expires_in`, without which it keeps none.
const { JWT } = require('google-auth-library');

exports.open = ({ privateKey, clientId, username, loginUrl }) => {
  const create = () => {
    const client = new JWT({
      email: clientId,
      key: privateKey,
      scopes: ['api'],
      subject: username,
    });
    client.transporter.interceptors.request.add({
      resolved: async (options) => Object.assign(options, { url: new URL('/token', loginUrl) }),
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
