/** Consumer key and secret over the Connect REST API, and their staged rotation. */

import { expect, test } from 'vitest';
import type { OrgOptions } from '../src/index.ts';
import { assertion } from './assertion.ts';
import { jwtBearer, orgSetting } from './org-setting.ts';

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

interface Credentials {
  id: string;
  key: string;
  url: string;
  stagedCredentialsUrl: string;
}

function firstOf({ body }: Answer, name: string): Credentials {
  const [first] = body[name] as Credentials[];
  if (first === undefined) throw new Error(`there are no ${name}`);
  return first;
}

const opened: OrgOptions = {
  seed: { externalClientApps: { enableClientSecretInRestApiAccess: true } },
};

async function setting(options: OrgOptions = opened) {
  const base = await orgSetting(options);
  const { org } = base;
  const call = async (method: string, path: string, body?: object): Promise<Answer> => {
    const token = org.openSession(org.administrator);
    const url = path.startsWith('/services') ? path : `/services/data/v67.0/apps/oauth/${path}`;
    const response = await org.fetch(
      new Request(org.url + url, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    return {
      status: response.status,
      body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
    };
  };
  const reader = org.permissionSets.create({
    label: 'Secret Reader',
    permissions: ['ViewClientSecret', 'ClientSecretRotation'],
  });
  const grant = (): void => org.permissionSets.assign(reader, org.administrator);
  return { ...base, call, grant };
}

test('the id of the app, its consumer, and then key and secret', async () => {
  const { app, call, grant } = await setting();
  grant();
  const usage = await call('GET', 'usage');
  expect(usage).toMatchObject({
    status: 200,
    body: { apps: [{ developerName: 'Nightly_Sync', identifier: app.id.slice(0, 15) }] },
  });
  const list = await call('GET', `credentials/${app.id.slice(0, 15)}`);
  const consumer = firstOf(list, 'consumers');
  expect(consumer).toMatchObject({ key: app.consumerKey, name: 'Nightly Sync' });
  expect(consumer.id).toMatch(/^888\w{12}$/);
  const url = consumer.url;
  expect((await call('GET', url)).body).toMatchObject({ key: app.consumerKey, secret: null });
  expect((await call('GET', `${url}?part=secret`)).body).toMatchObject({
    key: null,
    secret: app.consumerSecret,
  });
  expect((await call('GET', `${url}?part=keyandsecret`)).body).toMatchObject({
    key: app.consumerKey,
    secret: app.consumerSecret,
  });
  expect((await call('GET', `${url}?part=all`)).status).toBe(400);
});

test('the switch of the org first, then the permissions of the user', async () => {
  const { org, app, call, grant } = await setting({});
  expect(await call('GET', `credentials/${app.id}`)).toMatchObject({
    status: 403,
    body: [
      {
        errorCode: 'FUNCTIONALITY_NOT_ENABLED',
        message: 'This feature is not currently enabled for this user.',
      },
    ],
  });
  org.seed({ externalClientApps: { enableClientSecretInRestApiAccess: true } });
  expect(await call('GET', `credentials/${app.id}`)).toMatchObject({
    status: 403,
    body: [{ errorCode: 'INSUFFICIENT_ACCESS' }],
  });
  grant();
  expect((await call('GET', `credentials/${app.id}`)).status).toBe(200);
  expect((await call('GET', 'credentials/0xI000000000000')).status).toBe(404);
  expect((await call('PUT', `credentials/${app.id}`, {})).status).toBe(405);
  expect((await call('GET', '/services/data/v59.0/apps/oauth/credentials/x')).status).toBe(404);
});

test('a new pair is staged, put in use, and the one before is good until it is deleted', async () => {
  const { org, app, call, grant, claims, post, clock } = await setting();
  grant();
  const list = await call('GET', `credentials/${app.id}`);
  const consumer = firstOf(list, 'consumers');
  const stagedUrl = consumer.stagedCredentialsUrl;
  const ask = async (iss: string): Promise<number> =>
    (await post({ grant_type: jwtBearer, assertion: await assertion(claims({ iss })) })).status;

  expect((await call('GET', stagedUrl)).body).toMatchObject({ stagedCredentials: [] });
  const made = await call('POST', stagedUrl, {});
  expect(made.status).toBe(201);
  const staged = firstOf(made, 'stagedCredentials');
  expect(staged).toMatchObject({ state: 'Active', createdBy: 'Ada Admin' });
  const newKey = staged.key;
  expect(await ask(newKey)).toBe(400);
  expect((await call('POST', stagedUrl, {})).status).toBe(400);

  const one = staged.stagedCredentialsUrl;
  expect((await call('PATCH', one, { command: 'spin' })).status).toBe(400);
  const rotated = await call('PATCH', one, { command: 'rotate' });
  expect(rotated).toMatchObject({
    status: 200,
    body: { state: 'Rotated', key: app.consumerKey, secret: app.consumerSecret },
  });
  expect(org.clientApps.getById(app.id).consumerKey).toBe(newKey);
  expect([await ask(newKey), await ask(app.consumerKey)]).toEqual([200, 200]);
  expect((await call('PATCH', one, { command: 'rotate' })).status).toBe(400);

  expect((await call('DELETE', one)).status).toBe(204);
  expect([await ask(newKey), await ask(app.consumerKey)]).toEqual([200, 400]);
  expect((await call('DELETE', one)).status).toBe(404);

  // By itself the pair before ends after 30 days.
  const next = await call('POST', stagedUrl, {});
  const second = firstOf(next, 'stagedCredentials');
  await call('PATCH', second.stagedCredentialsUrl, { command: 'rotate' });
  clock.advance({ days: 29 });
  expect(await ask(newKey)).toBe(200);
  clock.advance({ days: 2 });
  expect(await ask(newKey)).toBe(400);
  expect(await ask(second.key)).toBe(200);
});
