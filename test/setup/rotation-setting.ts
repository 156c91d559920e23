/** An app in use, its key file, and what a rotation of it needs. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOrg } from '@sfjwt/org';
import type { Org, OrgOptions } from '@sfjwt/org';
import {
  createCertificate,
  createKeyPair,
  openAdminSession,
  readKnownCertificate,
} from '@sfjwt/setup';
import type { RotationOptions } from '@sfjwt/setup';
import { expect, onTestFinished } from 'vitest';

export const { privateKey, privateKeyPem } = await createKeyPair();
const { pem: certificatePem } = await createCertificate({ privateKey });
export const fingerprintOf = (pem: string): string =>
  readKnownCertificate(pem)?.fingerprint256 ?? '';
export const before = fingerprintOf(certificatePem);
export const username = 'worker@example.org';

export interface Setting {
  org: Org;
  options: RotationOptions;
  directory: string;
  /** Contents of the key file. */
  keys: () => string;
  /** SHA-256 of the certificate that the app has in the org. */
  inOrg: () => string;
}

export async function setting(
  kind: 'externalClientApp' | 'connectedApp' = 'externalClientApp',
  seed: OrgOptions['seed'] = {},
): Promise<Setting> {
  const org = await createOrg({
    seed: {
      ...seed,
      users: [{ username, profile: 'Standard User' }],
      clientApps: [
        {
          kind,
          name: 'Nightly Sync',
          contactEmail: 'ops@example.org',
          certificate: certificatePem,
          scopes: ['api', 'refresh_token'],
          permittedUsers: 'adminApproved',
          profiles: ['Standard User'],
        },
      ],
    },
  });
  onTestFinished(() => org.close());
  await org.listen({ port: 0 });
  const directory = mkdtempSync(join(tmpdir(), 'sfjwt-rotation-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const privateKeyFile = join(directory, 'salesforce.key');
  writeFileSync(privateKeyFile, privateKeyPem, { mode: 0o600 });
  writeFileSync(join(directory, 'salesforce.crt'), certificatePem);
  const session = await openAdminSession({
    instanceUrl: org.url,
    accessToken: org.openSession(org.administrator),
  });
  const app = () =>
    org.clientApps.list().find(({ name }) => name === 'Nightly Sync') ?? expect.fail('no app');
  return {
    org,
    directory,
    options: {
      session,
      kind,
      app: 'Nightly_Sync',
      privateKeyFile,
      loginUrl: org.url,
      consumerKey: app().consumerKey,
      username,
      settleMilliseconds: 0,
    },
    keys: () => readFileSync(privateKeyFile, 'utf8'),
    inOrg: () => fingerprintOf(app().certificate ?? ''),
  };
}
