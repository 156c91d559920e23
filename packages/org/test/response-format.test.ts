import { expect, test } from 'vitest';
import { assertion } from './assertion.ts';
import { jwtBearer, noon, orgSetting } from './org-setting.ts';
import type { OrgSetting } from './org-setting.ts';

const names = ['access_token', 'scope', 'instance_url', 'id', 'token_type'];
const json = 'application/json;charset=UTF-8';
const form = 'application/x-www-form-urlencoded;charset=UTF-8';
const xml = 'application/xml;charset=UTF-8';

async function granted(
  { post, claims }: OrgSetting,
  format?: string,
  accept?: string,
): Promise<Response> {
  return post(
    {
      grant_type: jwtBearer,
      assertion: await assertion(claims()),
      ...(format === undefined ? {} : { format }),
    },
    accept === undefined ? {} : { accept },
  );
}

test.each([
  [undefined, undefined, json],
  ['json', 'application/xml', json],
  ['urlencoded', undefined, form],
  ['xml', 'application/json', xml],
  ['yaml', undefined, json],
  ['toString', undefined, json],
  [undefined, 'application/xml', xml],
  [undefined, 'application/x-www-form-urlencoded', form],
  [undefined, 'application/json, text/plain, */*', json],
  [undefined, 'application/xml;q=0.5, application/json', json],
  [undefined, 'text/html, */*;q=0.1, application/xml;q=0.1', json],
  [undefined, 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2', json],
])('format %s and Accept %s are answered as %s', async (format, accept, type) => {
  const response = await granted(await orgSetting(), format, accept);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
});

test('the same five fields in each form', async () => {
  const setting = await orgSetting();
  const asJson = (await (await granted(setting)).json()) as Record<string, string>;
  expect(Object.keys(asJson)).toEqual(names);
  const asForm = new URLSearchParams(await (await granted(setting, 'urlencoded')).text());
  expect(Object.fromEntries(asForm)).toEqual(asJson);
  const asXml = await (await granted(setting, 'xml')).text();
  expect(asXml).toBe(
    `<?xml version="1.0" encoding="UTF-8"?><OAuth>${names
      .map((name) => `<${name}>${asJson[name]}</${name}>`)
      .join('')}</OAuth>`,
  );
});

test('errors have the form that was asked for', async () => {
  const { post } = await orgSetting();
  const refused = (format: string): Promise<Response> => post({ grant_type: 'magic', format });
  expect(await (await refused('json')).text()).toBe(
    '{"error":"unsupported_grant_type","error_description":"grant type not supported"}',
  );
  expect(await (await refused('urlencoded')).text()).toBe(
    'error=unsupported_grant_type&error_description=grant+type+not+supported',
  );
  expect(await (await refused('xml')).text()).toContain(
    '<error>unsupported_grant_type</error><error_description>grant type not supported</error_description>',
  );
});

test.each(['success', 'refusal'])('the headers of a %s are those of Salesforce', async (kind) => {
  const setting = await orgSetting();
  const response = await (kind === 'success'
    ? granted(setting)
    : setting.post({ grant_type: 'magic' }));
  expect(Object.fromEntries(response.headers)).toEqual({
    date: new Date(noon).toUTCString(),
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-xss-protection': '1; mode=block',
    'content-security-policy': 'upgrade-insecure-requests',
    'cache-control': 'no-cache,must-revalidate,max-age=0,no-store,private',
    'set-cookie': expect.stringMatching(
      /^BrowserId=[\w-]{22};Path=\/;Expires=[\w, :]+GMT;Max-Age=5184000$/,
    ),
    expires: 'Thu, 01 Jan 1970 00:00:00 GMT',
    'content-type': json,
  });
});

test('parameters in the query of a POST are taken, with a body or without', async () => {
  const { org, claims } = await orgSetting();
  const ask = async (query: object, body?: object): Promise<number> => {
    const url = `${org.url}/services/oauth2/token?${new URLSearchParams({ ...query }).toString()}`;
    const response = await org.fetch(
      new Request(url, {
        method: 'POST',
        ...(body === undefined ? {} : { body: new URLSearchParams({ ...body }) }),
      }),
    );
    return response.status;
  };
  const assert = async (): Promise<object> => ({ assertion: await assertion(claims()) });
  expect(await ask({ grant_type: jwtBearer, ...(await assert()) })).toBe(200);
  expect(await ask({ grant_type: jwtBearer }, await assert())).toBe(200);
  expect(await ask({ grant_type: jwtBearer }, { grant_type: jwtBearer, ...(await assert()) })).toBe(
    400,
  );
});
