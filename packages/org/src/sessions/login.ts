/** GET and POST /login: a person signs in in a browser, and /services/auth/idp/oidc/logout: out. */

import type { User } from '../directory/user.ts';
import { callbackOf } from '../oauth/authorization-request.ts';
import { Refusal } from '../oauth/oauth-error.ts';
import { BodyTooLarge, readParameters } from '../oauth/parameters.ts';
import { requireAllowed, requireUsable } from '../oauth/user-login.ts';
import type { OrgContext } from '../org-context.ts';
import { administrator, administratorPassword } from '../directory/seed.ts';
import type { MessageProps } from '../pages/elements/message.tsx';
import { loginPage, logoutPage } from '../pages/login.tsx';
import { refusalPage } from '../pages/page.tsx';
import { themeOf } from '../pages/theme.ts';
import { afterWrongPassword, isLocked } from '../policies/lockout.ts';
import { profilePolicies } from '../policies/standing.ts';
import { Trace } from '../trace.ts';
import type { Rule } from '../trace.ts';
import {
  closeBrowserSession,
  findBrowserSession,
  formToken,
  isFormToken,
  openBrowserSession,
} from './browser-session.ts';
import { localUrl } from './local-url.ts';

export interface LoginOptions {
  sourceIp: string;
}

export function showLogin(request: Request, context: OrgContext): Response {
  const { searchParams } = new URL(request.url);
  return answerWithForm(request, context, {
    startUrl: localUrl(request, searchParams.get('startURL')),
    username: searchParams.get('un') ?? '',
    message:
      searchParams.get('reason') === 'session'
        ? { kind: 'info', children: 'Your session has ended. Log in to go on.' }
        : undefined,
  });
}

export async function login(
  request: Request,
  context: OrgContext,
  { sourceIp }: LoginOptions,
): Promise<Response> {
  let form: URLSearchParams;
  try {
    form = await readParameters(request);
  } catch (error) {
    if (error instanceof BodyTooLarge) return refusalPage('Login', 'The form is too large.', 413);
    throw error;
  }
  const username = form.get('un') ?? '';
  const startUrl = localUrl(request, form.get('startURL'));
  if (!isFormToken(form.get('formToken') ?? '', request, context)) {
    return answerWithForm(request, context, { startUrl, username, message: tooOld });
  }
  const trace = new Trace();
  const user = context.users.find(username);
  const record = (status: string): string =>
    context.loginHistory.record({
      userId: user?.id,
      username,
      consumerKey: undefined,
      application: 'Browser',
      loginType: 'Application',
      sourceIp,
      loginUrl: new URL(request.url).host,
      status,
      trace: trace.entries,
    });
  try {
    await requirePassword(context, trace, { user, password: form.get('pw') ?? '' });
    const known = requireBrowserUser(context, trace, user);
    requireUsable({ context, trace, sourceIp }, known);
    requireAllowed({ context, trace, sourceIp }, { ipRelaxation: 'enforce' }, known);
    return context.database.transaction(() => {
      const loginHistoryId = record('Success');
      return new Response(null, {
        status: 303,
        headers: {
          location: startUrl,
          'cache-control': 'no-store',
          'set-cookie': openBrowserSession(request, known, context, { sourceIp, loginHistoryId }),
        },
      });
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    record(error.loginStatus);
    return answerWithForm(request, context, { startUrl, username, message: refused, status: 401 });
  }
}

/** GET, as programs link to it: no link may end a session, so the person is asked. */
export function askToLogOut(request: Request, context: OrgContext): Response {
  if (findBrowserSession(request, context) === undefined) return loggedOut(request);
  return logoutPage({
    formToken: formToken(request, context).token,
    theme: themeOf(request),
  });
}

/** POST, by a form of this org. */
export async function logout(request: Request, context: OrgContext): Promise<Response> {
  let form: URLSearchParams;
  try {
    form = await readParameters(request);
  } catch (error) {
    if (error instanceof BodyTooLarge) return refusalPage('Log Out', 'The form is too large.', 413);
    throw error;
  }
  if (findBrowserSession(request, context) === undefined) return loggedOut(request);
  if (!isFormToken(form.get('formToken') ?? '', request, context)) {
    return askToLogOut(request, context);
  }
  const response = loggedOut(request);
  response.headers.append('set-cookie', closeBrowserSession(request, context));
  return response;
}

function loggedOut(request: Request): Response {
  return refusalPage('Logged Out', 'You are logged out.', 200, {
    next: { label: 'Log In', href: '/login' },
    theme: themeOf(request),
  });
}

const refused: MessageProps = {
  kind: 'error',
  children:
    "Please check your username and password. If you still can't log in, contact your Salesforce administrator.",
};

const tooOld: MessageProps = {
  kind: 'error',
  children: 'This page was too old. Please log in once more.',
};

const invalid = { error: 'invalid_grant', description: 'authentication failure' } as const;

const rightPassword: Rule = {
  name: 'username and password are right',
  source: 'Salesforce Help, Login History: Invalid Password',
  refusal: { ...invalid, loginStatus: 'Invalid Password' },
};

const unlockedUser: Rule = {
  name: 'user is not locked out',
  source: 'Salesforce Help, Set Password Policies: Maximum invalid login attempts, Lockout period',
  refusal: { ...invalid, loginStatus: 'Password Lockout' },
};

async function requirePassword(
  { users, clock }: OrgContext,
  trace: Trace,
  { user, password }: { user: User | undefined; password: string },
): Promise<void> {
  // Asked also without a user, so that the time tells nothing.
  const isRight = await users.isPassword(user, password);
  // Read after the wait, so that attempts abreast count as attempts in a row.
  const lockout = user === undefined ? undefined : users.lockout(user);
  if (lockout !== undefined && isLocked(lockout, clock.now())) {
    throw trace.refuse(
      unlockedUser,
      'a user who is not locked out',
      `locked out until ${new Date(lockout.lockedUntil).toISOString()}`,
    );
  }
  trace.pass(unlockedUser, 'not locked out');
  if (!isRight) {
    if (user !== undefined && lockout !== undefined) {
      users.setLockout(user, afterWrongPassword(lockout, clock.now()));
    }
    throw trace.refuse(
      rightPassword,
      'a user of this org, and the password',
      user === undefined ? 'no such user' : 'another password',
    );
  }
  if (user !== undefined && lockout?.wrongPasswords !== 0) users.unlock(user);
  trace.pass(rightPassword, 'right');
}

const browserUser: Rule = {
  name: 'user may log in in a browser',
  source: 'Salesforce Help, API Only User permission; login status LOGIN_ERROR_USER_API_ONLY',
  refusal: { ...invalid, loginStatus: 'Failed: API-only user' },
};

function requireBrowserUser(context: OrgContext, trace: Trace, user: User | undefined): User {
  if (user === undefined || profilePolicies(user, context).apiUserOnly) {
    throw trace.refuse(
      browserUser,
      'a user without the permission API Only User',
      'an API Only User',
    );
  }
  trace.pass(browserUser, 'no API Only User');
  return user;
}

interface Form {
  startUrl: string;
  username: string;
  message: MessageProps | undefined;
  status?: number;
}

function answerWithForm(request: Request, context: OrgContext, form: Form): Response {
  const { token, setCookie } = formToken(request, context);
  const callback = callbackOf(form.startUrl, context);
  return loginPage({
    orgName: context.organization.name,
    ...form,
    formToken: token,
    cookie: setCookie,
    formTargets: callback === undefined ? [] : [callback],
    administrator: knownAdministrator(context),
    theme: themeOf(request),
  });
}

/** The well-known administrator, as long as the password is the documented one. */
function knownAdministrator({
  users,
}: OrgContext): { username: string; password: string } | undefined {
  const user = users.find(administrator);
  return user !== undefined && users.hasWellKnownPassword(user, administratorPassword)
    ? { username: administrator, password: administratorPassword }
    : undefined;
}
