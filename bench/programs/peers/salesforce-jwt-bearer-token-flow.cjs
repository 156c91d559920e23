const { getToken } = require('salesforce-jwt-bearer-token-flow');

exports.open = ({ privateKey, clientId, username, loginUrl }) => ({
  exchange: () =>
    new Promise((resolve, reject) => {
      const options = { iss: clientId, sub: username, aud: loginUrl, privateKey };
      getToken(options, (error, answer) => (error ? reject(error) : resolve(answer.access_token)));
    }),
});
