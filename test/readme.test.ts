/** The code of the README runs as it stands, with the org of this test in place of acme's. */

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createOrg } from '@sfjwt/org';
import type { Org } from '@sfjwt/org';
import { createCertificate, createKeyPair, writeKeyFiles } from '@sfjwt/setup';
import { expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(
    ([, text]) => text ?? '',
  );
}

/** Inside the checkout, so that imports by package name find the packages. */
function folder(): string {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const directory = mkdtempSync(join(root, '.cache', 'readme-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

interface Acme {
  org: Org;
  directory: string;
  consumerKey: string;
}

/** The org that the README speaks of. */
async function acme(): Promise<Acme> {
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

function execute(command: string, words: string[], cwd: string): Promise<[number | null, string]> {
  const PATH = `${join(root, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`;
  const child = spawn(command, words, { cwd, env: { ...process.env, PATH } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => (output += text.toString()));
  }
  return new Promise((resolve) => child.on('close', (code) => resolve([code, output])));
}

test.each(blocks('ts').map((block) => [block.split('\n')[0], block] as const))(
  'TypeScript: %s',
  async (_first, block) => {
    const { org, directory, consumerKey } = await acme();
    const program = block
      .replace('https://acme.my.salesforce.com', org.url)
      .replace("'3MVG9...'", `'${consumerKey}'`);
    const ending = block.includes('response')
      ? 'if (!response.ok) throw new Error(await response.text()); process.exit(0);'
      : 'await org.close();';
    writeFileSync(join(directory, 'block.mjs'), `${program}\n${ending}\n`);
    expect(await execute(process.execPath, ['block.mjs'], directory)).toEqual([0, '']);
  },
);

test('shell: the commands for a shell', async () => {
  const { org, consumerKey } = await acme();
  const directory = folder();
  const script = blocks('sh').find((block) => block.includes('sfjwt key new')) ?? '';
  expect(script).toContain('sfjwt api GET');
  // What a person does between the commands: upload the certificate, export the settings.
  const [make = '', ...rest] = script
    .replaceAll('npx sfjwt', 'sfjwt')
    .replaceAll('https://acme.my.salesforce.com', org.url)
    .replaceAll('3MVG9...', consumerKey)
    .split('\n');
  expect((await execute('bash', ['-ec', make], directory))[0]).toBe(0);
  const certificate = readFileSync(join(directory, 'salesforce.crt'));
  org.clientApps.uploadCertificate(org.clientApps.get(consumerKey), certificate);
  const settings = [
    `export SFJWT_LOGIN_URL=${org.url} SFJWT_CLIENT_ID=${consumerKey}`,
    'export SFJWT_USERNAME=worker@acme.example SFJWT_PRIVATE_KEY_FILE=salesforce.key',
  ];
  const [code, output] = await execute(
    'bash',
    ['-ec', [...settings, ...rest].join('\n')],
    directory,
  );
  expect(output).toContain('Key and certificate belong together');
  expect(output).toMatch(/00DLOCAL\w+!/);
  expect(code).toBe(0);
});
