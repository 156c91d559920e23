/** Login Hours of a profile: when its users may log in. */

import { OrgError } from '../org-error.ts';

export const weekdays = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;

export type Weekday = (typeof weekdays)[number];

/**
 * Minutes since midnight, named as in the metadata of a profile. A day without hours is open; a day
 * that ends when it starts is closed.
 */
export type LoginHours = Partial<Record<`${Weekday}${'Start' | 'End'}`, number>>;

export const loginHoursFields = weekdays.flatMap((day) => [`${day}Start`, `${day}End`] as const);

/** @throws OrgError FIELD_INVALID */
export function requireLoginHours(hours: LoginHours): void {
  for (const day of weekdays) {
    const [start, end] = [hours[`${day}Start`], hours[`${day}End`]];
    if (start === undefined && end === undefined) continue;
    if (start === undefined || end === undefined || start < 0 || start > end || end > 24 * 60) {
      throw new OrgError('FIELD_INVALID', `The login hours of ${day} have no start before an end`, {
        hints: [`Minutes since midnight: { ${day}Start: 480, ${day}End: 1080 } is from 8 to 18.`],
      });
    }
  }
}

export interface LoginHoursJudgement {
  allowed: boolean;
  /** In words, for the trace. */
  hours: string;
  found: string;
}

/** @param now milliseconds since 1970; hours are those of the time zone of the org, which is GMT */
export function judgeLoginHours(hours: LoginHours, now: number): LoginHoursJudgement {
  const date = new Date(now);
  const day = weekdays[date.getUTCDay()] ?? 'sunday';
  const minute = date.getUTCHours() * 60 + date.getUTCMinutes();
  const [start, end] = [hours[`${day}Start`], hours[`${day}End`]];
  const found = `${day} ${clockTime(minute)}`;
  if (start === undefined || end === undefined) return { allowed: true, hours: 'any', found };
  return {
    allowed: start <= minute && minute < end,
    hours: start === end ? `no hour of ${day}` : `${day} ${clockTime(start)} to ${clockTime(end)}`,
    found,
  };
}

export function clockTime(minutes: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
