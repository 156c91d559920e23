/** A local org on a socket, with an app that admits one user. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOrg } from '@sfjwt/org';
import type { Org } from '@sfjwt/org';
import { createCertificate, createKeyPair } from '@sfjwt/setup';
import { onTestFinished } from 'vitest';
import { folder } from './command.ts';

/** One for all tests of a file: making one takes its time. */
const key = await createKeyPair();
const { pem: certificate } = await createCertificate({ privateKey: key.privateKey });

export interface Setting {
  org: Org;
  /** Holds `salesforce.key` and `salesforce.crt`, as `sfjwt key new` writes them. */
  directory: string;
  /** Flags that sign in. */
  flags: string[];
  /** Variables that sign in. */
  env: Record<string, string>;
}

export async function openSetting(): Promise<Setting> {
  const directory = folder();
  const keyFile = join(directory, 'salesforce.key');
  writeFileSync(keyFile, key.privateKeyPem, { mode: 0o600 });
  writeFileSync(join(directory, 'salesforce.crt'), certificate);
  const org = await createOrg();
  onTestFinished(() => org.close());
  await org.listen({ port: 0 });
  const app = org.clientApps.create({
    name: 'Nightly Sync',
    contactEmail: 'ops@example.org',
    scopes: ['api'],
    permittedUsers: 'adminApproved',
  });
  org.clientApps.uploadCertificate(app, certificate);
  const worker = org.users.create({ username: 'worker@example.org', profile: 'Standard User' });
  org.clientApps.assignProfile(app, org.profiles.get('Standard User'));
  return {
    org,
    directory,
    flags: ['-r', org.url, '-o', worker.username, '-f', keyFile, '-i', app.consumerKey],
    env: {
      SFJWT_LOGIN_URL: org.url,
      SFJWT_USERNAME: worker.username,
      SFJWT_PRIVATE_KEY_FILE: keyFile,
      SFJWT_CLIENT_ID: app.consumerKey,
    },
  };
}
