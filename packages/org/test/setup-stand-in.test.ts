/** Request Monitor, and Clock and Faults: pages of the stand-in that Salesforce does not have. */

import { expect, test } from 'vitest';
import { strangerKey } from './assertion.ts';
import { get } from './org-setting.ts';
import { pages, setupSetting } from './setup-setting.ts';
import type { SetupSetting } from './setup-setting.ts';

const query = '/services/data/v67.0/query?q=SELECT+Id+FROM+Account';

test('the monitor shows what clients did, and not what people did at the pages', async () => {
  const { org, open, token } = await setupSetting();
  const held = await token();
  await get(org, query, held);
  const page = await open(pages.requestMonitor);
  expect(page).toContain('Salesforce has none like it');
  expect(page).toContain('2 requests');
  expect(page.replaceAll('<wbr/>', '')).toContain('GET /services/data/v67.0/query');
  expect(page).toContain('SELECT Id FROM Account');
  expect(page).not.toContain('GET /lightning');
  expect(page).not.toContain(held);
});

test('a request is decoded: claims of the assertion, steps, and the cure', async () => {
  const { org, app, open, ask } = await setupSetting();
  await ask({ key: strangerKey, header: { kid: 'nightly' } });
  const page = await open(pages.requestMonitor);
  const request = /href="([^"]+LocalOrgRequests\/home\/\d+)"/.exec(page)?.[1] ?? '';
  const decoded = await open(request);
  for (const words of [
    'nightly',
    app.consumerKey,
    'worker@example.org',
    org.url,
    '3 min after the request',
    'signature fits the certificate of the app',
    '/edit#certificate',
  ]) {
    expect(decoded).toContain(words);
  }
  expect(decoded).not.toMatch(/eyJ[\w-]+\.[\w-]+/);
});

test('the monitor is filtered, cleared, and says when there is nothing', async () => {
  const { browser, open, submit, ask } = await setupSetting();
  await ask();
  await ask({ claims: { sub: 'nobody@example.org' } });
  expect(await open(`${pages.requestMonitor}?status=4`)).toContain('1 request');
  expect(await open(`${pages.requestMonitor}?username=NOBODY`)).toContain('1 request');
  expect(await open(`${pages.requestMonitor}?path=query`)).toContain('No request yet');
  expect(await open(`${pages.requestMonitor}?path=nonsense&status=x`)).toContain('No request yet');
  expect(await submit(pages.requestMonitor, 'Clear')).toContain('The requests were forgotten');
  expect(await open(pages.requestMonitor)).toContain('No request yet');
  expect((await browser.get(`${pages.requestMonitor}/999999`)).status).toBe(404);
});

test('the stream of the monitor tells of clients, by number alone, and to administrators only', async () => {
  const { org, browser, ask, open } = await setupSetting();
  const stream = await browser.get(`${pages.requestMonitor}/events`);
  expect(stream.headers.get('content-type')).toContain('text/event-stream');
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect(await reader?.read()).toMatchObject({ value: expect.stringContaining('retry') });
  await open(pages.users);
  await ask();
  const { number } = org.requests.list({ path: 'token' })[0] ?? {};
  expect(await reader?.read()).toMatchObject({
    value: `event: request\nid: ${number}\ndata: ${number}\n\n`,
  });
  await reader?.cancel();
  const stranger = await org.fetch(new Request(`${org.url}${pages.requestMonitor}/events`));
  expect(stranger.status).toBe(303);
});

test.each<[string, (setting: SetupSetting) => void]>([
  ['the session was removed', ({ org }) => org.sessions.remove(org.sessions.list()[0]?.id ?? '')],
  ['the session ran out', ({ clock }) => clock.advance({ hours: 3 })],
  ['the user is frozen', ({ org }) => org.users.setFrozen(org.administrator, true)],
  [
    'the user is no administrator any more',
    ({ org }) => org.users.change(org.administrator, { profile: 'Standard User' }),
  ],
])('the stream of the monitor ends, and tells nothing more, once %s', async (_, happen) => {
  const setting = await setupSetting();
  const stream = await setting.browser.get(`${pages.requestMonitor}/events`);
  const reader = stream.body?.getReader();
  expect(await reader?.read()).toMatchObject({ done: false });
  happen(setting);
  await setting.ask();
  expect(await reader?.read()).toEqual({ done: true, value: undefined });
});

test('the clock that is moved on is that of assertions and sessions', async () => {
  const { org, submit, open, token, clock } = await setupSetting();
  const held = await token();
  const before = clock.now();
  await submit(pages.clockAndFaults, 'Advance', { amount: '90', unit: 'minutes' });
  expect(clock.now() - before).toBe(90 * 60_000);
  await get(org, query, held);
  expect(await submit(pages.clockAndFaults, 'Freeze')).toContain('Frozen');
  await submit(pages.clockAndFaults, 'Resume');
  expect(clock.frozen).toBe(false);
  expect(await submit(pages.clockAndFaults, 'Advance', { amount: 'soon' })).toContain(
    'Enter a number',
  );
  expect(await submit(pages.clockAndFaults, 'Advance', { amount: '1e9', unit: 'days' })).toContain(
    'goes from 1970',
  );
  await submit(pages.clockAndFaults, 'Advance', { amount: '-90', unit: 'minutes' });
  expect(clock.now()).toBe(before);
  expect(await open(pages.clockAndFaults)).toContain('12:00:00 PM GMT');
});

test('an assertion that expired is cured by the clock', async () => {
  const { submit, open, ask, clock } = await setupSetting();
  const exp = Math.floor(clock.now() / 1000) - 600;
  expect((await ask({ claims: { exp } })).status).toBe(400);
  expect(await open(pages.loginHistory)).toContain(`${pages.clockAndFaults}#clock`);
  await submit(pages.clockAndFaults, 'Advance', { amount: '-10', unit: 'minutes' });
  expect((await ask({ claims: { exp } })).status).toBe(200);
});

test('a planned fault befalls the token endpoint, until it is removed', async () => {
  const { submit, ask, open, answer } = await setupSetting();
  await submit(pages.clockAndFaults, 'Plan Fault', {
    target: 'token',
    effect: 'status503',
    times: '',
  });
  expect((await ask()).status).toBe(503);
  expect((await ask()).status).toBe(503);
  expect(await open(pages.requestMonitor)).toContain('Fault 1');
  await submit(pages.clockAndFaults, 'Remove fault 1');
  expect((await ask()).status).toBe(200);
  await submit(pages.clockAndFaults, 'Plan Fault', { effect: 'refusal:unknown_error' });
  expect(await answer()).toBe('retry your request');
  expect(await answer()).toBe('ok');
});

test('each choice of a fault is one that the org can do', async () => {
  const { org, submit, open } = await setupSetting();
  const page = await open(pages.clockAndFaults);
  const select = /<select id="effect".*?<\/select>/s.exec(page)?.[0] ?? '';
  const effects = [...select.matchAll(/<option value="([^"]+)"/g)].map(([, value = '']) => value);
  expect(effects.length).toBeGreaterThan(20);
  for (const effect of effects) {
    await submit(pages.clockAndFaults, 'Plan Fault', { effect: effect.replaceAll('&#39;', "'") });
  }
  expect(org.faults.list()).toHaveLength(effects.length);
});

test('a fault that is none is not planned', async () => {
  const { org, submit } = await setupSetting();
  for (const wrong of [{ target: 'any' }, { effect: 'nonsense' }, { times: '0' }]) {
    expect(await submit(pages.clockAndFaults, 'Plan Fault', wrong)).toContain(
      'Review the errors on this page',
    );
  }
  expect(org.faults.list()).toEqual([]);
});

test('the limit of logins is the one that the token endpoint keeps', async () => {
  const { submit, answer, open } = await setupSetting();
  await submit(pages.clockAndFaults, 'Save Limits', { loginsPerHour: '1' });
  expect([await answer(), await answer()]).toEqual(['ok', 'login rate exceeded']);
  expect(await open(pages.loginHistory)).toContain(`${pages.clockAndFaults}#loginsPerHour`);
  expect(await submit(pages.clockAndFaults, 'Save Limits', { loginsPerHour: '0' })).toContain(
    'Enter a whole number from 1',
  );
  await submit(pages.clockAndFaults, 'Save Limits', { loginsPerHour: '3600' });
  expect(await answer()).toBe('ok');
});
