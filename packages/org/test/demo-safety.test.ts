/** Nothing of a local org can be mistaken for that of a real one, or reach a real one. */

import { expect, test } from 'vitest';
import { createOrg } from '../src/index.ts';
import { get, orgSetting } from './org-setting.ts';

/** The place in an id where Salesforce names the instance: none of its own is called LOCAL. */
const localId = /^[0-9A-Za-z]{3}LOCAL[0-9A-Za-z]{10}$/;

test('every id says that it is local', async () => {
  const { org, token } = await orgSetting();
  await token();
  const ids = Object.entries(org.snapshot().tables).flatMap(([table, rows]) =>
    rows.flatMap((row) =>
      Object.entries(row)
        .filter(([name, value]) => /(?:^|[a-z])Id$/.test(name) && value !== null)
        .map(([name, value]) => `${table}.${name} ${String(value)}`),
    ),
  );
  expect(ids.length).toBeGreaterThan(50);
  expect(ids.filter((id) => !localId.test(id.split(' ')[1] ?? ''))).toEqual([]);
});

test('an access token begins with the id of a local org', async () => {
  const { org, token } = await orgSetting();
  expect(await token()).toMatch(/^00DLOCAL\w{7}!/);
  expect(org.openSession(org.administrator)).toMatch(/^00DLOCAL\w{7}!/);
});

test('every URL that the org gives is its own, on this machine', async () => {
  const { org, ask } = await orgSetting();
  const answer = (await (await ask()).json()) as Record<string, string>;
  const access = answer['access_token'];
  const userinfo = await (await get(org, '/services/oauth2/userinfo', access)).text();
  const discovery = await (await get(org, '/.well-known/openid-configuration')).text();
  const texts = [JSON.stringify(answer), userinfo, discovery, org.url, org.setupUrl];
  const hosts = [...texts.join(' ').matchAll(/https?:\/\/([^/"\s:]+)/g)];
  expect(hosts.length).toBeGreaterThan(10);
  expect(new Set(hosts.map(([, host]) => host))).toEqual(new Set(['127.0.0.1']));
});

test('users are of domains that nobody can own', async () => {
  const { org } = await orgSetting();
  const usernames = org.snapshot().tables['User']?.map((row) => String(row['Username'])) ?? [];
  // RFC 2606 section 2 and 3.
  for (const username of usernames) expect(username).toMatch(/\.example$|@example\.(?:org|com)$/);
});

test('it says of itself what it is: to SOQL, and to a person', async () => {
  const { org } = await orgSetting();
  const token = org.openSession(org.administrator);
  const soql = 'SELECT+Name,InstanceName+FROM+Organization';
  expect(
    await (await get(org, `/services/data/v67.0/query?q=${soql}`, token)).json(),
  ).toMatchObject({ records: [{ Name: 'Local Org', InstanceName: 'LOCAL' }] });
  expect(await (await get(org, '/')).text()).toMatch(/local/i);
});

test.each(['0.0.0.0', '::', '192.168.1.1', 'example.org', '127.0.0.1.example.org'])(
  'it does not listen at %s, where others could reach it',
  async (host) => {
    const org = await createOrg();
    try {
      await expect(org.listen({ host, port: 0 })).rejects.toMatchObject({
        code: 'HOST_NOT_LOOPBACK',
      });
    } finally {
      await org.close();
    }
  },
);
