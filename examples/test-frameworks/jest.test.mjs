// Jest: the packages are ES modules, so Jest runs with NODE_OPTIONS=--experimental-vm-modules.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { connect } from '@sfjwt/client';
import { createOrg } from '@sfjwt/org';
import { createCertificate, createKeyPair } from '@sfjwt/setup';

const { privateKey, privateKeyPem } = await createKeyPair();
const org = await createOrg({
  seed: {
    users: [{ username: 'worker@example.org', profile: 'Standard User' }],
    clientApps: [
      {
        name: 'Nightly Sync',
        contactEmail: 'ops@example.org',
        consumerKey: '3MVG9.nightly.sync',
        certificate: (await createCertificate({ privateKey })).pem,
        scopes: ['api'],
        permittedUsers: 'adminApproved',
        profiles: ['Standard User'],
      },
    ],
  },
});
beforeAll(() => org.listen({ port: 0 }));
afterEach(() => org.reset());
afterAll(() => org.close());

/** What is tested. */
async function countAccounts(loginUrl) {
  const salesforce = connect({
    loginUrl,
    clientId: '3MVG9.nightly.sync',
    username: 'worker@example.org',
    privateKey: privateKeyPem,
  });
  const response = await salesforce.fetch('/services/data/v67.0/query?q=SELECT+Id+FROM+Account');
  return (await response.json()).totalSize;
}

test('counts what is there', async () => {
  org.seed({ records: { Account: [{ Name: 'One more' }] } });
  expect(await countAccounts(org.url)).toBe(4);
});

test('goes on when the session ends between two calls', async () => {
  org.faults.next('query', { endSession: 'before' });
  expect(await countAccounts(org.url)).toBe(3);
  expect(org.requests.list({ path: 'token' })).toHaveLength(2);
});
