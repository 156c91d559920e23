import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfiguration } from '../../src/broker/index.ts';

async function configurationFile(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sfjwt-broker-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'broker.yaml');
  await writeFile(file, text);
  return file;
}

test('YAML and JSON say the same; paths are told from the folder of the file', async () => {
  const file = await configurationFile(`
version: 1
doors:
  - socket: broker.sock
    mode: '0660'
    caller: etl
  - port: 7524
profiles: [nightly]
callers:
  - name: etl
    secrets: [{ file: etl.secret }]
    profiles: [nightly]
    requests: [{ methods: [get], paths: [/services/data/**] }]
auditLog: audit.jsonl
`);
  const configuration = await readConfiguration(file);
  const folder = file.slice(0, file.lastIndexOf('/'));
  expect(configuration).toMatchObject({
    doors: [{ socket: join(folder, 'broker.sock'), mode: 0o660, caller: 'etl' }, { port: 7524 }],
    callers: [
      { secrets: [{ file: join(folder, 'etl.secret') }], requests: [{ methods: ['GET'] }] },
    ],
    auditLog: join(folder, 'audit.jsonl'),
    metrics: true,
    drainSeconds: 30,
  });
  const json = await configurationFile(
    JSON.stringify(configuration, undefined, 1).replaceAll('432', '"660"'),
  );
  expect((await readConfiguration(json)).callers).toMatchObject([{ name: 'etl' }]);
});

test.each([
  ['', 'must be Object'],
  ['version: 2', 'version: this broker reads version 1'],
  ['version: 1\nport: 7524', 'port: there is no such setting'],
  ['version: 1\ndoors: [{ prot: 1 }]', 'doors.0: a door is { socket: PATH } or { port: NUMBER }'],
  ['version: 1\ndoors: [{ socket: a, mode: 0600 }]', 'a mode is text'],
  ['version: 1\ndoors: [{ socket: a, caller: nobody }]', 'no caller is called nobody'],
  ['version: 1\ndoors: [{ port: 1 }]', 'a port needs a caller with a secret'],
  [
    'version: 1\ncallers: [{ name: a, profiles: ["*"], secrets: [hunter2-hunter2-hunter2] }]',
    'say where the secret is',
  ],
  [
    'version: 1\ncallers: [{ name: a, profiles: [b] }, { name: a, profiles: [b] }]',
    'two callers are called a',
  ],
  [
    'version: 1\ncallers: [{ name: a, profiles: [b], requests: [{ paths: [/secur/**] }] }]',
    'a pattern begins with /services/',
  ],
  [
    'version: 1\ncallers: [{ name: a, profiles: [b], requests: [{ paths: ["/services/**/x"] }] }]',
    'a pattern begins with /services/',
  ],
  ['version: 1\ndrainSeconds: -1', 'drainSeconds: at least 1'],
  ['a: [', 'line 1 is no YAML'],
  ['a: &a [1]\nb: [*a, *a]', 'is no YAML'],
])('%j is refused by its place, and what stands there is not repeated', async (text, problem) => {
  const refusal = readConfiguration(await configurationFile(text));
  await expect(refusal).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining(problem),
  });
  await expect(refusal).rejects.not.toThrow(/hunter2/);
});

test('a file that is not there is told', async () => {
  await expect(readConfiguration('/nowhere/broker.yaml')).rejects.toMatchObject({
    code: 'CONFIGURATION_UNREADABLE',
    message: 'The configuration /nowhere/broker.yaml cannot be read',
  });
});
