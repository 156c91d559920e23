// Its own `import` entry does not load (extensionless imports): `require` is the way that works.
const { getToken } = require('sf-jwt-token');

exports.open = ({ privateKey, clientId, username, loginUrl }) => ({
  exchange: async () =>
    (await getToken({ iss: clientId, sub: username, aud: loginUrl, privateKey })).access_token,
});
