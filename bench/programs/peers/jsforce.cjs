// It has no signer: the assertion is made by what Node brings, with the key parsed once.
const { createPrivateKey, randomUUID, sign } = require('node:crypto');
const { Connection } = require('jsforce');

exports.open = ({ privateKey, clientId, username, loginUrl }) => {
  const key = createPrivateKey(privateKey);
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');

  function assertion() {
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: clientId, sub: username, aud: loginUrl, iat, exp: iat + 180 };
    const input = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ ...claims, jti: randomUUID() })}`;
    return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
  }

  return {
    async exchange() {
      const connection = new Connection({ loginUrl });
      await connection.authorize({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: assertion(),
      });
      return connection.accessToken;
    },
  };
};
