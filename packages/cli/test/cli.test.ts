import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { finished, folder, lineWith, run, start } from './command.ts';
import { openSetting } from './setting.ts';

const query = '/services/data/v67.0/query?q=SELECT+Name+FROM+Account+ORDER+BY+Name+LIMIT+1';

test('--help teaches by example, and no command is wrong usage', async () => {
  const help = await run(['--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toMatch(/\nExamples:\n {2}# .+\n {2}sfjwt walkthrough/);
  for (const command of ['walkthrough', 'key', 'org', 'token', 'api']) {
    expect(help.stdout).toContain(`\n  ${command} `);
  }
  expect(await run([])).toMatchObject({ code: 2, stdout: '' });
  expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  [['tokne'], /Did you mean token\?/],
  [['token', '--usernam', 'x'], /Did you mean --username\?/],
  [['org', '--port', 'seventy'], /Give a whole number/],
  [['org', '--port', '65536'], /0 to 65535/],
  [['api', 'FETCH', '/x'], /GET, HEAD, POST/],
  [['key', 'new', '--bits', '1024'], /2048, 3072, 4096/],
])('%j is wrong usage', async (words, message) => {
  const result = await run(words);
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toMatch(message);
  const json = await run([...words, '--json']);
  expect(json).toMatchObject({ code: 2, stderr: '' });
  expect(JSON.parse(json.stdout)).toMatchObject({ status: 2, code: 'USAGE' });
});

test('key new makes a pair that openssl accepts, and never replaces one unasked', async () => {
  const directory = folder();
  const first = await run(['key', 'new', '--subject', 'CN=Nightly Sync,O=Acme', '--days', '730'], {
    cwd: directory,
  });
  expect(first).toMatchObject({ code: 0, stdout: '' });
  const [key, certificate] = [join(directory, 'salesforce.key'), join(directory, 'salesforce.crt')];
  expect(statSync(key).mode & 0o777).toBe(0o600);
  const openssl = (...words: string[]): string =>
    execFileSync('openssl', words, { encoding: 'utf8' });
  expect(openssl('rsa', '-in', key, '-noout', '-modulus')).toBe(
    openssl('x509', '-in', certificate, '-noout', '-modulus'),
  );
  expect(openssl('x509', '-in', certificate, '-noout', '-subject')).toContain('CN = Nightly Sync');

  const before = readFileSync(key);
  const second = await run(['key', 'new', '--json'], { cwd: directory });
  expect(second.code).toBe(5);
  expect(JSON.parse(second.stdout)).toMatchObject({ status: 5, code: 'FILE_EXISTS' });
  expect(readFileSync(key)).toEqual(before);

  const third = await run(['key', 'new', '--force', '--json'], { cwd: directory });
  expect(JSON.parse(third.stdout)).toMatchObject({ status: 0, result: { bits: 2048 } });
  expect(readFileSync(key)).not.toEqual(before);
});

test('key inspect says what is in a file and whether key and certificate fit', async () => {
  const [one, two] = [folder(), folder()];
  for (const cwd of [one, two]) await run(['key', 'new'], { cwd });
  const fitting = await run(['key', 'inspect', 'salesforce.key', 'salesforce.crt'], { cwd: one });
  expect(fitting.code).toBe(0);
  expect(fitting.stdout).toMatch(/salesforce\.key: private key\n.*RSA, 2048 bits/);
  expect(fitting.stdout).toMatch(/salesforce\.crt: certificate\n/);
  expect(fitting.stdout).toContain('Key and certificate belong together');
  expect(fitting.stdout).not.toContain('-----BEGIN');

  const foreign = join(two, 'salesforce.crt');
  const unfitting = await run(['key', 'inspect', 'salesforce.key', foreign, '--json'], {
    cwd: one,
  });
  expect(unfitting.code).toBe(5);
  expect(JSON.parse(unfitting.stdout)).toMatchObject({
    result: { keyMatchesCertificate: false, files: [{}, { entries: [{ kind: 'certificate' }] }] },
  });
  const missing = await run(['key', 'inspect', 'nowhere.key'], { cwd: one });
  expect(missing).toMatchObject({ code: 5, stdout: '' });
  expect(missing.stderr).toContain('[FILE_UNREADABLE]');
});

test('token prints the token and nothing else; api uses it', async () => {
  const { flags, env, org } = await openSetting();
  const plain = await run(['token', ...flags]);
  expect(plain).toMatchObject({ code: 0, stderr: '' });
  expect(plain.stdout).toMatch(/^00DLOCAL\w+![\w.]+\n$/);
  const call = new Request(org.url + query, {
    headers: { authorization: `Bearer ${plain.stdout.trim()}` },
  });
  expect((await fetch(call)).status).toBe(200);

  const fromEnvironment = await run(['token', '--json'], { env });
  expect(JSON.parse(fromEnvironment.stdout)).toEqual({
    status: 0,
    result: {
      accessToken: expect.stringMatching(/^00DLOCAL/),
      instanceUrl: org.url,
      scopes: ['api'],
      organizationId: org.organization.id,
      userId: org.users.get('worker@example.org').id,
    },
    warnings: [],
  });

  const api = await run(['api', 'GET', query], { env });
  expect(api).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(api.stdout)).toMatchObject({ records: [{ Name: 'Acme' }] });
  const json = await run(['api', 'get', query, '--json'], { env });
  expect(JSON.parse(json.stdout)).toMatchObject({
    status: 0,
    result: { status: 200, body: { totalSize: 1 } },
  });
});

test('a key in the environment needs no file', async () => {
  const { env } = await openSetting();
  const { SFJWT_PRIVATE_KEY_FILE: file = '', ...others } = env;
  const result = await run(['token'], {
    env: { ...others, SFJWT_PRIVATE_KEY: readFileSync(file, 'utf8') },
  });
  expect(result.code).toBe(0);
});

test('the key and certificate of the walk-through’s openssl line are accepted', async () => {
  const { org, directory, env } = await openSetting();
  const line =
    'req -x509 -sha256 -nodes -days 36500 -newkey rsa:2048 -keyout openssl.key -out openssl.crt -subj /CN=x';
  execFileSync('openssl', line.split(' '), { cwd: directory, stdio: 'ignore' });
  const app = org.clientApps.get(env['SFJWT_CLIENT_ID'] ?? '');
  org.clientApps.uploadCertificate(app, readFileSync(join(directory, 'openssl.crt')));
  const stale = await run(['token', '--json'], { env });
  expect(JSON.parse(stale.stdout)).toMatchObject({ status: 3, code: 'ASSERTION_INVALID' });
  const result = await run(['token', '-f', join(directory, 'openssl.key')], { env });
  expect(result.code).toBe(0);
});

test('a refusal is told in words, with what to change', async () => {
  const { env, org } = await openSetting();
  org.users.create({ username: 'stranger@example.org', profile: 'System Administrator' });
  const result = await run(['token', '-o', 'stranger@example.org'], { env });
  expect(result).toMatchObject({ code: 3, stdout: '' });
  expect(result.stderr).toMatch(
    /^sfjwt: .*pre-authorized users only.* \[USER_NOT_ADMIN_APPROVED\]\n/,
  );
  expect(result.stderr).toContain('hint: Assign the profile of the user to the app');
  const json = await run(['token', '-o', 'stranger@example.org', '--json'], { env });
  expect(json).toMatchObject({ code: 3, stderr: '' });
  expect(JSON.parse(json.stdout)).toMatchObject({
    status: 3,
    code: 'USER_NOT_ADMIN_APPROVED',
    error: 'invalid_app_access',
    errorDescription: 'user is not admin approved to access this app',
    hints: expect.arrayContaining([expect.stringContaining(`aud ${org.url}`)]),
  });
});

test('exit codes tell the causes apart: a case of each', { timeout: 120_000 }, async () => {
  const { env, directory } = await openSetting();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const home = join(directory, 'home');
  await run(['login', '-a', 'broken'], { env: { ...env, SFJWT_HOME: home } });
  writeFileSync(join(home, 'profiles/broken.json'), '{');
  const cases: readonly (readonly [code: number, words: string[], env?: Record<string, string>])[] =
    [
      [0, ['token']],
      [2, ['token'], { SFJWT_USERNAME: '' }],
      [2, ['tokne']],
      [2, ['token', '--colour']],
      [2, ['login', '-f', '-']],
      [3, ['token', '-i', '3MVG9.unknown']],
      [3, ['login', '-o', 'nobody@acme.example']],
      [3, ['api', 'GET', '/services/data/v67.0/query?q=nonsense']],
      [4, ['token', '-r', `http://127.0.0.1:${port}`]],
      [4, ['login', '-r', `http://127.0.0.1:${port}`]],
      [5, ['token', '-r', 'http://acme.example']],
      [5, ['token', '-f', join(directory, 'salesforce.crt')]],
      [5, ['token', '-f', join(directory, 'nowhere.key')]],
      [5, ['token', '--profile', 'nowhere']],
      [5, ['token', '--profile', 'broken'], { SFJWT_HOME: home }],
      [5, ['profiles', 'show', '../key']],
      [5, ['api', 'GET', 'https://evil.example/']],
      [6, ['doctor', '-i', '3MVG9.unknown']],
      [7, ['exec', '--', process.execPath, '-e', 'process.exit(7)']],
      [126, ['exec', '--', join(directory, 'salesforce.crt')]],
      [127, ['exec', '--', join(directory, 'nowhere')]],
    ];
  for (const [code, words, changed = {}] of cases) {
    const result = await run(words, { env: { ...env, ...changed } });
    expect([words, result.code, result.stderr]).toEqual([words, code, result.stderr]);
  }
});

test('api sends a body from text, file and standard input, and tells what was refused', async () => {
  const { env, directory } = await openSetting();
  writeFileSync(join(directory, 'body.json'), '{"Name":"Acme"}');
  for (const [body, input] of [['{}'], ['@body.json'], ['-', '{"Name":"Acme"}']] as const) {
    const result = await run(['api', 'POST', '/services/data/v67.0/query', '-b', body], {
      env,
      cwd: directory,
      ...(input === undefined ? {} : { input }),
    });
    expect(result).toMatchObject({ code: 3, stdout: '' });
    expect(result.stderr).toContain("METHOD_NOT_ALLOWED: HTTP Method 'POST' not allowed");
  }
  const missing = await run(['api', 'POST', '/x', '-b', '@nowhere.json'], { env, cwd: directory });
  expect(missing.code).toBe(5);
});

test('hints name what can be typed here', async () => {
  const { flags, directory } = await openSetting();
  const told = async (...words: string[]): Promise<string> =>
    (await run(words, { cwd: directory })).stderr;
  expect(await told('token')).toMatch(/: sfjwt login\n.*--instance-url.*\n.*SFJWT_LOGIN_URL/);
  expect(await told('token', ...flags.slice(2, 4))).toContain(
    'as --instance-url, or in the environment as SFJWT_LOGIN_',
  );
  expect(await told('token', '-r', 'https://acme.example')).toContain('as --client-id, or');
  expect(await told('login')).toContain('sfjwt: No login URL is given: it is needed to sign in [');
  expect(await told('token', ...flags.slice(0, 4), ...flags.slice(6))).toMatch(
    /No private key is given.*\n.*--jwt-key-file, or .* SFJWT_PRIVATE_KEY_FILE\./,
  );
  expect(await told('key', 'new')).toContain('use --force:');
});

test('a private key where its path belongs is not shown', async () => {
  const { flags, directory } = await openSetting();
  const key = readFileSync(join(directory, 'salesforce.key'), 'utf8');
  for (const [words, expected] of [
    [['token', ...flags, '-f', key], 5],
    [['token', ...flags, '-f', key, '--json'], 5],
    [['key', 'inspect', key], 2],
    [['key', 'inspect', '--json', key], 2],
    [['key', 'inspect', '--', key], 5],
  ] as const) {
    const { code, stdout, stderr } = await run(words);
    expect(code).toBe(expected);
    expect(stdout + stderr).not.toContain(key.split('\n')[1]);
  }
});

test('api: what a host echoes shows no token and steers no terminal; GET takes no body', async () => {
  const { env, org } = await openSetting();
  const host = createHttpServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/services/oauth2/token') {
      const { port } = host.address() as AddressInfo;
      const url = `http://127.0.0.1:${port}`;
      const id = `${url}/id/${org.organization.id}/005LOCAL0000001YHA`;
      const token = { access_token: '00DLOCAL0000001!S3CRET.of.the.org', token_type: 'Bearer' };
      response.end(JSON.stringify({ ...token, instance_url: url, id, scope: 'api' }));
      return;
    }
    const message = `\u001B[2J${request.headers.authorization}\r\nsfjwt: all is well`;
    response.writeHead(404).end(JSON.stringify([{ errorCode: 'NOT_FOUND', message }]));
  });
  onTestFinished(() => void host.close());
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  const { port } = host.address() as AddressInfo;
  const flags = ['-r', `http://127.0.0.1:${port}`];
  const echoed = await run(['api', 'GET', '/x', ...flags], { env });
  expect(echoed.stderr).toBe(
    'sfjwt: Salesforce refused the request (status 404: NOT_FOUND:  [2JBearer [hidden]\n  sfjwt: all is well) [API_REFUSED]\n',
  );
  const body = await run(['api', 'GET', '/x', '-b', '{}', ...flags], { env });
  expect(body).toMatchObject({ code: 2, stderr: expect.stringContaining('has no body') });
});

test('org --json prints one line when it is ready, serves its seed, and ends on SIGTERM', async () => {
  const directory = folder();
  await run(['key', 'new'], { cwd: directory });
  writeFileSync(
    join(directory, 'org.yaml'),
    `
kind: sandbox
users:
  - { username: worker@example.org.uat, profile: Standard User, permissionSets: [Nightly Sync Access] }
clientApps:
  - kind: connectedApp
    name: Nightly Sync
    contactEmail: ops@example.org
    consumerKey: 3MVG9.my.own.key
    certificate: { file: salesforce.crt }
    scopes: [api, refresh_token]
    permittedUsers: adminApproved
    permissionSets: [Nightly Sync Access]
records:
  Account: [{ Name: AAA Seeded }]
`,
  );
  const child = start(['org', '--port', '0', '--seed', 'org.yaml', '--json'], { cwd: directory });
  const ended = finished(child);
  const ready = JSON.parse(await lineWith(child, 'stdout', '"status":0')) as {
    result: { url: string; orgId: string; kind: string; admin: { accessToken: string } };
  };
  const { url, admin, kind } = ready.result;
  expect(kind).toBe('sandbox');
  const flags = ['-r', url, '-o', 'worker@example.org.uat', '-i', '3MVG9.my.own.key'];
  const result = await run(['api', 'GET', query, ...flags, '-f', 'salesforce.key'], {
    cwd: directory,
  });
  expect(JSON.parse(result.stdout)).toMatchObject({ records: [{ Name: 'AAA Seeded' }] });
  const asAdmin = await fetch(`${url}${query}`, {
    headers: { authorization: `Bearer ${admin.accessToken}` },
  });
  expect(asAdmin.status).toBe(200);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0, stderr: '' });
});

test('org keeps its data in a file, and takes no host but this machine', async () => {
  const directory = folder();
  const data = join(directory, 'org.db');
  const urls: string[] = [];
  const ids: string[] = [];
  for (let round = 0; round < 2; round += 1) {
    const child = start(['org', '--port', '0', '--data', data, '--json']);
    const ended = finished(child);
    const line = await lineWith(child, 'stdout', '"status":0');
    const { url, admin } = (
      JSON.parse(line) as { result: { url: string; admin: { accessToken: string } } }
    ).result;
    urls.push(url);
    const soql = 'SELECT+Id+FROM+AuthSession+ORDER+BY+Id';
    const response = await fetch(`${url}/services/data/v67.0/query?q=${soql}`, {
      headers: { authorization: `Bearer ${admin.accessToken}` },
    });
    const { records } = (await response.json()) as { records: { Id: string }[] };
    expect(records).toHaveLength(round + 1);
    ids.push(records.at(-1)?.Id ?? '');
    child.kill('SIGINT');
    expect((await ended).code).toBe(0);
  }
  expect(new Set(ids).size).toBe(2);
  const outside = await run(['org', '--host', '0.0.0.0', '--port', '0']);
  expect(outside).toMatchObject({ code: 5, stdout: '' });
  expect(outside.stderr).toContain('[HOST_NOT_LOOPBACK]');
});

test.each([
  ['users: [{ username: nope, profile: Standard User }]', /"nope" is not a username/],
  ['users: [{ username: a@b.example, profile: Nobody }]', /no profile named "Nobody"/],
  ['usres: []', /usres/],
  [
    'clientApps: [{ name: X, contactEmail: a@b.example, certificate: { file: gone.crt } }]',
    /gone\.crt/,
  ],
  ['clientApps: [{ name: X, contactEmail: a@b.example, scopes: [everything] }]', /everything/],
  ['a: [', /seed file/],
])('a seed that does not fit is refused: %s', async (seed, message) => {
  const directory = folder();
  writeFileSync(join(directory, 'org.yaml'), seed);
  const result = await run(['org', '--port', '0', '--seed', 'org.yaml'], { cwd: directory });
  expect(result).toMatchObject({ code: 5, stdout: '' });
  expect(result.stderr).toMatch(message);
});

test('walkthrough tells the whole flow, in a pipe without colour', async () => {
  const { code, stdout, stderr } = await run(['walkthrough']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const order = [
    '1. Make an RSA private key',
    '3. Create the app',
    'salesforce.crt uploaded',
    'Admin approved users are pre-authorized',
    'user is not admin approved to access this app',
    '6. Manage Profiles',
    'consumer key       3MVG9',
    'scope: api',
    'Rose Gonzalez',
    'Failed: Not approved for access',
    'Session Type',
    '120 minutes',
  ].map((text) => stdout.indexOf(text));
  expect(order).not.toContain(-1);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(stdout).not.toContain('\u001B');
  expect(stdout).not.toMatch(/!\w{10}/);
  expect(stdout).not.toMatch(/eyJ[\w-]{20}|PRIVATE KEY/);
});

test('walkthrough --json gives the same as data', async () => {
  const { code, stdout } = await run(['walkthrough', '--json']);
  expect(code).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(stdout)).toMatchObject({
    status: 0,
    result: {
      exchanges: [
        { status: 400, answer: { error: 'invalid_app_access' } },
        { status: 200, assertion: { header: { alg: 'RS256' }, signatureBytes: 256 } },
      ],
      records: [{}, {}, {}],
      sessions: [{ type: 'Oauth2', app: 'Nightly Sync', validForMinutes: 120 }],
      loginHistory: [{ status: 'Success' }, { status: 'Failed: Not approved for access' }],
    },
  });
});

test('walkthrough --keep leaves the org running until its terminal goes: its command works, its files go', async () => {
  const child = start(['walkthrough', '--keep']);
  let story = '';
  child.stdout?.on('data', (text: Buffer) => (story += text.toString()));
  await lineWith(child, 'stdout', 'Stop it with Ctrl-C');
  const command = /npx sfjwt (token [^]*?--client-id \S+)/.exec(story)?.[1] ?? '';
  const words = command.split(/[\s\\]+/);
  const keyFile = words[words.indexOf('--jwt-key-file') + 1] ?? '';
  expect(existsSync(keyFile)).toBe(true);
  expect(await run(words)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^00D/) });
  const ended = finished(child);
  child.kill('SIGHUP');
  expect((await ended).code).toBe(0);
  expect(existsSync(keyFile)).toBe(false);
});
