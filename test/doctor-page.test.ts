/** docs/doctor.md tells of every fault that is caused, and of every cause that can be named. */

import { expect, test } from 'vitest';
import { faults } from './doctor/faults.ts';
import { keptWords, readPage, renewedPage } from './doctor/page.ts';

test('the tables are those of the faults and the causes', () => {
  const page = readPage();
  expect(renewedPage(page, keptWords(page)), 'npm run docs:doctor').toBe(page);
});

test('beside every fault stands what the Salesforce CLI says', () => {
  const words = keptWords(readPage());
  expect(faults.map(({ fault }) => fault).filter((fault) => !words.get(fault))).toEqual([]);
});

test('there are forty faults and more, each told apart from the others', () => {
  const told = new Set(faults.map(({ fault }) => fault));
  expect(told.size).toBe(faults.length);
  expect(told.size).toBeGreaterThanOrEqual(40);
});
