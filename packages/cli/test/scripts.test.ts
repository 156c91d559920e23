import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createOrg } from '@sfjwt/org';
import { createCertificate, createKeyPair, writeKeyFiles } from '@sfjwt/setup';
import { expect, onTestFinished, test } from 'vitest';
import type { DeclaredCommand } from '../src/declared-command.ts';
import { openProgram } from '../src/program.ts';
import { folder } from './command.ts';
import { replay } from './script.ts';
import type { ScriptSetting } from './script.ts';

// To write a script, put prose and command lines into scripts/NAME.txt (`key new`: key-new.txt), let
//   npx vitest run --project commands -u
// fill in what comes back, and read it as a stranger would.

const scripts = fileURLToPath(new URL('scripts/', import.meta.url));
const binary = fileURLToPath(new URL('../bin/sfjwt.js', import.meta.url));

const program = await openProgram({ version: '0.0.0', inFull: () => true });

/** Every command that does something, by the words that are typed: `token`, `key new`. */
function paths(parent: DeclaredCommand, before = ''): string[] {
  return parent.commands.flatMap((command) => {
    const path = `${before}${command.name()}`;
    return command.commands.length > 0 ? paths(command as DeclaredCommand, `${path} `) : [path];
  });
}

const nameOf = (path: string): string => `${path.replaceAll(' ', '-')}.txt`;

test('every command has a script, which runs it with --json too, and explains it', () => {
  const missing = paths(program).filter((path) => {
    const file = join(scripts, nameOf(path));
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    const typed = lines.filter((line) => line.startsWith('  $ ') && line.includes(`sfjwt ${path}`));
    return !(
      typed.some((line) => line.includes('--json')) && typed.some((line) => line.includes('--help'))
    );
  });
  expect(missing, 'packages/cli/test/scripts/NAME.txt').toEqual([]);
});

test('every script is that of a command', () => {
  const known = new Set([...paths(program).map(nameOf), 'sfjwt.txt']);
  expect(readdirSync(scripts).filter((file) => !known.has(file))).toEqual([]);
});

const keyPair = createKeyPair();

/** An org with an app that admits one user, named by the environment as a pipeline would. */
async function setting(): Promise<ScriptSetting> {
  const directory = folder();
  const { privateKey, privateKeyPem } = await keyPair;
  const { pem: certificatePem } = await createCertificate({ privateKey });
  const { privateKeyFile } = await writeKeyFiles({ directory, privateKeyPem, certificatePem });
  const org = await createOrg({
    seed: {
      users: [
        { username: 'worker@acme.example', profile: 'Standard User' },
        { username: 'stranger@acme.example', profile: 'Minimum Access - API Only Integrations' },
      ],
      clientApps: [
        {
          kind: 'externalClientApp',
          name: 'Nightly Sync',
          contactEmail: 'ops@acme.example',
          consumerKey: '3MVG9.nightly-sync',
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
  const bin = join(folder(), 'bin');
  mkdirSync(bin);
  const shim = `#!/bin/sh\nexec '${process.execPath}' '${binary}' "$@"\n`;
  writeFileSync(join(bin, 'sfjwt'), shim, { mode: 0o755 });
  const { PATH = '', NODE_V8_COVERAGE } = process.env;
  return {
    folder: directory,
    env: {
      PATH: `${bin}:${PATH}`,
      HOME: directory,
      SFJWT_HOME: join(directory, 'home'),
      SFJWT_LOGIN_URL: org.url,
      SFJWT_CLIENT_ID: '3MVG9.nightly-sync',
      SFJWT_USERNAME: 'worker@acme.example',
      SFJWT_PRIVATE_KEY_FILE: privateKeyFile,
      ADMIN_TOKEN: org.openSession(org.administrator),
      ...(NODE_V8_COVERAGE === undefined ? {} : { NODE_V8_COVERAGE }),
    },
    steady: (output) =>
      output
        .replaceAll(org.url, '<org>')
        .replaceAll(new URL(org.url).host, '<org host>')
        .replaceAll(directory, '<folder>')
        .replaceAll(/\b00DLOCAL\w+![\w.]+/g, '<token>')
        .replaceAll(/\b0(?:Ak|Ya)LOCAL\w+/g, '<id>')
        .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)/g, '<time>')
        .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\dZ/g, 'YYYY-MM-DD HH:MMZ')
        .replaceAll(/\d{4}-\d\d-\d\d/g, 'YYYY-MM-DD')
        .replaceAll(/\b(?:[0-9A-F]{2}:){31}[0-9A-F]{2}\b/g, '<fingerprint>')
        .replaceAll(/(?<="serialNumber":")[0-9A-F]+/g, '<serial>')
        .replaceAll(/\b(?:[0-9A-F]{2}:){7}[0-9A-F]{2}…/g, '<fingerprint>…')
        .replaceAll(/\b3MVG9(?!\.)[\w.]{60,}/g, '<consumer key>')
        .replaceAll(/(?<="requestCount":)\d+/g, 'N')
        .replaceAll(/(?<="silentHours":)[\d.e-]+/g, 'N')
        .replaceAll(/(?<="keyFingerprint256":")[0-9a-f]{64}/g, '<fingerprint>')
        .replaceAll(/(?<="finishAt":)\d+/g, 'N')
        .replaceAll(/(?<=127\.0\.0\.1:)\d+/g, 'PORT'),
  };
}

test.skipIf(process.platform === 'win32').each(readdirSync(scripts))('%s', async (name) => {
  const file = join(scripts, name);
  const replayed = await replay(readFileSync(file, 'utf8'), await setting());
  await expect(replayed).toMatchFileSnapshot(file);
});
