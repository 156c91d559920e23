// A program as a user writes it, compiled and run against the packed packages alone: a sign-in from
// a new key to an answer of the API.
import { ClientError, connect } from '@sfjwt/client';
import type { ClientErrorCode, Connection } from '@sfjwt/client';
import { createOrg } from '@sfjwt/org';
import type { Org } from '@sfjwt/org';
import { createCertificate, createKeyPair } from '@sfjwt/setup';

const { privateKey, privateKeyPem } = await createKeyPair();
const certificate = await createCertificate({ privateKey, subject: 'CN=Nightly Sync' });

const org: Org = await createOrg({
  seed: {
    users: [{ username: 'worker@example.org', profile: 'Standard User' }],
    clientApps: [
      {
        name: 'Nightly Sync',
        contactEmail: 'ops@example.org',
        consumerKey: 'nightly-sync',
        certificate: certificate.pem,
        scopes: ['api', 'refresh_token'],
        permittedUsers: 'adminApproved',
        profiles: ['Standard User'],
      },
    ],
  },
});
await org.listen({ port: 0 });

const settings = { clientId: 'nightly-sync', privateKey: privateKeyPem, loginUrl: org.url };
const salesforce: Connection = connect({ ...settings, username: 'worker@example.org' });
const { instanceUrl } = await salesforce.token();
const response = await salesforce.fetch('/services/oauth2/userinfo');
const { preferred_username: username } = (await response.json()) as { preferred_username: string };

// A refusal is told apart by its code, and the codes are a closed list.
const stranger = connect({ ...settings, username: 'nobody@example.org' });
const expected: ClientErrorCode = 'USER_NOT_APPROVED';
const refused: unknown = await stranger.token().catch((error: unknown) => error);
if (!(refused instanceof ClientError) || refused.code !== expected) throw refused;

// @ts-expect-error: the declarations are real, so a wrong option is an error of the compiler.
export const misspelt = () => connect({ ...settings, userName: 'worker' });
// @ts-expect-error: this is no code.
if (refused.code === 'USER_TIRED') throw refused;

console.log(username, instanceUrl === org.url);
salesforce.close();
stranger.close();
await org.close();
