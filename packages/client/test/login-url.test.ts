import { expect, test } from 'vitest';
import { suggestPair } from '../src/login-url.ts';
import { resolveLoginUrl } from '../src/node.ts';

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
