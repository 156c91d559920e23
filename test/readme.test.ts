/** The code of the README runs as it stands, with the org of this test in place of acme's. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { acme, execute, folder, root } from './acme.ts';

const readme = readFileSync(join(root, 'README.md'), 'utf8');

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(
    ([, text]) => text ?? '',
  );
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
