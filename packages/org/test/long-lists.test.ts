/** No page of Setup grows with the org. */

import { expect, test } from 'vitest';
import { pages, setupSetting } from './setup-setting.ts';

const appManager = '/lightning/setup/NavigationMenus/home';
const externalClientAppManager = '/lightning/setup/ManageExternalClientApplication/home';

test('five hundred apps and users are read in parts, each below 150 KB, and all are reached', async () => {
  const { org, open } = await setupSetting();
  const names = Array.from({ length: 500 }, (_, index) => `Crowd ${1000 + index}`);
  for (const [index, name] of names.entries()) {
    org.clientApps.create({
      kind: index % 2 === 0 ? 'externalClientApp' : 'connectedApp',
      name,
      contactEmail: 'ops@acme.example',
    });
    const username = `crowd-${index}@acme.example`;
    org.users.create({ username, profile: 'Standard User' });
  }
  for (const path of [
    appManager,
    externalClientAppManager,
    pages.connectedAppsOauthUsage,
    pages.users,
  ]) {
    const seen = new Set<string>();
    let next: string | undefined = path;
    let parts = 0;
    while (next !== undefined && parts < 20) {
      const text = await open(next);
      parts += 1;
      expect(Buffer.byteLength(text), next).toBeLessThan(150_000 - 24_000);
      for (const [name] of text.matchAll(/Crowd \d{4}|crowd-\d+@/g)) seen.add(name);
      const link: string | undefined = /<a [^>]*href="([^"]+)"[^>]*rel="next"/.exec(text)?.[1];
      next = link?.replaceAll('&amp;', '&');
    }
    expect([path, seen.size]).toEqual([path, path === externalClientAppManager ? 250 : 500]);
  }
});

test.each(['0', '-1', '99', 'x', '1e9', ''])(
  'a part that there is not (%s) is the nearest one',
  async (page) => {
    const { open } = await setupSetting();
    expect(await open(`${appManager}?page=${page}`)).toContain('Nightly Sync');
  },
);

test('a link to one app finds the part that it is in', async () => {
  const { org, app, open } = await setupSetting();
  for (let index = 0; index < 120; index += 1) {
    const name = `A ${index}`;
    org.clientApps.create({ kind: 'externalClientApp', name, contactEmail: 'ops@acme.example' });
  }
  const text = await open(`${pages.connectedAppsOauthUsage}?at=${app.id}`);
  expect(text).toContain(`id="${app.id}"`);
});
