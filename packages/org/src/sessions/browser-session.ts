/** Who is signed in in a browser: a session of the type UI, carried by the cookie `sid`. */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { parse, serialize } from 'hono/utils/cookie';
import type { User } from '../directory/user.ts';
import type { OrgContext } from '../org-context.ts';
import { currentSettings, profilePolicies } from '../policies/standing.ts';
import { sessionTimeoutSeconds } from '../policies/session-timeout.ts';
import { findBearer, peekBearer } from './bearer.ts';
import type { Bearer } from './bearer.ts';

/** Browsers do not tell ports apart: by its name the cookie of one org leaves that of another alone. */
function sessionCookie(request: Request): string {
  const { port } = new URL(request.url);
  return port === '' ? 'sid' : `sid-${port}`;
}

/** Binds a form to the browser that asked for it before anybody signed in. */
const visitorCookie = 'visitor';

/** Using a session prolongs it. */
export function findBrowserSession(request: Request, context: OrgContext): Bearer | undefined {
  const bearer = findBearer(cookies(request)[sessionCookie(request)], context);
  return bearer?.session.type === 'UI' ? bearer : undefined;
}

/** The same, without prolonging it. */
export function peekBrowserSession(request: Request, context: OrgContext): Bearer | undefined {
  const bearer = peekBearer(cookies(request)[sessionCookie(request)], context);
  return bearer?.session.type === 'UI' ? bearer : undefined;
}

/** Whether the browser was signed in at some time, so that it can be told that this is over. */
export function hadBrowserSession(request: Request): boolean {
  return (cookies(request)[sessionCookie(request)] ?? '') !== '';
}

/** Opens a session in place of the one that the browser had; returns the value of `Set-Cookie`. */
export function openBrowserSession(
  request: Request,
  user: User,
  context: OrgContext,
  { sourceIp, loginHistoryId }: { sourceIp: string; loginHistoryId?: string },
): string {
  const former = findBrowserSession(request, context);
  if (former !== undefined) context.sessions.remove(former.session.id);
  const token = context.sessions.open({
    userId: user.id,
    type: 'UI',
    scopes: ['full'],
    sourceIp,
    ...(loginHistoryId === undefined ? {} : { loginHistoryId }),
    timeoutSeconds: sessionTimeoutSeconds(
      undefined,
      profilePolicies(user, context),
      currentSettings(context),
    ),
  });
  return cookie(request, sessionCookie(request), token);
}

/** Ends the session; returns the `Set-Cookie` that makes the browser forget it. */
export function closeBrowserSession(request: Request, context: OrgContext): string {
  const bearer = findBrowserSession(request, context);
  if (bearer !== undefined) context.sessions.remove(bearer.session.id);
  return cookie(request, sessionCookie(request), '', 0);
}

export interface FormToken {
  /** For a hidden field of the form. */
  token: string;
  /** Goes with the page when the browser had no cookie yet. */
  setCookie: string | undefined;
}

/** A token that a form has to bring back: another site can neither read nor make it. */
export function formToken(request: Request, context: OrgContext): FormToken {
  const holder = holderOf(request, context);
  if (holder !== undefined) return { token: proof(holder, context), setCookie: undefined };
  const visitor = randomBytes(16).toString('base64url');
  return {
    token: proof(`visitor:${visitor}`, context),
    setCookie: cookie(request, visitorCookie, visitor),
  };
}

export function isFormToken(token: string, request: Request, context: OrgContext): boolean {
  const holder = holderOf(request, context);
  if (holder === undefined) return false;
  const [given, expected] = [Buffer.from(token), Buffer.from(proof(holder, context))];
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function holderOf(request: Request, context: OrgContext): string | undefined {
  const session = findBrowserSession(request, context)?.session.id;
  if (session !== undefined) return `session:${session}`;
  const visitor = cookies(request)[visitorCookie];
  return visitor === undefined ? undefined : `visitor:${visitor}`;
}

function proof(holder: string, { organization }: OrgContext): string {
  return createHmac('sha256', organization.secret).update(`form:${holder}`).digest('base64url');
}

function cookies(request: Request): Record<string, string> {
  return parse(request.headers.get('cookie') ?? '');
}

function cookie(request: Request, name: string, value: string, maxAge?: number): string {
  return serialize(name, value, {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: request.url.startsWith('https:'),
    ...(maxAge === undefined ? {} : { maxAge }),
  });
}
