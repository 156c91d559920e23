import { callbackify } from 'node:util';
import { grantType, makeAssertion } from './assertion.mjs';

export async function open(load) {
  const { default: jsforce } = await load('jsforce');
  let connection;
  return {
    /** @param renews whether an ended session is followed by another sign-in */
    async signIn({ renews, ...settings }) {
      const { loginUrl } = settings;
      const request = () => ({ grant_type: grantType, assertion: makeAssertion(settings) });
      const refreshFn = callbackify(async () => {
        const renewed = new jsforce.Connection({ loginUrl });
        await renewed.authorize(request());
        return renewed.accessToken;
      });
      connection = new jsforce.Connection({ loginUrl, ...(renews ? { refreshFn } : {}) });
      await connection.authorize(request());
      return { instanceUrl: connection.instanceUrl };
    },
    query: (soql) => connection.query(soql),
    identity: () => connection.identity(),
    revoke: () => connection.logout(),
    async records() {
      const { id } = await connection.sobject('Account').create({ Name: 'Made by a client' });
      await connection.sobject('Account').update({ Id: id, Name: 'Changed by a client' });
      const { Name: name } = await connection.sobject('Account').retrieve(id);
      await connection.sobject('Account').destroy(id);
      const { fields } = await connection.sobject('Account').describe();
      return { name, fields: fields.map((field) => field.name) };
    },
    async streamed(soql) {
      const names = [];
      await connection
        .query(soql, { headers: { 'Sforce-Query-Options': 'batchSize=200' } })
        .on('record', ({ Name }) => names.push(Name))
        .run({ autoFetch: true, maxFetch: 10_000 });
      return names;
    },
  };
}

export const refusalOf = ({ name, errorCode, message }) => ({
  error: errorCode ?? name,
  description: message,
});
