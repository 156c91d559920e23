/** The org that the documents and examples speak of, and the processes that run them. */

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createOrg } from '@sfjwt/org';
import type { Org } from '@sfjwt/org';
import { createCertificate, createKeyPair, writeKeyFiles } from '@sfjwt/setup';
import { rolldown } from 'rolldown';
import { onTestFinished } from 'vitest';

export const root: string = fileURLToPath(new URL('..', import.meta.url));

/** Inside the checkout, so that imports by package name find the packages. */
function folder(): string {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const directory = mkdtempSync(join(root, '.cache', 'acme-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

export interface Acme {
  org: Org;
  directory: string;
  consumerKey: string;
}

/** An org with one app that admits one user, and the key files of the app. */
export async function acme(): Promise<Acme> {
  const directory = folder();
  const { privateKey, privateKeyPem } = await createKeyPair();
  const { pem: certificatePem } = await createCertificate({ privateKey });
  await writeKeyFiles({ directory, privateKeyPem, certificatePem });
  const org = await createOrg({
    seed: {
      users: [{ username: 'worker@acme.example', profile: 'Standard User' }],
      clientApps: [
        {
          name: 'Acme',
          contactEmail: 'ops@acme.example',
          certificate: certificatePem,
          scopes: ['api'],
          permittedUsers: 'adminApproved',
          profiles: ['Standard User'],
        },
      ],
    },
  });
  onTestFinished(() => org.close());
  await org.listen({ port: 0 });
  return { org, directory, consumerKey: org.clientApps.list()[0]?.consumerKey ?? '' };
}

/** Ends with its exit code and with all that it said. */
export function execute(
  command: string,
  words: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<[number | null, string]> {
  const PATH = `${join(root, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`;
  const child = spawn(command, words, { cwd, env: { ...process.env, PATH, ...variables } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => (output += text.toString()));
  }
  return new Promise((resolve) => child.on('close', (code) => resolve([code, output])));
}

/** A program in TypeScript as one that our oldest Node runs. What it imports by a name stays. */
export async function compile(source: string, program: string): Promise<void> {
  const bundle = await rolldown({ input: source, external: /^[^./]/, platform: 'node' });
  await bundle.write({ file: program, format: 'esm' });
  await bundle.close();
}
