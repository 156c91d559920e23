/** userinfo (OpenID Connect Core section 5.3) and the identity URL: who is signed in. */

import { latestVersion } from '../data/versions.ts';
import type { User } from '../directory/user.ts';
import type { OrgContext } from '../org-context.ts';
import { allows } from '../policies/scopes.ts';
import { bearerToken, findBearer } from '../sessions/bearer.ts';
import { BodyTooLarge, readParameters } from './parameters.ts';
import { oauthHeaders, oauthResponse, responseFormat } from './response-format.ts';

/** GET and POST /services/oauth2/userinfo; the token may be in the form too (RFC 6750 section 2.2). */
export async function userinfo(request: Request, context: OrgContext): Promise<Response> {
  const token = bearerToken(request) ?? (await formToken(request));
  const bearer = findBearer(token, context);
  if (bearer === undefined) return plainRefusal('Bad_OAuth_Token');
  const { user } = bearer;
  const { organization } = context;
  const about = personOf(user, context);
  return oauthResponse({
    sub: identityUrl(user, context),
    user_id: user.id,
    organization_id: organization.id,
    preferred_username: user.username,
    nickname: about.nickname,
    name: user.name,
    email: user.email,
    email_verified: true,
    given_name: about.firstName,
    family_name: about.lastName,
    zoneinfo: about.timeZone,
    photos: about.photos,
    profile: `${context.url()}/${user.id}`,
    picture: about.photos.picture,
    address: {},
    is_salesforce_integration_user: false,
    urls: resourceUrls(user, context, '{version}'),
    active: user.isActive,
    user_type: about.userType,
    language: about.language,
    locale: about.locale,
    utcOffset: 0,
    updated_at: new Date(about.modified).toISOString(),
  });
}

async function formToken(request: Request): Promise<string | undefined> {
  if (request.method !== 'POST') return undefined;
  try {
    return (await readParameters(request)).get('access_token') ?? undefined;
  } catch (error) {
    if (error instanceof BodyTooLarge) return undefined;
    throw error;
  }
}

/** GET /id/{organization}/{user}; jsforce gives the token as a query parameter. */
export function identity(
  request: Request,
  { organizationId, userId }: { organizationId: string; userId: string },
  context: OrgContext,
): Response {
  const { searchParams } = new URL(request.url);
  const token = bearerToken(request) ?? searchParams.get('oauth_token') ?? undefined;
  if (token === undefined) return plainRefusal('Missing_OAuth_Token');
  const bearer = findBearer(token, context);
  if (bearer === undefined) return plainRefusal('Bad_OAuth_Token');
  const { organization, users } = context;
  if (!sameId(organizationId, organization.id)) return plainRefusal('Wrong_Org');
  const self = sameId(userId, bearer.user.id);
  // Another user's identity needs a scope that reaches data.
  const user = self || allows(bearer.session.scopes, 'api') ? users.findById(userId) : undefined;
  if (user === undefined) return plainRefusal('Bad_Id');
  const wanted = searchParams.get('version') ?? '';
  const version =
    wanted === 'latest' ? latestVersion : /^\d\d\.0$/.test(wanted) ? wanted : '{version}';
  const about = personOf(user, context);
  return oauthResponse(
    {
      id: identityUrl(user, context),
      asserted_user: self,
      user_id: user.id,
      organization_id: organization.id,
      username: user.username,
      nick_name: about.nickname,
      display_name: user.name,
      email: user.email,
      email_verified: true,
      first_name: about.firstName,
      last_name: about.lastName,
      timezone: about.timeZone,
      photos: about.photos,
      addr_street: null,
      addr_city: null,
      addr_state: null,
      addr_country: null,
      addr_zip: null,
      mobile_phone: null,
      mobile_phone_verified: false,
      is_lightning_login_user: false,
      status: { created_date: null, body: null },
      urls: resourceUrls(user, context, version),
      active: user.isActive,
      user_type: about.userType,
      language: about.language,
      locale: about.locale,
      utcOffset: 0,
      last_modified_date: new Date(about.modified).toISOString(),
    },
    { format: responseFormat(searchParams, request.headers.get('accept')) },
  );
}

export function identityUrl(user: Pick<User, 'id'>, context: OrgContext): string {
  return `${context.url()}/id/${context.organization.id}/${user.id}`;
}

/** These endpoints refuse in plain text: the third of Salesforce's error shapes. */
export function plainRefusal(word: string): Response {
  return new Response(word, {
    status: 403,
    headers: { ...oauthHeaders, 'content-type': 'text/plain;charset=UTF-8' },
  });
}

function personOf(user: User, context: OrgContext) {
  const row = context.records.find('User', { Id: user.id }) ?? {};
  const text = (column: string): string | null => {
    const value = row[column];
    return typeof value === 'string' ? value : null;
  };
  const photo = (size: string): string => `${context.url()}/profilephoto/005/${size}`;
  return {
    firstName: text('FirstName'),
    lastName: text('LastName'),
    nickname: text('CommunityNickname') ?? user.username.split('@')[0] ?? user.username,
    timeZone: text('TimeZoneSidKey'),
    language: text('LanguageLocaleKey'),
    locale: text('LocaleSidKey'),
    userType: (text('UserType') ?? 'Standard').toUpperCase(),
    modified: Number(row['LastModifiedDate'] ?? 0),
    photos: { picture: photo('F'), thumbnail: photo('T') },
  };
}

/** Where Salesforce has its APIs; of these the org serves the REST API. */
function resourceUrls(user: User, context: OrgContext, version: string): Record<string, string> {
  const url = context.url();
  const soap = (letter: string): string =>
    `${url}/services/Soap/${letter}/${version}/${context.organization.id}`;
  const rest = `${url}/services/data/v${version}/`;
  return {
    enterprise: soap('c'),
    metadata: soap('m'),
    partner: soap('u'),
    rest,
    sobjects: `${rest}sobjects/`,
    search: `${rest}search/`,
    query: `${rest}query/`,
    recent: `${rest}recent/`,
    tooling_soap: soap('T'),
    tooling_rest: `${rest}tooling/`,
    profile: `${url}/${user.id}`,
    feeds: `${rest}chatter/feeds`,
    groups: `${rest}chatter/groups`,
    users: `${rest}chatter/users`,
    feed_items: `${rest}chatter/feed-items`,
    custom_domain: url,
  };
}

/** 15 and 18 characters are two spellings of one id. */
function sameId(a: string, b: string): boolean {
  return a.length >= 15 && a.slice(0, 15) === b.slice(0, 15);
}
