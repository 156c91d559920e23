/** jsforce 1 knows no assertion: its users fetch the token by another package and hand it over. */

import { callbackify } from 'node:util';

export async function open(load) {
  const { default: jsforce } = await load('jsforce-1');
  const { getToken } = await load('sf-jwt-token');
  let connection;
  return {
    async signIn({ renews, clientId, username, loginUrl, privateKey }) {
      const signIn = () => getToken({ iss: clientId, sub: username, aud: loginUrl, privateKey });
      const { access_token: accessToken, instance_url: instanceUrl, id } = await signIn();
      const refreshFn = callbackify(async () => (await signIn()).access_token);
      connection = new jsforce.Connection({
        loginUrl,
        instanceUrl,
        accessToken,
        ...(renews ? { refreshFn } : {}),
      });
      connection.userInfo = { url: id };
      return { instanceUrl };
    },
    query: (soql) => connection.query(soql),
    identity: () => connection.identity(),
    revoke: () => connection.logoutByOAuth2(),
    async records() {
      const { id } = await connection.sobject('Account').create({ Name: 'Made by a client' });
      await connection.sobject('Account').update({ Id: id, Name: 'Changed by a client' });
      const { Name: name } = await connection.sobject('Account').retrieve(id);
      await connection.sobject('Account').destroy(id);
      const { fields } = await connection.sobject('Account').describe();
      return { name, fields: fields.map((field) => field.name) };
    },
  };
}

/** What sf-jwt-token rejects with, and what jsforce does. */
export const refusalOf = ({ body, errorCode, name, message }) =>
  body === undefined
    ? { error: errorCode ?? name, description: message }
    : { error: body.error, description: body.error_description };
