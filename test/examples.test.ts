/** Every file of examples/ is run as a program of its own, against a local org. */

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect as connectSocket } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createAuthority } from '../packages/client/test/authority.ts';
import { acme, compile, execute, root } from './acme.ts';
import type { Acme } from './acme.ts';

interface Example extends Acme {
  /** The settings of the app, as variables. */
  settings: Record<string, string>;
  /** Runs the example of this name; ends with its exit code and with all that it said. */
  run: (
    name: string,
    options?: { flags?: readonly string[]; words?: readonly string[]; settings?: Variables },
  ) => Promise<[number | null, string]>;
}

type Variables = Record<string, string>;

const told = new Set<string>();

async function setting(): Promise<Example> {
  const { org, directory, consumerKey } = await acme();
  const settings = {
    SFJWT_LOGIN_URL: org.url,
    SFJWT_CLIENT_ID: consumerKey,
    SFJWT_USERNAME: 'worker@acme.example',
    SFJWT_PRIVATE_KEY_FILE: join(directory, 'salesforce.key'),
  };
  return {
    org,
    directory,
    consumerKey,
    settings,
    async run(name, { flags = [], words = [], settings: chosen = settings } = {}) {
      told.add(name);
      await compile(join(root, 'examples', `${name}.ts`), join(directory, `${name}.mjs`));
      return execute(process.execPath, [...flags, `${name}.mjs`, ...words], directory, chosen);
    },
  };
}

async function listen(server: Server & { closeAllConnections?(): void }): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections?.();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test('settings-from-the-environment', async () => {
  const { run } = await setting();
  const [code, output] = await run('settings-from-the-environment');
  expect(output).toContain('Acme');
  expect(code).toBe(0);
});

test('stored-profile', async () => {
  const { run, directory, settings, consumerKey } = await setting();
  const profile = {
    loginUrl: settings['SFJWT_LOGIN_URL'],
    clientId: consumerKey,
    username: 'worker@acme.example',
    privateKey: { environment: 'NIGHTLY_SYNC_KEY' },
  };
  writeFileSync(join(directory, 'salesforce.json'), JSON.stringify(profile));
  const key = readFileSync(join(directory, 'salesforce.key'), 'utf8');
  const [code, output] = await run('stored-profile', {
    words: ['salesforce.json'],
    settings: { NIGHTLY_SYNC_KEY: key.replaceAll('\n', String.raw`\n`) },
  });
  expect(output).toMatch(/mended: written-out.*\nworker@acme\.example\n$/);
  expect(code).toBe(0);
});

/** Flags by which a Node reads the program and its packages alone, and still starts processes. */
function confined(directory: string, name: string): string[] {
  const known = process.allowedNodeEnvironmentFlags;
  const readable = [
    join(root, 'packages/*'),
    join(root, 'node_modules/*'),
    join(root, 'package.json'),
    join(directory, `${name}.mjs`),
  ];
  return [
    known.has('--permission') ? '--permission' : '--experimental-permission',
    ...readable.map((path) => `--allow-fs-read=${path}`),
    '--allow-child-process',
    ...(known.has('--allow-net') ? ['--allow-net'] : []),
  ];
}

test('key-outside-the-process: signs where the process may not read the key', async () => {
  const { run, directory, settings, org } = await setting();
  const { SFJWT_PRIVATE_KEY_FILE: KEY_FILE = '', ...others } = settings;
  // The same confinement keeps the process from the key: otherwise it would prove nothing.
  const [refused, words] = await run('settings-from-the-environment', {
    flags: confined(directory, 'settings-from-the-environment'),
  });
  expect(words).toMatch(/KEY_FILE_UNREADABLE/);
  expect(refused).not.toBe(0);
  const [code, output] = await run('key-outside-the-process', {
    flags: confined(directory, 'key-outside-the-process'),
    settings: { ...others, KEY_FILE },
  });
  expect(output).toContain('worker@acme.example\n');
  expect(code).toBe(0);
  expect(org.loginHistory.list().map(({ status }) => status)).toEqual(['Success']);
});

test('key-outside-the-process: a signer that fails says why, and not the key', async () => {
  const { run, directory, settings } = await setting();
  const { SFJWT_PRIVATE_KEY_FILE: _file, ...others } = settings;
  const [code, output] = await run('key-outside-the-process', {
    settings: { ...others, KEY_FILE: join(directory, 'nowhere.key') },
  });
  expect(output).toMatch(/SIGNER_FAILED/);
  expect(output).toMatch(/openssl ended with 1/);
  expect(code).toBe(1);
});

test('opentelemetry', async () => {
  const { run, settings } = await setting();
  const flags = ['--import', new URL('printed-spans.mjs', import.meta.url).href];
  const [code, output] = await run('opentelemetry', { flags });
  const spans = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as object);
  expect(spans).toMatchObject([
    {
      name: 'salesforce token request',
      kind: 2,
      attributes: {
        'url.full': `${settings['SFJWT_LOGIN_URL'] ?? ''}/services/oauth2/token`,
        'enduser.id': 'worker@acme.example',
        'sfjwt.instance_url': settings['SFJWT_LOGIN_URL'],
      },
      status: { code: 0 },
    },
    { name: 'nightly sync' },
  ]);
  expect(output).not.toMatch(/00DLOCAL\w+!|eyJhbGciOi/);
  expect(code).toBe(0);

  const stranger = { ...settings, SFJWT_USERNAME: 'nobody@acme.example' };
  const [, refusal] = await run('opentelemetry', { flags, settings: stranger });
  expect(refusal).toMatch(/"status":\{"code":2,"message":"USER_NOT_APPROVED"\}/);
});

test('shared-store: the second process signs in without a login', async () => {
  const { run, directory, settings, org } = await setting();
  const shared = { ...settings, TOKEN_FILE: join(directory, 'token.json') };
  expect(await run('shared-store', { settings: shared })).toEqual([0, 'a login\n200\n']);
  expect(await run('shared-store', { settings: shared })).toEqual([0, '200\n']);
  expect(org.loginHistory.list()).toHaveLength(1);
  expect(statSync(join(directory, 'token.json')).mode & 0o777).toBe(0o600);
});

test('flow-by-hand', async () => {
  const { run } = await setting();
  expect(await run('flow-by-hand')).toEqual([0, expect.stringMatching(/^180 2048 api \d{3}\n$/)]);
});

test('errors-by-code', async () => {
  const { run, settings } = await setting();
  expect(await run('errors-by-code')).toEqual([0, 'signed in\n']);
  const [code, output] = await run('errors-by-code', {
    settings: { ...settings, SFJWT_USERNAME: 'nobody@acme.example' },
  });
  expect(output).toMatch(/^Ask an administrator to admit nobody@acme\.example.*\n- Setup > /);
  expect(code).toBe(78);
  const [away, words] = await run('errors-by-code', {
    settings: { ...settings, SFJWT_LOGIN_URL: 'http://127.0.0.1:1' },
  });
  expect(words).toMatch(/^Salesforce is out of reach: .*refuses connections/);
  expect(away).toBe(75);
});

test('through-a-proxy: nothing goes straight', async () => {
  const { run, directory, settings, org } = await setting();
  const authority = await createAuthority('127.0.0.1');
  writeFileSync(join(directory, 'ca.pem'), authority.certificate);
  const tlsPort = await listen(
    createTlsServer({ key: authority.key, cert: authority.certificate }, (incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const { method = 'GET', url = '/', headers } = incoming;
        const { authorization, 'content-type': type } = headers;
        const body = method === 'POST' ? Buffer.concat(chunks) : null;
        const kept = Object.entries({ authorization, 'content-type': type }).flatMap(
          ([name, value]) => (value === undefined ? [] : [[name, value] as const]),
        );
        const request = new Request(org.url + url, {
          method,
          body,
          headers: Object.fromEntries(kept),
        });
        void Promise.resolve(org.fetch(request)).then(async (response) => {
          const text = (await response.text()).replaceAll(org.url, `https://127.0.0.1:${tlsPort}`);
          outgoing.writeHead(response.status, { 'content-type': 'application/json' }).end(text);
        });
      });
    }),
  );
  const tunnels: string[] = [];
  const proxyServer = createServer();
  proxyServer.on('connect', (request, socket) => {
    tunnels.push(request.url ?? '');
    const target = connectSocket(tlsPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('error', () => target.destroy());
  });
  const proxyPort = await listen(proxyServer);
  const [code, output] = await run('through-a-proxy', {
    settings: {
      ...settings,
      SFJWT_LOGIN_URL: `https://127.0.0.1:${tlsPort}`,
      SFJWT_AUDIENCE: org.url,
      PROXY: `http://127.0.0.1:${proxyPort}`,
      CA_FILE: join(directory, 'ca.pem'),
    },
  });
  expect(output).toBe('200\n');
  expect(code).toBe(0);
  expect(new Set(tunnels)).toEqual(new Set([`127.0.0.1:${tlsPort}`]));
});

test('own-transport', async () => {
  const { run } = await setting();
  expect(await run('own-transport')).toEqual([
    0,
    'POST /services/oauth2/token\nGET /services/data/v67.0\n200\n',
  ]);
});

test('test-with-the-local-org', async () => {
  const { run } = await setting();
  expect(await run('test-with-the-local-org', { settings: {} })).toEqual([0, 'passed\n']);
});

test('every example is run', () => {
  const files = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.ts'));
  expect([...told].toSorted()).toEqual(files.map((name) => name.slice(0, -3)).toSorted());
});
