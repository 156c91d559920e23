/** The ways to the session of an administrator: the Salesforce CLI in both its shapes, and a browser. */

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOrg } from '@sfjwt/org';
import { openAdminSession, salesforceCliSession, signInWithBrowser, soql } from '@sfjwt/setup';
import { describe, expect, onTestFinished, test } from 'vitest';

const redacted = "[REDACTED] Use 'sf org auth show-access-token' to view";

/** A program that answers as the Salesforce CLI does, and notes how it was called. */
function cli(answers: Readonly<Record<string, unknown>>): { command: string[]; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sfjwt-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(folder, 'sf.mjs');
  writeFileSync(
    program,
    `import { appendFileSync } from 'node:fs';
const words = process.argv.slice(2);
appendFileSync(${JSON.stringify(join(folder, 'calls'))}, JSON.stringify(words) + '\\n');
const answers = ${JSON.stringify(answers)};
const answer = answers[words.slice(0, words.findIndex((word) => word.startsWith('-'))).join(' ')];
if (answer === undefined) { console.error('not a command'); process.exit(2); }
console.log('Warning: an update is available');
console.log(JSON.stringify(answer));
process.exit(answer.status);
`,
  );
  chmodSync(program, 0o755);
  return { command: [process.execPath, program], folder };
}

describe('the Salesforce CLI', () => {
  const instanceUrl = 'https://acme.my.salesforce.com';
  const display = (accessToken: string): object => ({
    status: 0,
    result: { instanceUrl, username: 'admin@acme.example', accessToken },
  });

  test('before May 2026: org display tells the token', async () => {
    const { command } = cli({ 'org display': display('00Dx!old') });
    expect(await salesforceCliSession({ targetOrg: 'acme', command })).toEqual({
      instanceUrl,
      username: 'admin@acme.example',
      accessToken: '00Dx!old',
    });
  });

  test.each(['accessToken', 'token'])(
    'since then: show-access-token does, as %s',
    async (field) => {
      const { command } = cli({
        'org display': display(redacted),
        'org auth show-access-token': { status: 0, result: { [field]: '00Dx!new' } },
      });
      const session = await salesforceCliSession({ targetOrg: 'acme', command });
      expect(session.accessToken).toBe('00Dx!new');
    },
  );

  test('what stands in place of a token is none', async () => {
    const { command } = cli({
      'org display': display(redacted),
      'org auth show-access-token': { status: 0, result: { accessToken: redacted } },
    });
    await expect(salesforceCliSession({ targetOrg: 'acme', command })).rejects.toMatchObject({
      code: 'ADMIN_SESSION_MISSING',
    });
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    [
      'an alias it does not know',
      { 'org display': { status: 1, message: 'No authorization information found for acme.' } },
      'No authorization information found',
    ],
    ['a command it does not have', {}, 'failed'],
  ])('%s is told', async (_words, answers, told) => {
    const { command } = cli(answers);
    await expect(salesforceCliSession({ targetOrg: 'acme', command })).rejects.toMatchObject({
      code: 'ADMIN_CLI_FAILED',
      message: expect.stringContaining(told),
      hints: expect.arrayContaining([expect.any(String)]),
    });
  });

  test('one that is not installed is told, with the other ways', async () => {
    const missing = salesforceCliSession({ targetOrg: 'acme', command: ['/nowhere/sf'] });
    await expect(missing).rejects.toMatchObject({
      code: 'ADMIN_CLI_FAILED',
      hints: [expect.stringContaining('--admin-token-stdin')],
    });
  });

  test('an alias is a word of its own, whatever is in it; a flag is none', async () => {
    const { command, folder } = cli({ 'org display': display('00Dx!old') });
    const targetOrg = '$(touch pwned); `id` "x" \'y\'';
    await salesforceCliSession({ targetOrg, command });
    const { readFileSync, existsSync } = await import('node:fs');
    expect(JSON.parse(readFileSync(join(folder, 'calls'), 'utf8').split('\n')[0] ?? '')).toEqual([
      'org',
      'display',
      '--target-org',
      targetOrg,
      '--json',
    ]);
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
    await expect(salesforceCliSession({ targetOrg: '--help', command })).rejects.toMatchObject({
      code: 'ADMIN_CLI_FAILED',
    });
  });
});

describe('a browser', () => {
  /** A free port: that of the Salesforce CLI may be taken on this machine. */
  async function freePort(): Promise<number> {
    const { createServer } = await import('node:net');
    const server = createServer().listen(0, 'localhost');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  async function stage() {
    const redirectUri = `http://localhost:${await freePort()}/OauthRedirect`;
    const org = await createOrg({
      seed: {
        clientApps: [
          {
            kind: 'connectedApp',
            name: 'Salesforce CLI',
            contactEmail: 'cli@example.org',
            consumerKey: 'PlatformCLI',
            callbackUrl: redirectUri,
            isConsumerSecretOptional: true,
            isPkceRequired: true,
            scopes: ['api', 'web', 'refresh_token'],
          },
        ],
      },
    });
    onTestFinished(() => org.close());
    await org.listen({ port: 0 });
    return { org, redirectUri };
  }

  /** What a person does: logs in, allows, and is sent back. */
  async function person(
    page: string,
    org: Awaited<ReturnType<typeof createOrg>>,
  ): Promise<Response> {
    let cookie = '';
    const visit = async (url: string, init: RequestInit = {}): Promise<Response> => {
      const headers = new Headers(init.headers);
      headers.set('cookie', cookie);
      const response = await fetch(url, { redirect: 'manual', ...init, headers });
      for (const one of response.headers.getSetCookie()) cookie += `${one.split(';')[0]}; `;
      const location = response.headers.get('location');
      if (location === null) return response;
      return visit(new URL(location, url).href);
    };
    const submit = async (
      response: Response,
      fields: Record<string, string>,
    ): Promise<Response> => {
      const html = await response.text();
      const action = /<form[^>]*action="([^"]*)"/.exec(html)?.[1] ?? '';
      const hidden = [...html.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([input]) => [
        /name="([^"]*)"/.exec(input)?.[1] ?? '',
        (/value="([^"]*)"/.exec(input)?.[1] ?? '').replaceAll('&amp;', '&'),
      ]);
      return visit(new URL(action.replaceAll('&amp;', '&'), org.url).href, {
        method: 'POST',
        headers: { origin: org.url },
        body: new URLSearchParams({ ...Object.fromEntries(hidden), ...fields }),
      });
    };
    const login = await visit(page);
    const consent = await submit(login, {
      un: 'admin@local-org.example',
      username: 'admin@local-org.example',
      pw: org.administratorPassword,
      password: org.administratorPassword,
    });
    if (consent.url.startsWith('http://localhost')) return consent;
    return submit(consent, { decision: 'allow' });
  }

  test('the web server flow with PKCE, from the login page to a query', async () => {
    const { org, redirectUri } = await stage();
    const pages: string[] = [];
    const session = await signInWithBrowser({
      loginUrl: org.url,
      redirectUri,
      openPage: (url) => {
        pages.push(url);
        void person(url, org);
      },
    });
    expect(pages[0]).toContain('code_challenge_method=S256');
    expect(pages[0]).not.toContain('code_verifier');
    const admin = await openAdminSession(session);
    const rows = await admin.query(
      soql`SELECT Username FROM User WHERE Profile.Name = 'System Administrator'`,
    );
    expect(rows).toEqual([{ Username: 'admin@local-org.example' }]);
  });

  test('answers that were not waited for are turned away', async () => {
    const { org, redirectUri } = await stage();
    const statuses: number[] = [];
    const session = await signInWithBrowser({
      loginUrl: org.url,
      redirectUri,
      openPage: async (url) => {
        for (const forged of ['?code=stolen', '?code=stolen&state=guessed', '/other?code=x']) {
          statuses.push((await fetch(`${redirectUri}${forged}`)).status);
        }
        void person(url, org);
      },
    });
    expect(statuses).toEqual([400, 400, 404]);
    expect(session.instanceUrl).toBe(org.url);
  });

  test('a refusal, silence, and a port that is taken', async () => {
    const { org, redirectUri } = await stage();
    const begin = (openPage: (url: string) => void, timeoutMilliseconds = 60_000) =>
      signInWithBrowser({ loginUrl: org.url, redirectUri, openPage, timeoutMilliseconds });
    const refused = begin((url) => {
      const state = new URL(url).searchParams.get('state') ?? '';
      void fetch(`${redirectUri}?error=access_denied&state=${state}`);
    });
    await expect(refused).rejects.toMatchObject({
      code: 'BROWSER_SIGN_IN_FAILED',
      message: expect.stringContaining('access_denied'),
      hints: [expect.stringContaining('Approve Uninstalled Connected Apps'), expect.any(String)],
    });
    await expect(begin(() => {}, 5)).rejects.toMatchObject({ code: 'BROWSER_SIGN_IN_FAILED' });
    const { createServer } = await import('node:http');
    const other = createServer().listen(Number(new URL(redirectUri).port), 'localhost');
    await new Promise((resolve) => other.once('listening', resolve));
    onTestFinished(() => void other.close());
    await expect(begin(() => {})).rejects.toMatchObject({
      message: expect.stringContaining('is used by another program'),
    });
  });
});
