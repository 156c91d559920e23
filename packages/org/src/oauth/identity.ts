/** userinfo (OpenID Connect Core section 5.3) and the identity URL: who is signed in. */

import { latestVersion } from '../data/versions.ts';
import type { User } from '../directory/user.ts';
import type { OrgContext } from '../org-context.ts';
import { bearerToken, findBearer } from '../sessions/bearer.ts';
import { oauthResponse } from './oauth-error.ts';

/** GET and POST /services/oauth2/userinfo */
export function userinfo(request: Request, context: OrgContext): Response {
  const bearer = findBearer(bearerToken(request), context);
  if (bearer === undefined) return plainRefusal(403, 'Bad_OAuth_Token');
  const { user } = bearer;
  const { organization } = context;
  return oauthResponse({
    sub: identityUrl(user, context),
    user_id: user.id,
    organization_id: organization.id,
    preferred_username: user.username,
    nickname: user.username.split('@')[0],
    name: user.name,
    email: user.email,
    email_verified: true,
    ...names(user, context, 'given_name', 'family_name'),
    zoneinfo: 'GMT',
    profile: `${context.url()}/${user.id}`,
    is_salesforce_integration_user: false,
    urls: resourceUrls(user, context, latestVersion),
    active: user.isActive,
    user_type: 'STANDARD',
    language: 'en_US',
    locale: 'en_US',
    utcOffset: 0,
    updated_at: new Date(context.clock.now()).toISOString(),
  });
}

/** GET /id/{organization}/{user}; jsforce gives the token as a query parameter. */
export function identity(
  request: Request,
  { organizationId, userId }: { organizationId: string; userId: string },
  context: OrgContext,
): Response {
  const { searchParams } = new URL(request.url);
  const token = bearerToken(request) ?? searchParams.get('oauth_token') ?? undefined;
  if (token === undefined) return plainRefusal(403, 'Missing_OAuth_Token');
  const bearer = findBearer(token, context);
  if (bearer === undefined) return plainRefusal(403, 'Bad_OAuth_Token');
  const { user } = bearer;
  const { organization } = context;
  if (!sameId(organizationId, organization.id)) return plainRefusal(403, 'Wrong_Org');
  if (!sameId(userId, user.id)) return plainRefusal(403, 'Bad_Id');
  const wanted = searchParams.get('version') ?? '';
  const version =
    wanted === 'latest' ? latestVersion : /^\d\d\.0$/.test(wanted) ? wanted : '{version}';
  return oauthResponse({
    id: identityUrl(user, context),
    asserted_user: true,
    user_id: user.id,
    organization_id: organization.id,
    username: user.username,
    nick_name: user.username.split('@')[0],
    display_name: user.name,
    email: user.email,
    email_verified: true,
    ...names(user, context, 'first_name', 'last_name'),
    timezone: 'GMT',
    is_lightning_login_user: false,
    status: { created_date: null, body: null },
    urls: resourceUrls(user, context, version),
    active: user.isActive,
    user_type: 'STANDARD',
    language: 'en_US',
    locale: 'en_US',
    utcOffset: 0,
    last_modified_date: new Date(context.clock.now()).toISOString(),
  });
}

export function identityUrl(user: User, context: OrgContext): string {
  return `${context.url()}/id/${context.organization.id}/${user.id}`;
}

/** These endpoints refuse in plain text: the third of Salesforce's error shapes. */
function plainRefusal(status: number, word: string): Response {
  return new Response(word, {
    status,
    headers: { 'content-type': 'text/plain;charset=UTF-8', 'cache-control': 'no-store' },
  });
}

function names(user: User, { records }: OrgContext, first: string, last: string): object {
  const row = records.find('User', { Id: user.id });
  return { [first]: row?.['FirstName'] ?? null, [last]: row?.['LastName'] ?? null };
}

function resourceUrls(user: User, context: OrgContext, version: string): object {
  const rest = `${context.url()}/services/data/v${version}/`;
  return {
    rest,
    query: `${rest}query/`,
    profile: `${context.url()}/${user.id}`,
  };
}

/** 15 and 18 characters are two spellings of one id. */
function sameId(a: string, b: string): boolean {
  return a.length >= 15 && a.slice(0, 15) === b.slice(0, 15);
}
