import { OrgError } from './org-error.ts';

export interface Duration {
  days?: number | undefined;
  hours?: number | undefined;
  minutes?: number | undefined;
  seconds?: number | undefined;
  milliseconds?: number | undefined;
}

/** The one clock of an org: assertions, sessions, certificates and histories all read it. */
export interface OrgClock {
  /** The present instant of this org, in milliseconds since 1970. */
  now(): number;
  /** Moves the present instant forward, or back with negative amounts. */
  advance(by: Duration): void;
  /** Makes this the present instant; time stands still or runs on as before. */
  set(to: Date): void;
  /** Holds time still, at the present instant or at the given one. */
  freeze(at?: Date): void;
  /** Lets time run on from where it is. */
  resume(): void;
  /** Back to the time of the source, running. */
  reset(): void;
  readonly frozen: boolean;
}

/** @param source milliseconds since 1970; the clock of this machine when left out */
export function createClock(source: () => number = Date.now): OrgClock {
  let offset = 0;
  let frozenAt: number | undefined;
  return {
    now: () => frozenAt ?? source() + offset,
    advance: (by) => {
      const milliseconds = toMilliseconds(by);
      requireInstant((frozenAt ?? source() + offset) + milliseconds);
      if (frozenAt === undefined) offset += milliseconds;
      else frozenAt += milliseconds;
    },
    set: (to) => {
      requireInstant(to.getTime());
      if (frozenAt === undefined) offset = to.getTime() - source();
      else frozenAt = to.getTime();
    },
    freeze: (at) => {
      if (at !== undefined) requireInstant(at.getTime());
      frozenAt = at?.getTime() ?? frozenAt ?? source() + offset;
    },
    resume: () => {
      if (frozenAt === undefined) return;
      offset = frozenAt - source();
      frozenAt = undefined;
    },
    reset: () => {
      offset = 0;
      frozenAt = undefined;
    },
    get frozen() {
      return frozenAt !== undefined;
    },
  };
}

const lastInstant = Date.UTC(9999, 11, 31, 23, 59, 59);

/** Beyond these years a date has no spelling that clients read, and no place in the store. */
function requireInstant(milliseconds: number): void {
  if (!(milliseconds >= 0 && milliseconds <= lastInstant)) {
    throw new OrgError('FIELD_INVALID', 'The clock of an org goes from 1970 to the end of 9999');
  }
}

export function toMilliseconds(duration: Duration): number {
  const { days = 0, hours = 0, minutes = 0, seconds = 0, milliseconds = 0 } = duration;
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + milliseconds;
}
