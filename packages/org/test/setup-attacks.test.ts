/** What somebody with bad intentions tries at the login page and at Setup, and what comes of it. */

import { expect, test } from 'vitest';
import { setupRoutes } from '../src/pages/setup/routes.ts';
import { appKey } from './assertion.ts';
import { Browser, hiddenFields } from './browser.ts';
import { get, jwtBearer, orgSetting } from './org-setting.ts';
import { pages, setupSetting } from './setup-setting.ts';

const location = (response: Response): string => response.headers.get('location') ?? '';

/** Every route of Setup, for some app, user, profile: the handlers behind are never reached here. */
const routes = setupRoutes({ context: {} as never, faults: {} as never })
  .routes.filter(({ method, path }) => method !== 'ALL' && path !== '/lightning/*')
  .map(({ method, path }) => ({ method, path: path.replaceAll(':id', '0H4000000000001AAA') }));
const posts = [
  ...new Set(routes.filter(({ method }) => method === 'POST').map(({ path }) => path)),
];
const gets = [...new Set(routes.filter(({ method }) => method === 'GET').map(({ path }) => path))]
  // Never ends: what the monitor listens to.
  .filter((path) => !path.endsWith('/events'));

test('the routes are those of the pages', () => {
  expect(posts.length).toBeGreaterThan(25);
  expect(gets.length).toBeGreaterThan(25);
});

/** Everything an administrator can change, as it is stored. */
function state({ org }: { org: Awaited<ReturnType<typeof orgSetting>>['org'] }): string {
  return JSON.stringify([
    org.clientApps.list(),
    org.users.list(),
    org.profiles.list(),
    org.permissionSets.list(),
    org.sessions.list().map(({ id }) => id),
    org.faults.list(),
    org.clock.now(),
  ]);
}

test('every POST is for administrators alone, by a form of their own session', async () => {
  const setting = await setupSetting();
  const { org, user, browser } = setting;
  const worker = new Browser(org);
  await worker.enter(user);
  const workersToken = hiddenFields(await (await worker.get('/')).text())['formToken'] ?? '';
  expect(workersToken).not.toBe('');
  const visitor = new Browser(org);
  const visitorsToken = hiddenFields(await (await visitor.get('/login')).text())['formToken'] ?? '';
  const other = new Browser(org);
  await other.enter(org.administrator);
  const others = hiddenFields(await (await other.get(pages.users)).text())['formToken'] ?? '';
  const own = hiddenFields(await (await browser.get(pages.users)).text())['formToken'] ?? '';
  const before = state(setting);
  for (const path of posts) {
    expect([path, (await worker.post(path, { formToken: workersToken })).status]).toEqual([
      path,
      403,
    ]);
    expect([path, (await visitor.post(path, { formToken: visitorsToken })).status]).toEqual([
      path,
      303,
    ]);
    for (const formToken of [
      '',
      workersToken,
      visitorsToken,
      others,
      own.slice(1),
      `${own} `.repeat(2),
    ]) {
      expect([path, (await browser.post(path, { formToken })).status]).toEqual([path, 403]);
    }
    const foreign = await browser.post(path, { formToken: own }, 'http://127.0.0.1:9');
    expect([path, foreign.status]).toEqual([path, 403]);
  }
  expect(state(setting)).toBe(before);
});

test('a POST of another type than a form changes nothing', async () => {
  const setting = await setupSetting();
  const { org, browser } = setting;
  const formToken = hiddenFields(await (await browser.get(pages.users)).text())['formToken'] ?? '';
  const cookie = await cookieOf(setting);
  const before = state(setting);
  for (const path of posts) {
    for (const type of ['application/json', 'text/plain', 'application/xml', '']) {
      const response = await org.fetch(
        new Request(org.url + path, {
          method: 'POST',
          headers: { cookie, origin: org.url, ...(type === '' ? {} : { 'content-type': type }) },
          body: new TextEncoder().encode(JSON.stringify({ formToken, isBlocked: 'yes' })),
        }),
      );
      expect([path, type, [400, 403].includes(response.status)]).toEqual([path, type, true]);
    }
  }
  expect(state(setting)).toBe(before);
});

/** `Cookie` of a new session of the administrator. */
async function cookieOf({
  org,
}: {
  org: Awaited<ReturnType<typeof orgSetting>>['org'];
}): Promise<string> {
  const response = await get(org, new URL(org.setupUrl).pathname + new URL(org.setupUrl).search);
  return (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
}

test('no GET changes anything, whatever its query says', async () => {
  const setting = await setupSetting();
  const { browser, app, user } = setting;
  const formToken = hiddenFields(await (await browser.get(pages.users)).text())['formToken'] ?? '';
  const query = new URLSearchParams({
    formToken,
    id: app.id,
    isBlocked: 'yes',
    block: 'yes',
    user: user.id,
    selected: setting.org.sessions.list()[0]?.id ?? '',
    move: 'scopes-remove',
    theme: 'dark',
  });
  const before = state(setting);
  for (const path of [...gets, ...posts].map((one) => one.replace('0H4000000000001AAA', app.id))) {
    await browser.get(`${path}?${query.toString()}`);
    await browser.get(path.replace(app.id, user.id));
  }
  expect(state(setting)).toBe(before);
});

test('a login makes a session of its own, and ends the one that the browser had', async () => {
  const { org } = await orgSetting();
  const browser = new Browser(org);
  const before = org.sessions.list().length;
  await browser.logIn(org.administrator.username, org.administratorPassword);
  const [first] = org.sessions.list();
  await browser.logIn(org.administrator.username, org.administratorPassword);
  const after = org.sessions.list();
  expect(after).toHaveLength(before + 1);
  expect(after.map(({ id }) => id)).not.toContain(first?.id);
});

test('a session that somebody brings along is not taken over by the login', async () => {
  const { org, user } = await orgSetting();
  const planted = org.openSession(user);
  const page = await get(org, '/login');
  const visitor = (page.headers.getSetCookie()[0] ?? '').split(';')[0];
  const { formToken = '' } = hiddenFields(await page.text());
  const answer = await org.fetch(
    new Request(`${org.url}/login`, {
      method: 'POST',
      headers: { origin: org.url, cookie: `sid-7523=${planted}; ${visitor}` },
      body: new URLSearchParams({
        formToken,
        un: org.administrator.username,
        pw: org.administratorPassword,
      }),
    }),
  );
  expect(answer.status).toBe(303);
  const [cookie = ''] = answer.headers.getSetCookie();
  expect(cookie).not.toContain(planted);
  expect(cookie).toMatch(/^sid-7523=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
  // What was planted is the worker's still.
  const own = await org.fetch(
    new Request(org.url + pages.users, { headers: { cookie: `sid-7523=${planted}` } }),
  );
  expect(own.status).not.toBe(200);
});

test('over https the cookie of the session goes over https alone', async () => {
  const { org } = await orgSetting();
  const { pathname, search } = new URL(org.setupUrl);
  const response = await org.fetch(new Request(`https://127.0.0.1${pathname}${search}`));
  expect(response.headers.getSetCookie().join()).toMatch(
    /^sid=.*; HttpOnly; Secure; SameSite=Lax$/,
  );
});

test.each([
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '\\\\evil.example',
  '/.//evil.example',
  '/%5Cevil.example',
  ' //evil.example',
  '/\t/evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  'http:evil.example',
  'http://127.0.0.1:7523@evil.example/',
  'http://127.0.0.1:75234/',
])('after the login %j leads nowhere else', async (startUrl) => {
  const { org } = await orgSetting();
  const answers = [
    await new Browser(org).logIn(org.administrator.username, org.administratorPassword, startUrl),
    await get(
      org,
      `/secur/frontdoor.jsp?sid=${encodeURIComponent(org.openSession(org.administrator))}&startURL=${encodeURIComponent(startUrl)}`,
    ),
  ];
  for (const answer of answers) {
    expect(answer.status).toBe(303);
    expect(new URL(location(answer), org.url).origin).toBe(new URL(org.url).origin);
    expect(location(answer)).toMatch(/^\/(?![/\\])/);
    expect(answer.headers.get('cache-control')).toContain('no-store');
  }
});

test('the link of the start leaks nothing on its way, and is good for one of two at once', async () => {
  const { org } = await orgSetting();
  const { pathname, search } = new URL(org.setupUrl);
  const answers = await Promise.all(Array.from({ length: 5 }, () => get(org, pathname + search)));
  expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
  const good = answers.find(({ status }) => status === 303);
  expect(good?.headers.get('referrer-policy')).toBe('no-referrer');
  expect(location(good ?? new Response())).not.toContain('otp');
  const changed = search.replace(/otp=[^.]+/, `otp=${org.users.get('worker@example.org').id}`);
  expect((await get(org, pathname + changed)).status).toBe(403);
});

const markup = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'><svg/onload=alert(1)>",
  '</textarea><script>alert(1)</script>',
  '</title><script>alert(1)</script>',
  '&lt;b&gt;{{7*7}}',
];

test('markup in any field is text on every page', async () => {
  const setting = await setupSetting();
  const { org, browser, app, user, ask, post } = setting;
  for (const [index, text] of markup.entries()) {
    org.clientApps.change(app, { description: text, name: text.slice(0, 80) });
    org.users.create({
      username: `x${index}@example.org`,
      profile: 'Standard User',
      firstName: text.slice(0, 40),
      lastName: text,
      email: `${text.replaceAll(' ', '')}@example.org`,
    });
    org.profiles.create({ name: `${text} ${index}` });
    org.permissionSets.create({ label: text });
    const claim = ['iss', 'sub', 'aud', 'prn', 'jti', 'exp'][index] ?? '';
    await ask({ claims: { [claim]: text } });
    const headers = { 'user-agent': text, 'x-markup': text };
    await post({ grant_type: text, assertion: text }, headers);
    await post({
      grant_type: jwtBearer,
      assertion: `${btoa(text)}.${btoa(text)}.x`,
      [text]: text,
    });
    const query = new URLSearchParams({ [text]: text });
    await get(org, `/services/data/${encodeURIComponent(text)}?${query.toString()}`);
    if (index === 0) await new Browser(org).logIn(text, text, text);
  }
  const paths = [...gets, '/', '/login?un=%22%3E%3Cimg%20src%3Dx%3E'].map((path) =>
    path.replace('0H4000000000001AAA', /ManageUsers/.test(path) ? user.id : app.id),
  );
  const requests = org.requests.list().map(({ number }) => `${pages.requestMonitor}/${number}`);
  const attempts = org.loginHistory.list().map(({ id }) => `${pages.loginHistory}/${id}`);
  for (const path of [...paths, ...requests, ...attempts]) {
    const response = await browser.get(
      `${path}${path.includes('?') ? '&' : '?'}find=%3Cimg%3E&username=%22%3E%3Cscript%3E`,
    );
    const html = await response.text();
    expect([path, /<img|<svg\/onload|<script>alert|<\/title><script/.exec(html)?.[0]]).toEqual([
      path,
      undefined,
    ]);
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(response.headers.get('cache-control')).toContain('no-store');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  }
});

test('the journal, Login History and the pages have no secret that was sent or given', async () => {
  const setting = await setupSetting();
  const { org, browser, app, user, submit, ask } = setting;
  await submit(`${pages.users}/${user.id}/edit`, 'Save', { password: 'correct horse battery' });
  await new Browser(org).logIn(user.username, 'correct horse battery');
  await new Browser(org).logIn(user.username, 'an almost right password');
  const view = `/lightning/setup/ConnectedApplication/${app.id}/view`;
  expect(await (await browser.get(`${view}?reveal=secret`)).text()).toContain(app.consumerSecret);
  const answer = (await (await ask()).json()) as { access_token: string };
  await get(org, '/services/oauth2/userinfo', answer.access_token);
  const link = org.setupUrl;
  await get(org, link.slice(org.url.length));
  const sid = await cookieOf(setting);
  await org.fetch(new Request(org.url + pages.users, { headers: { cookie: sid } }));
  const formToken = hiddenFields(await (await browser.get(pages.users)).text())['formToken'] ?? '';
  const secrets = [
    'correct horse battery',
    'an almost right password',
    app.consumerSecret,
    answer.access_token,
    new URL(link).searchParams.get('otp') ?? '',
    sid.split('=')[1] ?? '',
    formToken,
    appKey.privateKeyPem.slice(100, 160),
  ];
  const lists = [pages.requestMonitor, pages.loginHistory, pages.setupAuditTrail];
  const requests = org.requests.list().map(({ number }) => `${pages.requestMonitor}/${number}`);
  const shown = [JSON.stringify(org.requests.list()), JSON.stringify(org.loginHistory.list())];
  for (const path of [...lists, ...requests]) {
    shown.push((await (await browser.get(path)).text()).replaceAll(formTokenField, ''));
  }
  const all = shown.join('\n');
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(10);
    expect(all.includes(secret), secret.slice(0, 6)).toBe(false);
  }
});

/** Each page carries its own, for its forms. */
const formTokenField = /<input type="hidden" name="formToken" value="[^"]*"\/?>/g;

test('a form that is meant to take long does not', async () => {
  const setting = await setupSetting();
  const { browser } = setting;
  const formToken = hiddenFields(await (await browser.get(pages.users)).text())['formToken'] ?? '';
  const newApp = '/lightning/setup/NavigationMenus/new';
  const million = 1_000_000;
  const forms: [path: string, fields: URLSearchParams, status: number][] = [
    [newApp, new URLSearchParams(`formToken=${formToken}${'&a='.repeat(million)}`), 413],
    [newApp, new URLSearchParams({ formToken, callbackUrl: `a${' '.repeat(million)}b` }), 422],
    [newApp, new URLSearchParams({ formToken, contactEmail: `a@${'.'.repeat(million)} x` }), 422],
    [newApp, new URLSearchParams({ formToken, contactPhone: `1${' x1'.repeat(million)}` }), 422],
    [newApp, new URLSearchParams({ formToken, apiName: `${'a_'.repeat(million)}-` }), 422],
    [
      `${pages.users}/new`,
      new URLSearchParams({ formToken, username: `a@${'.'.repeat(million)} x` }),
      422,
    ],
    [
      `${pages.permissionSets}/new`,
      new URLSearchParams({ formToken, label: `a${'_'.repeat(million)}b` }),
      422,
    ],
    [
      `${pages.profiles}/new`,
      new URLSearchParams({ formToken, name: `a${'_'.repeat(million)}b` }),
      422,
    ],
  ];
  for (const [path, fields, status] of forms) {
    // What takes as long as the square of this would not be done when the test is told to end.
    expect([path, (await browser.post(path, fields)).status]).toEqual([path, status]);
  }
});

test('an administrator who is no administrator any more is out at the next request', async () => {
  const { org } = await orgSetting();
  const second = org.users.create({
    username: 'second@example.org',
    profile: 'System Administrator',
  });
  const browser = new Browser(org);
  await browser.enter(second);
  expect((await browser.get(pages.users)).status).toBe(200);
  org.users.change(second, { profile: 'Standard User' });
  expect((await browser.get(pages.users)).status).toBe(403);
  org.users.change(second, { profile: 'System Administrator' });
  expect((await browser.get(pages.users)).status).toBe(200);
  org.users.setActive(second, false);
  expect((await browser.get(pages.users)).status).toBe(303);
});

test('two orgs in one browser leave the session of the other alone', async () => {
  const { org } = await orgSetting();
  const names = await Promise.all(
    ['http://127.0.0.1:7523', 'http://127.0.0.1:7524'].map(async (origin) => {
      const sid = encodeURIComponent(org.openSession(org.administrator));
      const request = new Request(`${origin}/secur/frontdoor.jsp?sid=${sid}`);
      return (await org.fetch(request)).headers.getSetCookie().join().split('=')[0];
    }),
  );
  expect(names).toEqual(['sid-7523', 'sid-7524']);
});
