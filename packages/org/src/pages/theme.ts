/** Light or dark, where a person chose one in the header: kept by the browser, in a cookie. */

import { parse, serialize } from 'hono/utils/cookie';

export type Theme = 'light' | 'dark';

const cookieName = 'theme';

export function themeOf(request: Request): Theme | undefined {
  const theme = parse(request.headers.get('cookie') ?? '', cookieName)[cookieName];
  return theme === 'light' || theme === 'dark' ? theme : undefined;
}

/** The value of `Set-Cookie`; the system decides again when no theme is given. */
export function themeCookie(theme: Theme | undefined): string {
  return serialize(cookieName, theme ?? '', {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    maxAge: theme === undefined ? 0 : 365 * 24 * 3600,
  });
}
