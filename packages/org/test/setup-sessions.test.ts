/** Session Management and Login History. */

import { expect, test } from 'vitest';
import { grantRules, requestRules } from '../src/index.ts';
import { cures } from '../src/pages/setup/remedy.ts';
import { strangerKey } from './assertion.ts';
import { get, jwtBearer, orgSetting } from './org-setting.ts';
import { pages, setupSetting } from './setup-setting.ts';

const query = '/services/data/v67.0/query?q=SELECT+Id+FROM+Account';

test('Session Management shows who is signed in, by which app, and for how long', async () => {
  const { open, token, clock } = await setupSetting();
  await token();
  clock.advance({ minutes: 1, seconds: 30 });
  const page = await open(pages.sessionManagement);
  for (const word of ['worker@example.org', 'Oauth2', 'Nightly Sync', '127.0.0.1']) {
    expect(page).toContain(word);
  }
  expect(page).toContain('<span>Nov 23, 2026</span> <span>12:00:00 PM GMT</span>');
  expect(page).toContain('1 hr 58 min');
  expect(page).toContain('This browser');
});

test('a session that is removed ends at once, and the next token is another one', async () => {
  const { org, open, submit, token } = await setupSetting();
  const first = await token();
  expect((await get(org, query, first)).status).toBe(200);
  const page = await submit(
    pages.sessionManagement,
    'Remove the session of worker@example.org from 2026-11-23T12:00:00.000Z',
  );
  expect(page).toContain('The session was removed');
  expect(page).not.toContain('worker@example.org');
  expect((await get(org, query, first)).status).toBe(401);
  const second = await token();
  expect(second).not.toBe(first);
  expect((await get(org, query, second)).status).toBe(200);
  expect(await open(`${pages.sessionManagement}?username=WORKER&type=Oauth2`)).toContain(
    '1 session',
  );
  expect(await open(`${pages.sessionManagement}?username=nobody`)).toContain('No session fits');
});

test('several sessions are removed at once, and only those', async () => {
  const { org, open, submit, token, clock } = await setupSetting();
  const first = await token();
  const own = org.openSession(org.users.get('worker@example.org'));
  clock.advance({ seconds: 1 });
  const kept = org.openSession(org.users.get('integration@local-org.example'));
  const ids = org.sessions
    .list()
    .filter(({ userId }) => userId === org.users.get('worker@example.org').id)
    .map(({ id }) => id);
  expect(ids).toHaveLength(2);
  expect(await open(pages.sessionManagement)).toContain('Login Type: Remote Access 2.0');
  const page = await submit(pages.sessionManagement, 'Remove Selected', { selected: ids });
  expect(page).toContain('The sessions were removed');
  for (const [sid, status] of [
    [first, 401],
    [own, 401],
    [kept, 200],
  ] as const) {
    expect((await get(org, query, sid)).status).toBe(status);
  }
  expect(await submit(pages.sessionManagement, 'Remove Selected')).toContain(
    'No session was selected',
  );
});

test('a session is not removed without the token of a form, nor by a GET', async () => {
  const { org, browser, token } = await setupSetting();
  const kept = await token();
  const [session] = org.sessions.list();
  const path = `${pages.sessionManagement}/remove`;
  expect((await browser.post(path, { id: session?.id ?? '' })).status).toBe(403);
  expect((await browser.get(`${path}?id=${session?.id}`)).status).toBe(303);
  expect((await get(org, query, kept)).status).toBe(200);
});

test('a session that is gone already, or never was, is no error', async () => {
  const { submit, clock, browser } = await setupSetting();
  clock.advance({ seconds: 1 });
  const page = await submit(
    pages.sessionManagement,
    'Remove the session of admin@local-org.example from 2026-11-23T12:00:00.000Z',
    { id: 'nonsense' },
  );
  expect(page).toContain('The session had ended already');
  expect((await browser.get(pages.sessionManagement)).status).toBe(200);
});

test('Login History names the step that refused, what was found, and where it is cured', async () => {
  const { open, ask } = await setupSetting();
  await ask();
  await ask({ key: strangerKey });
  const page = await open(pages.loginHistory);
  expect(page).toContain('Failed: Signature Invalid');
  expect(page).toContain('signature fits the certificate of the app');
  expect(page).toContain('a signature by another key');
  const attempt = /href="([^"]+OrgLoginHistory\/home\/\w+)"/.exec(page)?.[1] ?? '';
  const trace = await open(attempt);
  expect(trace).toContain('invalid_grant: invalid assertion');
  expect(trace).toContain('audience is this org');
  expect(trace).toMatch(/href="[^"]+\/edit#certificate"/);
});

test('Login History is shown in pages of fifty, and filtered', async () => {
  const { open, ask, post } = await setupSetting();
  await ask({ claims: { sub: 'first@example.org' } });
  for (let count = 0; count < 60; count += 1) await post({ grant_type: jwtBearer });
  const newest = await open(pages.loginHistory);
  expect(newest).not.toContain('first@example.org');
  const older = /href="([^"]+before=\w+)"/.exec(newest)?.[1] ?? '';
  expect(await open(older)).toContain('first@example.org');
  expect(await open(`${pages.loginHistory}?username=FIRST`)).toContain('user with this username');
  const refused = await open(`${pages.loginHistory}?outcome=refused`);
  expect(refused).not.toContain('>Success<');
});

test('what strangers send is shown as text', async () => {
  const { open, ask } = await setupSetting();
  await ask({ claims: { sub: '<script>alert(1)</script>@example.org' } });
  await ask({ claims: { aud: '"><img src=x onerror=alert(1)>' } });
  const page = await open(pages.loginHistory);
  expect(page).not.toMatch(/<script>alert|<img/);
  expect(page).toContain('&lt;script&gt;');
});

test('an attempt that is not there is said so', async () => {
  const { browser } = await setupSetting();
  expect((await browser.get(`${pages.loginHistory}/0Ya000000000000AAA`)).status).toBe(404);
});

test('every rule of the token endpoint has a cure, and every cure a rule', async () => {
  await orgSetting();
  const rules = [...requestRules, ...Object.values(grantRules).flat()].map(({ name }) => name);
  const browserRules = [
    'username and password are right',
    'user is not locked out',
    'user may log in in a browser',
  ];
  expect(Object.keys(cures).sort()).toEqual([...new Set([...rules, ...browserRules])].sort());
});
