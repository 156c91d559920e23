import { expect, test } from 'vitest';
import { resolveLoginUrl } from '../src/index.ts';

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

test('an address of Lightning is corrected, with a warning', () => {
  const { tokenEndpoint, audience, warnings } = resolveLoginUrl(
    'https://acme.lightning.force.com/lightning/setup/SetupOneHome/home',
  );
  expect(tokenEndpoint).toBe(`https://acme.my.salesforce.com${path}`);
  expect(audience).toBe('https://acme.my.salesforce.com');
  expect(warnings).toEqual([expect.stringContaining('acme.my.salesforce.com')]);
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
  ['https://acme.my.salesforce.com/?token=1', 'LOGIN_URL_INVALID'],
  ['http://acme.my.salesforce.com', 'INSECURE_URL'],
  ['http://127.0.0.1.evil.example', 'INSECURE_URL'],
  ['http://localhost.evil.example', 'INSECURE_URL'],
])('refuses %j', (typed, code) => {
  expect(() => resolveLoginUrl(typed)).toThrowError(expect.objectContaining({ code }));
});
