/**
 * From an access token to a browser: /services/oauth2/singleaccess makes a link good for one use,
 * and /secur/frontdoor.jsp, which it leads to, signs the browser in.
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { User } from '../directory/user.ts';
import type { OrgContext } from '../org-context.ts';
import { refusalPage } from '../pages/page.tsx';
import { allows } from '../policies/scopes.ts';
import { profilePolicies } from '../policies/standing.ts';
import { bearerToken, findBearer } from '../sessions/bearer.ts';
import { openBrowserSession } from '../sessions/browser-session.ts';
import { localUrl } from '../sessions/local-url.ts';
import { plainRefusal } from './identity.ts';
import { BodyTooLarge, readParameters } from './parameters.ts';
import { oauthResponse } from './response-format.ts';

/** Salesforce Help, Generate a Frontdoor URL: a minute, one use. */
const lifeMilliseconds = 60_000;

/** Of the link that is printed at the start: a person may come back to the terminal later. */
const startLifeMilliseconds = 24 * 3_600_000;

/** GET and POST /services/oauth2/singleaccess */
export async function singleAccess(request: Request, context: OrgContext): Promise<Response> {
  const bearer = findBearer(bearerToken(request), context);
  if (bearer === undefined) return plainRefusal('Bad_OAuth_Token');
  if (!allows(bearer.session.scopes, 'web')) return plainRefusal('Invalid_Scope');
  let parameters: URLSearchParams;
  try {
    parameters = await readParameters(request);
  } catch (error) {
    if (error instanceof BodyTooLarge) return plainRefusal('Invalid_Request');
    throw error;
  }
  const startUrl = localUrl(request, parameters.get('redirect_uri'));
  return oauthResponse({
    frontdoor_uri: frontdoorUrl(bearer.user, { startUrl, life: lifeMilliseconds }, context),
  });
}

/** A link that signs a person in at the page, once, within a day. */
export function startLink(user: User, startUrl: string, context: OrgContext): string {
  return frontdoorUrl(user, { startUrl, life: startLifeMilliseconds }, context);
}

function frontdoorUrl(
  user: User,
  link: { startUrl: string; life: number },
  context: OrgContext,
): string {
  const query = new URLSearchParams({
    otp: oneTimePassword(user, link.life, context),
    startURL: link.startUrl,
  });
  return `${context.url()}/secur/frontdoor.jsp?${query.toString()}`;
}

/** GET and POST /secur/frontdoor.jsp, with `otp`, or with an access token as `sid`. */
export async function frontdoor(
  request: Request,
  context: OrgContext,
  { sourceIp }: { sourceIp: string },
): Promise<Response> {
  const refusal = refusalPage('Login', 'This link has expired or was used before.', 403, {
    next: { label: 'Log In', href: '/login' },
  });
  let parameters: URLSearchParams;
  try {
    parameters = await readParameters(request);
  } catch (error) {
    if (error instanceof BodyTooLarge) return refusal;
    throw error;
  }
  const user =
    userOfPassword(parameters.get('otp') ?? '', context) ?? userOfToken(parameters, context);
  const startUrl = localUrl(request, parameters.get('startURL') ?? parameters.get('retURL'));
  if (user?.isActive !== true || user.isFrozen) return refusal;
  if (profilePolicies(user, context).apiUserOnly) {
    return refusalPage('Login', 'An API Only User cannot log in in a browser.', 403);
  }
  return new Response(null, {
    status: 303,
    headers: {
      location: startUrl,
      'set-cookie': openBrowserSession(request, user, context, { sourceIp }),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    },
  });
}

/** Whose token `sid` is, when it may open pages. */
function userOfToken(parameters: URLSearchParams, context: OrgContext): User | undefined {
  const bearer = findBearer(parameters.get('sid') ?? undefined, context);
  return bearer !== undefined && allows(bearer.session.scopes, 'web') ? bearer.user : undefined;
}

/** User, end and a random part, under a proof by the secret of the org; nothing of it is stored. */
function oneTimePassword(user: User, life: number, context: OrgContext): string {
  const expires = context.clock.now() + life;
  const text = [user.id, expires, randomBytes(12).toString('base64url')].join('.');
  return `${text}.${proof(text, context)}`;
}

function userOfPassword(password: string, context: OrgContext): User | undefined {
  const [id = '', expires = '', random = '', given = ''] = password.split('.');
  const wanted = Buffer.from(proof([id, expires, random].join('.'), context));
  const received = Buffer.from(given);
  if (received.length !== wanted.length || !timingSafeEqual(received, wanted)) return undefined;
  if (Number(expires) <= context.clock.now()) return undefined;
  // Good for one use, as an assertion is.
  const times = { expires: Number(expires) / 1000, now: context.clock.now() / 1000 };
  return context.usedJtis.use('frontdoor', random, times) ? context.users.findById(id) : undefined;
}

function proof(text: string, { organization }: OrgContext): string {
  return createHmac('sha256', organization.secret).update(`frontdoor:${text}`).digest('base64url');
}
