/** Who sees Setup, and what a form has to prove. */

import { expect, test } from 'vitest';
import { Browser, hiddenFields } from './browser.ts';
import { orgSetting } from './org-setting.ts';

const setupHome = '/lightning/setup/SetupOneHome/home';
const theme = '/lightning/setup/theme';

const location = (response: Response): string => response.headers.get('location') ?? '';

async function administratorBrowser(): Promise<
  { browser: Browser } & Awaited<ReturnType<typeof orgSetting>>
> {
  const setting = await orgSetting();
  const browser = new Browser(setting.org);
  await browser.enter(setting.org.administrator);
  return { ...setting, browser };
}

test('a visitor is led to the login page, and from there to the page they wanted', async () => {
  const { org } = await orgSetting();
  const browser = new Browser(org);
  const wanted = `${setupHome}?find=app`;
  expect(location(await browser.get(wanted))).toBe(`/login?startURL=${encodeURIComponent(wanted)}`);
  expect(
    location(await browser.logIn(org.administrator.username, org.administratorPassword, wanted)),
  ).toBe(wanted);
  expect((await browser.get(wanted)).status).toBe(200);
});

test('a user who is no administrator sees no Setup, and no gear', async () => {
  const { org, user } = await orgSetting();
  const browser = new Browser(org);
  await browser.enter(user);
  const page = await browser.get(setupHome);
  expect(page.status).toBe(403);
  expect(await page.text()).toContain('Insufficient Privileges');
  expect((await browser.post(theme, { theme: 'dark' })).status).toBe(403);
  expect(await (await browser.get('/')).text()).not.toContain('SetupOneHome');
});

test('an access token of the REST API opens no Setup page', async () => {
  const { org } = await orgSetting();
  const headers = { authorization: `Bearer ${org.openSession(org.administrator)}` };
  const page = await org.fetch(new Request(org.url + setupHome, { headers }));
  expect(page.status).toBe(303);
});

test('a session that has ended leads to the login page, which says so', async () => {
  const { browser, clock } = await administratorBrowser();
  clock.advance({ hours: 3 });
  for (const response of [
    await browser.get(setupHome),
    await browser.post(theme, { theme: 'dark', back: setupHome }),
  ]) {
    const login = await browser.get(location(response));
    expect(await login.text()).toContain('Your session has ended');
  }
});

test('a form without the token of its session changes nothing', async () => {
  const { browser, org } = await administratorBrowser();
  const fields = hiddenFields(await (await browser.get(setupHome)).text());
  const forged = await browser.post(theme, { theme: 'dark' });
  expect(forged.status).toBe(403);
  expect(forged.headers.getSetCookie()).toEqual([]);
  expect(
    (await browser.post(theme, { ...fields, theme: 'dark' }, 'https://evil.example')).status,
  ).toBe(403);
  const other = new Browser(org);
  await other.enter(org.administrator);
  expect((await other.post(theme, { ...fields, theme: 'dark' })).status).toBe(403);
  expect((await browser.post(theme, { ...fields, theme: 'dark' })).status).toBe(303);
  expect(await (await browser.get(setupHome)).text()).toContain('data-theme="dark"');
});

test('the way back after a change of colours stays in this org', async () => {
  const { browser } = await administratorBrowser();
  const { formToken = '' } = hiddenFields(await (await browser.get(setupHome)).text());
  for (const back of ['https://evil.example/', '//evil.example/', 'javascript:alert(1)']) {
    const response = await browser.post(theme, { formToken, theme: 'dark', back });
    expect(location(response)).toMatch(/^\/(?!\/)/);
  }
});

test('a page allows no script but that of the org, and no frame', async () => {
  const { browser } = await administratorBrowser();
  const page = await browser.get(setupHome);
  expect(page.headers.get('content-security-policy')).toBe(
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  );
  expect(page.headers.get('cache-control')).toContain('no-store');
  const html = await page.text();
  expect(html).not.toMatch(/\son\w+=|\sstyle=|<style|javascript:/i);
  expect([...html.matchAll(/<script[^>]*>(.*?)<\/script>/gs)].map(([, text]) => text)).toEqual([
    '',
  ]);
});

test('a body that is no form, or is too large, is told so', async () => {
  const { browser } = await administratorBrowser();
  const large = new FormData();
  large.set('file', new Blob([new Uint8Array(9 * 1024 * 1024)]), 'large');
  expect((await browser.post(theme, large)).status).toBe(413);
});

test('Log Out ends the session', async () => {
  const { browser, org } = await administratorBrowser();
  const before = org.sessions.list().length;
  const fields = hiddenFields(await (await browser.get(setupHome)).text());
  expect((await browser.post('/secur/logout.jsp', fields)).status).toBe(200);
  expect(org.sessions.list()).toHaveLength(before - 1);
  expect((await browser.get(setupHome)).status).toBe(303);
});

test('Quick Find works without a script', async () => {
  const { browser } = await administratorBrowser();
  const found = await (await browser.get(`${setupHome}?find=consumer+key`)).text();
  expect(found).toContain('App Manager');
  const nothing = await (await browser.get(`${setupHome}?find=%22%3E%3Cimg%3E`)).text();
  expect(nothing).toContain('No page of Setup has these words');
  expect(nothing).not.toContain('<img');
});

test('the link printed at start opens Setup once, within a day', async () => {
  const { org, clock } = await orgSetting();
  const link = org.setupUrl;
  const browser = new Browser(org);
  expect(location(await browser.get(link))).toBe(setupHome);
  expect((await browser.get(setupHome)).status).toBe(200);
  expect((await new Browser(org).get(link)).status).toBe(403);
  const late = org.setupUrl;
  clock.advance({ hours: 25 });
  expect((await new Browser(org).get(late)).status).toBe(403);
  expect(JSON.stringify(org.requests.list())).not.toContain(new URL(link).searchParams.get('otp'));
});

test('ten wrong passwords in a row lock a user out for a quarter of an hour', async () => {
  const { org, clock } = await orgSetting();
  const { username } = org.administrator;
  const right = org.administratorPassword;
  const browser = new Browser(org);
  for (let count = 0; count < 9; count += 1) await browser.logIn(username, 'wrong');
  expect((await browser.logIn(username, right)).status).toBe(303);
  for (let count = 0; count < 10; count += 1) {
    expect((await new Browser(org).logIn(username, 'wrong')).status).toBe(401);
  }
  const locked = await new Browser(org).logIn(username, right);
  expect(locked.status).toBe(401);
  // A visitor is not told that the password was right.
  expect(await locked.text()).toContain('Please check your username and password.');
  expect(org.loginHistory.list({ limit: 1 })).toMatchObject([{ status: 'Password Lockout' }]);
  clock.advance({ minutes: 15 });
  expect((await new Browser(org).logIn(username, right)).status).toBe(303);
});
