/** What a check found, in a form that a terminal and a program can read. */

import { SfjwtError } from '@sfjwt/client';
import type { CauseCode } from './cause.ts';

/**
 * From the ground up: nothing is sounder than the ground it stands on. `org` is what the session of
 * an administrator shows; it comes before the sign-in, which it explains.
 */
export const grounds = [
  'key',
  'settings',
  'assertion',
  'network',
  'org',
  'signIn',
  'session',
] as const;

export type Ground = (typeof grounds)[number];

/** `skipped` is what nothing could be said of, because something below it is broken or missing. */
export type FindingState = 'ok' | 'warning' | 'fault' | 'skipped';

/** One fact that a finding rests on: a row of the org, a header, words of Salesforce. */
export interface Evidence {
  readonly label: string;
  readonly value: string;
}

export interface Cure {
  /** What to do, in a sentence. */
  readonly advice: string;
  /** One command that does it, ready to paste. */
  readonly command?: string | undefined;
  /** What else it may be, and what to do then; likeliest first. */
  readonly otherwise?: readonly string[];
}

/** Something that is wrong, or may be. */
export interface Trouble {
  readonly code: CauseCode;
  /** One line for a person. */
  readonly says: string;
  readonly evidence?: readonly Evidence[];
  readonly cure?: Cure | undefined;
  /** The refusals of Salesforce that it would explain. */
  readonly explains?: readonly CauseCode[];
  /** It counts although Salesforce signs in: this diagnosis went around it. */
  readonly stands?: true;
}

export type Result =
  | {
      readonly state: 'ok';
      readonly says: string;
      readonly evidence?: readonly Evidence[];
      /** What it could be all the same, told only if Salesforce refuses for such a reason. */
      readonly suspicion?: Trouble | undefined;
    }
  | ({ readonly state: 'warning' | 'fault' } & Trouble)
  | { readonly state: 'skipped'; readonly says: string };

export interface Finding {
  readonly ground: Ground;
  /** What was looked at: stable, in kebab-case. */
  readonly check: string;
  readonly state: FindingState;
  /** Of a fault or warning, from closed lists. */
  readonly code?: CauseCode;
  readonly says: string;
  readonly evidence: readonly Evidence[];
  readonly cure?: Cure;
  /** It follows from a fault below it, and goes when that is mended. */
  readonly isConsequence?: true;
}

export function ok(says: string, suspicion?: Trouble, evidence: readonly Evidence[] = []): Result {
  return { state: 'ok', says, suspicion, evidence };
}

export function warning(trouble: Trouble): Result {
  return { state: 'warning', ...trouble };
}

export function fault(trouble: Trouble): Result {
  return { state: 'fault', ...trouble };
}

export function skipped(says: string): Result {
  return { state: 'skipped', says };
}

/** An error of the client or of this package as a trouble: its first hint is the likeliest cure. */
export function troubleOf(error: unknown, command?: string): Trouble {
  if (!(error instanceof SfjwtError)) throw error;
  const { code, message, hints } = error as SfjwtError<CauseCode>;
  const [advice, ...otherwise] = hints;
  return {
    code,
    says: message,
    ...(advice === undefined ? {} : { cure: { advice, command, otherwise } }),
  };
}
