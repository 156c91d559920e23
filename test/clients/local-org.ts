/** The org that foreign clients sign in to. */

import { createOrg } from '@sfjwt/org';
import type { Org } from '@sfjwt/org';
import { createCertificate, createKeyPair } from '@sfjwt/setup';
import { onTestFinished } from 'vitest';

const key = await createKeyPair();
const { pem: certificate } = await createCertificate({ privateKey: key.privateKey });

/** Whom the app admits, whom it does not, and whom nobody knows. */
export const worker = 'integration@local-org.example';
export const outsider = 'admin@local-org.example';
export const nobody = 'nobody@local-org.example';

const consumerSecret = 'a-secret-of-the-test';

export interface SignInSettings {
  clientId: string;
  username: string;
  loginUrl: string;
  audience: string;
  privateKey: string;
  consumerSecret: string;
}

export async function openLocalOrg(
  scheme: 'http' | 'https',
): Promise<{ org: Org; settings: SignInSettings }> {
  const org = await createOrg({
    seed: {
      clientApps: [
        {
          kind: 'connectedApp',
          name: 'Nightly Sync',
          contactEmail: 'ops@example.org',
          consumerKey: '3MVG9.nightly.sync',
          consumerSecret,
          certificate,
          scopes: ['api', 'openid'],
          permittedUsers: 'adminApproved',
          profiles: ['Minimum Access - API Only Integrations'],
        },
      ],
    },
  });
  onTestFinished(() => org.close());
  await org.listen({ port: 0, tls: scheme === 'https' });
  return {
    org,
    settings: {
      clientId: '3MVG9.nightly.sync',
      username: worker,
      loginUrl: org.url,
      audience: org.url,
      privateKey: key.privateKeyPem,
      consumerSecret,
    },
  };
}

/** A key that no app has a certificate of. */
export async function foreignKey(): Promise<string> {
  return (await createKeyPair()).privateKeyPem;
}

/** As an administrator does it in Session Management. */
export function endSessions(org: Org): void {
  for (const { id } of org.sessions.list()) org.sessions.remove(id);
}
