const { getJWTToken } = require('salesforce-jwt-promise');

exports.open = ({ privateKey, clientId, username: userName, loginUrl: audience }) => ({
  exchange: async () =>
    (await getJWTToken({ clientId, userName, privateKey, audience })).access_token,
});
