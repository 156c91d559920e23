import type { Child } from 'hono/jsx';

/** Drawn for these pages, on a ground of 24 by 24. */
const shapes = {
  cloud: (
    <path d="M7 18a4.5 4.5 0 0 1-.5-8.97A6 6 0 0 1 18 8.5a4.75 4.75 0 0 1-.5 9.5zM9 13l2.2 2.2L15.5 11" />
  ),
  gear: (
    <>
      <circle cx="12" cy="12" r="2.75" />
      <path d="M10.1 5.2L10.5 2.5L13.5 2.5L13.9 5.2L15.5 5.8L17.6 4.2L19.8 6.4L18.2 8.5L18.8 10.1L21.5 10.5L21.5 13.5L18.8 13.9L18.2 15.5L19.8 17.6L17.6 19.8L15.5 18.2L13.9 18.8L13.5 21.5L10.5 21.5L10.1 18.8L8.5 18.2L6.4 19.8L4.2 17.6L5.8 15.5L5.2 13.9L2.5 13.5L2.5 10.5L5.2 10.1L5.8 8.5L4.2 6.4L6.4 4.2L8.5 5.8z" />
    </>
  ),
  person: (
    <>
      <circle cx="12" cy="8" r="3.75" />
      <path d="M4.5 20.5c1.2-4 4.2-5.75 7.5-5.75s6.3 1.75 7.5 5.75" />
    </>
  ),
  search: (
    <>
      <circle cx="10.5" cy="10.5" r="6" />
      <path d="m15 15 5.5 5.5" />
    </>
  ),
  list: <path d="M4 6.5h16M4 12h16M4 17.5h16" />,
  down: <path d="m6 9.5 6 6 6-6" />,
  sun: (
    <>
      <circle cx="12" cy="12" r="4" />
      <path d="M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4" />
    </>
  ),
  moon: <path d="M20 14.5A8.25 8.25 0 0 1 9.5 4 8.25 8.25 0 1 0 20 14.5z" />,
  success: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="m8 12.5 2.75 2.75L16 9.5" />
    </>
  ),
  warning: <path d="M12 3.5 22 20.5H2zM12 10v4.5M12 17.5v.1" />,
  error: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="m9 9 6 6M15 9l-6 6" />
    </>
  ),
  info: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 11v5.5M12 7.75v.1" />
    </>
  ),
} as const satisfies Record<string, Child>;

export type IconName = keyof typeof shapes;

/** An ornament: what it means is said in words beside it. */
export function Icon({ name, class: more = '' }: { name: IconName; class?: string }): Child {
  return (
    <svg class={`icon ${more}`.trim()} viewBox="0 0 24 24" aria-hidden="true">
      {shapes[name]}
    </svg>
  );
}
