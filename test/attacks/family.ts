import type { Attack, Expected, Family } from './attack.ts';
import { tokenRequest } from './target.ts';
import type { Target } from './target.ts';

/** One line of a table of forged assertions. */
export type AssertionRow = readonly [
  name: string,
  why: string,
  forge: (target: Target) => string | Promise<string>,
  expected: Expected,
];

/** One line of a table of requests. */
export type RequestRow = readonly [
  name: string,
  why: string,
  request: (target: Target) => Buffer | Promise<Buffer>,
  expected: Expected,
];

/** Attacks that send an assertion in an ordinary token request. */
export function assertionFamily(name: string, rows: readonly AssertionRow[]): Family {
  return requestFamily(
    name,
    rows.map(([attack, why, forge, expected]) => [
      attack,
      why,
      async (target) => tokenRequest(await forge(target)),
      expected,
    ]),
  );
}

export function requestFamily(name: string, rows: readonly RequestRow[]): Family {
  return {
    name,
    attacks: rows.map(([attack, why, request, expected]): Attack => ({
      name: attack,
      why,
      request,
      expected,
    })),
  };
}
