import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export async function open(load) {
  const { default: core } = await load('@salesforce/core');
  let connection;
  return {
    async signIn({ clientId, username, loginUrl, privateKey }) {
      const privateKeyFile = join(homedir(), 'salesforce.key');
      writeFileSync(privateKeyFile, privateKey);
      const authInfo = await core.AuthInfo.create({
        username,
        oauth2Options: { clientId, privateKeyFile, loginUrl },
      });
      connection = await core.Connection.create({ authInfo });
      return { instanceUrl: connection.instanceUrl };
    },
    query: (soql) => connection.query(soql),
    identity: () => connection.identity(),
    // Its own logout asks login.salesforce.com, whatever login URL it was given.
    revoke: () =>
      connection.request({
        method: 'POST',
        url: `${connection.instanceUrl}/services/oauth2/revoke`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ token: connection.accessToken }).toString(),
      }),
    async records() {
      const { id } = await connection.sobject('Account').create({ Name: 'Made by a client' });
      await connection.sobject('Account').update({ Id: id, Name: 'Changed by a client' });
      const { Name: name } = await connection.singleRecordQuery(
        `SELECT Name FROM Account WHERE Id = '${id}'`,
      );
      await connection.sobject('Account').destroy(id);
      const { fields } = await connection.sobject('Account').describe();
      return { name, fields: fields.map((field) => field.name) };
    },
  };
}

export const refusalOf = ({ name, message }) => ({ error: name, description: message });
