// A test of your own code with no Salesforce: an org in this process, a user, an app, a key; then
// two hours pass at once.
import assert from 'node:assert/strict';
import { connect, milliseconds } from '@sfjwt/client';
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
    records: { Account: [{ Name: 'Example' }] },
  },
});

const salesforce = connect({
  loginUrl: org.url,
  clientId: '3MVG9.nightly.sync',
  username: 'worker@example.org',
  privateKey: privateKeyPem,
  fetch: (request) => org.fetch(request),
  clock: { now: () => milliseconds(org.clock.now()) },
});

const query = "/services/data/v67.0/query?q=SELECT+Id+FROM+Account+WHERE+Name='Example'";
const first = (await (await salesforce.fetch(query)).json()) as { totalSize: number };
assert.equal(first.totalSize, 1);

org.clock.advance({ hours: 2 });
assert.equal((await salesforce.fetch(query)).status, 200);
assert.deepEqual(
  org.loginHistory.list().map(({ status }) => status),
  ['Success', 'Success'],
);
console.log('passed');
await org.close();
