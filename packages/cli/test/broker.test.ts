import { once } from 'node:events';
import { access, chmod, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { createOrg } from '@sfjwt/org';
import type { Org } from '@sfjwt/org';
import { createCertificate, createKeyPair } from '@sfjwt/setup';
import { expect, onTestFinished, test, vi } from 'vitest';
import { finished, folder, lineWith, run, start } from './command.ts';

interface Scene {
  org: Org;
  home: string;
  configuration: Record<string, unknown>;
  file: string;
}

async function scene(): Promise<Scene> {
  const home = folder();
  const { privateKey, privateKeyPem } = await createKeyPair();
  const { pem } = await createCertificate({ privateKey });
  await writeFile(join(home, 'salesforce.key'), privateKeyPem, { mode: 0o600 });
  const org = await createOrg({
    seed: {
      users: [{ username: 'worker@acme.example', profile: 'Standard User' }],
      clientApps: [
        {
          name: 'Acme',
          contactEmail: 'ops@acme.example',
          certificate: pem,
          scopes: ['api'],
          permittedUsers: 'adminApproved',
          profiles: ['Standard User'],
        },
      ],
    },
  });
  onTestFinished(() => org.close());
  await org.listen({ port: 0 });
  const nightly = {
    loginUrl: org.url,
    clientId: org.clientApps.list()[0]?.consumerKey,
    username: 'worker@acme.example',
    privateKeyFile: 'salesforce.key',
  };
  const configuration = {
    version: 1,
    doors: [{ socket: 'broker.sock' }],
    profiles: { nightly },
    auditLog: 'audit.jsonl',
  };
  const file = join(home, 'broker.json');
  await writeFile(file, JSON.stringify(configuration));
  return { org, home, configuration, file };
}

async function ask(socketPath: string, path: string): Promise<{ status: number; body: string }> {
  const outgoing = request({ socketPath, path, agent: false }).end();
  const [answer] = (await once(outgoing, 'response')) as [
    AsyncIterable<Buffer> & { statusCode: number },
  ];
  let body = '';
  for await (const chunk of answer) body += chunk.toString();
  return { status: answer.statusCode, body };
}

test('serves until it is told to stop, reads its configuration again on SIGHUP, and leaves nothing behind', async () => {
  const { home, file, configuration } = await scene();
  const child = start(['broker', '--config', file, '--json'], { env: { SFJWT_HOME: home } });
  let log = '';
  child.stderr?.on('data', (text: Buffer) => (log += text.toString()));
  const ready = JSON.parse(await lineWith(child, 'stdout', '"status":0')) as { result: object };
  const socket = join(home, 'broker.sock');
  expect(ready.result).toEqual({ addresses: [socket], profiles: ['nightly'] });
  const { body } = await ask(socket, '/v1/token/nightly');
  const { accessToken } = JSON.parse(body) as { accessToken: string };

  await writeFile(file, '{ "version": 2 }');
  child.kill('SIGHUP');
  await vi.waitFor(() => expect(log).toContain('CONFIGURATION_INVALID'), 10_000);
  expect((await ask(socket, '/v1/profiles')).body).toBe('{"profiles":["nightly"]}\n');

  const { profiles } = configuration as { profiles: { nightly: object } };
  await writeFile(
    file,
    JSON.stringify({ ...configuration, profiles: { ...profiles, weekly: profiles.nightly } }),
  );
  child.kill('SIGHUP');
  await vi.waitFor(
    async () => expect((await ask(socket, '/v1/profiles')).body).toContain('weekly'),
    10_000,
  );

  const ended = finished(child);
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
  await expect(access(socket)).rejects.toThrow('ENOENT');
  expect(log).not.toContain(accessToken);
  expect(await readFile(join(home, 'audit.jsonl'), 'utf8')).not.toContain(accessToken);
  for (const line of log.trim().split('\n')) JSON.parse(line);
});

test('a killed one leaves a socket that the next one takes over', async () => {
  const { home, file } = await scene();
  const words = ['broker', '--config', file, '--json'];
  const first = start(words, { env: { SFJWT_HOME: home } });
  await lineWith(first, 'stdout', '"status":0');
  const ended = finished(first);
  first.kill('SIGKILL');
  await ended;
  const second = start(words, { env: { SFJWT_HOME: home } });
  await lineWith(second, 'stdout', '"status":0');
  expect((await ask(join(home, 'broker.sock'), '/health/live')).status).toBe(200);
});

test('a port needs a secret, and the hint makes one', async () => {
  const { file } = await scene();
  const refused = await run(['broker', '--config', file, '--port', '0']);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('--port needs a secret in SFJWT_BROKER_SECRET');
  expect(refused.stderr).toContain('openssl rand -base64 32');
  const weak = await run(['broker', '--config', file, '--port', '0'], {
    env: { SFJWT_BROKER_SECRET: 'hunter2' },
  });
  expect(weak.code).toBe(5);
  expect(weak.stderr).not.toContain('hunter2');
});

test.each([
  [['broker'], 2, 'Nothing is to be served'],
  [['broker', '--profile', 'nobody'], 5, 'nobody'],
  [['broker', '--config', 'nowhere.yaml'], 5, 'nowhere.yaml cannot be read'],
])('%j says what is missing', async (words, code, said) => {
  const ended = await run(words, { cwd: folder() });
  expect(ended.stderr).toContain(said);
  expect([ended.code, ended.stdout]).toEqual([code, '']);
});

test.runIf(process.getuid?.() !== 0)('a folder that may not be written to is told', async () => {
  const { home, file } = await scene();
  await chmod(home, 0o500);
  const ended = await run(['broker', '--config', file]);
  expect(ended.code).toBe(5);
  expect(ended.stderr).toContain('AUDIT_LOG_UNAVAILABLE');
});
