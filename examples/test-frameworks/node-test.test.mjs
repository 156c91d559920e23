// node:test: one org for the file, taken back to where it began after each test.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
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
before(() => org.listen({ port: 0 }));
afterEach(() => org.reset());
after(() => org.close());

/**
 * What is tested.
 *
 * @param {string} loginUrl
 * @returns {Promise<number>}
 */
async function countAccounts(loginUrl) {
  const salesforce = connect({
    loginUrl,
    clientId: '3MVG9.nightly.sync',
    username: 'worker@example.org',
    privateKey: privateKeyPem,
  });
  const response = await salesforce.fetch('/services/data/v67.0/query?q=SELECT+Id+FROM+Account');
  const result = /** @type {{ totalSize: number }} */ (await response.json());
  return result.totalSize;
}

test('counts what is there', async () => {
  org.seed({ records: { Account: [{ Name: 'One more' }] } });
  assert.equal(await countAccounts(org.url), 4);
});

test('goes on when the session ends between two calls', async () => {
  org.faults.next('query', { endSession: 'before' });
  assert.equal(await countAccounts(org.url), 3);
  assert.equal(org.requests.list({ path: 'token' }).length, 2);
});
