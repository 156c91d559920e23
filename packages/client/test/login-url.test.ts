import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { suggestPair } from '../src/login-url.ts';
import { ClientError, connect, resolveLoginUrl } from '../src/node.ts';
import { privateKey } from './key-pair.ts';

const path = '/services/oauth2/token';

test.each([
  ['https://login.salesforce.com', 'https://login.salesforce.com'],
  ['login.salesforce.com', 'https://login.salesforce.com'],
  ['https://test.salesforce.com/', 'https://test.salesforce.com'],
  ['https://acme.my.salesforce.com', 'https://acme.my.salesforce.com'],
  ['https://ACME--uat.sandbox.my.salesforce.com//', 'https://acme--uat.sandbox.my.salesforce.com'],
  ['https://acme.my.site.com/partners/', 'https://acme.my.site.com/partners'],
  ['https://acme.my.salesforce.com/services/oauth2/token', 'https://acme.my.salesforce.com'],
  ['http://127.0.0.1:7523', 'http://127.0.0.1:7523'],
  ['localhost:7523', 'http://localhost:7523'],
  ['http://[::1]:7523/', 'http://[::1]:7523'],
])('%s -> %s', (typed, base) => {
  expect(resolveLoginUrl(typed)).toEqual({
    tokenEndpoint: base + path,
    audience: base,
    warnings: [],
  });
});

/** What people paste -> endpoint, audience (where another), and how many warnings. */
test.each([
  ['https://acme.my.salesforce.com/?ec=302&startURL=%2Fhome', 'https://acme.my.salesforce.com', 0],
  ['https://login.salesforce.com/?locale=eu', 'https://login.salesforce.com', 0],
  [
    'https://acme-dev-ed.develop.my.salesforce.com',
    'https://acme-dev-ed.develop.my.salesforce.com',
    0,
  ],
  ['acme-fun-123.scratch.my.salesforce.com', 'https://acme-fun-123.scratch.my.salesforce.com', 0],
  ['acme-b.trailblaze.my.salesforce.com', 'https://acme-b.trailblaze.my.salesforce.com', 0],
  ['acme-c.patch.my.salesforce.com', 'https://acme-c.patch.my.salesforce.com', 0],
  ['acme--uat.my.salesforce.com', 'https://acme--uat.my.salesforce.com', 0],
  ['acme.my.sfcrmproducts.cn', 'https://acme.my.sfcrmproducts.cn', 0],
  ['https://acme.force.com/partners', 'https://acme.force.com/partners', 0],
  ['https://acme--uat.sandbox.my.site.com/help/', 'https://acme--uat.sandbox.my.site.com/help', 0],
  ['https://acme.my.salesforce.com/home/home.jsp', 'https://acme.my.salesforce.com', 1],
  [
    'https://acme.lightning.force.com/lightning/setup/SetupOneHome/home',
    'https://acme.my.salesforce.com',
    1,
  ],
  [
    'https://acme--uat.sandbox.lightning.force.com/x',
    'https://acme--uat.sandbox.my.salesforce.com',
    1,
  ],
  [
    'https://acme-dev-ed.develop.lightning.force.com',
    'https://acme-dev-ed.develop.my.salesforce.com',
    1,
  ],
  ['https://acme.my.salesforce-setup.com/lightning', 'https://acme.my.salesforce.com', 1],
  [
    'https://acme--uat.sandbox.my.salesforce-setup.com/',
    'https://acme--uat.sandbox.my.salesforce.com',
    1,
  ],
  ['https://acme--c.vf.force.com/apex/Page', 'https://acme.my.salesforce.com', 1],
  [
    'https://acme--uat--c.sandbox.vf.force.com/apex/Page',
    'https://acme--uat.sandbox.my.salesforce.com',
    1,
  ],
  ['https://acme--c.visualforce.com/apex/Page', 'https://acme.my.salesforce.com', 1],
  ['https://acme.file.force.com/x', 'https://acme.my.salesforce.com', 1],
  ['https://acme.lightning.sfcrmapps.cn/x', 'https://acme.my.sfcrmproducts.cn', 1],
  ['https://eu42.salesforce.com', 'https://eu42.salesforce.com', 1],
  ['https://gateway.acme.example/salesforce', 'https://gateway.acme.example/salesforce', 0],
])('%s -> %s', (typed, base, warnings) => {
  const resolved = resolveLoginUrl(typed);
  expect(resolved).toMatchObject({ tokenEndpoint: base + path, audience: base });
  expect(resolved.warnings).toHaveLength(warnings);
});

test.each([
  [
    'https://acme.my.salesforce.mil',
    'https://acme.my.salesforce.mil',
    'https://login.salesforce.com',
  ],
  [
    'https://acme--uat.sandbox.my.salesforce.mil',
    'https://acme--uat.sandbox.my.salesforce.mil',
    'https://test.salesforce.com',
  ],
  [
    'https://acme.lightning.force.mil/x',
    'https://acme.my.salesforce.mil',
    'https://login.salesforce.com',
  ],
])('GovCloud: %s -> %s, audience %s', (typed, base, audience) => {
  expect(resolveLoginUrl(typed)).toMatchObject({ tokenEndpoint: base + path, audience });
});

test('what a browser had in its address bar is not repeated in a warning', () => {
  const { warnings } = resolveLoginUrl('https://acme.lightning.force.com/x?sid=00DLOCAL!S3CRET');
  expect(warnings.join()).toContain('acme.my.salesforce.com');
  expect(warnings.join()).not.toContain('S3CRET');
});

test.each([
  ['https://login.salesforce.com', 'https://login.salesforce.com', /try the My Domain/],
  [
    'https://test.salesforce.com',
    'https://login.salesforce.com',
    /try https:\/\/test\.salesforce\.com as audience/,
  ],
  [
    'https://acme.my.salesforce.com',
    'https://acme.my.salesforce.com',
    /try https:\/\/login\.salesforce\.com as audience/,
  ],
  [
    'https://acme--uat.sandbox.my.salesforce.com',
    'https://acme--uat.sandbox.my.salesforce.com',
    /try https:\/\/test\.salesforce\.com/,
  ],
  [
    'https://acme.my.salesforce.com',
    'https://test.salesforce.com',
    /try https:\/\/acme\.my\.salesforce\.com as audience/,
  ],
])('after a refusal of %s with %s a person is told what to try', (base, audience, suggestion) => {
  const tokenEndpoint = base + path;
  const said = suggestPair({ tokenEndpoint, audience, clientId: '', username: '' });
  expect(said).toContain(`${tokenEndpoint} and audience ${audience} were sent`);
  expect(said).toMatch(suggestion);
});

test('the audience is a value of its own, sent as given', () => {
  const resolved = resolveLoginUrl('https://gov.my.salesforce.com', 'https://login.salesforce.com');
  expect(resolved.tokenEndpoint).toBe(`https://gov.my.salesforce.com${path}`);
  expect(resolved.audience).toBe('https://login.salesforce.com');
});

test.each([
  ['', 'LOGIN_URL_INVALID'],
  ['not a url', 'LOGIN_URL_INVALID'],
  ['ftp://acme.my.salesforce.com', 'LOGIN_URL_INVALID'],
  ['https://user:secret@acme.my.salesforce.com', 'LOGIN_URL_INVALID'],
  ['acme', 'LOGIN_URL_INVALID'],
  ['login', 'LOGIN_URL_INVALID'],
  ['salesforce.com', 'LOGIN_URL_INVALID'],
  ['https://www.salesforce.com/', 'LOGIN_URL_INVALID'],
  ['http://acme.my.salesforce.com', 'INSECURE_URL'],
  ['http://127.0.0.1.evil.example', 'INSECURE_URL'],
  ['http://localhost.evil.example', 'INSECURE_URL'],
])('refuses %j', (typed, code) => {
  expect(() => resolveLoginUrl(typed)).toThrowError(expect.objectContaining({ code }));
});

test.each([
  'https://gateway.acme.example/x/services/oauth2/token/',
  'https://gateway.acme.example/services/oauth2/token/services/oauth2/token',
  'https://acme.my.site.com/partners//services/oauth2/token//',
])('%s: the path of the token endpoint is not doubled', (typed) => {
  expect(resolveLoginUrl(typed).tokenEndpoint.match(/services\/oauth2\/token/g)).toHaveLength(1);
});

const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,8}[a-z0-9])?$/);

/** Hosts as people type them, plausible and not. */
const typedUrl = fc.oneof(
  fc.string(),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc
    .tuple(
      fc.constantFrom('', 'https://', 'http://', 'HTTPS://', 'ftp://', '//', 'https:/'),
      fc.constantFrom('', 'me@', 'me:S3CRETS3CRET@'),
      fc.array(label, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(
        '.my.salesforce.com',
        '.salesforce.com',
        '.lightning.force.com',
        '.sandbox.my.site.com',
        '--c.vf.force.com',
        '.my.salesforce.mil',
        '.lightning.sfcrmapps.cn',
        '.localhost',
        '',
        '.',
      ),
      fc.constantFrom('', ':443', ':7523', ':0', ':99999'),
      fc.constantFrom(
        '',
        '/',
        '//',
        '/a/b',
        path,
        `${path}/`,
        '/%2e%2e/x',
        '/..',
        '?sid=S3CRETS3CRET',
        '#x',
      ),
    )
    .map(
      ([scheme, user, labels, domain, port, rest]) =>
        scheme + user + labels.join('.') + domain + port + rest,
    ),
);

test('whatever is typed: a pair of URLs or a coded error, and the same pair when typed again', () => {
  fc.assert(
    fc.property(typedUrl, (typed) => {
      let resolved;
      try {
        resolved = resolveLoginUrl(typed);
      } catch (error) {
        expect(error).toBeInstanceOf(ClientError);
        expect(['LOGIN_URL_INVALID', 'INSECURE_URL']).toContain((error as ClientError).code);
        expect((error as ClientError).message).not.toContain('S3CRETS3CRET');
        return;
      }
      const { tokenEndpoint, audience, warnings } = resolved;
      const url = new URL(tokenEndpoint);
      expect(url.href).toBe(tokenEndpoint);
      expect([url.search, url.hash, url.username, url.password]).toEqual(['', '', '', '']);
      expect(url.pathname.endsWith(path)).toBe(true);
      expect(() => new URL(audience)).not.toThrow();
      expect(warnings.join()).not.toContain('S3CRETS3CRET');
      // What was resolved once is resolved: the endpoint leads to itself.
      const again = resolveLoginUrl(tokenEndpoint);
      expect({ ...again, warnings: [] }).toEqual({ tokenEndpoint, audience, warnings: [] });
      expect(again.warnings.filter((warning) => !/use its My Domain/.test(warning))).toEqual([]);
      // No host that nobody named: the org's own name is in what was typed.
      const name = /^[a-z0-9-]+?(?=--|\.|$)/.exec(url.hostname)?.[0] ?? url.hostname;
      expect(ascii(typed)).toContain(name);
    }),
    { numRuns: 3000 },
  );
});

/** What was typed, as a browser would write its host. */
function ascii(typed: string): string {
  const whole = typed.trim().toLowerCase();
  try {
    return (
      whole + new URL(/^[a-z][a-z0-9+.-]*:\/\//.test(whole) ? whole : `https://${whole}`).hostname
    );
  } catch {
    return whole;
  }
}

test('whatever login URL is given, a request goes to the host that was resolved and to no other', async () => {
  await fc.assert(
    fc.asyncProperty(typedUrl, async (loginUrl) => {
      const asked: string[] = [];
      try {
        const salesforce = connect({
          clientId: '3MVG9.key',
          username: 'worker@example.org',
          privateKey,
          loginUrl,
          maximumTries: 1,
          fetch: (request) => {
            asked.push(request.url);
            return new Response(null, {
              status: 302,
              headers: { location: 'https://evil.example' },
            });
          },
        });
        await salesforce.token();
      } catch (error) {
        expect(error).toBeInstanceOf(ClientError);
      }
      expect(asked.length).toBeLessThanOrEqual(1);
      for (const url of asked) expect(url).toBe(resolveLoginUrl(loginUrl).tokenEndpoint);
    }),
    { numRuns: 300 },
  );
});
