/** Access tokens that are JWTs, and the org's own keys. */

import * as jose from 'jose';
import { expect, test } from 'vitest';
import type { NewClientApp } from '../src/index.ts';
import { get, orgSetting } from './org-setting.ts';
import type { OrgSetting } from './org-setting.ts';

const query = '/services/data/v67.0/query?q=SELECT+Name+FROM+Account';

async function jwtSetting(
  change: Partial<NewClientApp> = {},
): Promise<OrgSetting & { keys: () => Promise<jose.JSONWebKeySet> }> {
  const setting = await orgSetting({}, { jwtAccessTokens: true, ...change });
  const keys = async (): Promise<jose.JSONWebKeySet> =>
    (await (await get(setting.org, '/id/keys')).json()) as jose.JSONWebKeySet;
  return { ...setting, keys };
}

test('an app that asks for it is given a JWT that anybody can verify by the published keys', async () => {
  const { ask, org, app, user, clock, keys } = await jwtSetting({ jwtTimeoutMinutes: 5 });
  const body = (await (await ask()).json()) as Record<string, string>;
  expect(Object.keys(body)).toEqual([
    'access_token',
    'scope',
    'instance_url',
    'id',
    'token_type',
    'token_format',
  ]);
  expect(body['token_format']).toBe('jwt');
  const { payload, protectedHeader } = await jose.jwtVerify(
    body['access_token'] ?? '',
    jose.createLocalJWKSet(await keys()),
    { issuer: org.url, audience: org.url, currentDate: new Date(clock.now()) },
  );
  const now = clock.now() / 1000;
  expect(protectedHeader).toEqual({
    alg: 'RS256',
    typ: 'JWT',
    kid: `CORE_ATJWT.${org.organization.id}.${clock.now()}`,
    tty: 'sfdc-core-token',
    tnk: `core/local/${org.organization.id}`,
    ver: '1.0',
  });
  expect(payload).toMatchObject({
    scp: 'api',
    aud: [org.url],
    sub: `uid:${user.id}`,
    client_id: app.consumerKey,
    iat: now,
    nbf: now - 15,
    exp: now + 300,
    mty: 'oauth',
    roles: [],
    hsc: false,
  });
});

test('its life is fixed: use does not prolong it, revoking and removing end it', async () => {
  const { org, token, clock } = await jwtSetting({ jwtTimeoutMinutes: 5 });
  const first = await token();
  clock.advance({ minutes: 4 });
  expect((await get(org, query, first)).status).toBe(200);
  clock.advance({ minutes: 1 });
  expect((await get(org, query, first)).status).toBe(401);
  const second = await token();
  expect((await get(org, `/services/oauth2/revoke?token=${second}`)).status).toBe(200);
  expect((await get(org, query, second)).status).toBe(401);
  const third = await token();
  for (const { id } of org.sessions.list()) org.sessions.remove(id);
  expect((await get(org, query, third)).status).toBe(401);
});

test('without a life of its own it lives as long as a session would', async () => {
  const { org, token, clock } = await jwtSetting({ sessionTimeoutMinutes: 30 });
  const value = await token();
  clock.advance({ minutes: 29 });
  expect((await get(org, query, value)).status).toBe(200);
  clock.advance({ minutes: 1 });
  expect((await get(org, query, value)).status).toBe(401);
});

test('a forged one opens nothing', async () => {
  const { org, token, keys } = await jwtSetting();
  const value = await token();
  const [header = '', payload = '', signature = ''] = value.split('.');
  const { privateKey } = await jose.generateKeyPair('RS256');
  const { keys: published } = await keys();
  const kid = published[0]?.kid ?? '';
  const stranger = await new jose.SignJWT(jose.decodeJwt(value))
    .setProtectedHeader({ alg: 'RS256', kid })
    .sign(privateKey);
  const part = (object: object): string =>
    Buffer.from(JSON.stringify(object)).toString('base64url');
  const forged = [
    stranger,
    `${part({ alg: 'none', kid })}.${payload}.`,
    `${part({ alg: 'HS256', kid })}.${payload}.${signature}`,
    `${header}.${part({ ...jose.decodeJwt(value), exp: 9_999_999_999 })}.${signature}`,
    `${header}.${payload}`,
    `${value}.x`,
    `${part({ alg: 'RS256', kid: 'other' })}.${payload}.${signature}`,
  ];
  for (const text of forged) expect((await get(org, query, text)).status, text).toBe(401);
  expect((await get(org, query, value)).status).toBe(200);
});

test('a key is made at the first need and kept', async () => {
  const { org, token, keys } = await jwtSetting();
  const [first, second] = await Promise.all([keys(), keys()]);
  expect(first).toEqual(second);
  const value = await token();
  expect(jose.decodeProtectedHeader(value).kid).toBe(first.keys[0]?.kid);
  expect(first.keys[0]).not.toHaveProperty('d');
  expect((await get(org, query, value)).status).toBe(200);
});

test('api_instance_url comes with the scope for it', async () => {
  const { ask, org } = await jwtSetting({ scopes: ['api', 'sfap_api'] });
  expect(await (await ask()).json()).toMatchObject({ api_instance_url: org.url });
});
