/** What the conformance module is run against: a local org, and an endpoint that fails on demand. */

import { createPrivateKey } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createAuthority } from '../../packages/client/test/authority.ts';
import { createOrg } from '@sfjwt/org';
import { createCertificate, createKeyPair } from '@sfjwt/setup';
import { startFaultEndpoint } from './fault-endpoint.ts';
import type { FaultEndpoint } from './fault-endpoint.ts';
import { createKeyForms } from './key-forms.ts';
import type { KeyForms } from './key-forms.ts';
import { listen, shut } from './listening.ts';
import { startProxy } from './proxy.ts';

export interface World {
  /** What every runtime is told; see `Given` in conformance.mjs. */
  facts: {
    org: {
      url: string;
      clientId: string;
      clientSecret: string;
      username: string;
      stranger: string;
    };
    faults: string;
    secure: string;
    ca: string;
    proxy: string;
    nowhere: string;
    keys: KeyForms;
    keyFile: string;
  };
  /** What `connect()` reads. */
  environment: Record<string, string>;
  faults: FaultEndpoint;
  close(): Promise<void>;
}

/** Starts both, on real sockets, and puts the key into a folder. */
export async function createWorld(folder: string): Promise<World> {
  const pair = await createKeyPair();
  const { pem: certificate } = await createCertificate({ privateKey: pair.privateKey });
  const keys = createKeyForms(createPrivateKey(pair.privateKeyPem), certificate);
  const clientId = '3MVG9.conformance';
  const clientSecret = 'the-secret-of-the-conformance-app';
  const org = await createOrg({
    seed: {
      clientApps: [
        {
          kind: 'externalClientApp',
          name: 'Conformance',
          contactEmail: 'ops@example.org',
          consumerKey: clientId,
          consumerSecret: clientSecret,
          certificate,
          scopes: ['api', 'id'],
          permittedUsers: 'adminApproved',
          profiles: ['Minimum Access - API Only Integrations'],
        },
      ],
    },
  });
  await org.listen({ port: 0 });
  const authority = await createAuthority('127.0.0.1');
  const faults = await startFaultEndpoint({ key: authority.key, cert: authority.certificate });
  const proxy = await startProxy();
  const keyFile = join(folder, 'salesforce.key');
  await writeFile(keyFile, keys.pkcs8, { mode: 0o600 });
  const username = 'integration@local-org.example';
  return {
    facts: {
      org: { url: org.url, clientId, clientSecret, username, stranger: 'admin@local-org.example' },
      faults: faults.url,
      secure: faults.secureUrl,
      ca: authority.certificate,
      proxy: proxy.url,
      nowhere: `http://127.0.0.1:${await freePort()}`,
      keys,
      keyFile,
    },
    environment: {
      SFJWT_LOGIN_URL: org.url,
      SFJWT_CLIENT_ID: clientId,
      SFJWT_USERNAME: username,
      SFJWT_PRIVATE_KEY: keys.pkcs8.replaceAll('\n', String.raw`\n`),
    },
    faults,
    async close() {
      await faults.close();
      await proxy.close();
      await org.close();
    },
  };
}

/** A port where nobody listens: one that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await shut(server);
  return port;
}
