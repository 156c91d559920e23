import { page } from './page.tsx';

export interface LoginPageOptions {
  orgName: string;
  /** Where the browser goes after. */
  startUrl: string;
  formToken: string;
  username?: string;
  /** The login before was refused. */
  isRefused?: boolean;
  cookie: string | undefined;
  formTargets: readonly string[];
}

/** Username and password. Why a login was refused is told in Login History, not to the visitor. */
export function loginPage(options: LoginPageOptions): Response {
  const { orgName, startUrl, formToken, username = '', isRefused = false } = options;
  return page(
    <main class="narrow">
      <h1>{orgName}</h1>
      <p>A local stand-in for a Salesforce org. It is not Salesforce.</p>
      {isRefused ? (
        <p role="alert">
          Please check your username and password. If you still can't log in, contact your
          Salesforce administrator.
        </p>
      ) : null}
      <form method="post" action="/login">
        <input type="hidden" name="startURL" value={startUrl} />
        <input type="hidden" name="formToken" value={formToken} />
        <label for="username">Username</label>
        <input id="username" name="un" value={username} autocomplete="username" required />
        <label for="password">Password</label>
        <input id="password" name="pw" type="password" autocomplete="current-password" required />
        <button class="primary" type="submit">
          Log In
        </button>
      </form>
    </main>,
    {
      title: 'Login',
      status: isRefused ? 401 : 200,
      cookies: [options.cookie],
      formTargets: options.formTargets,
    },
  );
}
