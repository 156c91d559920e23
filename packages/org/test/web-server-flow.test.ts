/** A tool lets a person sign in through a browser: login page, consent page, code, tokens. */

import { createHash, createHmac, randomBytes } from 'node:crypto';
import * as jose from 'jose';
import { expect, test } from 'vitest';
import { administratorPassword } from '../src/index.ts';
import type { ClientApp, NewClientApp } from '../src/index.ts';
import { Browser, hiddenFields } from './browser.ts';
import { get, orgSetting } from './org-setting.ts';
import type { OrgSetting } from './org-setting.ts';

const callback = 'http://localhost:1717/OauthRedirect';

const location = (response: Response): string => response.headers.get('location') ?? '';

interface Flow {
  setting: OrgSetting;
  app: ClientApp;
  browser: Browser;
  verifier: string;
  /** Path of the authorization request. */
  path: (change?: Record<string, string | undefined>) => string;
  /** Trades a code for tokens. */
  trade: (code: string, change?: Record<string, string | undefined>) => Promise<Response>;
}

async function flow(change: Partial<NewClientApp> = {}): Promise<Flow> {
  const setting = await orgSetting(
    {},
    {
      callbackUrl: `https://example.org/other\n${callback}`,
      scopes: ['api', 'web', 'openid', 'refresh_token'],
      permittedUsers: 'selfAuthorize',
      ...change,
    },
  );
  const { org, app } = setting;
  const verifier = randomBytes(32).toString('base64url');
  const defined = (fields: Record<string, string | undefined>): URLSearchParams =>
    new URLSearchParams(
      Object.entries(fields).flatMap(([name, value]): [string, string][] =>
        value === undefined ? [] : [[name, value]],
      ),
    );
  return {
    setting,
    app,
    browser: new Browser(org),
    verifier,
    path: (more = {}) =>
      `/services/oauth2/authorize?${defined({
        response_type: 'code',
        client_id: app.consumerKey,
        redirect_uri: callback,
        state: 'a&b=c',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...more,
      }).toString()}`,
    trade: (code, more = {}) =>
      setting.post(
        defined({
          grant_type: 'authorization_code',
          code,
          client_id: app.consumerKey,
          client_secret: app.consumerSecret,
          redirect_uri: callback,
          code_verifier: verifier,
          ...more,
        }).toString(),
      ),
  };
}

/** Signed in by a link, over the consent page, to the code. */
async function approve(
  { browser, path, setting }: Flow,
  change: Record<string, string> = {},
): Promise<string> {
  await browser.enter(setting.user);
  const answer = await browser.get(path(change));
  const end =
    answer.status === 302
      ? answer
      : await browser.post('/services/oauth2/authorize', {
          ...hiddenFields(await answer.text()),
          decision: 'allow',
        });
  return new URL(location(end)).searchParams.get('code') ?? '';
}

type Body = Record<string, string>;

test('from the login page over the consent page to tokens that work', async () => {
  const it = await flow();
  const { browser, setting, app, path, trade } = it;
  const { org, user, clock } = setting;
  org.users.setPassword(user, 'correct horse');
  const toLogin = await browser.get(path({ nonce: 'n1', login_hint: 'worker@example.org' }));
  expect(toLogin.status).toBe(302);
  const loginPage = await browser.get(location(toLogin));
  const loginText = await loginPage.text();
  expect(loginText).toContain('value="worker@example.org"');
  const loggedIn = await browser.post('/login', {
    ...hiddenFields(loginText),
    un: 'worker@example.org',
    pw: 'correct horse',
  });
  expect(loggedIn.status).toBe(303);
  const consent = await browser.get(location(loggedIn));
  const consentText = await consent.text();
  expect(consentText).toContain('Allow Access?');
  expect(consentText).toContain('Manage user data via APIs (api)');
  const allowed = await browser.post('/services/oauth2/authorize', {
    ...hiddenFields(consentText),
    decision: 'allow',
  });
  expect(allowed.status).toBe(302);
  const back = new URL(location(allowed));
  expect(back.origin + back.pathname).toBe(callback);
  expect(back.searchParams.get('state')).toBe('a&b=c');

  const response = await trade(back.searchParams.get('code') ?? '');
  expect(response.status).toBe(200);
  const body = (await response.json()) as Body;
  expect(Object.keys(body).toSorted()).toEqual(
    [
      'access_token',
      'refresh_token',
      'id_token',
      'id',
      'instance_url',
      'issued_at',
      'scope',
      'signature',
      'token_type',
    ].toSorted(),
  );
  expect(body).toMatchObject({
    scope: 'api web openid refresh_token',
    issued_at: String(clock.now()),
    signature: createHmac('sha256', app.consumerSecret)
      .update(`${body['id']}${body['issued_at']}`)
      .digest('base64'),
  });
  const rest = '/services/data/v67.0/query?q=SELECT+Name+FROM+Account';
  expect((await get(org, rest, body['access_token'])).status).toBe(200);

  const keys = (await (await get(org, '/id/keys')).json()) as jose.JSONWebKeySet;
  const { payload } = await jose.jwtVerify(body['id_token'] ?? '', jose.createLocalJWKSet(keys), {
    issuer: org.url,
    audience: app.consumerKey,
    currentDate: new Date(clock.now()),
  });
  expect(payload).toMatchObject({ sub: body['id'], nonce: 'n1' });
  // The same key signs both, and an ID token opens nothing all the same.
  expect((await get(org, rest, body['id_token'])).status).toBe(401);
  expect(org.approvals.scopes(user, app)).toContain('refresh_token');
});

test('an approval in the browser is what self-authorize asks for, if it held the refresh scope', async () => {
  const without = await flow();
  await approve(without, { scope: 'api' });
  expect((await without.setting.ask()).status).toBe(400);
  const withIt = await flow();
  await approve(withIt, { scope: 'api refresh_token' });
  const granted = await withIt.setting.ask();
  expect(await granted.json()).toMatchObject({ scope: 'api' });
});

test('who approved once is not asked again, unless the tool wants it or asks for more', async () => {
  const it = await flow();
  await approve(it, { scope: 'api' });
  const again = await it.browser.get(it.path({ scope: 'api' }));
  expect(again.status).toBe(302);
  expect((await it.browser.get(it.path({ scope: 'api web' }))).status).toBe(200);
  expect((await it.browser.get(it.path({ scope: 'api', prompt: 'consent' }))).status).toBe(200);
  const loginAgain = await it.browser.get(it.path({ prompt: 'login' }));
  expect(location(loginAgain)).toMatch(/^\/login\?/);
  expect(decodeURIComponent(location(loginAgain))).not.toContain('prompt');
});

test('Deny goes back to the tool', async () => {
  const it = await flow();
  await it.browser.enter(it.setting.user);
  const consent = await it.browser.get(it.path());
  const denied = await it.browser.post('/services/oauth2/authorize', {
    ...hiddenFields(await consent.text()),
    decision: 'deny',
  });
  const back = new URL(location(denied)).searchParams;
  expect(back.get('error')).toBe('access_denied');
  expect(back.get('error_description')).toBe('end-user denied authorization');
  expect(back.get('state')).toBe('a&b=c');
});

test('an app that is not installed is approved by administrators alone', async () => {
  const it = await flow({ kind: 'connectedApp', isInstalled: false });
  await it.browser.enter(it.setting.user);
  const refused = new URL(location(await it.browser.get(it.path()))).searchParams;
  expect(refused.get('error')).toBe('OAUTH_APPROVAL_ERROR_GENERIC');
  await it.browser.enter(it.setting.org.administrator);
  expect(await (await it.browser.get(it.path())).text()).toContain('Allow');
});

test('pre-authorized users are not asked, others sent back', async () => {
  const it = await flow({ permittedUsers: 'adminApproved' });
  expect(await approve(it)).toMatch(/^aPrx/);
  const { org, app } = it.setting;
  org.clientApps.removeProfile(app, org.profiles.get('Standard User'));
  const refused = await it.browser.get(it.path());
  expect(new URL(location(refused)).searchParams.get('error')).toBe('OAUTH_APP_ACCESS_DENIED');
});

test.each([
  ['another response type', { response_type: 'token' }, {}, 'unsupported_response_type'],
  ['a scope that the app lacks', { scope: 'api full' }, {}, 'invalid_scope'],
  ['no challenge', { code_challenge: undefined }, {}, 'invalid_request'],
  ['the method plain', { code_challenge_method: 'plain' }, {}, 'invalid_request'],
  ['a challenge too short', { code_challenge: 'short' }, {}, 'invalid_request'],
  ['a blocked app', {}, { isBlocked: true }, 'OAUTH_APP_BLOCKED'],
  ['a disabled app', {}, { isEnabled: false }, 'OAUTH_APP_BLOCKED'],
  ['prompt none without a login', { prompt: 'none' }, {}, 'login_required'],
])('%s is told to the tool', async (_name, change, policies, error) => {
  const it = await flow(policies);
  const response = await it.browser.get(it.path(change));
  expect(response.status).toBe(302);
  expect(location(response)).toMatch(`${callback}?`);
  expect(new URL(location(response)).searchParams.get('error')).toBe(error);
});

test.each([
  ['an unknown app', { client_id: 'nobody' }, 'invalid_client_id'],
  ['a foreign callback', { redirect_uri: 'https://evil.example/' }, 'redirect_uri_mismatch'],
  ['more behind the callback', { redirect_uri: `${callback}/more` }, 'redirect_uri_mismatch'],
  ['no callback', { redirect_uri: undefined }, 'redirect_uri_mismatch'],
])('%s is told on a page, and the browser stays here', async (_name, change, error) => {
  const it = await flow();
  const response = await it.browser.get(it.path(change));
  expect(response.status).toBe(400);
  expect(await response.text()).toContain(`error=${error}`);
  const twice = await it.browser.get(`${it.path()}&redirect_uri=https%3A%2F%2Fevil.example`);
  expect(twice.status).toBe(400);
});

test.each([
  ['another verifier', { code_verifier: 'x'.repeat(43) }, 'invalid_grant', 'invalid code verifier'],
  ['no verifier', { code_verifier: undefined }, 'invalid_grant', 'invalid code verifier'],
  [
    'another callback',
    { redirect_uri: 'https://example.org/other' },
    'redirect_uri_mismatch',
    'redirect_uri must match configuration',
  ],
  ['another secret', { client_secret: 'x' }, 'invalid_client', 'invalid client credentials'],
  ['no secret', { client_secret: undefined }, 'invalid_client', 'invalid client credentials'],
  ['another app', { client_id: 'x' }, 'invalid_client_id', 'client identifier invalid'],
  ['another code', { code: 'aPrx' }, 'invalid_grant', 'invalid authorization code'],
])(
  'the code with %s is refused, and stays good for the right request',
  async (_name, change, error, description) => {
    const it = await flow();
    const code = await approve(it);
    const refused = await it.trade(code, change);
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { error, error_description: description },
    ]);
    expect((await it.trade(code)).status).toBe(200);
  },
);

test('a code is good once: shown again, what was given for it is taken back', async () => {
  const it = await flow();
  const code = await approve(it);
  const { refresh_token: refreshToken = '', access_token: token } = (await (
    await it.trade(code)
  ).json()) as Body;
  const again = await it.trade(code);
  expect(await again.json()).toEqual({
    error: 'invalid_grant',
    error_description: 'expired authorization code',
  });
  expect((await get(it.setting.org, '/services/oauth2/userinfo', token)).status).toBe(403);
  expect((await refresh(it, refreshToken)).status).toBe(400);
});

test('a code lives 15 minutes', async () => {
  const it = await flow();
  const code = await approve(it);
  it.setting.clock.advance({ minutes: 15 });
  expect(await (await it.trade(code)).json()).toMatchObject({ error: 'invalid_grant' });
});

test('the secret may be optional, and may come by HTTP Basic', async () => {
  const optional = await flow({ isConsumerSecretOptional: true });
  const code = await approve(optional);
  expect((await optional.trade(code, { client_secret: 'wrong' })).status).toBe(400);
  expect((await optional.trade(code, { client_secret: undefined })).status).toBe(200);
  const basic = await flow({ consumerSecret: 'a:b&c=+%' });
  const { consumerKey, consumerSecret } = basic.app;
  const credentials = [consumerKey, consumerSecret].map(encodeURIComponent).join(':');
  const response = await basic.setting.post(
    new URLSearchParams({
      grant_type: 'authorization_code',
      code: await approve(basic),
      redirect_uri: callback,
      code_verifier: basic.verifier,
    }).toString(),
    { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
  );
  expect(response.status).toBe(200);
});

async function refresh({ setting, app }: Flow, token: string): Promise<Response> {
  return setting.post({
    grant_type: 'refresh_token',
    refresh_token: token,
    client_id: app.consumerKey,
    client_secret: app.consumerSecret,
  });
}

async function refreshTokenOf(it: Flow): Promise<string> {
  const body = (await (await it.trade(await approve(it))).json()) as Body;
  return body['refresh_token'] ?? '';
}

test('a refresh token gives access tokens until it is revoked, and they end with it', async () => {
  const it = await flow();
  const { org, clock, user, app } = it.setting;
  const token = await refreshTokenOf(it);
  clock.advance({ hours: 3 });
  const refreshed = await refresh(it, token);
  expect(refreshed.status).toBe(200);
  const body = (await refreshed.json()) as Body;
  expect(Object.keys(body).toSorted()).toEqual(
    [
      'access_token',
      'id',
      'instance_url',
      'issued_at',
      'scope',
      'signature',
      'token_type',
    ].toSorted(),
  );
  expect((await get(org, '/services/oauth2/userinfo', body['access_token'])).status).toBe(200);
  expect((await get(org, `/services/oauth2/revoke?token=${token}`)).status).toBe(200);
  expect((await get(org, '/services/oauth2/userinfo', body['access_token'])).status).toBe(403);
  expect(await (await refresh(it, token)).json()).toEqual({
    error: 'invalid_grant',
    error_description: 'expired access/refresh token',
  });
  expect(org.approvals.scopes(user, app)).toEqual([]);
});

test('a refresh token is of one app, and of five at most the oldest goes', async () => {
  const it = await flow();
  const first = await refreshTokenOf(it);
  const other = it.setting.org.clientApps.create({ name: 'Other', contactEmail: 'a@example.org' });
  expect((await refresh({ ...it, app: other }, first)).status).toBe(400);
  for (let more = 0; more < 4; more += 1) {
    it.setting.clock.advance({ minutes: 1 });
    await refreshTokenOf(it);
  }
  expect((await refresh(it, first)).status).toBe(200);
  it.setting.clock.advance({ minutes: 1 });
  await refreshTokenOf(it);
  it.setting.clock.advance({ minutes: 1 });
  await refreshTokenOf(it);
  expect((await refresh(it, first)).status).toBe(200);
});

test('IP restrictions may be relaxed for refresh tokens alone', async () => {
  const it = await flow();
  const { org, app } = it.setting;
  const token = await refreshTokenOf(it);
  org.profiles.change(org.profiles.get('Standard User'), {
    loginIpRanges: [{ startAddress: '192.0.2.1', endAddress: '192.0.2.9' }],
  });
  expect(await (await refresh(it, token)).json()).toMatchObject({
    error_description: 'ip restricted',
  });
  org.clientApps.setPolicies(app, { ipRelaxation: 'enforceRelaxRefresh' });
  expect((await refresh(it, token)).status).toBe(200);
});

test('the login page lets the administrator in with the well-known password', async () => {
  const { org } = await orgSetting();
  const response = await new Browser(org).logIn(
    'admin@local-org.example',
    administratorPassword,
    '/services/data',
  );
  expect([response.status, location(response)]).toEqual([303, '/services/data']);
  expect(response.headers.getSetCookie().join()).toMatch(/^sid-7523=.*; HttpOnly; SameSite=Lax$/);
  expect(org.sessions.list()[0]).toMatchObject({ type: 'UI' });
  expect(org.loginHistory.list()[0]).toMatchObject({ status: 'Success', application: 'Browser' });
});

test.each([
  ['a wrong password', 'worker@example.org', 'wrong', 'Invalid Password', {}],
  ['no password', 'integration@local-org.example', '', 'Invalid Password', {}],
  ['nobody', 'nobody@example.org', 'correct horse', 'Invalid Password', {}],
  ['a frozen user', 'worker@example.org', 'correct horse', 'User is frozen', { isFrozen: true }],
  [
    'an inactive user',
    'worker@example.org',
    'correct horse',
    'User is inactive',
    { isActive: false },
  ],
  [
    'an API-only user',
    'worker@example.org',
    'correct horse',
    'Failed: API-only user',
    { apiUserOnly: true },
  ],
  ['another address', 'worker@example.org', 'correct horse', 'Restricted IP', { elsewhere: true }],
] as const)(
  '%s is told nothing but no at the login page',
  async (_name, username, password, status, state) => {
    const it = await flow();
    const { org, user } = it.setting;
    const profile = org.profiles.get('Standard User');
    org.users.setPassword(user, 'correct horse');
    if ('isFrozen' in state) org.users.setFrozen(user, true);
    if ('isActive' in state) org.users.setActive(user, false);
    if ('apiUserOnly' in state) org.profiles.change(profile, { apiUserOnly: true });
    if ('elsewhere' in state) {
      org.profiles.change(profile, {
        loginIpRanges: [{ startAddress: '192.0.2.1', endAddress: '192.0.2.9' }],
      });
    }
    const response = await it.browser.logIn(username, password);
    expect(response.status).toBe(401);
    expect(await response.text()).toContain('Please check your username and password');
    expect(org.sessions.list()).toEqual([]);
    const [attempt] = org.loginHistory.list();
    expect(attempt?.status).toBe(status);
    expect(JSON.stringify(attempt)).not.toContain('correct horse');
  },
);

test('forms of other sites, and forms without their token, do nothing', async () => {
  const it = await flow();
  const { browser, setting } = it;
  setting.org.users.setPassword(setting.user, 'correct horse');
  const page = hiddenFields(await (await browser.get('/login')).text());
  const typed = { un: 'worker@example.org', pw: 'correct horse' };
  expect((await browser.post('/login', { ...page, ...typed }, 'https://evil.example')).status).toBe(
    403,
  );
  expect((await browser.post('/login', typed)).status).toBe(200);
  expect((await new Browser(setting.org).post('/login', { ...page, ...typed })).status).toBe(200);
  expect(setting.org.sessions.list()).toEqual([]);
  await browser.enter(setting.user);
  const consent = hiddenFields(await (await browser.get(it.path())).text());
  const decision = { decision: 'allow', request: consent['request'] ?? '' };
  expect((await browser.post('/services/oauth2/authorize', decision)).status).toBe(403);
  expect(
    (
      await browser.post('/services/oauth2/authorize', {
        ...decision,
        formToken: page['formToken'] ?? '',
      })
    ).status,
  ).toBe(403);
  const foreign = await browser.post(
    '/services/oauth2/authorize',
    { ...consent, ...decision },
    'null',
  );
  expect(foreign.status).toBe(403);
  expect(setting.org.approvals.scopes(setting.user, it.app)).toEqual([]);
});

test.each([
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example',
  'http://127.0.0.1:7523//evil.example',
  'javascript:alert(1)',
])('a login leads nowhere but here: startURL %s', async (startUrl) => {
  const { org } = await orgSetting();
  const response = await new Browser(org).logIn(
    'admin@local-org.example',
    administratorPassword,
    startUrl,
  );
  expect(response.status).toBe(303);
  expect(new URL(location(response), org.url).origin).toBe(org.url);
});

test('pages allow no script, no frame, and forms to this org and the callback alone', async () => {
  const it = await flow();
  const login = await it.browser.get(location(await it.browser.get(it.path())));
  await it.browser.enter(it.setting.user);
  const consent = await it.browser.get(it.path());
  const home = await it.browser.get('/');
  for (const response of [login, consent]) {
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' http://localhost:1717; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(await response.text()).not.toMatch(/<script|\son\w+=|javascript:/i);
  }
  expect(home.headers.get('content-security-policy')).toContain("form-action 'self';");
});

test('what an app or a visitor calls itself is text on a page', async () => {
  const name = '<img src=x onerror=alert(1)>"';
  const it = await flow({ name, apiName: 'Evil' });
  await it.browser.enter(it.setting.user);
  expect(await (await it.browser.get(it.path())).text()).not.toContain('<img');
  const login = await it.browser.get(`/login?un=${encodeURIComponent('"><img>')}`);
  expect(await login.text()).not.toContain('<img>');
});

test('a single access link signs a browser in once, for a minute', async () => {
  const it = await flow({ permittedUsers: 'adminApproved' });
  const { org, clock } = it.setting;
  const token = await it.setting.token();
  const link = async (): Promise<string> => {
    const response = await get(
      org,
      '/services/oauth2/singleaccess?redirect_uri=/services/data?x=1',
      token,
    );
    return ((await response.json()) as Body)['frontdoor_uri'] ?? '';
  };
  const url = await link();
  expect(url).toMatch(`${org.url}/secur/frontdoor.jsp?otp=`);
  const entered = await it.browser.get(url);
  expect([entered.status, location(entered)]).toEqual([303, '/services/data?x=1']);
  expect((await it.browser.get(it.path())).status).toBe(302);
  expect((await new Browser(org).get(url)).status).toBe(403);
  const late = await link();
  clock.advance({ minutes: 1 });
  expect((await it.browser.get(late)).status).toBe(403);
  const forged = (await link()).replace(/005\w+/, org.administrator.id);
  expect((await it.browser.get(forged)).status).toBe(403);
  const sid = await it.browser.post('/secur/frontdoor.jsp', {
    sid: token,
    retURL: '//evil.example',
  });
  expect([sid.status, location(sid)]).toEqual([303, '/']);
});

test('single access needs a living token with the scope web', async () => {
  const it = await flow({ permittedUsers: 'adminApproved', scopes: ['api'] });
  const { org } = it.setting;
  const path = '/services/oauth2/singleaccess';
  const refused = await get(org, path, await it.setting.token());
  expect([refused.status, await refused.text()]).toEqual([403, 'Invalid_Scope']);
  const none = await get(org, path, 'nonsense');
  expect([none.status, await none.text()]).toEqual([403, 'Bad_OAuth_Token']);
});

test('log out ends the browser session', async () => {
  const it = await flow();
  await it.browser.enter(it.setting.user);
  expect((await it.browser.get(it.path())).status).toBe(200);
  const asked = await (await it.browser.get('/services/auth/idp/oidc/logout')).text();
  expect(asked).toContain('Log out?');
  const isThere = (): boolean => it.setting.org.sessions.list().some(({ type }) => type === 'UI');
  expect(isThere()).toBe(true);
  expect(await (await it.browser.post('/secur/logout.jsp', {})).text()).toContain('Log out?');
  expect(isThere()).toBe(true);
  await it.browser.post('/services/auth/idp/oidc/logout', hiddenFields(asked));
  expect(it.setting.org.sessions.list().some(({ type }) => type === 'UI')).toBe(false);
  expect((await it.browser.get(it.path())).status).toBe(302);
});

test('discovery tells endpoints of the host that was called, and each is there', async () => {
  const { org } = await orgSetting();
  const url = 'http://acme.my.localhost:7523/.well-known/openid-configuration';
  const body = (await (await org.fetch(new Request(url))).json()) as Record<string, unknown>;
  expect(body).toMatchObject({
    issuer: 'http://acme.my.localhost:7523',
    token_endpoint: 'http://acme.my.localhost:7523/services/oauth2/token',
    id_token_signing_alg_values_supported: ['RS256'],
  });
  const endpoints = Object.entries(body).filter(([name]) => /_endpoint$|_uri$/.test(name));
  expect(endpoints.length).toBeGreaterThan(6);
  for (const [name, endpoint] of endpoints) {
    const response = await org.fetch(new Request(String(endpoint), { method: 'POST' }));
    const asked = await org.fetch(new Request(String(endpoint)));
    expect(
      [response.status, asked.status].every((status) => status === 404),
      name,
    ).toBe(false);
  }
});
