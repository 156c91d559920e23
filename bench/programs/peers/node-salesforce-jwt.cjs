const { getToken } = require('node-salesforce-jwt');

exports.open = ({ privateKey, clientId, username: user, loginUrl, tokenEndpoint }) => ({
  exchange: () =>
    new Promise((resolve, reject) => {
      const options = { clientId, user, privateKey, audience: loginUrl, uri: tokenEndpoint };
      getToken(options, (error, answer) => (error ? reject(error) : resolve(answer.access_token)));
    }),
});
