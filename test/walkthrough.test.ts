/** The walk-through by library: what packages/cli tells as a story, called by hand. */

import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, milliseconds } from '@sfjwt/client';
import { createOrg } from '@sfjwt/org';
import type { ClientAppKind } from '@sfjwt/org';
import { createCertificate, createKeyPair, writeKeyFiles } from '@sfjwt/setup';
import { expect, onTestFinished, test } from 'vitest';

for (const kind of ['externalClientApp', 'connectedApp'] satisfies ClientAppKind[]) {
  for (const reach of ['over a socket', 'in process'] as const) {
    test(`from an empty folder to an API call: ${kind}, ${reach}`, async () => {
      const directory = await mkdtemp(join(tmpdir(), 'sfjwt-'));
      onTestFinished(() => rm(directory, { recursive: true }));
      const { privateKey, privateKeyPem } = await createKeyPair();
      const { pem: certificatePem } = await createCertificate({ privateKey });
      const files = await writeKeyFiles({ directory, privateKeyPem, certificatePem });
      expect((await stat(files.privateKeyFile)).mode & 0o777).toBe(0o600);

      const org = await createOrg();
      onTestFinished(() => org.close());
      if (reach === 'over a socket') await org.listen({ port: 0 });
      const app = org.clientApps.create({
        kind,
        name: 'Nightly Sync',
        contactEmail: 'a@example.org',
      });
      org.clientApps.uploadCertificate(app, await readFile(files.certificateFile));
      org.clientApps.setScopes(app, ['api', 'refresh_token']);
      org.clientApps.setPermittedUsers(app, 'adminApproved');
      const worker = org.users.create({ username: 'worker@example.org', profile: 'Standard User' });

      const sign = () =>
        connect({
          clientId: app.consumerKey,
          username: worker.username,
          privateKeyFile: files.privateKeyFile,
          loginUrl: org.url,
          clientSecret: app.consumerSecret,
          ...(reach === 'in process' ? { fetch: (request) => org.fetch(request) } : {}),
        });
      await expect(sign().token()).rejects.toMatchObject({
        code: 'USER_NOT_ADMIN_APPROVED',
        error: 'invalid_app_access',
      });
      org.clientApps.assignProfile(app, org.profiles.get('Standard User'));

      const salesforce = sign();
      onTestFinished(() => salesforce.close());
      const query = '/services/data/v67.0/query?q=SELECT+Name+FROM+Account+ORDER+BY+Name';
      const response = await salesforce.fetch(query);
      expect(await response.json()).toMatchObject({
        totalSize: 3,
        records: [{ Name: 'Acme' }, {}, {}],
      });
      expect(await salesforce.userinfo()).toMatchObject({ preferred_username: worker.username });
      expect(await salesforce.introspect()).toMatchObject({ active: true, scope: 'api' });

      expect(org.loginHistory.list().map(({ status }) => status)).toEqual([
        'Success',
        'Failed: Not approved for access',
      ]);
      const [session] = org.sessions.list();
      expect(session).toMatchObject({ userId: worker.id, clientAppId: app.id });

      // An administrator removes the session: the next call signs in once more, by itself.
      org.sessions.remove(session?.id ?? '');
      expect((await salesforce.fetch(query)).status).toBe(200);
      expect(org.sessions.list()).toHaveLength(1);
      await salesforce.revoke();
      expect(org.sessions.list()).toEqual([]);
    });
  }
}

test('a session that times out is renewed by the next call', async () => {
  const { privateKey } = await createKeyPair();
  const { pem } = await createCertificate({ privateKey });
  const org = await createOrg({
    seed: {
      clientApps: [
        {
          name: 'Nightly Sync',
          contactEmail: 'a@example.org',
          consumerKey: '3MVG9.key',
          certificate: pem,
          scopes: ['api'],
          permittedUsers: 'adminApproved',
          profiles: ['Minimum Access - API Only Integrations'],
        },
      ],
    },
  });
  onTestFinished(() => org.close());
  const salesforce = connect({
    clientId: '3MVG9.key',
    username: 'integration@local-org.example',
    privateKey,
    loginUrl: org.url,
    fetch: (request) => org.fetch(request),
    clock: { now: () => milliseconds(org.clock.now()) },
    // Longer than the session, so that only the 401 can tell.
    tokenLifetimeSeconds: 86_400,
  });
  const resources = '/services/data/v67.0';
  expect((await salesforce.fetch(resources)).status).toBe(200);
  org.clock.advance({ hours: 2 });
  expect((await salesforce.fetch(resources)).status).toBe(200);
  expect(org.loginHistory.list()).toHaveLength(2);
});
