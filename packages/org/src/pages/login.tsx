import { TextField } from './elements/form.tsx';
import { Message } from './elements/message.tsx';
import type { MessageProps } from './elements/message.tsx';
import { lonePage } from './page.tsx';
import type { Theme } from './theme.ts';

export interface LoginPageOptions {
  orgName: string;
  /** Where the browser goes after. */
  startUrl: string;
  formToken: string;
  username?: string;
  /** Why this page is shown, or shown again. */
  message?: MessageProps | undefined;
  status?: number;
  /** The administrator that every new org has, while the password is the documented one. */
  administrator?: { username: string; password: string } | undefined;
  cookie: string | undefined;
  formTargets: readonly string[];
  theme: Theme | undefined;
}

/** Asked of whoever comes by a link, which may be that of a stranger. */
export function logoutPage({
  formToken,
  theme,
}: Pick<LoginPageOptions, 'formToken' | 'theme'>): Response {
  return lonePage(
    <>
      <h1>Log out?</h1>
      <form method="post" action="/secur/logout.jsp">
        <input type="hidden" name="formToken" value={formToken} />
        <button class="button primary full" type="submit">
          Log Out
        </button>
      </form>
    </>,
    { title: 'Log Out', theme },
  );
}

/** Username and password. Why a login was refused is told in Login History, not to the visitor. */
export function loginPage(options: LoginPageOptions): Response {
  const { orgName, startUrl, formToken, username = '', message, administrator } = options;
  return lonePage(
    <>
      <h1>Log in to {orgName}</h1>
      {message === undefined ? null : <Message {...message} />}
      <form method="post" action="/login">
        <input type="hidden" name="startURL" value={startUrl} />
        <input type="hidden" name="formToken" value={formToken} />
        <TextField name="un" label="Username" value={username} autocomplete="username" isRequired />
        <TextField
          name="pw"
          label="Password"
          type="password"
          autocomplete="current-password"
          isRequired
        />
        <button class="button primary full" type="submit">
          Log In
        </button>
      </form>
      {administrator === undefined ? null : (
        <p class="hint">
          The administrator of this org is <code>{administrator.username}</code>, the password{' '}
          <code>{administrator.password}</code>.
        </p>
      )}
    </>,
    {
      title: 'Login',
      status: options.status ?? 200,
      cookies: [options.cookie],
      formTargets: options.formTargets,
      theme: options.theme,
    },
  );
}
