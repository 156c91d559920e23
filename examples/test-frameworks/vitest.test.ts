// Vitest: `org` comes as a fixture, a new one for each test.
import { connect } from '@sfjwt/client';
import { orgTest } from '@sfjwt/org/vitest';
import { createCertificate, createKeyPair } from '@sfjwt/setup';
import { expect } from 'vitest';

const { privateKey, privateKeyPem } = await createKeyPair();

const test = orgTest({
  listen: true,
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

/** What is tested: code that is given the URL of an org, and knows nothing of tests. */
async function countAccounts(loginUrl: string): Promise<number> {
  const salesforce = connect({
    loginUrl,
    clientId: '3MVG9.nightly.sync',
    username: 'worker@example.org',
    privateKey: privateKeyPem,
  });
  const response = await salesforce.fetch('/services/data/v67.0/query?q=SELECT+Id+FROM+Account');
  return ((await response.json()) as { totalSize: number }).totalSize;
}

test('counts what is there', async ({ org }) => {
  org.seed({ records: { Account: [{ Name: 'One more' }] } });
  expect(await countAccounts(org.url)).toBe(4);
  expect(org.requests.list().map(({ path }) => path)).toEqual([
    '/services/oauth2/token',
    '/services/data/v67.0/query',
  ]);
});

test('goes on when the session ends between two calls', async ({ org }) => {
  org.faults.next('query', { endSession: 'before' });
  expect(await countAccounts(org.url)).toBe(3);
  expect(org.requests.list({ path: 'token' })).toHaveLength(2);
});
