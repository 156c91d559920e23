export interface Duration {
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
}

/** The one clock of an org: assertions, sessions, certificates and histories all read it. */
export interface OrgClock {
  /** The present instant of this org, in milliseconds since 1970. */
  now(): number;
  /** Moves the present instant forward, or back with negative amounts. */
  advance(by: Duration): void;
  /** Holds time still, at the present instant or at the given one. */
  freeze(at?: Date): void;
  /** Lets time run on from where it is. */
  resume(): void;
}

/** @param source milliseconds since 1970; the clock of this machine when left out */
export function createClock(source: () => number = Date.now): OrgClock {
  let offset = 0;
  let frozenAt: number | undefined;
  return {
    now: () => frozenAt ?? source() + offset,
    advance: (by) => {
      const milliseconds = toMilliseconds(by);
      if (frozenAt === undefined) offset += milliseconds;
      else frozenAt += milliseconds;
    },
    freeze: (at) => {
      frozenAt = at?.getTime() ?? frozenAt ?? source() + offset;
    },
    resume: () => {
      if (frozenAt === undefined) return;
      offset = frozenAt - source();
      frozenAt = undefined;
    },
  };
}

function toMilliseconds({ days = 0, hours = 0, minutes = 0, seconds = 0 }: Duration): number {
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
