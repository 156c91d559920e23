import type { Child } from 'hono/jsx';

/** As users of Salesforce with the locale en_US see it; the time zone of the org is GMT. */
const [dayFormat, timeFormat] = [
  new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' }),
  new Intl.DateTimeFormat('en-US', { timeStyle: 'medium', timeZone: 'UTC' }),
];

/** A point in time, by the clock of the org. @param at milliseconds since 1970 */
export function Instant({ at }: { at: number }): Child {
  return (
    <time class="instant" datetime={new Date(at).toISOString()}>
      <span>{dayFormat.format(at)}</span>{' '}
      <span>{timeFormat.format(at).replace(/\u202f/g, ' ')} GMT</span>
    </time>
  );
}

/** A length of time in its two largest units: `1 hr 59 min`. */
export function spanOf(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'hr'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}
