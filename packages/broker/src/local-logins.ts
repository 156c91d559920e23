import type { Time } from './time.ts';

const hour = 3_600_000;

/** Counts the logins of this process alone, for as long as there is nobody to count with. */
export interface LocalLogins {
  /** Counts one; false when there have been as many as the limit within an hour. */
  count(user: string): boolean;
}

export function localLogins(limit: number, time: Time): LocalLogins {
  const logins = new Map<string, number[]>();
  return {
    count(user) {
      const recent = (logins.get(user) ?? []).filter((at) => time.now() - at < hour);
      const isWithin = recent.length < limit;
      if (isWithin) recent.push(time.now());
      logins.set(user, recent);
      return isWithin;
    },
  };
}
