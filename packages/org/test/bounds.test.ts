import { expect, test } from 'vitest';
import { createOrg } from '../src/index.ts';
import { noon, orgSetting } from './org-setting.ts';

test.each([
  ['far ahead', { days: 1e300 }],
  ['a bit too far', { days: 3_000_000 }],
  ['before 1970', { days: -30_000 }],
  ['nowhere', { days: Number.NaN }],
])('the clock does not go %s, and stays where it is', async (_name, by) => {
  const { org, clock } = await orgSetting();
  expect(() => org.clock.advance(by)).toThrow(expect.objectContaining({ code: 'FIELD_INVALID' }));
  expect(clock.now()).toBe(noon);
  expect(() => org.clock.set(new Date(Number.NaN))).toThrow(/1970/);
  expect(() => org.clock.freeze(new Date(Number.NaN))).toThrow(/1970/);
});

test.each([
  ['a table of the org’s own', { _ClientApp: [{ _name: 'x' }] }],
  ['an object that is not there', { Nothing: [{ Name: 'x' }] }],
  ['an id twice', { Account: [{ Id: '001LOCAL0000zzz' }, { Id: '001LOCAL0000zzz' }] }],
  ['a username that is taken', { User: [{ Username: 'admin@local-org.example' }] }],
])('a seed with records of %s is refused', async (_name, records) => {
  await expect(createOrg({ seed: { records } })).rejects.toMatchObject({ name: 'OrgError' });
});
