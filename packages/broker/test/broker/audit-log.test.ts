import { readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AuditEntry } from '../../src/broker/index.ts';
import { profileToServe, readConfiguration } from '../../src/broker/index.ts';
import { ask, served } from './served-org.ts';

async function entries(file: string): Promise<AuditEntry[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as AuditEntry);
}

test('who was given what, before it is given, and what was refused; never a secret', async () => {
  const { socket, folder } = await served({ auditLog: 'audit.jsonl' });
  const file = join(folder, 'audit.jsonl');
  const { json } = await ask(socket, '/v1/token/nightly');
  await ask(socket, '/v1/proxy/nightly/services/data/v67.0/query?q=SELECT+Name+FROM+Account');
  await ask(socket, '/v1/proxy/nightly/services/../secret?x=1');
  await ask(socket, '/v1/token/nobody');
  const told = await entries(file);
  expect(told.map(({ event, action, status, code }) => [event, action, status, code])).toEqual([
    ['granted', 'token', undefined, undefined],
    ['granted', 'proxy', undefined, undefined],
    ['answered', 'proxy', 200, undefined],
    ['refused', 'proxy', 403, 'PATH_FORBIDDEN'],
    ['refused', 'token', 404, 'PROFILE_UNKNOWN'],
  ]);
  expect(told[1]).toMatchObject({
    caller: 'owner',
    profile: 'nightly',
    method: 'GET',
    path: '/services/data/v67.0/query',
  });
  const text = await readFile(file, 'utf8');
  expect(text).not.toContain(String(json['accessToken']));
  expect(text).not.toContain('SELECT');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test.runIf(process.platform === 'linux')(
  'a full disk under it: nothing is granted, readiness tells, and all is well once there is room',
  async () => {
    // What every write to it answers is ENOSPC.
    const { socket, logins, faults } = await served({ auditLog: '/dev/full' });
    const { status, json } = await ask(socket, '/v1/token/nightly');
    expect([status, json['code']]).toEqual([503, 'AUDIT_UNAVAILABLE']);
    expect(JSON.stringify(json)).not.toContain('00D');
    expect(logins()).toBe(0);
    const proxied = await ask(socket, '/v1/proxy/nightly/services/data/v67.0/limits');
    expect([proxied.status, logins()]).toEqual([503, 0]);
    const ready = await ask(socket, '/health/ready');
    expect([ready.status, ready.json]).toEqual([
      503,
      { ready: false, failures: { AUDIT_UNAVAILABLE: 1 } },
    ]);
    expect(faults).toHaveLength(1);
  },
);

test('a file that was moved away by a rotation is begun anew', async () => {
  const { socket, folder, broker, profile, configurationFile } = await served({
    auditLog: 'audit.jsonl',
  });
  const file = join(folder, 'audit.jsonl');
  await ask(socket, '/v1/token/nightly');
  await rename(file, `${file}.1`);
  const configuration = await readConfiguration(configurationFile);
  await broker.change({ configuration, profiles: new Map([['nightly', profileToServe(profile)]]) });
  await ask(socket, '/v1/token/nightly');
  expect(await entries(`${file}.1`)).toHaveLength(1);
  expect(await entries(file)).toHaveLength(1);
});

test('a file that cannot be opened is told at the start', async () => {
  await expect(served({ auditLog: 'nowhere/audit.jsonl' })).rejects.toMatchObject({
    code: 'AUDIT_LOG_UNAVAILABLE',
  });
});
