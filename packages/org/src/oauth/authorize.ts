/**
 * /services/oauth2/authorize: the web server flow, in which a person signs in in a browser and a
 * tool is given a code. GET asks; POST brings what the user decided.
 */

import { isAdministrator } from '../directory/profile.ts';
import type { OrgContext } from '../org-context.ts';
import { consentPage } from '../pages/consent.tsx';
import { refusalPage } from '../pages/page.tsx';
import { permittedUsers, policyOf } from '../policies/permitted-users.ts';
import type { Bearer } from '../sessions/bearer.ts';
import { findBrowserSession, formToken, isFormToken } from '../sessions/browser-session.ts';
import {
  AuthorizationError,
  callbackWith,
  originOf,
  readAuthorizationRequest,
  UnknownCallback,
} from './authorization-request.ts';
import type { AuthorizationRequest } from './authorization-request.ts';
import { calledHost } from './called-host.ts';
import { BodyTooLarge, readParameters } from './parameters.ts';

/** GET: to the login page, to the consent page, or back with a code. */
export function authorize(request: Request, context: OrgContext): Response {
  return answer(() => {
    const { searchParams } = new URL(request.url);
    const asked = readAuthorizationRequest(
      searchParams,
      context,
      calledHost(request.url, context.url()),
    );
    const bearer = findBrowserSession(request, context);
    if (bearer === undefined || asked.prompts.includes('login')) {
      return signInFirst(asked, searchParams);
    }
    requirePreAuthorization(asked, bearer, context);
    if (!needsConsent(asked, bearer, context)) return giveCode(asked, bearer, context);
    if (asked.prompts.includes('none')) {
      throw new AuthorizationError(asked, {
        error: 'interaction_required',
        description: 'the user has to approve the app',
      });
    }
    return consentPage({
      appName: asked.app.name,
      username: bearer.user.username,
      scopes: asked.scopes,
      request: searchParams.toString(),
      formToken: formToken(request, context).token,
      formTargets: [originOf(asked.redirectUri)],
    });
  });
}

/** POST: Allow or Deny of the consent page. */
export async function decide(request: Request, context: OrgContext): Promise<Response> {
  let form: URLSearchParams;
  try {
    form = await readParameters(request);
  } catch (error) {
    if (error instanceof BodyTooLarge) return refusalPage('Error', 'The form is too large.', 413);
    throw error;
  }
  return answer(() => {
    const bearer = findBrowserSession(request, context);
    if (bearer === undefined || !isFormToken(form.get('formToken') ?? '', request, context)) {
      return refusalPage('Error', 'This page is too old. Begin again at the application.', 403);
    }
    // The request comes back through the browser, so it is judged anew.
    const asked = readAuthorizationRequest(
      new URLSearchParams(form.get('request') ?? ''),
      context,
      calledHost(request.url, context.url()),
    );
    requirePreAuthorization(asked, bearer, context);
    if (form.get('decision') !== 'allow') {
      throw new AuthorizationError(asked, {
        error: 'access_denied',
        description: 'end-user denied authorization',
      });
    }
    return giveCode(asked, bearer, context);
  });
}

function answer(work: () => Response): Response {
  try {
    return work();
  } catch (error) {
    if (error instanceof AuthorizationError) return redirect(error.location);
    if (error instanceof UnknownCallback) {
      const { error: code, description } = error;
      return refusalPage(
        'Error',
        `error=${code}&error_description=${encodeURIComponent(description)}`,
        400,
      );
    }
    throw error;
  }
}

function redirect(location: string): Response {
  return new Response(null, {
    status: 302,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  });
}

function signInFirst(asked: AuthorizationRequest, query: URLSearchParams): Response {
  if (asked.prompts.includes('none')) {
    throw new AuthorizationError(asked, {
      error: 'login_required',
      description: 'the user has to log in',
    });
  }
  // Once asked for, the login is not asked for again after it.
  const after = new URLSearchParams(query);
  const prompts = asked.prompts.filter((prompt) => prompt !== 'login');
  if (prompts.length === 0) after.delete('prompt');
  else after.set('prompt', prompts.join(' '));
  const login = new URLSearchParams({
    startURL: `/services/oauth2/authorize?${after.toString()}`,
    ...(asked.loginHint === undefined ? {} : { un: asked.loginHint }),
  });
  return redirect(`/login?${login.toString()}`);
}

/**
 * Salesforce Help 005132365, since September 2025: only users with Approve Uninstalled Connected Apps,
 * which the standard System Administrator has. The sentence is the one of public reports.
 */
const uninstalledForUser = {
  error: 'OAUTH_APPROVAL_ERROR_GENERIC',
  description: 'An unexpected error has occured during authentication. Please try again.',
};

/** Under "Admin approved users are pre-authorized" nobody is asked, and not everybody may. */
function requirePreAuthorization(
  asked: AuthorizationRequest,
  { user }: Bearer,
  context: OrgContext,
): void {
  if (!asked.app.isInstalled && !isAdministrator(user, context.profiles)) {
    throw new AuthorizationError(asked, uninstalledForUser);
  }
  if (policyOf(asked.app) !== 'adminApproved') return;
  if (!permittedUsers(asked.app, user, context).allowed) {
    throw new AuthorizationError(asked, {
      error: 'OAUTH_APP_ACCESS_DENIED',
      description: 'user is not admin approved to access this app',
    });
  }
}

function needsConsent(
  { app, scopes, prompts }: AuthorizationRequest,
  { user }: Bearer,
  { approvals }: OrgContext,
): boolean {
  if (policyOf(app) === 'adminApproved') return false;
  const approved = approvals.scopes(user, app);
  return prompts.includes('consent') || !scopes.every((scope) => approved.includes(scope));
}

/** What a user allows is remembered: the JWT bearer flow needs it under "self-authorize". */
function giveCode(
  asked: AuthorizationRequest,
  { user }: Bearer,
  { approvals, authorizationCodes, database }: OrgContext,
): Response {
  const { app, scopes, redirectUri, codeChallenge, nonce, state } = asked;
  const code = database.transaction(() => {
    if (policyOf(app) === 'selfAuthorize') approvals.grant(user, app, scopes);
    return authorizationCodes.create({
      clientAppId: app.id,
      userId: user.id,
      redirectUri,
      scopes,
      codeChallenge,
      nonce,
    });
  });
  return redirect(callbackWith(redirectUri, { code, state }));
}
