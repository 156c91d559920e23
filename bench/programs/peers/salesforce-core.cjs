// It reads the key from a path, and keeps what it learns in the home folder, which is a scratch one.
const { AuthInfo } = require('@salesforce/core');

exports.open = ({ privateKeyFile, clientId, username, loginUrl }) => {
  let count = 0;
  return {
    async exchange() {
      const info = await AuthInfo.create({
        // It takes a known user from its cache: a new name makes it sign in.
        username: `${++count}.${username}`,
        oauth2Options: { clientId, privateKeyFile, loginUrl },
      });
      return info.getFields(true).accessToken;
    },
  };
};
