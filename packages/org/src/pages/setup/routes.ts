/** Setup: who may see it, and its pages. */

import { Hono } from 'hono';
import { csrf } from 'hono/csrf';
import { openDirectory } from '../../directory/directory.ts';
import { isAdministrator } from '../../directory/profile.ts';
import type { Faults } from '../../faults.ts';
import { BodyTooLarge } from '../../oauth/parameters.ts';
import type { OrgContext } from '../../org-context.ts';
import { OrgError } from '../../org-error.ts';
import {
  findBrowserSession,
  formToken,
  hadBrowserSession,
  isFormToken,
} from '../../sessions/browser-session.ts';
import { localUrl } from '../../sessions/local-url.ts';
import { refusalPage } from '../page.tsx';
import { themeCookie, themeOf } from '../theme.ts';
import { routes as appManager } from './app-manager.tsx';
import { routes as certificatesInUse } from './certificates-in-use.tsx';
import { routes as clockAndFaults } from './clock-and-faults.tsx';
import { routes as connectedAppsOauthUsage } from './connected-apps-oauth-usage.tsx';
import { routes as loginHistory } from './login-history.tsx';
import { setupHome } from './navigation.ts';
import { routes as permissionSets } from './permission-sets.tsx';
import { routes as profiles } from './profiles.tsx';
import { routes as requestMonitor } from './request-monitor.tsx';
import { routes as sessionManagement } from './session-management.tsx';
import { FormUnreadable, readSetupForm } from './setup-form.ts';
import { routes as home } from './setup-home.tsx';
import { Submissions } from './submissions.ts';
import { routes as applicationAssignment } from './application-assignment.tsx';
import { routes as editClientApp } from './edit-client-app.tsx';
import { routes as editPolicies } from './edit-policies.tsx';
import { routes as externalClientAppManager } from './external-client-app-manager.tsx';
import { routes as manageClientApp } from './manage-client-app.tsx';
import { routes as newClientApp } from './new-client-app.tsx';
import { routes as viewClientApp } from './view-client-app.tsx';
import { seeOther } from './setup-route.ts';
import { routes as setupAuditTrail } from './setup-audit-trail.tsx';
import type { SetupCall, SetupRoute } from './setup-route.ts';
import { routes as users } from './users.tsx';

const theme: SetupRoute = {
  method: 'POST',
  path: '/lightning/setup/theme',
  handle: ({ request, form }) => {
    const chosen = form.text('theme');
    return seeOther(localUrl(request, form.text('back')), {
      'set-cookie': themeCookie(chosen === 'light' || chosen === 'dark' ? chosen : undefined),
    });
  },
};

const pages: readonly SetupRoute[] = [
  theme,
  ...home,
  ...appManager,
  ...externalClientAppManager,
  ...newClientApp,
  ...viewClientApp,
  ...editClientApp,
  ...manageClientApp,
  ...editPolicies,
  ...applicationAssignment,
  ...users,
  ...profiles,
  ...permissionSets,
  ...sessionManagement,
  ...loginHistory,
  ...connectedAppsOauthUsage,
  ...certificatesInUse,
  ...setupAuditTrail,
  ...requestMonitor,
  ...clockAndFaults,
];

export interface SetupOptions {
  context: OrgContext;
  faults: Faults;
}

interface Environment {
  Bindings: { sourceIp?: string };
}

export function setupRoutes({ context, faults }: SetupOptions): Hono<Environment> {
  const router = new Hono<Environment>();
  const submissions = new Submissions();
  for (const route of pages) {
    router.on(route.method, [route.path], csrf(), async (c) => {
      const entered = enter(c.req.raw, context);
      if (entered instanceof Response) return entered;
      const call: SetupCall = {
        ...entered,
        faults,
        submissions,
        sourceIp: c.env.sourceIp ?? '127.0.0.1',
        parameters: c.req.param(),
      };
      return route.method === 'GET' ? show(route, call) : post(route, call);
    });
  }
  router.get(
    '/lightning/*',
    () => new Response(null, { status: 303, headers: { location: setupHome } }),
  );
  return router;
}

/** The checks before any page: a session, and that of an administrator. */
function enter(
  request: Request,
  context: OrgContext,
): Omit<SetupCall, 'faults' | 'submissions' | 'sourceIp' | 'parameters'> | Response {
  const bearer = findBrowserSession(request, context);
  const url = new URL(request.url);
  if (bearer === undefined) {
    // What a form held is lost with its session; the person begins again at a page.
    const startUrl = request.method === 'GET' ? url.pathname + url.search : setupHome;
    const query = new URLSearchParams({
      startURL: startUrl,
      ...(hadBrowserSession(request) ? { reason: 'session' } : {}),
    });
    return seeOther(`/login?${query.toString()}`);
  }
  const { user, session } = bearer;
  if (!isAdministrator(user, context.profiles)) {
    return refusalPage(
      'Insufficient Privileges',
      'You do not have the level of access necessary to see Setup. It is for users with the profile System Administrator.',
      403,
      { next: { label: 'Home', href: '/' }, theme: themeOf(request) },
    );
  }
  return {
    request,
    url,
    context: { ...context, ...openDirectory(context.records.as(user.id)) },
    user,
    session,
    formToken: formToken(request, context).token,
  };
}

async function show(
  route: Extract<SetupRoute, { method: 'GET' }>,
  call: SetupCall,
): Promise<Response> {
  try {
    return await route.handle(call);
  } catch (error) {
    if (error instanceof OrgError && error.code === 'NOT_FOUND') return notFound(call);
    throw error;
  }
}

async function post(
  route: Extract<SetupRoute, { method: 'POST' }>,
  call: SetupCall,
): Promise<Response> {
  const next = { label: 'Setup Home', href: setupHome };
  const options = { next, theme: themeOf(call.request) };
  try {
    const form = await readSetupForm(call.request);
    if (!isFormToken(form.text('formToken'), call.request, call.context)) {
      return refusalPage(
        'Page Too Old',
        'The form came from an earlier session, or not from this org. Nothing was changed.',
        403,
        options,
      );
    }
    return await route.handle({ ...call, form });
  } catch (error) {
    if (error instanceof BodyTooLarge) {
      const sentence = 'The form is larger than 8 MB. Nothing was changed.';
      return refusalPage('Form Too Large', sentence, 413, options);
    }
    if (error instanceof FormUnreadable) {
      const sentence = 'The form could not be read. Nothing was changed.';
      return refusalPage('Form Unreadable', sentence, 400, options);
    }
    if (error instanceof OrgError && error.code === 'NOT_FOUND') return notFound(call);
    throw error;
  }
}

/** Another administrator may have deleted what a page was about. */
function notFound({ request }: SetupCall): Response {
  return refusalPage('Not Found', 'What this page was about is not here any more.', 404, {
    next: { label: 'Setup Home', href: setupHome },
    theme: themeOf(request),
  });
}
