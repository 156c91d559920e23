/** A local org, and a broker before it that really listens. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { IncomingHttpHeaders, RequestOptions } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientEvent, Profile } from '@sfjwt/client';
import { createOrg } from '@sfjwt/org';
import type { Org } from '@sfjwt/org';
import { createCertificate, createKeyPair } from '@sfjwt/setup';
import { onTestFinished } from 'vitest';
import { profileToServe, readConfiguration, runBroker } from '../../src/broker/index.ts';
import type { RunningBroker, RunningBrokerOptions } from '../../src/broker/index.ts';

let keyFiles: Promise<{ privateKeyPem: string; certificatePem: string }> | undefined;

async function makeKeyFiles(): Promise<{ privateKeyPem: string; certificatePem: string }> {
  const { privateKey, privateKeyPem } = await createKeyPair();
  const { pem: certificatePem } = await createCertificate({ privateKey });
  return { privateKeyPem, certificatePem };
}

interface ServedOrg {
  readonly org: Org;
  readonly folder: string;
  readonly profile: Profile;
  /** Logins that the org has seen, refused ones included. */
  readonly logins: () => number;
}

async function servedOrg(): Promise<ServedOrg> {
  keyFiles ??= makeKeyFiles();
  const { privateKeyPem, certificatePem } = await keyFiles;
  const folder = await mkdtemp(join(tmpdir(), 'sfjwt-broker-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'salesforce.key'), privateKeyPem, { mode: 0o600 });
  const org = await createOrg({
    seed: {
      users: [{ username: 'worker@acme.example', profile: 'Standard User' }],
      clientApps: [
        {
          name: 'Acme',
          contactEmail: 'ops@acme.example',
          certificate: certificatePem,
          scopes: ['api', 'refresh_token'],
          permittedUsers: 'adminApproved',
          profiles: ['Standard User'],
        },
      ],
      records: { Account: [{ Name: 'Acme' }] },
    },
  });
  onTestFinished(() => org.close());
  await org.listen({ port: 0 });
  const profile: Profile = {
    loginUrl: org.url,
    clientId: org.clientApps.list()[0]?.consumerKey ?? '',
    username: 'worker@acme.example',
    privateKeyFile: join(folder, 'salesforce.key'),
  };
  const logins = (): number =>
    org.requests.list({ path: 'token' }).filter(({ method }) => method === 'POST').length;
  return { org, folder, profile, logins };
}

export interface Served extends ServedOrg {
  readonly broker: RunningBroker;
  readonly socket: string;
  readonly faults: unknown[];
  readonly events: ClientEvent[];
  readonly configurationFile: string;
}

/** @param settings of the configuration file, beside a socket and the profile `nightly` */
export async function served(
  settings: Readonly<Record<string, unknown>> = {},
  options: RunningBrokerOptions & { profile?: Partial<Profile> } = {},
): Promise<Served> {
  const home = await servedOrg();
  const socket = join(home.folder, 'broker.sock');
  const configurationFile = join(home.folder, 'broker.json');
  const given = { version: 1, doors: [{ socket }], ...settings };
  await writeFile(configurationFile, JSON.stringify(given));
  const faults: unknown[] = [];
  const events: ClientEvent[] = [];
  const { profile, ...rest } = options;
  const broker = await runBroker(
    {
      configuration: await readConfiguration(configurationFile),
      profiles: new Map([['nightly', profileToServe({ ...home.profile, ...profile })]]),
    },
    {
      onFault: (error) => faults.push(error),
      onEvent: (_profile, event) => events.push(event),
      ...rest,
    },
  );
  onTestFinished(() => broker.stop());
  return { ...home, broker, socket, faults, events, configurationFile };
}

export interface Said {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly json: Record<string, unknown>;
}

interface Question extends RequestOptions {
  body?: string | Uint8Array;
}

/** One request as a program in another language would send it. */
export function ask(
  where: string,
  path: string,
  { body, ...options }: Question = {},
): Promise<Said> {
  const place = where.startsWith('http')
    ? { host: new URL(where).hostname, port: new URL(where).port }
    : { socketPath: where };
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...place, path, agent: false, ...options }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: text,
          get json() {
            return JSON.parse(text) as Record<string, unknown>;
          },
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
