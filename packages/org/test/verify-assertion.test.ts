import { createPrivateKey } from 'node:crypto';
import { CompactSign } from 'jose';
import { expect, test } from 'vitest';
import { MalformedAssertion, parseAssertion } from '../src/oauth/verify-assertion.ts';
import { appKey } from './assertion.ts';
import { jwtBearer, orgSetting } from './org-setting.ts';

const encode = (text: string): string => Buffer.from(text).toString('base64url');
const header = encode('{"alg":"RS256"}');
const claims = encode('{"iss":"key"} ');
const list = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

test('padding is taken where it is right', () => {
  expect(parseAssertion(`${header}.${claims}.AQ==`).signature).toEqual(Buffer.from([1]));
  expect(parseAssertion(`${header}.${claims}.AQ`).signature).toEqual(Buffer.from([1]));
});

test.each([
  ['padding of another length', 'AQ='],
  ['padding where none belongs', 'AQID='],
  ['bits that belong to no byte', 'AR'],
  ['a character that adds no byte', 'AQIDA'],
  ['padding alone', '=='],
  ['nothing', ''],
])('a signature with %s is malformed', (_name, signature) => {
  expect(() => parseAssertion(`${header}.${claims}.${signature}`)).toThrow(MalformedAssertion);
});

test.each([
  ['a byte order mark', encode('\ufeff{"iss":"key"}')],
  ['lists nested 40 deep', encode(`{"x":${list(40)}}`)],
  ['lists nested 20,000 deep', encode(`{"iss":${list(20_000)}}`)],
])('claims with %s are malformed', (_name, text) => {
  expect(() => parseAssertion(`${header}.${text}.AQ`)).toThrow(MalformedAssertion);
});

test('claims may be nested a little', () => {
  expect(() => parseAssertion(`${header}.${encode(`{"x":${list(30)}}`)}.AQ`)).not.toThrow();
});

test('an exp that reads as infinity is no time', async () => {
  const { post, claims: good, app } = await orgSetting();
  const json = JSON.stringify(good({ iss: app.consumerKey })).replace(/"exp":\d+/, '"exp":1e400');
  const text = await new CompactSign(Buffer.from(json))
    .setProtectedHeader({ alg: 'RS256' })
    .sign(createPrivateKey(appKey.privateKeyPem));
  const response = await post({ grant_type: jwtBearer, assertion: text });
  expect(await response.json()).toMatchObject({ error_description: 'invalid assertion' });
});
