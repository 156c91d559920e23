// It reads the key from a path, and keeps what it learns in the home folder, which is a scratch one.
const { randomUUID } = require('node:crypto');
const { AuthInfo } = require('@salesforce/core');

exports.open = ({ privateKeyFile, clientId, username, loginUrl }) => {
  return {
    async exchange() {
      const info = await AuthInfo.create({
        // It refuses to sign in a user whom it finds in the home folder: each is a new one.
        username: `${randomUUID()}.${username}`,
        oauth2Options: { clientId, privateKeyFile, loginUrl },
      });
      return info.getFields(true).accessToken;
    },
  };
};
