import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'node:https';
import type { ChildProcess } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { finished, lineWith, run, start } from './command.ts';

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sfjwt-cli-'));
  onTestFinished(() => rmSync(directory, { recursive: true, maxRetries: 3 }));
  return directory;
}

interface Ready {
  child: ChildProcess;
  url: string;
  orgId: string;
  kind: string;
  admin: { username: string; password: string; accessToken: string };
  setupUrl: string;
  certificateAuthority?: string;
}

async function ready(...words: string[]): Promise<Ready> {
  const child = start(['org', '--port', '0', '--json', ...words]);
  const line = await lineWith(child, 'stdout', '"status":0');
  return { child, ...(JSON.parse(line) as { result: Omit<Ready, 'child'> }).result };
}

async function killed({ child }: Ready): Promise<void> {
  const ended = finished(child);
  child.kill('SIGKILL');
  await ended;
}

function post(url: string, path: string, body: unknown): Promise<Response> {
  return fetch(`${url}/_org${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function names({ url, admin }: Ready): Promise<string[]> {
  const response = await fetch(
    `${url}/services/data/v67.0/query?q=SELECT+Name+FROM+Account+ORDER+BY+Name`,
    { headers: { authorization: `Bearer ${admin.accessToken}` } },
  );
  const { records } = (await response.json()) as { records: { Name: string }[] };
  return records.map(({ Name }) => Name);
}

test('the ready line has all that a program needs to begin', async () => {
  const org = await ready();
  expect(org).toMatchObject({
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    orgId: expect.stringMatching(/^00DLOCAL/),
    kind: 'production',
    admin: {
      username: 'admin@local-org.example',
      password: 'sfjwt-local-1',
      accessToken: expect.stringMatching(/^00DLOCAL\w+!/),
    },
    setupUrl: expect.stringContaining(`${org.url}/secur/frontdoor.jsp?`),
  });
  // A link that signs in, once.
  const entered = await fetch(org.setupUrl, { redirect: 'manual' });
  expect(entered.headers.get('location')).toBe('/lightning/setup/SetupOneHome/home');
  expect((await fetch(org.setupUrl)).status).toBe(403);
  expect(await names(org)).toContain('Acme');
});

test('what an org was told survives kill -9, and another process is kept out meanwhile', async () => {
  const data = join(folder(), 'org.db');
  const first = await ready('--data', data);
  for (let count = 0; count < 20; count += 1) {
    const seed = { records: { Account: [{ Name: `AAA ${String(count).padStart(2, '0')}` }] } };
    expect((await post(first.url, '/seed', seed)).status).toBe(204);
  }
  const second = await run(['org', '--port', '0', '--data', data]);
  expect(second).toMatchObject({ code: 5, stdout: '' });
  expect(second.stderr).toContain('[DATA_FILE_IN_USE]');
  expect(second.stderr).toContain('Stop that process');
  await killed(first);

  const third = await ready('--data', data);
  expect(third.orgId).toBe(first.orgId);
  const found = await names(third);
  expect(found.filter((name) => name.startsWith('AAA'))).toHaveLength(20);
  // The session of before lives on: its token was good, and the org knows it again.
  expect(await names({ ...third, admin: first.admin })).toEqual(found);
});

test('killed again and again in the middle of its work, an org loses nothing it confirmed', async () => {
  const data = join(folder(), 'org.db');
  let confirmed = 0;
  for (let round = 0; round < 2; round += 1) {
    const org = await ready('--data', data);
    const ended = finished(org.child);
    const kept = (await names(org)).filter((name) => name === 'AAA');
    expect(kept.length).toBeGreaterThanOrEqual(confirmed);
    let answers = 0;
    const seed = { records: { Account: [{ Name: 'AAA' }] } };
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const response = await post(org.url, '/seed', seed).catch(() => undefined);
        if (response?.status === 204) answers += 1;
        if (answers === 10) org.child.kill('SIGKILL');
      }),
    );
    await ended;
    expect(answers).toBeGreaterThanOrEqual(10);
    confirmed += answers;
  }
  const last = (await names(await ready('--data', data))).filter((name) => name === 'AAA');
  expect(last.length).toBeGreaterThanOrEqual(confirmed);
}, 60_000);

test('--tls serves https; the certificate to trust is in the line, and in a file', async () => {
  const file = join(folder(), 'ca.pem');
  const org = await ready('--tls-ca', file);
  expect(org.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect(readFileSync(file, 'utf8')).toBe(org.certificateAuthority);
  const get = (url: string, ca?: string): Promise<number | string> =>
    new Promise((resolve) => {
      request(url, { ca, agent: false }, (incoming) => {
        incoming.resume();
        resolve(incoming.statusCode ?? 0);
      })
        .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
        .end();
    });
  expect(await get(`${org.url}/services/data`, org.certificateAuthority)).toBe(200);
  const byName = org.url.replace('127.0.0.1', 'localhost');
  expect(await get(`${byName}/services/data`, org.certificateAuthority)).toBe(200);
  expect(await get(`${org.url}/services/data`)).toBe('SELF_SIGNED_CERT_IN_CHAIN');
  // Two starts, two authorities: to trust one is not to trust the other.
  const other = await ready('--tls');
  expect(await get(`${other.url}/services/data`, org.certificateAuthority)).not.toBe(200);
});

test('--my-domain lets a client name the real My Domain as its audience', async () => {
  const directory = folder();
  await run(['key', 'new'], { cwd: directory });
  writeFileSync(
    join(directory, 'org.json'),
    JSON.stringify({
      users: [{ username: 'worker@acme.example', profile: 'Standard User' }],
      clientApps: [
        {
          name: 'Nightly Sync',
          contactEmail: 'ops@acme.example',
          consumerKey: '3MVG9.my.own.key',
          certificate: { file: 'salesforce.crt' },
          scopes: ['api'],
          permittedUsers: 'adminApproved',
          profiles: ['Standard User'],
        },
      ],
    }),
  );
  const seed = ['--seed', join(directory, 'org.json')];
  const token = (url: string, audience: string): Promise<{ code: number | null }> =>
    run(
      [
        ...['token', '-r', url, '-o', 'worker@acme.example', '-i', '3MVG9.my.own.key'],
        ...['-f', 'salesforce.key', '--audience', audience],
      ],
      { cwd: directory },
    );
  const acme = await ready('--my-domain', 'acme', ...seed);
  expect((await token(acme.url, 'https://acme.my.salesforce.com')).code).toBe(0);
  expect((await token(acme.url, 'https://other.my.salesforce.com')).code).toBe(3);
  const sandbox = await ready('--my-domain', 'acme--uat', '--kind', 'sandbox', ...seed);
  expect((await token(sandbox.url, 'https://acme--uat.sandbox.my.salesforce.com')).code).toBe(0);
  expect((await token(sandbox.url, 'https://acme--uat.my.salesforce.com')).code).toBe(3);

  const wrong = await run(['org', '--port', '0', '--my-domain', 'https://acme.my.salesforce.com']);
  expect(wrong).toMatchObject({ code: 5, stdout: '' });
  expect(wrong.stderr).toContain('is not the name of a My Domain');
});

test('--admin-password is that of the login page', async () => {
  const org = await ready('--admin-password', 'correct horse');
  expect(org.admin.password).toBe('correct horse');
});

test('a file that cannot be written is told, and nothing runs', async () => {
  const result = await run(['org', '--port', '0', '--tls-ca', join(folder(), 'no', 'ca.pem')]);
  expect(result).toMatchObject({ code: 5, stdout: '' });
  expect(result.stderr).toContain('--tls-ca');
});

/** A line as a shell would take it apart: words, some of them in quotes. */
function wordsOf(line: string): string[] {
  return Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, bare = '']) => quoted ?? bare);
}

test('an org without apps tells how to make one, and the line works as it stands', async () => {
  const child = start(['org', '--port', '0']);
  let told = '';
  child.stderr?.on('data', (text: Buffer | string) => (told += String(text)));
  await lineWith(child, 'stderr', 'Stop it with Ctrl-C');
  expect(told).toContain('sfjwt setup --instance-url');
  expect(told).toContain('--web');
  const [, url = ''] = / at (http:\S+)/.exec(told) ?? [];
  const [, line = ''] = /sfjwt (setup .*--admin-token-stdin .*)/.exec(told) ?? [];
  const opened = (await (await post(url, '/sessions', {})).json()) as { accessToken: string };
  const directory = folder();
  const env = { SFJWT_HOME: join(directory, 'home') };
  const options = { env, cwd: directory, input: opened.accessToken };
  expect(await run(wordsOf(line), options)).toMatchObject({ code: 0 });
  expect(await run(['whoami'], { env })).toMatchObject({ code: 0 });
});

test('setup: a key file that was named from here is found from everywhere', async () => {
  const { url, admin } = await ready();
  const directory = folder();
  const env = { SFJWT_HOME: join(directory, 'home') };
  await run(['key', 'new', '--name', 'own'], { cwd: directory });
  const app = ['--name', 'Own', '--contact-email', 'ops@acme.example', '-o', admin.username];
  const made = await run(
    ['setup', '-r', url, '--admin-token-stdin', '--yes', ...app].concat([
      ...['-f', 'own.key', '--certificate', 'own.crt'],
    ]),
    { env, cwd: directory, input: admin.accessToken },
  );
  expect(made).toMatchObject({ code: 0 });
  expect(await run(['whoami'], { env, cwd: tmpdir() })).toMatchObject({ code: 0 });
  // A key that comes in by a pipe is found by nobody: refused before anything is made.
  const setup = ['setup', '--admin-profile', 'Own', '--yes', ...app.with(1, 'Piped')];
  const piped = await run([...setup, '-f', '-'], { env, cwd: directory });
  expect(piped).toMatchObject({ code: 2, stdout: '' });
  expect(piped.stderr).toContain('Give the file that keeps the key');
});
