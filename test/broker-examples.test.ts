/** What docs/broker.md and examples/broker promise, done. */

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  openApiDocument,
  profileToServe,
  readConfiguration,
  refusalCodes,
  runBroker,
} from '@sfjwt/broker/broker';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, onTestFinished, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { acme, compile, execute, root } from './acme.ts';

const examples = join(root, 'examples/broker');
const read = (path: string): string => readFileSync(join(examples, path), 'utf8');
const page = readFileSync(join(root, 'docs/broker.md'), 'utf8');

const secret = 'a-secret-of-the-caller-that-nobody-guesses';

async function brokerOfAcme(): Promise<{ socket: string; url: string; directory: string }> {
  const { org, directory, consumerKey } = await acme();
  const folder = mkdtempSync(join(tmpdir(), 'sfjwt-broker-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const socket = join(folder, 'broker.sock');
  const configurationFile = join(folder, 'broker.json');
  process.env['SFJWT_TEST_SECRET'] = secret;
  onTestFinished(() => void delete process.env['SFJWT_TEST_SECRET']);
  const callers = [
    { name: 'java', secrets: [{ environment: 'SFJWT_TEST_SECRET' }], profiles: ['*'] },
  ];
  const doors = [{ socket }, { port: 0 }];
  writeFileSync(configurationFile, JSON.stringify({ version: 1, doors, callers }));
  const profile = profileToServe({
    loginUrl: org.url,
    clientId: consumerKey,
    username: 'worker@acme.example',
    privateKeyFile: join(directory, 'salesforce.key'),
  });
  const configuration = await readConfiguration(configurationFile);
  const broker = await runBroker({ configuration, profiles: new Map([['nightly', profile]]) });
  onTestFinished(() => broker.stop());
  return { socket, url: broker.addresses[1] ?? '', directory };
}

const languages: readonly [name: string, probe: string[], program: string[]][] = [
  ['bash and curl', ['curl', '--version'], ['bash', 'accounts.sh', 'nightly']],
  ['Python', ['python3', '--version'], ['python3', 'accounts.py', 'nightly']],
  ['Java', ['javac', '-version'], ['java', 'Accounts.java', 'nightly']],
];

test.for(languages)(
  'a program in %s, with its standard library alone',
  async ([name, probe, words], { skip }) => {
    const [tool = '', ...flags] = probe;
    if (spawnSync(tool, flags).error !== undefined) {
      expect(process.env['CI'] ?? '', `${tool} is missing`).toBe('');
      skip(`${tool} is missing`);
    }
    const { socket, url } = await brokerOfAcme();
    const [command = '', ...rest] = words;
    const address =
      name === 'Java'
        ? { SFJWT_BROKER: url, SFJWT_BROKER_SECRET: secret }
        : { SFJWT_BROKER: socket };
    const [code, output] = await execute(command, rest, join(examples, 'clients'), address);
    expect(output.trim().split('\n')).toEqual(['Acme', 'Global Media', 'Salt & Sons']);
    expect(code).toBe(0);
  },
);

test('the OpenAPI description is valid, and holds what the broker answers', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(openApiDocument));
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);

  const { socket } = await brokerOfAcme();
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(openApiDocument, 'broker');
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const grant = 'grant_type=client_credentials&client_id=nightly';
  for (const [schema, path, headers, body] of [
    ['Token', '/v1/token/nightly', {}, undefined],
    ['Headers', '/v1/headers', {}, undefined],
    ['Profiles', '/v1/profiles', {}, undefined],
    ['Readiness', '/health/ready', {}, undefined],
    ['Failure', '/v1/token/nobody', {}, undefined],
    ['OAuthToken', '/services/oauth2/token', form, grant],
    ['OAuthFailure', '/services/oauth2/token', form, 'grant_type=other'],
  ] as const) {
    const method = body === undefined ? 'GET' : 'POST';
    const outgoing = request({ socketPath: socket, path, headers, method }).end(body);
    const [answer] = (await once(outgoing, 'response')) as [AsyncIterable<Buffer>];
    let text = '';
    for await (const chunk of answer) text += chunk.toString();
    const check = ajv.getSchema(`broker#/components/schemas/${schema}`);
    expect([schema, check?.(JSON.parse(text)), check?.errors]).toEqual([schema, true, null]);
  }
});

test('what docs/broker.md shows for a shell and for Node does what it says', async () => {
  const { socket, directory } = await brokerOfAcme();
  const shell = /```sh\n([^]*?)```/.exec(page)?.[1] ?? '';
  expect(shell).toMatch(/^sfjwt broker --profile nightly$/m);
  // Here the broker is up already, and in another place.
  const asked = shell
    .replace('sfjwt broker --profile nightly', '')
    .replaceAll('~/.config/sfjwt/broker.sock', socket);
  const [code, output] = await execute('bash', ['-euc', asked], directory);
  expect([code, output]).toEqual([0, expect.stringContaining('"Name":"Salt & Sons"')]);
  expect(output).toMatch(/"authorization":"Bearer 00D/);

  const program = /```ts\n([^]*?)```/.exec(page)?.[1] ?? '';
  const ending = 'if (!response.ok) throw new Error(await response.text());\nprocess.exit(0);\n';
  writeFileSync(
    join(directory, 'block.ts'),
    `${program.replace('/run/sfjwt/etl.sock', socket)}\n${ending}`,
  );
  await compile(join(directory, 'block.ts'), join(directory, 'block.mjs'));
  expect(await execute(process.execPath, ['block.mjs'], directory)).toEqual([0, '']);
});

test('every code of the broker is in docs/broker.md, and no other', () => {
  const explained = [...page.matchAll(/^\| `([A-Z_]+)` \| \d/gm)].map(([, code]) => code);
  expect(explained.toSorted()).toEqual([...refusalCodes].toSorted());
});

test('every configuration that is shown can be read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sfjwt-broker-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [pod] = parseAllDocuments(read('kubernetes/pod.yaml')).map(
    (document) => document.toJS() as { data: Record<string, string> },
  );
  const shown = {
    'docs/broker.md': /```yaml\n([^]*?)```/.exec(page)?.[1] ?? '',
    'compose/broker.yaml': read('compose/broker.yaml'),
    'kubernetes/pod.yaml': pod?.data['broker.yaml'] ?? '',
  };
  for (const [name, text] of Object.entries(shown)) {
    expect([name, text]).not.toEqual([name, '']);
    const file = join(folder, 'broker.yaml');
    writeFileSync(file, text);
    expect([name, (await readConfiguration(file)).version]).toEqual([name, 1]);
  }
});

test('the units say what they run, and nothing that is no field', () => {
  const documents = parseAllDocuments(read('kubernetes/pod.yaml'), { strict: true });
  expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
  const compose = parseAllDocuments(read('compose/compose.yaml'), { strict: true });
  expect(compose.flatMap(({ errors }) => errors)).toEqual([]);
  expect(
    Object.keys((compose.at(0)?.toJS() as { services: object } | undefined)?.services ?? {}),
  ).toEqual(['broker', 'sync']);
  const unit = read('systemd/sfjwt-broker.service');
  expect(unit).toMatch(/^ExecStart=.* sfjwt broker --config \S+ --json$/m);
  const verify = spawnSync('systemd-analyze', [
    'verify',
    join(examples, 'systemd/sfjwt-broker.service'),
  ]);
  // Part of systemd, which a container has not.
  if (verify.error === undefined) expect(verify.stderr.toString()).toBe('');
});

test('the dashboard asks for metrics that there are', async () => {
  const { socket } = await brokerOfAcme();
  for (const path of ['/v1/token/nightly', '/metrics']) {
    const [answer] = (await once(request({ socketPath: socket, path }).end(), 'response')) as [
      AsyncIterable<Buffer>,
    ];
    let text = '';
    for await (const chunk of answer) text += chunk.toString();
    if (path !== '/metrics') continue;
    const wanted = new Set(
      [...read('grafana/dashboard.json').matchAll(/sfjwt_broker_[a-z_]+/g)].map(([name]) => name),
    );
    expect(wanted.size).toBeGreaterThan(5);
    for (const name of wanted) expect(text).toContain(`# TYPE ${name.replace(/_bucket$/, '')} `);
  }
});
