/** jsforce, unmodified, against the local org: it signs in with an assertion of ours and queries. */

import { createClaims, localSigner, parsePrivateKey, signAssertion } from '@sfjwt/client';
import { createOrg } from '@sfjwt/org';
import { createCertificate, createKeyPair } from '@sfjwt/setup';
import { expect, onTestFinished, test } from 'vitest';
import { unlessOffline } from '../npm.ts';
import { installClients } from './installation.ts';

const clients = await unlessOffline(installClients());

/** The part of jsforce that is used here. */
interface Jsforce {
  Connection: new (options: { loginUrl: string; instanceUrl?: string }) => {
    authorize(request: { grant_type: string; assertion: string }): Promise<{ id: string }>;
    query(soql: string): Promise<{ totalSize: number; records: { Name: string }[] }>;
    identity(): Promise<{ username: string }>;
    logout(): Promise<void>;
    accessToken: string | null;
    instanceUrl: string;
  };
}

test('jsforce signs in with an assertion of ours, queries, asks who it is, logs out', async (context) => {
  if ('offline' in clients) return context.skip(clients.offline);
  const { Connection } = clients.value.load('jsforce') as Jsforce;
  const { privateKey } = await createKeyPair();
  const { pem } = await createCertificate({ privateKey });
  const org = await createOrg({
    seed: {
      clientApps: [
        {
          kind: 'connectedApp',
          name: 'Nightly Sync',
          contactEmail: 'ops@example.org',
          consumerKey: '3MVG9.key',
          certificate: pem,
          scopes: ['api', 'id'],
          permittedUsers: 'adminApproved',
          profiles: ['Minimum Access - API Only Integrations'],
        },
      ],
    },
  });
  onTestFinished(() => org.close());
  await org.listen({ port: 0 });

  const claims = (username: string) =>
    createClaims({ clientId: '3MVG9.key', username, audience: org.url });
  const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  const signer = localSigner(await parsePrivateKey(privateKey));
  const connection = new Connection({ loginUrl: org.url });
  await connection.authorize({
    grant_type: grantType,
    assertion: await signAssertion(claims('integration@local-org.example'), signer),
  });
  expect(connection.instanceUrl).toBe(org.url);
  const { totalSize, records } = await connection.query('SELECT Name FROM Account ORDER BY Name');
  expect(totalSize).toBe(3);
  expect(records[0]?.Name).toBe('Acme');
  expect(await connection.identity()).toMatchObject({ username: 'integration@local-org.example' });
  expect(org.sessions.list()).toHaveLength(1);
  await connection.logout();
  expect(org.sessions.list()).toEqual([]);

  // And it reads our refusal as Salesforce's.
  const refused = new Connection({ loginUrl: org.url }).authorize({
    grant_type: grantType,
    assertion: await signAssertion(claims('admin@local-org.example'), signer),
  });
  await expect(refused).rejects.toMatchObject({
    name: 'invalid_app_access',
    message: 'user is not admin approved to access this app',
  });
});
