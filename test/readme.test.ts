/** Every code block of the documents runs as it stands, with the org of this test in place of acme's. */

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, resolveLoginUrl } from '@sfjwt/client';
import type { ClientEvent, Profile } from '@sfjwt/client';
import { createOrg, readSeedFile } from '@sfjwt/org';
import { expect, onTestFinished, test } from 'vitest';
import { acme, compile, execute, root } from './acme.ts';
import type { Acme } from './acme.ts';

interface Block {
  /** Document and line. */
  place: string;
  language: string;
  text: string;
}

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    // The blocks of adapters.md want foreign packages: test/adapters runs them. Those of broker.md
    // want a broker: broker-examples.test.ts has one.
    .filter((name) => name.endsWith('.md') && name !== 'adapters.md' && name !== 'broker.md')
    .map((name) => `docs/${name}`),
];

function blocksOf(document: string): Block[] {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(
    ({ index, 1: language = '', 2: block = '' }) => ({
      place: `${document}:${text.slice(0, index).split('\n').length}`,
      language,
      text: block,
    }),
  );
}

const keyFiles = ['salesforce.key', 'salesforce.crt'];

const blocks = documents.flatMap(blocksOf);
const inLanguage = (language: string) =>
  blocks
    .filter((block) => block.language === language)
    .map((block) => [block.place, block.text] as const);

const settings = ({ org, consumerKey }: Acme): Record<string, string> => ({
  SFJWT_LOGIN_URL: org.url,
  SFJWT_CLIENT_ID: consumerKey,
  SFJWT_USERNAME: 'worker@acme.example',
  SFJWT_PRIVATE_KEY_FILE: 'salesforce.key',
  ADMIN_TOKEN: org.openSession(org.administrator),
  STORE_SECRET: 'what openssl rand -base64 32 prints',
});

/** The text with the org and the app of this test in place of those of the documents. */
const settled = (text: string, { org, consumerKey }: Acme): string =>
  text.replaceAll('https://acme.my.salesforce.com', org.url).replaceAll('3MVG9...', consumerKey);

test.each(inLanguage('ts'))('%s runs', async (_place, block) => {
  const setting = await acme();
  const { directory } = setting;
  const ending = /\bconst response\b/.test(block)
    ? 'if (!response.ok) throw new Error(await response.text());'
    : '';
  writeFileSync(
    join(directory, 'block.ts'),
    `${settled(block, setting)}\n${ending}\nprocess.exit(0);\n`,
  );
  // A block that makes the key files would not overwrite those that are there.
  if (block.includes('writeKeyFiles')) await execute('rm', keyFiles, directory);
  await compile(join(directory, 'block.ts'), join(directory, 'block.mjs'));
  const [code, output] = await execute(
    process.execPath,
    ['block.mjs'],
    directory,
    settings(setting),
  );
  // What a comment promises of a line that prints is checked against what is printed.
  for (const [, promised = ''] of block.matchAll(/^\s*console\.log\(.*\); \/\/ ([\w@. ]+)$/gm)) {
    expect(output).toContain(promised);
  }
  expect(code, output).toBe(0);
});

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** What is left of a line without its comment; lines that go on are one. */
function commandsOf(block: string): string[] {
  return block
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .flatMap((line) => line.replace(/\s+#.*$/, '').split(' && '))
    .filter((line) => line.trim() !== '');
}

test.each(inLanguage('sh'))('%s: every command works', async (_place, block) => {
  const setting = await acme();
  const { org, directory, consumerKey } = setting;
  for (const command of commandsOf(settled(block, setting))) {
    const npm = /^npm (?:run )?(\S+)/.exec(command)?.[1];
    if (npm !== undefined) {
      // What these do is what the other tests do.
      if (npm !== 'ci') expect(Object.keys(scripts)).toContain(npm);
      continue;
    }
    expect(command).toMatch(/^npx sfjwt /);
    if (/ org\b/.test(command)) {
      await servesUntilStopped(command, setting);
      continue;
    }
    if (/ key new/.test(command)) await execute('rm', keyFiles, directory);
    const [code, output] = await execute(
      'bash',
      ['-ec', command.replace('npx ', '')],
      directory,
      settings(setting),
    );
    expect(code, `${command}\n${output}`).toBe(0);
    // What a person does after that: uploads the new certificate.
    if (/ key new/.test(command)) {
      const certificate = readFileSync(join(directory, 'salesforce.crt'));
      org.clientApps.uploadCertificate(org.clientApps.get(consumerKey), certificate);
    }
    if (/ key inspect/.test(command))
      expect(output).toContain('Key and certificate belong together');
    if (/ token/.test(command)) expect(output).toMatch(/00DLOCAL\w+!/);
  }
});

/** A command that serves: it says where, and ends when it is told to. */
async function servesUntilStopped(command: string, setting: Acme): Promise<void> {
  const { directory } = setting;
  const seed = blocks.find(({ language }) => language === 'yaml')?.text ?? '';
  writeFileSync(join(directory, 'org.yaml'), seed);
  const [, , ...words] = command.split(' ');
  const program = join(root, 'node_modules/.bin/sfjwt');
  const child = spawn(process.execPath, [program, ...words, '--port', '0', '--json'], {
    cwd: directory,
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stderr.on('data', (text: Buffer) => (output += text.toString()));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => {
      output += text.toString();
      const found = /"url":"([^"]+)"/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.on('exit', () => reject(new Error(output)));
  });
  expect((await fetch(`${url}/services/data`)).status).toBe(200);
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

test.each(inLanguage('yaml'))('%s is a seed', async (_place, block) => {
  const { directory } = await acme();
  writeFileSync(join(directory, 'org.yaml'), block);
  const seed = await readSeedFile(join(directory, 'org.yaml'));
  expect(Object.keys(seed)).not.toEqual([]);
  const org = await createOrg({ seed });
  onTestFinished(() => org.close());
  const apps = seed.clientApps?.map(({ name }) => name) ?? [];
  expect(org.clientApps.list().map(({ name }) => name)).toEqual(expect.arrayContaining(apps));
});

test.each(inLanguage('json'))('%s is a profile', async (_place, block) => {
  const setting = await acme();
  const profile = JSON.parse(settled(block, setting)) as Profile;
  const key = readFileSync(join(setting.directory, 'salesforce.key'), 'utf8');
  const name = profile.privateKey?.environment ?? '';
  process.env[name] = key;
  onTestFinished(() => void delete process.env[name]);
  const salesforce = connect(profile);
  onTestFinished(() => salesforce.close());
  expect(await salesforce.userinfo()).toMatchObject({ preferred_username: profile.username });
});

test('no block is in a language that nothing here runs; drawings name none', () => {
  const known = new Set(['', 'ts', 'sh', 'yaml', 'json']);
  expect(blocks.filter(({ language }) => !known.has(language))).toEqual([]);
  for (const { language, text, place } of blocks) {
    if (language === '') expect(text, place).not.toMatch(/\bimport\b|^\$ |npx|=>/m);
  }
});

/** The rows of the table after a mark, cell by cell. */
function tableAfter(mark: string): string[][] {
  const page = readFileSync(join(root, 'docs/client.md'), 'utf8');
  const rows = (page.split(mark)[1] ?? '').trim().split('\n\n')[1] ?? '';
  return rows
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const loginUrls = tableAfter('<!-- login urls');

test('docs/client.md has a table of login URLs', () => {
  expect(loginUrls.length).toBeGreaterThan(15);
});

test.each(loginUrls)('docs/client.md: %s goes to %s', (typed, goes, audience) => {
  const [, url = ''] = /`([^`]+)`/.exec(typed ?? '') ?? [];
  const [, code] = /^nowhere: `(\w+)`$/.exec(goes ?? '') ?? [];
  if (code !== undefined) {
    expect(() => resolveLoginUrl(url)).toThrowError(expect.objectContaining({ code }));
    return;
  }
  const resolved = resolveLoginUrl(url);
  const [, base = ''] = /^`([^`]+)`/.exec(goes ?? '') ?? [];
  expect(resolved.tokenEndpoint).toBe(`${base}/services/oauth2/token`);
  expect(resolved.audience).toBe(audience === 'the same' ? base : audience?.slice(1, -1));
  expect(resolved.warnings).toHaveLength((goes ?? '').endsWith(', with a warning') ? 1 : 0);
});

test('docs/client.md tells every event, and what it holds', () => {
  // The compiler keeps this list whole: a new event, or a new field, does not fit.
  const held: {
    [Type in ClientEvent['type']]: Record<
      Exclude<keyof Extract<ClientEvent, { type: Type }>, 'type'>,
      true
    >;
  } = {
    tokenRequested: { tokenEndpoint: true, clientId: true, username: true, audience: true },
    tokenReceived: { instanceUrl: true, scopes: true, milliseconds: true },
    tokenRequestFailed: { code: true, milliseconds: true },
    tokenRetry: { code: true, attempt: true, waitMilliseconds: true },
    tokenReused: {},
    tokenRefresh: {},
    tokenRefused: { status: true },
    refusalRepeated: { code: true },
    clockSkew: { offsetSeconds: true },
    warning: { message: true },
  };
  const written = tableAfter('<!-- events').map(([type = '', , fields = '']) => [
    type.slice(1, -1),
    [...fields.matchAll(/`(\w+)`/g)].map(([, field]) => field),
  ]);
  expect(written).toEqual(
    Object.entries(held).map(([type, fields]) => [type, Object.keys(fields)]),
  );
});
