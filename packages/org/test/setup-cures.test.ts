/** Each refusal that an administrator can cause: caused, explained and cured by the pages alone. */

import { expect, test } from 'vitest';
import { pages, setupSetting } from './setup-setting.ts';
import type { Filling, SetupSetting } from './setup-setting.ts';

interface Step {
  path: string;
  button: string;
  fill?: Filling;
}

interface Refusal {
  /** As the client is told. */
  sentence: string;
  cause: (setting: SetupSetting) => readonly Step[];
  /** Address of the page and field to which Login History leads. */
  leadsTo: (setting: SetupSetting) => string;
  cure: (setting: SetupSetting) => readonly Step[];
}

const appPage = ({ app }: SetupSetting, page: string): string =>
  `/lightning/setup/ConnectedApplication/${app.id}/${page}`;
const userPage = ({ user }: SetupSetting): string => `${pages.users}/${user.id}`;
const profilePage = ({ user }: SetupSetting): string => `${pages.profiles}/${user.profileId}`;

const refusals: Readonly<Record<string, Refusal>> = {
  'a user who is deactivated': {
    sentence: 'user is inactive',
    cause: (s) => [{ path: `${userPage(s)}/edit`, button: 'Save', fill: { isActive: null } }],
    leadsTo: (s) => `${userPage(s)}/edit#isActive`,
    cure: (s) => [{ path: `${userPage(s)}/edit`, button: 'Save', fill: { isActive: 'on' } }],
  },
  'a user who is frozen': {
    sentence: 'user is inactive',
    cause: (s) => [{ path: userPage(s), button: 'Freeze' }],
    leadsTo: userPage,
    cure: (s) => [{ path: userPage(s), button: 'Unfreeze' }],
  },
  'an app that is blocked': {
    sentence: 'this app is blocked by admin',
    cause: () => [{ path: pages.connectedAppsOauthUsage, button: 'Block Nightly Sync' }],
    leadsTo: ({ app }) => `${pages.connectedAppsOauthUsage}?at=${app.id}#${app.id}`,
    cure: () => [{ path: pages.connectedAppsOauthUsage, button: 'Unblock Nightly Sync' }],
  },
  'an app that is disabled': {
    sentence: 'this app is blocked by admin',
    cause: (s) => [{ path: appPage(s, 'policies'), button: 'Save', fill: { isEnabled: 'no' } }],
    leadsTo: (s) => appPage(s, 'policies#isEnabled'),
    cure: (s) => [{ path: appPage(s, 'policies'), button: 'Save', fill: { isEnabled: 'yes' } }],
  },
  'a user whose profile is not assigned': {
    sentence: 'user is not admin approved to access this app',
    cause: (s) => [
      {
        path: `${userPage(s)}/edit`,
        button: 'Save',
        fill: { profile: 'Minimum Access - API Only Integrations' },
      },
    ],
    leadsTo: (s) => appPage(s, 'manage'),
    cure: (s) => [
      { path: `${userPage(s)}/edit`, button: 'Save', fill: { profile: 'Standard User' } },
    ],
  },
  'an app that every user has to approve': {
    sentence: "user hasn't approved this consumer",
    cause: (s) => [
      { path: appPage(s, 'policies'), button: 'Save', fill: { permittedUsers: 'selfAuthorize' } },
    ],
    leadsTo: (s) => appPage(s, 'policies#permittedUsers'),
    cure: (s) => [
      { path: appPage(s, 'policies'), button: 'Save', fill: { permittedUsers: 'adminApproved' } },
    ],
  },
  'an address outside the ranges, which the app relaxes': {
    sentence: 'ip restricted',
    cause: (s) => [
      {
        path: profilePage(s),
        button: 'Add Range',
        fill: { startAddress: '10.0.0.1', endAddress: '10.0.0.2' },
      },
    ],
    leadsTo: (s) => `${profilePage(s)}#loginIpRanges`,
    cure: (s) => [
      { path: appPage(s, 'policies'), button: 'Save', fill: { ipRelaxation: 'bypass' } },
    ],
  },
  'a time outside the login hours': {
    sentence: 'IP restricted or invalid login hours',
    cause: (s) => [
      { path: profilePage(s), button: 'Save Hours', fill: { mondayStart: '0', mondayEnd: '60' } },
    ],
    leadsTo: (s) => `${profilePage(s)}#loginHours`,
    cure: (s) => [{ path: profilePage(s), button: 'Save Hours', fill: { clear: 'yes' } }],
  },
  'another username': {
    sentence: "user hasn't approved this consumer",
    cause: (s) => [
      { path: `${userPage(s)}/edit`, button: 'Save', fill: { username: 'other@example.org' } },
    ],
    leadsTo: () => pages.users,
    cure: (s) => [
      { path: `${userPage(s)}/edit`, button: 'Save', fill: { username: 'worker@example.org' } },
    ],
  },
  'a clock that is far ahead of the client': {
    sentence: 'expired authorization code',
    cause: () => [
      { path: pages.clockAndFaults, button: 'Advance', fill: { amount: '10', unit: 'minutes' } },
    ],
    leadsTo: () => `${pages.clockAndFaults}#clock`,
    cure: () => [
      { path: pages.clockAndFaults, button: 'Advance', fill: { amount: '-10', unit: 'minutes' } },
    ],
  },
};

for (const [name, { sentence, cause, leadsTo, cure }] of Object.entries(refusals)) {
  test(`${name}: caused, explained, cured`, async () => {
    const setting = await setupSetting();
    const { submit, open, ask, clock } = setting;
    const exp = Math.floor(clock.now() / 1000) + 180;
    const answer = async (): Promise<string> => {
      const response = await ask({ claims: { exp } });
      const body = (await response.json()) as { error_description?: string };
      return body.error_description ?? 'ok';
    };
    expect(await answer()).toBe('ok');
    for (const { path, button, fill } of cause(setting)) await submit(path, button, fill);
    expect(await answer()).toBe(sentence);
    const attempt = /href="([^"]+OrgLoginHistory\/home\/\w+)"/.exec(
      await open(pages.loginHistory),
    )?.[1];
    const explained = await open(attempt ?? '');
    expect(explained.replaceAll('&#39;', "'")).toContain(`: ${sentence}`);
    expect(explained).toContain(`href="${leadsTo(setting)}"`);
    expect(await open(leadsTo(setting).split('#')[0] ?? '')).toContain('<h1>');
    for (const { path, button, fill } of cure(setting)) await submit(path, button, fill);
    expect(await answer()).toBe('ok');
  });
}
