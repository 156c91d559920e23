/** A local org, an administrator's session in it, and what a set-up begins with. */

import { fetchTransport, milliseconds } from '@sfjwt/client';
import type { Clock } from '@sfjwt/client';
import { createOrg } from '@sfjwt/org';
import type { Org, OrgOptions } from '@sfjwt/org';
import { onTestFinished } from 'vitest';
import { createCertificate, createKeyPair, openAdminSession, openSetupKey } from '@sfjwt/setup';
import type {
  AdminSession,
  AppSpecification,
  planSetup,
  ProofOptions,
  SetupKey,
} from '@sfjwt/setup';

export const worker = 'integration@local-org.example';

const pair = await createKeyPair();
const { pem: certificatePem } = await createCertificate({ privateKey: pair.privateKey });

/** One key for all: making one takes a tenth of a second. */
export const key: SetupKey = await openSetupKey({
  policy: { days: 3650, bits: 2048, subject: 'CN=Nightly Sync' },
  privateKeyPem: pair.privateKeyPem,
  certificatePem,
});

export const specification: AppSpecification = {
  name: 'Nightly Sync',
  contactEmail: 'ops@example.org',
  users: [worker],
};

export interface Stage {
  org: Org;
  admin: AdminSession;
  /** The clock of the org: waiting moves it. */
  clock: Clock;
  fetch: (request: Request) => Promise<Response>;
  /** What a proof through the app needs. */
  proving: (app: { consumerKey: string }) => ProofOptions;
}

/** What a plan needs, with the key of these tests. */
export function planning(clock: Clock): Parameters<typeof planSetup>[2] {
  return { clock, certificate: key.certificate };
}

export async function stage(options: OrgOptions = {}): Promise<Stage> {
  const org = await createOrg(options);
  onTestFinished(() => org.close());
  const fetch = (request: Request): Promise<Response> => org.fetch(request);
  const clock = clockOf(org);
  return {
    org,
    clock,
    fetch,
    admin: await openAdmin(org, fetch),
    proving: ({ consumerKey }) => ({
      consumerKey,
      clock,
      fetch,
      loginUrl: org.url,
      username: worker,
      signer: key.signer,
      appName: specification.name,
      transport: fetchTransport(fetch),
    }),
  };
}

export function openAdmin(org: Org, fetch: Stage['fetch']): Promise<AdminSession> {
  return openAdminSession({
    instanceUrl: org.url,
    accessToken: org.openSession(org.administrator),
    fetch,
  });
}

function clockOf(org: Org): Clock {
  return {
    now: () => milliseconds(org.clock.now()),
    sleep: (duration, signal) => {
      signal?.throwIfAborted();
      org.clock.advance({ milliseconds: duration });
      return Promise.resolve();
    },
  };
}

/** What an org holds of apps and of who may use them; the values that differ from run to run left out. */
export function heldOf(org: Org): object {
  const { tables } = org.snapshot();
  const steady = (row: object): object =>
    Object.fromEntries(
      Object.entries(row).filter(
        ([name]) => !/id$|^consumer|date$|modstamp$/i.test(name) && !name.startsWith('_'),
      ),
    );
  return {
    apps: org.clientApps.list().map(steady),
    ...Object.fromEntries(
      ['PermissionSet', 'PermissionSetAssignment', 'SetupEntityAccess'].map((name) => [
        name,
        (tables[name] ?? []).map(steady),
      ]),
    ),
  };
}
