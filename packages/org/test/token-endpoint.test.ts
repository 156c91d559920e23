import { createPublicKey } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { jwtBearerRules, requestRules } from '../src/index.ts';
import { parseAssertion, verifySignature } from '../src/oauth/verify-assertion.ts';
import {
  appKey,
  assertion,
  openSslKeyAndCertificate,
  part,
  signedWithCertificate,
  signedWithPublicKey,
  strangerKey,
  unsigned,
} from './assertion.ts';
import { jwtBearer, noon, orgSetting } from './org-setting.ts';
import type { OrgSetting } from './org-setting.ts';

const seconds = noon / 1000;

test('the right assertion is answered with five fields and no others', async () => {
  const { ask, org, user } = await orgSetting();
  const response = await ask();
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json;charset=UTF-8');
  expect(response.headers.get('cache-control')).toContain('no-store');
  expect(await response.json()).toEqual({
    access_token: expect.stringMatching(/^00D\w{12}![.\w]+$/),
    scope: 'api',
    instance_url: org.url,
    id: `${org.url}/id/${org.organization.id}/${user.id}`,
    token_type: 'Bearer',
  });
});

const invalidAssertion = ['invalid_grant', 'invalid assertion'] as const;
const notApproved = ['invalid_grant', "user hasn't approved this consumer"] as const;
const badAudience = ['invalid_grant', 'audience is invalid'] as const;
const expired = ['invalid_grant', 'expired authorization code'] as const;

type Case = readonly [
  name: string,
  ask: (setting: OrgSetting) => Promise<Response>,
  refusal: readonly [error: string, description: string],
  refusingRule: string,
];

const grant = (text: string) => ({ grant_type: jwtBearer, assertion: text });

const cases: readonly Case[] = [
  [
    'a key that is not the app’s',
    ({ ask }) => ask({ key: strangerKey }),
    invalidAssertion,
    'signature fits the certificate of the app',
  ],
  [
    'an expired assertion',
    ({ ask }) => ask({ claims: { exp: seconds - 181 } }),
    expired,
    'assertion has not expired',
  ],
  ['exp of 1970', ({ ask }) => ask({ claims: { exp: 1 } }), expired, 'assertion has not expired'],
  [
    'a wrong audience',
    ({ ask }) => ask({ claims: { aud: 'https://evil.example' } }),
    badAudience,
    'audience is this org',
  ],
  [
    'the audience of a sandbox',
    ({ ask }) => ask({ claims: { aud: 'https://test.salesforce.com' } }),
    badAudience,
    'audience is this org',
  ],
  [
    'a list of audiences',
    ({ ask, org }) => ask({ claims: { aud: [org.url] } }),
    invalidAssertion,
    'claims are complete',
  ],
  [
    'an unknown user',
    ({ ask }) => ask({ claims: { sub: 'nobody@example.org' } }),
    notApproved,
    'user with this username',
  ],
  [
    'an unknown app',
    ({ ask }) => ask({ claims: { iss: '3MVG9.nowhere' } }),
    ['invalid_client_id', 'client identifier invalid'],
    'app with this consumer key',
  ],
  [
    'alg none',
    ({ post, claims }) => post(grant(unsigned(claims()))),
    invalidAssertion,
    'assertion is a JWS',
  ],
  [
    'alg none with a signature',
    ({ post, claims }) => post(grant(`${unsigned(claims())}AAAA`)),
    invalidAssertion,
    'signed with RS256',
  ],
  [
    'HS256 keyed with the certificate',
    ({ post, claims }) => post(grant(signedWithCertificate(claims()))),
    invalidAssertion,
    'signed with RS256',
  ],
  [
    'HS256 keyed with the public key',
    ({ post, claims }) => post(grant(signedWithPublicKey(claims()))),
    invalidAssertion,
    'signed with RS256',
  ],
  [
    'a critical extension',
    ({ post, claims }) =>
      post(grant(`${part({ alg: 'RS256', crit: ['x'], x: 1 })}.${part(claims())}.AAAA`)),
    invalidAssertion,
    'signed with RS256',
  ],
  [
    'no iss',
    ({ ask }) => ask({ claims: { iss: undefined } }),
    invalidAssertion,
    'claims are complete',
  ],
  [
    'no sub',
    ({ ask }) => ask({ claims: { sub: undefined } }),
    invalidAssertion,
    'claims are complete',
  ],
  [
    'no aud',
    ({ ask }) => ask({ claims: { aud: undefined } }),
    invalidAssertion,
    'claims are complete',
  ],
  [
    'no exp',
    ({ ask }) => ask({ claims: { exp: undefined } }),
    invalidAssertion,
    'claims are complete',
  ],
  [
    'exp beyond all numbers',
    async ({ post, claims }) =>
      post(
        grant(
          `${part({ alg: 'RS256' })}.${Buffer.from(
            JSON.stringify(claims({ exp: 0 })).replace('"exp":0', '"exp":1e999'),
          ).toString('base64url')}.AAAA`,
        ),
      ),
    invalidAssertion,
    'claims are complete',
  ],
  [
    'an audience of great depth',
    ({ post, claims }) =>
      post(
        grant(
          `${part({ alg: 'RS256' })}.${Buffer.from(
            JSON.stringify(claims({ aud: '@' })).replace(
              '"@"',
              '['.repeat(20_000) + ']'.repeat(20_000),
            ),
          ).toString('base64url')}.AAAA`,
        ),
      ),
    invalidAssertion,
    'assertion is a JWS',
  ],
  [
    'an nbf to come',
    ({ ask }) => ask({ claims: { nbf: seconds + 181 } }),
    invalidAssertion,
    'assertion is valid already, if it has an nbf',
  ],
  [
    'an nbf in words',
    ({ ask }) => ask({ claims: { nbf: 'tomorrow' } }),
    invalidAssertion,
    'claims are complete',
  ],
  [
    'prn of nobody, which wins over sub',
    ({ ask }) => ask({ claims: { prn: 'nobody@example.org' } }),
    notApproved,
    'user with this username',
  ],
  [
    'an assertion twice',
    async ({ post, claims }) => {
      const form = new URLSearchParams(grant(await assertion(claims())));
      form.append('assertion', form.get('assertion') ?? '');
      return post(form.toString());
    },
    ['invalid_request', 'parameter repeated'],
    'each parameter is sent once',
  ],
  [
    'exp in words',
    ({ ask }) => ask({ claims: { exp: 'tomorrow' } }),
    invalidAssertion,
    'claims are complete',
  ],
  [
    'no assertion',
    ({ post }) => post({ grant_type: jwtBearer }),
    invalidAssertion,
    'assertion is a JWS',
  ],
  ['garbage', ({ post }) => post(grant('garbage')), invalidAssertion, 'assertion is a JWS'],
  [
    'a truncated assertion',
    // A whole number of bytes, or it would not even be base64url.
    async ({ post, claims }) => post(grant((await assertion(claims())).slice(0, -22))),
    invalidAssertion,
    'signature fits the certificate of the app',
  ],
  [
    'an assertion without its signature',
    async ({ post, claims }) => post(grant((await assertion(claims())).replace(/\.[^.]*$/, ''))),
    invalidAssertion,
    'assertion is a JWS',
  ],
  [
    'changed claims',
    async ({ post, claims }) => {
      const [header, , signature] = (await assertion(claims())).split('.');
      return post(
        grant(`${header}.${part(claims({ sub: 'admin@local-org.example' }))}.${signature}`),
      );
    },
    invalidAssertion,
    'signature fits the certificate of the app',
  ],
  [
    'a scope parameter',
    async ({ post, claims }) => post({ ...grant(await assertion(claims())), scope: 'api' }),
    ['invalid_request', 'scope parameter not supported'],
    'no scope parameter',
  ],
  [
    'no grant type',
    ({ post }) => post({}),
    ['unsupported_grant_type', 'grant type not supported'],
    'grant type is known',
  ],
  [
    'another grant type',
    ({ post }) => post({ grant_type: 'password' }),
    ['unsupported_grant_type', 'grant type not supported'],
    'grant type is known',
  ],
  [
    'a JSON body',
    ({ post }) =>
      post(JSON.stringify({ grant_type: jwtBearer }), { 'content-type': 'application/json' }),
    ['unsupported_grant_type', 'grant type not supported'],
    'grant type is known',
  ],
  [
    'GET',
    ({ org }) => org.fetch(new Request(`${org.url}/services/oauth2/token?grant_type=x`)),
    ['invalid_request', 'must use HTTP POST'],
    'request is a POST',
  ],
];

test.each(cases)('refuses %s, in the words of Salesforce', async (_name, ask, refusal, rule) => {
  const setting = await orgSetting();
  const response = await ask(setting);
  const [error, description] = refusal;
  expect(response.status).toBe(400);
  expect(await response.text()).toBe(JSON.stringify({ error, error_description: description }));
  const [attempt] = setting.org.loginHistory.list();
  expect(attempt?.status).not.toBe('Success');
  expect(attempt?.trace.at(-1)).toMatchObject({ rule, passed: false });
  expect(setting.org.sessions.list()).toEqual([]);
});

test('a body of 1 MB is refused and not read to its end', async () => {
  const { post, org } = await orgSetting();
  const response = await post(grant('a'.repeat(1024 * 1024)));
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ error: 'invalid_request' });
  expect(org.sessions.list()).toEqual([]);
});

test.each([
  ['exp as digits in a string', { exp: String(seconds + 60) }],
  ['exp in milliseconds, as the Salesforce CLI sends it', { exp: noon + 300 }],
  ['exp three minutes ago: the buffer for clock skew', { exp: seconds - 180 }],
  ['the audience with a slash', { aud: 'http://127.0.0.1:7523/' }],
  ['the audience of the login host', { aud: 'https://login.salesforce.com' }],
  ['a username in capitals', { sub: 'WORKER@EXAMPLE.ORG' }],
  ['no jti', { jti: undefined }],
  ['nbf up to three minutes ahead', { nbf: seconds + 180 }],
  ['claims that mean nothing', { nonce: 'x', iat: seconds, extra: { deep: [1] } }],
  [
    'prn, the older name of sub, which wins',
    { prn: 'worker@example.org', sub: 'nobody@example.org' },
  ],
])('accepts %s', async (_name, change) => {
  const { ask } = await orgSetting();
  expect((await ask({ claims: change })).status).toBe(200);
});

test('typ in the header and client_id beside the assertion are tolerated', async () => {
  const { post, claims, app } = await orgSetting();
  const text = await assertion(claims(), { header: { typ: 'JWT', kid: 'x' } });
  expect((await post({ ...grant(text), client_id: app.consumerKey })).status).toBe(200);
});

test('a sandbox takes test. and refuses login.', async () => {
  const { ask } = await orgSetting({ kind: 'sandbox' });
  expect((await ask({ claims: { aud: 'https://test.salesforce.com' } })).status).toBe(200);
  const refused = await ask({ claims: { aud: 'https://login.salesforce.com' } });
  expect(await refused.json()).toMatchObject({ error_description: 'audience is invalid' });
});

test('an assertion with a jti is good for one use', async () => {
  const { post, claims } = await orgSetting();
  const text = await assertion(claims());
  expect((await post(grant(text))).status).toBe(200);
  const again = await post(grant(text));
  expect(await again.json()).toEqual({
    error: 'invalid_grant',
    error_description: 'invalid assertion',
  });
});

test('an app without a certificate accepts no signature', async () => {
  const { ask, org } = await orgSetting();
  const bare = org.clientApps.create({
    name: 'Bare',
    contactEmail: 'a@example.org',
    scopes: ['api'],
  });
  const response = await ask({ claims: { iss: bare.consumerKey } });
  expect(await response.json()).toMatchObject({ error_description: 'invalid assertion' });
});

test('a new certificate replaces the one before it', async () => {
  const { ask, org, app } = await orgSetting();
  org.clientApps.uploadCertificate(app, openSslKeyAndCertificate().certificatePem);
  expect((await ask()).status).toBe(400);
});

test('a deactivated user is refused, and signed out', async () => {
  const { ask, org, user, token } = await orgSetting();
  const held = await token();
  org.users.setActive(user, false);
  expect(await (await ask()).json()).toEqual({
    error: 'inactive_user',
    error_description: 'user is inactive',
  });
  const call = new Request(`${org.url}/services/oauth2/userinfo`, {
    headers: { authorization: `Bearer ${held}` },
  });
  expect((await org.fetch(call)).status).toBe(403);
});

for (const kind of ['externalClientApp', 'connectedApp'] as const) {
  test(`pre-authorization decides for a ${kind}: by profile, by permission set, by neither`, async () => {
    const { ask, org, user } = await orgSetting();
    const { clientApps, permissionSets, profiles } = org;
    const app = clientApps.create({
      kind,
      name: `The ${kind}`,
      contactEmail: 'ops@example.org',
      scopes: ['api'],
      permittedUsers: 'adminApproved',
    });
    clientApps.uploadCertificate(app, appKey.certificatePem);
    const status = async (): Promise<number> =>
      (await ask({ claims: { iss: app.consumerKey } })).status;
    const refused = await ask({ claims: { iss: app.consumerKey } });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toEqual({
      error: 'invalid_app_access',
      error_description: 'user is not admin approved to access this app',
    });

    const profile = profiles.get('Standard User');
    clientApps.assignProfile(app, profile);
    expect(await status()).toBe(200);
    clientApps.removeProfile(app, profile);
    expect(await status()).toBe(400);

    const access = permissionSets.create({ label: 'Nightly Sync Access' });
    clientApps.assignPermissionSet(app, access);
    expect(await status()).toBe(400);
    permissionSets.assign(access, user);
    expect(await status()).toBe(200);
    permissionSets.unassign(access, user);
    expect(await status()).toBe(400);
  });
}

test('self-authorize needs an approval that held a refresh token, and gives its scopes', async () => {
  const { ask, org, app, user } = await orgSetting();
  org.clientApps.setPermittedUsers(app, 'selfAuthorize');
  const refusal = {
    error: 'invalid_grant',
    error_description: "user hasn't approved this consumer",
  };
  expect(await (await ask()).json()).toEqual(refusal);
  org.approvals.grant(user, app, ['api']);
  expect(await (await ask()).json()).toEqual(refusal);
  org.approvals.grant(user, app, ['web', 'refresh_token']);
  expect(await (await ask()).json()).toMatchObject({ scope: 'api web' });
});

test('an app with nothing but the refresh scope gives no token', async () => {
  const { ask, org, app } = await orgSetting();
  org.clientApps.setScopes(app, ['refresh_token']);
  expect(await (await ask()).json()).toEqual({
    error: 'invalid_grant',
    error_description: 'no valid scopes defined',
  });
});

test('Login History tells each step, and holds no secret', async () => {
  const { post, claims, org, user } = await orgSetting();
  const text = await assertion(claims());
  await post(grant(text));
  const [attempt] = org.loginHistory.list();
  expect(attempt).toMatchObject({
    status: 'Success',
    username: user.username,
    application: 'Nightly Sync',
    time: noon,
  });
  expect(attempt?.trace.map(({ rule }) => rule)).toEqual([
    ...requestRules.map(({ name }) => name),
    ...jwtBearerRules.map(({ name }) => name),
  ]);
  const told = JSON.stringify(org.loginHistory.list());
  for (const secret of text.split('.')) expect(told).not.toContain(secret);
});

test('every rule has a source', () => {
  for (const { name, source } of [...requestRules, ...jwtBearerRules])
    expect(source, name).toMatch(/\w{3}/);
});

test('RFC 7515 appendix A.2 verifies', async () => {
  const key = createPublicKey({
    key: {
      kty: 'RSA',
      n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
      e: 'AQAB',
    },
    format: 'jwk',
  });
  const jws =
    'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw';
  const parsed = parseAssertion(jws);
  expect(parsed.claims).toMatchObject({ iss: 'joe', exp: 1_300_819_380 });
  expect(await verifySignature(parsed, key)).toBe(true);
  const spoiled = { ...parsed, signingInput: parsed.signingInput.replace('e', 'f') };
  expect(await verifySignature(spoiled, key)).toBe(false);
});

test('whatever is posted, the answer is a refusal and never a fault of the server', async () => {
  const { org, post } = await orgSetting();
  const anyPart = fc.oneof(
    fc.string(),
    fc.json().map((text) => Buffer.from(text).toString('base64url')),
  );
  const anyAssertion = fc.oneof(
    fc.string(),
    fc.tuple(anyPart, anyPart, anyPart).map((parts) => parts.join('.')),
  );
  const anyForm = fc.oneof(
    fc
      .record({
        grant_type: fc.oneof(fc.constant(jwtBearer), fc.string()),
        assertion: anyAssertion,
      })
      .map((form) => new URLSearchParams(form).toString()),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(anyForm, async (form) => {
      const { status } = await post(form);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }),
    { numRuns: 500 },
  );
  expect(org.sessions.list()).toEqual([]);
});
