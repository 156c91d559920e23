import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RegistryUnreachable, unlessOffline } from '../npm.ts';
import { installClients } from './installation.ts';

const clients = await unlessOffline(installClients('node-20'));

let empty: string;
beforeAll(async () => {
  empty = await mkdtemp(join(tmpdir(), 'sfjwt-clients-'));
});
afterAll(() => rm(empty, { recursive: true }));

/** Port 9 of this machine: nobody listens there. */
const nowhere = ['--registry=http://127.0.0.1:9', '--fetch-retries=0'];

test('jsforce is installed at the version of the lock file', (context) => {
  if ('offline' in clients) return context.skip(clients.offline);
  const { version } = clients.value.load('jsforce/package.json') as { version: string };
  expect(version).toBe('3.10.16');
  expect(clients.value.load('jsforce')).toHaveProperty('Connection', expect.any(Function));
});

test('what is installed once is not installed again', async (context) => {
  if ('offline' in clients) return context.skip(clients.offline);
  const before = await stat(clients.value.folder);
  const again = await installClients('node-20');
  expect(again.folder).toBe(clients.value.folder);
  expect((await stat(again.folder)).ctimeMs).toBe(before.ctimeMs);
});

test('a registry that does not answer leaves nothing half-installed', async () => {
  const flags = [...nowhere, '--cache', join(empty, 'cache')];
  const parent = join(empty, 'clients');
  await expect(installClients('node-20', parent, flags)).rejects.toThrow(RegistryUnreachable);
  expect(await readdir(parent)).toEqual([]);
});

test('a registry that does not answer is a skip on a laptop and a failure on CI', async () => {
  const attempt = () => Promise.reject(new RegistryUnreachable('no answer'));
  await expect(unlessOffline(attempt(), true)).rejects.toThrow('no answer');
  expect(await unlessOffline(attempt(), false)).toEqual({ offline: expect.any(String) });
});

test('any other failure is a failure everywhere', async () => {
  await expect(unlessOffline(Promise.reject(new Error('E404')), false)).rejects.toThrow('E404');
});
